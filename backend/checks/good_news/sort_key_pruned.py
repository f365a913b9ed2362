"""A sort key that keeps the scans of a large table short.

Good: The rows lie in the order of what the statement restricts, so Redshift skips the blocks that
cannot hold a match: a range-restricted scan that reads a small part of a large table. That a scan
is called range restricted is not enough; what counts is how little of the table it read.

Keep: Another leading sort column would make this pattern read the whole table. Load in the order of
the key, so that it stays sorted.
"""

from collections.abc import Iterator

from backend.checks.check import Said, bucket_seconds, statement_ids, weigh
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, sort_key_columns
from backend.checks.table_scans import TableScans, large_scans, of_steps
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import number_in_words, percent, rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "sort_key_pruned"

READ_SHARE = Threshold(
    name="pruned_read_share",
    default=0.25,
    unit="share",
    meaning="a sort key does its job where range-restricted scans read no more of the table",
    source=f"{OWN}, as for scan_kept_share",
)
RULES = (
    Rule(
        name="range-restricted scans that read a small part of a large table",
        inputs=(
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.input_rows",
            "SVV_TABLE_INFO.tbl_rows",
            "SVV_TABLE_INFO.sortkey1",
        ),
        thresholds=(READ_SHARE, LARGE_TABLE_ROWS),
        peers=("Snowflake: FILTER_WITH_CLUSTERING_KEY", "peers' union: sort key pruned"),
    ),
)


def sort_key_pruned(case: CaseFile) -> Iterator[Said]:
    for scans in large_scans(case):
        if not all(fact.step.is_range_restricted for fact in scans.steps):
            continue
        found = of_steps(case, scans.fact, scans.steps)
        if found and found.rows_read and found.read_share <= case.limit(READ_SHARE):
            yield from _told(case, found)


def _told(case: CaseFile, scans: TableScans) -> Iterator[GoodNews]:
    if weigh(case, Bucket.EXECUTION, scans.share) is None:
        return
    table = scans.fact.table
    most = max(fact.step.input_rows for fact in scans.steps)
    yield GoodNews(
        check=CHECK,
        sentence=f"{_key(case, scans)} of {table.full_name} does its job: a scan reads at most"
        f" {number_in_words(most)} of {rows_in_words(table.row_count or 0)}"
        f" ({percent(scans.read_share)}, threshold {percent(case.limit(READ_SHARE))}).",
        fact_ids=(*scans.fact_ids, *statement_ids(case)),
        subject=table.full_name,
        # Reading all of the table would take these scans as long again at the very least.
        spared_seconds=bucket_seconds(case, Bucket.EXECUTION) * scans.share,
    )


def _key(case: CaseFile, scans: TableScans) -> str:
    """The sort column by name where the statement restricts it."""
    keys = sort_key_columns(scans.fact.table)
    if not scans.fact.table.has_interleaved_sort_key:
        keys = keys[:1]
    used = [key for key in keys if case.statement and filters_column(case, scans.fact, key)]
    return f"The sort key {used[0]}" if used else "The order"
