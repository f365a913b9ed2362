"""Range-restricted scans of a large table would be shorter if it were sorted anew.

Anti-pattern: Rows that were loaded out of order lie in blocks whose range is wide, so scans that do
skip blocks skip fewer than they could. vacuum_sort_benefit of SVV_TABLE_INFO is Redshift's own
estimate of how much faster scans would be at most.

Remedy: VACUUM SORT ONLY when the load is light, and load in the order of the sort key. High
unsorted alone is no reason: where vacuum_sort_benefit is low, sorting changes nothing.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.checks.steps.unsorted_scan import UNSORTED_PERCENT, is_wasteful
from backend.checks.table_scans import TableScans, large_scans, of_steps
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words, titled
from backend.domain.threshold import AWS_REVIEW, LARGE_TABLE_ROWS, VACUUM_SORT_BENEFIT, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "stale_vacuum"

LARGE_BENEFIT = Threshold(
    name="vacuum_sort_benefit_large",
    default=10.0,
    unit="%",
    meaning="sorting a large table anew counts where vacuum_sort_benefit is as high",
    source=AWS_REVIEW,
)
RULES = (
    Rule(
        name="a large table that VACUUM SORT would make quicker to scan",
        inputs=(
            "SVV_TABLE_INFO.vacuum_sort_benefit",
            "SVV_TABLE_INFO.unsorted",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(LARGE_BENEFIT, VACUUM_SORT_BENEFIT, LARGE_TABLE_ROWS, UNSORTED_PERCENT),
        peers=(
            "awslabs: vacuum_sort_benefit of 10 (REC_012)",
            "Infraredshift: maintenance debt, unsorted of 20",
            "redshift-utils: unsorted between 5 and 50 %",
        ),
    ),
)


def stale_vacuum(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for scans in large_scans(case):
        restricted = [fact for fact in scans.steps if fact.step.is_range_restricted]
        # A table that is read whole for a little is unsorted_scan's matter, order and all.
        if any(is_wasteful(case, fact) for fact in scans.steps):
            continue
        if found := of_steps(case, scans.fact, restricted):
            yield from _judge(case, found)


def _judge(case: CaseFile, scans: TableScans) -> Iterator[Finding | RuledOut]:
    table = scans.fact.table
    benefit, unsorted = table.vacuum_sort_benefit_percent, table.unsorted_percent
    if benefit is None:
        return
    known = f", {unsorted:g} % of it unsorted" if unsorted is not None else ""
    what = f"{table.full_name} has a vacuum_sort_benefit of {benefit:g} %{known}"
    threshold = case.limit(LARGE_BENEFIT)
    if benefit < threshold or benefit <= case.limit(VACUUM_SORT_BENEFIT):
        if (unsorted or 0.0) >= case.limit(UNSORTED_PERCENT):
            yield RuledOut(
                check=CHECK,
                sentence=f"Sorting {table.full_name} anew is not worth it: vacuum_sort_benefit is"
                f" {benefit:g} %{known} (threshold {threshold:g} %).",
                fact_ids=scans.fact_ids,
            )
        return
    share = scans.share * min(benefit / 100, 1.0)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, what, share, scans.fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Sorting {table.full_name} anew would shorten its scans by {benefit:.0f} %",
            f"Sorting a large table anew would shorten its scans by {benefit:.0f} %",
        ),
        evidence=f"{what} (threshold {threshold:g} %): Redshift expects that its scans would be"
        f" that much shorter at most. Range-restricted scans read {rows_in_words(scans.rows_read)};"
        f" {scans.cost_in_words}.",
        fact_ids=scans.fact_ids,
        subject=table.full_name,
        measures=(measured(case, LARGE_BENEFIT, "vacuum_sort_benefit", benefit),),
        affected_share=share,
    )
