"""The unsorted region of a table is sorted anew by every run, before a join.

Anti-pattern: New rows stand unsorted behind the sorted ones. A join that needs them in order
scans them, sorts them and merges them with the rest (scan, sort, scan, merge before a join in the
steps; guide, using the SVL_QUERY_SUMMARY view), and the next run does so again.

Remedy: VACUUM SORT ONLY sorts them once and for all, where vacuum_sort_benefit is above 0. Then see
why automatic sorting does not keep up: loads in key order leave nothing to sort.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.checks.check import (
    cited,
    measured,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.step_flow import JOINS, Flow, flows
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.threshold import OWN, VACUUM_SORT_BENEFIT, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "merges_unsorted_region"

SORTED_BY_RUN_ROWS = Threshold(
    name="rows_sorted_by_each_run",
    default=1_000_000,
    unit="rows",
    meaning="fewer unsorted rows that a run sorts and merges before a join do not count",
    source=f"{OWN}; the guide counts any",
)
RULES = (
    Rule(
        name="the unsorted region is sorted and merged at run time (SCAN-SORT-SCAN-MERGE)",
        inputs=(
            "SYS_QUERY_DETAIL.step_name",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SVV_TABLE_INFO.unsorted",
            "SVV_TABLE_INFO.vacuum_sort_benefit",
        ),
        thresholds=(SORTED_BY_RUN_ROWS, VACUUM_SORT_BENEFIT),
        peers=(
            "AWS guide: unsorted or missorted rows",
            "awslabs: sort alert (REC_012)",
            "Infraredshift: scan of a table 20 % unsorted",
        ),
    ),
)

_BETWEEN = frozenset({"project", "parse", ""})
_TAKES_ORDER = JOINS | {"nestloop"}


@dataclass(frozen=True, kw_only=True)
class SortedRegion:
    """`scan` reads what `sort` sorts."""

    scan: StepFact
    sort: StepFact

    @property
    def rows(self) -> int:
        return max(self.sort.step.output_rows, self.sort.step.input_rows)


def merges_unsorted_region(case: CaseFile) -> Iterator[Finding | RuledOut]:
    regions: dict[str, SortedRegion] = {}
    for flow in flows(case):
        for region in _sorted_regions(flow):
            name = region.scan.step.table_name or ""
            known = case.table(name) if name else None
            subject = known.table.full_name if known else name
            if subject not in regions or region.rows > regions[subject].rows:
                regions[subject] = region
    for subject, region in regions.items():
        yield from _judge(case, subject, region)


def _sorted_regions(flow: Flow) -> Iterator[SortedRegion]:
    steps = [fact for fact in flow.steps if step_name(fact) not in _BETWEEN]
    names = [step_name(fact) for fact in steps]
    for place in range(len(steps) - 4):
        is_merged = names[place : place + 4] == ["scan", "sort", "scan", "merge"]
        if is_merged and names[place + 4] in _TAKES_ORDER:
            yield SortedRegion(scan=steps[place], sort=steps[place + 1])


def _judge(case: CaseFile, subject: str, region: SortedRegion) -> Iterator[Finding | RuledOut]:
    table_fact = case.table(subject) if subject else None
    steps = [region.scan, region.sort]
    fact_ids = (*cited(case, steps), *((table_fact.fact_id,) if table_fact else ()))
    name = subject or "a table"
    limit = rows_in_words(case.limit(SORTED_BY_RUN_ROWS))
    what = f"Each run sorts {rows_in_words(region.rows)} of {name} before a join"
    if region.rows < case.limit(SORTED_BY_RUN_ROWS):
        sentence = f"{what}, which are few (threshold {limit})."
        yield RuledOut(check=CHECK, sentence=sentence, fact_ids=fact_ids, subject=subject)
        return
    benefit = table_fact.table.vacuum_sort_benefit_percent if table_fact else None
    if benefit is not None and benefit <= case.limit(VACUUM_SORT_BENEFIT):
        sentence = f"{what}, but VACUUM SORT would not help: vacuum_sort_benefit is {benefit:g}."
        yield RuledOut(check=CHECK, sentence=sentence, fact_ids=fact_ids, subject=subject)
        return
    share = segment_share(case, [region.sort])
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=subject)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Each run sorts {rows_in_words(region.rows)} of {name} before a join",
            f"Each run sorts {rows_in_words(region.rows)} before a join",
        ),
        evidence=f"The steps scan, sort and merge {rows_in_words(region.rows)} of {name} before a"
        f" join (threshold {limit}), in segments with {percent(share)} of the segment time: they"
        f" stand unsorted in the table{_known(table_fact)}.",
        fact_ids=fact_ids,
        subject=subject,
        measures=(measured(case, SORTED_BY_RUN_ROWS, "sorted at run time", region.rows),),
        affected_share=share,
    )


def _known(fact: TableFact | None) -> str:
    if fact is None or fact.table.unsorted_percent is None:
        return ""
    benefit = fact.table.vacuum_sort_benefit_percent
    known = f", vacuum_sort_benefit {benefit:g} %" if benefit is not None else ""
    return f", {fact.table.unsorted_percent:g} % unsorted{known}"
