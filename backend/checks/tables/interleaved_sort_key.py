"""An interleaved sort key does not keep a large table's scans short.

Anti-pattern: An interleaved sort key gives its columns equal weight, and loses its order as rows
with new values come in, until VACUUM REINDEX builds it anew, which is slow. Such a table is left
out of concurrency scaling and data sharing, and its DISTKEY and encodings cannot be altered. That
is a price for nothing where the scans read most of the table all the same.

Remedy: See interleaved_skew of SVV_INTERLEAVED_COLUMNS: above 1.4 VACUUM REINDEX usually helps.
Better, give the table a compound sort key by the column that most statements restrict (ALTER TABLE
… ALTER COMPOUND SORTKEY); a materialized view can serve those that restrict another. There is no
way back to an interleaved key but a new table. Leave it alone where it keeps scans short.
"""

from collections.abc import Iterator

from backend.checks.check import (
    bucket_share,
    measured,
    statement_ids,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, sort_key_columns
from backend.checks.steps.unsorted_scan import is_wasteful
from backend.checks.table_scans import TableScans, large_scans
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import listed, number_in_words, percent, rows_in_words, titled
from backend.domain.threshold import AWS_REVIEW, LARGE_TABLE_ROWS, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "interleaved_sort_key"

READ_SHARE = Threshold(
    name="interleaved_read_share",
    default=0.25,
    unit="share",
    meaning="an interleaved sort key serves the pattern where its scans read less of the table",
    source=f"{OWN}, as for scan_kept_share",
)
QUEUE_SHARE = Threshold(
    name="interleaved_queue_share",
    default=0.05,
    unit="share",
    meaning="that concurrency scaling is closed to the table is told above this queue time",
    source=f"{AWS_REVIEW} counts hours with more queue time",
)
RULES = (
    Rule(
        name="an interleaved sort key that does not keep scans short",
        inputs=(
            "SVV_TABLE_INFO.sortkey1",
            "SVV_TABLE_INFO.tbl_rows",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(LARGE_TABLE_ROWS, READ_SHARE, QUEUE_SHARE),
        peers=(
            "awslabs: interleaved sort key of a large table (REC_013)",
            "Advisor: alter sort keys (interleaved to compound)",
            "redshift-utils: interleaved skew of 1.4",
        ),
    ),
)


def interleaved_sort_key(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for scans in large_scans(case):
        if scans.fact.table.has_interleaved_sort_key:
            yield _judge(case, scans)


def _judge(case: CaseFile, scans: TableScans) -> Finding | RuledOut:
    table = scans.fact.table
    if scans.is_measured and scans.read_share < case.limit(READ_SHARE):
        most = max(fact.step.input_rows for fact in scans.steps)
        return RuledOut(
            check=CHECK,
            sentence=f"The interleaved sort key of {table.full_name} serves this pattern: a scan"
            f" reads at most {number_in_words(most)} of its {rows_in_words(table.row_count or 0)}"
            f" ({percent(scans.read_share)}, threshold {percent(case.limit(READ_SHARE))}).",
            fact_ids=scans.fact_ids,
        )
    # No order at all could spare more than the rows that the filters throw away.
    share = scans.share * (1 - scans.kept_share)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = (
            f"{table.full_name} has an interleaved sort key, and of the rows that are read"
            f" {percent(scans.kept_share)} are kept"
        )
        return too_small_to_matter(case, CHECK, what, share, scans.fact_ids)
    return Finding(
        check=CHECK,
        severity=scans.tempered(severity),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"The interleaved sort key of {table.full_name} skips little",
            "An interleaved sort key skips little",
        ),
        evidence=f"{table.full_name} ({rows_in_words(table.row_count or 0)}) has an interleaved"
        f" sort key{_columns(case, scans)}. {_effect(case, scans)}; {scans.cost_in_words}."
        f"{_queue(case)}",
        fact_ids=(
            *scans.fact_ids,
            *statement_ids(case),
            *((case.buckets.fact_id,) if _queue(case) else ()),
        ),
        subject=table.full_name,
        measures=(
            measured(case, LARGE_TABLE_ROWS, "rows of the table", table.row_count or 0),
            measured(case, READ_SHARE, "part of it read", scans.read_share),
        ),
        affected_share=share,
    )


def _columns(case: CaseFile, scans: TableScans) -> str:
    keys = sort_key_columns(scans.fact.table)
    if not keys:
        return ", of which the columns are not known"
    filtered = [key for key in keys if filters_column(case, scans.fact, key)]
    use = f"filters {listed(filtered)}" if filtered else "filters none of them"
    return f" ({', '.join(keys)}){f'; the statement {use}' if case.statement else ''}"


def _effect(case: CaseFile, scans: TableScans) -> str:
    if any(is_wasteful(case, fact) for fact in scans.steps):
        # What such a scan reads and keeps is told by unsorted_scan.
        return "It loses its order until VACUUM REINDEX, and forbids another DISTKEY or encoding"
    if not scans.is_measured:
        return f"By the plan {percent(scans.kept_share)} of its rows are kept"
    return (
        f"A scan still reads {percent(scans.read_share)} of it (threshold"
        f" {percent(case.limit(READ_SHARE))}) and keeps {percent(scans.kept_share)} of what it reads"
    )


def _queue(case: CaseFile) -> str:
    """The one thing about such a key that a look at its scans does not show."""
    waiting = bucket_share(case, Bucket.QUEUE)
    if waiting <= case.limit(QUEUE_SHARE):
        return ""
    return (
        f" The pattern waits in the queue for {percent(waiting)} of its time (threshold"
        f" {percent(case.limit(QUEUE_SHARE))}), and concurrency scaling takes no statement that"
        " reads such a table."
    )
