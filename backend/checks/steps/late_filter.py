"""A join throws away most of what a large scan has handed on.

Anti-pattern: The condition that matters is on the other table, so the large one is read whole and
only the join finds that almost none of its rows has a partner. Redshift skips blocks by conditions
on the table itself, not by those on its partner (guide, best practices for designing queries).

Remedy: Repeat the condition for the large table's sort key: the day of the order beside the day of
its lines, the range of the staged keys beside the MERGE. The rows are the same, and blocks are
skipped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.check import (
    LARGE_STEP_ROWS,
    cited,
    measured,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.joins_of_plan import JoinSteps
from backend.checks.rule import Rule
from backend.checks.scans import is_small_table
from backend.checks.sort_keys import filters_column, sort_key_columns, wraps_column
from backend.checks.sql.missing_redundant_predicate import missing_redundant_predicate
from backend.checks.step_flow import (
    JOINS,
    Flow,
    are_same_rows,
    before_in_segment,
    flows,
    is_working,
    reads_table,
    rows_into,
)
from backend.checks.steps.selective_filter import SELECTIVE_SHARE
from backend.checks.steps.unsorted_scan import KEPT_SHARE
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "late_filter"

RULES = (
    Rule(
        name="a join throws away most rows of a large scan (predicate not restrictive enough)",
        inputs=(
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.duration",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(LARGE_STEP_ROWS, SELECTIVE_SHARE, KEPT_SHARE, LARGE_TABLE_ROWS),
        peers=(
            "AWS guide: insufficiently restrictive predicate, SCAN rows far above RETURN rows",
            "AWS query best practices: redundant predicates on both tables of a join",
            "Snowflake: NO_FILTER_ON_TOP_OF_TABLE_SCAN, UNSELECTIVE_FILTER",
            "Infraredshift: PROPAGATE_JOIN_FILTER",
            "PerformanceStudio: late filters with impact",
        ),
    ),
)

_KEEPS_ROWS = re.compile(r"\bnot\s+(?:exists|in)\b|\b(?:left|right|full)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class LateFilter:
    """`scan` reads `table` and hands its rows straight to `join`."""

    scan: StepFact
    join: StepFact
    table: TableFact
    taken_in: int

    @property
    def kept(self) -> float:
        return self.join.step.output_rows / self.taken_in


def late_filter(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Where the large table has a sort key that could take the condition; what follows from the
    statement's own conditions missing_redundant_predicate tells."""
    of_table: dict[str, LateFilter] = {}
    join_steps = JoinSteps(case)
    for flow in flows(case):
        for fact in flow.steps:
            is_join = step_name(fact) in JOINS and _may_take_a_condition(case, join_steps, fact)
            found = _late_filter(case, flow, fact) if is_join else None
            if found:
                name = found.table.table.full_name
                if name not in of_table or found.taken_in > of_table[name].taken_in:
                    of_table[name] = found
    told = [said.subject for said in missing_redundant_predicate(case) if isinstance(said, Finding)]
    for name, found in of_table.items():
        if not any(subject.startswith(f"{name}.") for subject in told):
            yield from _judge(case, found)


def _may_take_a_condition(case: CaseFile, join_steps: JoinSteps, fact: StepFact) -> bool:
    """Not an outer or anti join, where a further condition changes what is returned. The join of a
    MERGE looks like one, and there the condition is the author's to weigh."""
    if case.query_type.upper() == "MERGE":
        return True
    if join := join_steps.join_of(fact):
        return not re.search("Left|Right|Full|Anti", join[0].operator)
    return not _KEEPS_ROWS.search(case.scrubbed_sql or "")


def _late_filter(case: CaseFile, flow: Flow, join: StepFact) -> LateFilter | None:
    before = before_in_segment(flow, join)
    taken_in = rows_into(join, before)
    is_large = taken_in > case.limit(LARGE_STEP_ROWS)
    if not is_large or join.step.output_rows >= case.limit(SELECTIVE_SHARE) * taken_in:
        return None
    scan = _scan_into(before, taken_in)
    table = case.table(scan.step.table_name or "") if scan else None
    if scan is None or table is None or is_small_table(case, table):
        return None
    is_filtered_already = (
        scan.step.is_range_restricted is True
        or scan.step.output_rows < case.limit(KEPT_SHARE) * scan.step.input_rows
    )
    if is_filtered_already:
        return None
    return LateFilter(scan=scan, join=join, table=table, taken_in=taken_in)


def _scan_into(before: Sequence[StepFact], taken_in: int) -> StepFact | None:
    """The scan that feeds the join with nothing between but steps that pass rows on."""
    working = [fact for fact in before if is_working(fact)]
    scan = working[-1] if working else None
    is_fed = scan is not None and are_same_rows(scan.step.output_rows, taken_in)
    return scan if scan is not None and reads_table(scan) and is_fed else None


def _judge(case: CaseFile, found: LateFilter) -> Iterator[Finding | RuledOut]:
    table = found.table.table
    keys = sort_key_columns(table)
    if case.statement is None or not keys:
        return
    if filters_column(case, found.table, keys[0]) or wraps_column(case, found.table, keys[0]):
        return
    steps = [found.scan, found.join]
    share = segment_share(case, steps) * (1 - found.kept)
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = (*cited(case, steps), found.table.fact_id, case.statement.fact_id)
    thrown = f"{rows_in_words(found.taken_in)} of {table.full_name}"
    if severity is None:
        what = f"A join keeps {percent(found.kept)} of {thrown}"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table.full_name)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"A join keeps {percent(found.kept)} of {thrown}",
            f"A join keeps {percent(found.kept)} of {table.full_name}",
        ),
        evidence=f"The scan of {table.full_name} hands on {rows_in_words(found.taken_in)}"
        f" (threshold {rows_in_words(case.limit(LARGE_STEP_ROWS))}), and the join after it keeps"
        f" {percent(found.kept)} of them (threshold {percent(case.limit(SELECTIVE_SHARE))}), in"
        f" segments with {percent(segment_share(case, steps))} of the segment time. The table is"
        f" sorted by {keys[0]}, which the statement does not compare with a value.",
        fact_ids=fact_ids,
        subject=table.full_name,
        measures=(
            measured(case, LARGE_STEP_ROWS, "rows handed on", found.taken_in),
            measured(case, SELECTIVE_SHARE, "rows kept by the join", found.kept),
        ),
        affected_share=share,
    )
