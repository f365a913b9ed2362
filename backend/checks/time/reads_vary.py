"""Slow runs read far more than fast ones, by the same plan.

Anti-pattern: The steps are the same, but a slow run scans a multiple of the rows or blocks that a
fast one does. Either the statement is asked for more (a longer range of days, a larger customer),
or a table grows or loses its order bit by bit, without a day on which it became slower.

Remedy: If the values ask for more, agree on how much is needed, or keep the wide question as a
table of its own. If the table grows, restrict what is read by its sort key and let old rows go; if
vacuum_sort_benefit is above 0, VACUUM SORT.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.causes.thresholds import GROWTH_TIMES
from backend.domain.change_facts import ScanChangeFact
from backend.domain.comparison import CLEARLY_FASTER, FASTEST_PART, SLOWEST_PART
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import megabytes_in_words, paragraph, rows_in_words, titled
from backend.domain.time_buckets import Bucket

RULES = (
    Rule(
        name="input rows or blocks read vary between runs of one plan",
        inputs=("SYS_QUERY_DETAIL.input_rows", "SYS_QUERY_DETAIL.blocks_read"),
        thresholds=(GROWTH_TIMES, CLEARLY_FASTER, FASTEST_PART, SLOWEST_PART),
        peers=(
            "BigQuery: data input scale change",
            "redshift-guide: row growth (scan rows), stalled VACUUM",
        ),
    ),
)


def reads_vary(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Where it became slower for good, the slow-down says what it reads more."""
    plans = case.changes.plans
    if case.regression or not case.changes.scans or plans is None or not plans.is_same:
        return
    scan = max(case.changes.scans, key=_more)
    ratio = _times(scan)
    slower = plans.slow_own_seconds / max(plans.fast_own_seconds, 1e-6)
    fact_ids = (scan.fact_id, plans.fact_id)
    if ratio < case.limit(GROWTH_TIMES):
        yield RuledOut(
            check="reads_vary",
            sentence=f"Fast and slow runs read as much: {_figures(scan)} of {scan.table_name}"
            f" (threshold {case.limit(GROWTH_TIMES):g} times), though one took {slower:.1f} times as"
            " long.",
            fact_ids=fact_ids,
        )
        return
    share = (1 - 1 / ratio) * (1 - 1 / max(slower, 1.0))
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"A slow run reads {ratio:.1f} times as much of {scan.table_name} as a fast one"
        yield too_small_to_matter(case, "reads_vary", what, share, fact_ids)
        return
    yield Finding(
        check="reads_vary",
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Slow runs read {ratio:.1f}× as much of {scan.table_name}"),
        evidence=paragraph(
            f"By the same plan the slow run reads {ratio:.1f} times as much of {scan.table_name} as"
            f" the fast one ({_figures(scan)}, threshold {case.limit(GROWTH_TIMES):g} times) and took"
            f" {slower:.1f} times as long",
            "It did not become slower on any one day: the values that it is asked for differ, or"
            " the table grows bit by bit",
        ),
        fact_ids=fact_ids,
        subject=scan.table_name,
        measures=(measured(case, GROWTH_TIMES, "read, times as much", ratio),),
        affected_share=share,
    )


def _times(scan: ScanChangeFact) -> float:
    return max(scan.rows_ratio or 0.0, scan.blocks_ratio or 0.0)


def _more(scan: ScanChangeFact) -> tuple[float, str]:
    if scan.fast_blocks is not None and scan.slow_blocks is not None:
        return float(scan.slow_blocks - scan.fast_blocks), scan.table_name
    return (scan.slow_rows - scan.fast_rows) / 1e6, scan.table_name


def _figures(scan: ScanChangeFact) -> str:
    rows = f"{rows_in_words(scan.fast_rows)} → {rows_in_words(scan.slow_rows)}"
    if scan.fast_blocks is None or scan.slow_blocks is None:
        return rows
    fast, slow = megabytes_in_words(scan.fast_blocks), megabytes_in_words(scan.slow_blocks)
    return f"{rows}, {fast} → {slow}"
