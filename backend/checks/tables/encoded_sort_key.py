"""The first sort column of a large table is compressed, and range-restricted scans read it.

Anti-pattern: Zone maps are kept a block. A compressed first sort column packs far more rows into a
block than the other columns do, so one block of it that matches makes the scan read many blocks of
all others, and throw most of their rows away.

Remedy: Leave the first sort column raw (ALTER TABLE … ALTER COLUMN … ENCODE raw), or let Redshift
choose the encodings (ALTER ENCODE AUTO). Where scans keep most of what they read, nothing is to be
gained.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, is_sorted_by_redshift, sort_key_columns
from backend.checks.table_scans import TableScans, large_scans, of_steps
from backend.domain.case_file import CaseFile
from backend.domain.evidence import Table
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.threshold import LARGE_TABLE_ROWS, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "encoded_sort_key"

KEPT_SHARE = Threshold(
    name="encoded_sort_key_kept_share",
    default=0.5,
    unit="share",
    meaning="range-restricted scans that keep more of what they read gain nothing by a raw sort"
    " column",
    source=OWN,
)
RULES = (
    Rule(
        name="a compressed first sort column that range-restricted scans read",
        inputs=(
            "SVV_TABLE_INFO.sortkey1_enc",
            "SVV_TABLE_INFO.encoded",
            "SVV_REDSHIFT_COLUMNS.encoding",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(LARGE_TABLE_ROWS, KEPT_SHARE),
        peers=("awslabs: encoded first sort column (REC_010)", "Advisor: alter column encodings"),
    ),
)

RAW = {"", "none", "raw"}


def encoded_sort_key(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for scans in large_scans(case):
        table = scans.fact.table
        leading, encoding = _leading(table)
        if encoding in RAW or is_sorted_by_redshift(table) or table.has_interleaved_sort_key:
            continue
        if case.statement and not (leading and filters_column(case, scans.fact, leading)):
            continue
        restricted = [fact for fact in scans.steps if fact.step.is_range_restricted]
        if found := of_steps(case, scans.fact, restricted):
            yield _judge(case, found, leading, encoding)


def _leading(table: Table) -> tuple[str, str]:
    """The first sort column and its encoding, as far as known."""
    leading = next(iter(sort_key_columns(table)), "")
    column = next((column for column in table.columns if column.name.lower() == leading), None)
    encoding = table.first_sort_key_encoding or (column.encoding if column else "")
    return leading, encoding.strip().lower()


def _judge(case: CaseFile, scans: TableScans, leading: str, encoding: str) -> Finding | RuledOut:
    table, kept = scans.fact.table, scans.kept_share
    what = f"{leading or 'its first sort column'} of {table.full_name} is encoded ({encoding})"
    if "AUTO(ENCODE" in (table.encoded or "").upper():
        return RuledOut(
            check=CHECK,
            sentence=f"The sort column {what}, but Redshift itself chooses the encodings (ENCODE"
            f" AUTO); range-restricted scans keep {percent(kept)} of what they read.",
            fact_ids=scans.fact_ids,
        )
    if kept > case.limit(KEPT_SHARE):
        return RuledOut(
            check=CHECK,
            sentence=f"The sort column {what}, which does no harm here: range-restricted scans keep"
            f" {percent(kept)} of what they read (threshold {percent(case.limit(KEPT_SHARE))}).",
            fact_ids=scans.fact_ids,
        )
    share = scans.share * (1 - kept)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        return too_small_to_matter(case, CHECK, f"The sort column {what}", share, scans.fact_ids)
    return Finding(
        check=CHECK,
        severity=scans.tempered(severity),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"The first sort column of {table.full_name} is compressed",
            "The first sort column of a large table is compressed",
        ),
        evidence=f"The sort column {what}, so a block of it spans more rows than one of the other"
        f" columns. Range-restricted scans read {rows_in_words(scans.rows_read)} and kept"
        f" {percent(kept)} of them (threshold {percent(case.limit(KEPT_SHARE))});"
        f" {scans.cost_in_words}.",
        fact_ids=scans.fact_ids,
        subject=table.full_name,
        measures=(
            measured(case, LARGE_TABLE_ROWS, "rows of the table", table.row_count or 0),
            measured(case, KEPT_SHARE, "rows kept", kept),
        ),
        affected_share=share,
    )
