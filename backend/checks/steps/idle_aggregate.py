"""A GROUP BY or DISTINCT over many rows that are hardly fewer afterwards.

Anti-pattern: Every row has to be hashed and kept to find its like, and there is next to none:
DISTINCT over rows that have a key, GROUP BY with a key in it, UNION of parts that cannot overlap.

Remedy: Leave DISTINCT out where the rows are unique, and say UNION ALL. Where a GROUP BY carries a
key, aggregate before the join that brings the other columns, or drop the key that nobody reads.
Make sure that the rows are unique for good: Redshift does not enforce keys.
"""

import math
from collections.abc import Iterator

from backend.checks.check import (
    LARGE_STEP_ROWS,
    cited,
    measured,
    milder,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.clauses import clauses
from backend.checks.moved_rows import MOVE
from backend.checks.rule import Rule
from backend.checks.step_flow import AGGREGATES, Flow, flows
from backend.domain.case_file import CaseFile, ClauseKind, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import number_in_words, percent, rows_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.sql.group_by import GroupedColumn, groupings

CHECK = "idle_aggregate"

LEFT_BY_AGGREGATE = Threshold(
    name="idle_aggregate_share",
    default=0.95,
    unit="share",
    meaning="a GROUP BY or DISTINCT that leaves a larger part of the rows combines next to none",
    source=f"{OWN}; Snowflake gives no number for its INEFFICIENT_AGGREGATE",
)
RULES = (
    Rule(
        name="an aggregate that combines next to no rows",
        inputs=(
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(LARGE_STEP_ROWS, LEFT_BY_AGGREGATE),
        peers=(
            "Snowflake: INEFFICIENT_AGGREGATE, UNNECESSARY_UNION_DISTINCT",
            "Infraredshift: REDUNDANT_DISTINCT",
        ),
    ),
)


def idle_aggregate(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """A UNION and a DISTINCT over a GROUP BY have checks of their own."""
    if clauses(case, ClauseKind.UNION_DISTINCT, ClauseKind.REDUNDANT_DISTINCT):
        return
    idle = sorted(
        (
            fact
            for flow in flows(case)
            for fact in flow.steps
            if step_name(fact) in AGGREGATES and _is_idle(case, flow, fact)
        ),
        key=lambda fact: (-fact.step.input_rows, fact.fact_id),
    )
    if idle:
        yield from _judge(case, idle)


def _is_idle(case: CaseFile, flow: Flow, fact: StepFact) -> bool:
    """Not the phases before and after rows are sent to other slices: two_phase_aggregation tells
    of them."""
    around = (flow.previous_working(fact), flow.next_working(fact))
    if any(other is not None and step_name(other) == MOVE for other in around):
        return False
    taken_in, left = fact.step.input_rows, fact.step.output_rows
    is_large = taken_in > case.limit(LARGE_STEP_ROWS)
    is_idle = is_large and case.limit(LEFT_BY_AGGREGATE) * taken_in <= left <= taken_in
    return is_idle and left <= _most_groups(case)


def _most_groups(case: CaseFile) -> float:
    """A GROUP BY of one table's columns makes no more groups than that table has rows; then the
    step belongs to something else. Infinite where that is not known."""
    found = groupings(case.scrubbed_sql) if case.scrubbed_sql else None
    if not found or len(found) > 1 or not found[0].columns:
        return math.inf
    owners = [_owner(case, column) for column in found[0].columns]
    rows = owners[0].table.row_count if owners[0] else None
    is_one_table = all(owner is not None and owner == owners[0] for owner in owners)
    return rows if is_one_table and rows is not None else math.inf


def _owner(case: CaseFile, column: GroupedColumn) -> TableFact | None:
    if column.table_name:
        return case.table(column.table_name)
    having = [
        fact
        for fact in case.tables
        if column.column_name in {each.name.lower() for each in fact.table.columns}
    ]
    return having[0] if len(having) == 1 else None


def _judge(case: CaseFile, idle: list[StepFact]) -> Iterator[Finding | RuledOut]:
    largest = idle[0].step
    left = largest.output_rows / largest.input_rows
    share = segment_share(case, idle)
    severity = weigh(case, Bucket.EXECUTION, share)
    statement_ids = (case.statement.fact_id,) if case.statement else ()
    fact_ids = (*cited(case, idle), *statement_ids)
    what = clause_in_words(case)
    leaves = (
        f"{what} leaves {number_in_words(largest.output_rows)} of"
        f" {rows_in_words(largest.input_rows)}"
    )
    if severity is None:
        yield too_small_to_matter(case, CHECK, leaves, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=titled(leaves),
        evidence=f"{leaves} ({percent(left)}, threshold"
        f" {percent(case.limit(LEFT_BY_AGGREGATE))}), in segments with {percent(share)} of the"
        " segment time: almost every row is a group of its own.",
        fact_ids=fact_ids,
        measures=(
            measured(case, LEFT_BY_AGGREGATE, "rows left", left),
            measured(case, LARGE_STEP_ROWS, "aggregated rows", largest.input_rows),
        ),
        affected_share=share,
    )


def clause_in_words(case: CaseFile) -> str:
    """`DISTINCT` or `GROUP BY`, where the statement has but one of them."""
    found = groupings(case.scrubbed_sql) if case.scrubbed_sql else None
    kinds = {"A DISTINCT" if each.is_distinct else "A GROUP BY" for each in found or ()}
    return kinds.pop() if len(kinds) == 1 else "An aggregate"
