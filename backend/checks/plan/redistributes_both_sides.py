"""A join sends both of its inputs across the network.

Anti-pattern: Neither table of a large join is distributed on the join column, so every row of
both sides is sent to another slice before the join can start (DS_DIST_BOTH in the plan, a
distribute step a side in SYS_QUERY_DETAIL). It is the most movement that a join can cause.

Remedy: Distribute the two largest tables that are joined most often on their join column
(DISTKEY), one such column a table: other patterns that read the table must not lose by it. Where
the tables cannot change, filter and aggregate both sides before the join so that fewer rows move.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    LARGE_STEP_ROWS,
    MOST_CITED,
    blamed,
    cited,
    cost_share,
    join_tables,
    measured,
    milder,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.joins_of_plan import Join, joins_moving
from backend.checks.moved_rows import joins_of_moves, large_moves_for_joins
from backend.checks.rule import Rule
from backend.checks.step_flow import JOINS
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, percent, rows_in_words, titled
from backend.domain.plan import Movement, PlanNode
from backend.domain.time_buckets import Bucket

CHECK = "redistributes_both_sides"

RULES = (
    Rule(
        name="both sides of a large join move (DS_DIST_BOTH)",
        inputs=(
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_EXPLAIN.plan_node",
        ),
        thresholds=(LARGE_STEP_ROWS, LARGE_MOVE_ESTIMATED_ROWS),
        peers=(
            "awslabs: distribute above 5 million rows (REC_008)",
            "Advisor: alter distribution keys",
            "STL alert: Distributed a large number of rows across the network",
            "Infraredshift: redistribution, DISTKEY mismatch, EVEN-but-joined",
        ),
    ),
)


def redistributes_both_sides(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """The plan says which joins move both sides, the steps how many rows really moved."""
    joins = sorted(
        joins_moving(case, Movement.DS_DIST_BOTH), key=lambda join: -_smaller_side(join[0])
    )
    moved = _moved_for(case, [node for node, _ in joins])
    if case.plan is None:
        yield from _by_steps_alone(case, moved)
    elif not joins:
        if len(moved) > 1:
            yield RuledOut(
                check=CHECK,
                sentence=f"{len(moved)} steps redistribute large inputs (the largest"
                f" {rows_in_words(moved[0].step.output_rows)}), but no join of the plan moves"
                " both of its sides.",
                fact_ids=cited(case, moved),
            )
    elif case.steps:
        yield from _by_plan_and_steps(case, joins, moved)
    else:
        yield from _by_estimate(case, joins)


def moved_on_both_sides(case: CaseFile) -> list[StepFact]:
    """The large distribute steps that move both sides of a join; none where only one is large."""
    if case.plan is None:
        return _sides_without_plan(case, large_moves_for_joins(case))
    joins = [node for node, _ in joins_moving(case, Movement.DS_DIST_BOTH)]
    moved = _moved_for(case, joins)
    return moved if joins and len(moved) > 1 else []


def _moved_for(case: CaseFile, joins: Sequence[PlanNode]) -> list[StepFact]:
    """The large distribute steps but for those that surely work for none of these joins."""
    moved = large_moves_for_joins(case)
    join_of = joins_of_moves(case) if joins else {}
    wanted = {node.node_id for node in joins}
    return [
        fact for fact in moved if fact.fact_id not in join_of or join_of[fact.fact_id] in wanted
    ]


def _by_plan_and_steps(
    case: CaseFile, joins: Sequence[Join], moved: Sequence[StepFact]
) -> Iterator[Finding | RuledOut]:
    if len(moved) < 2:
        yield RuledOut(
            check=CHECK,
            sentence="A join moves both sides (DS_DIST_BOTH), but not two large ones:"
            f" {counted(len(moved), 'distribute step')} sent more than"
            f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}.",
            fact_ids=(joins[0][1], *cited(case, moved)),
        )
        return
    where = f"In the plan {_joins_in_words(joins)}"
    yield from _judge_steps(case, moved, where, joins)


def _joins_in_words(joins: Sequence[Join]) -> str:
    verb = "moves" if len(joins) == 1 else "move"
    return f"{counted(len(joins), 'join')} {verb} both sides (DS_DIST_BOTH)"


def _by_steps_alone(case: CaseFile, moved: Sequence[StepFact]) -> Iterator[Finding | RuledOut]:
    sides = _sides_without_plan(case, moved)
    if sides:
        where = "No plan was recorded to name the join"
        yield from _judge_steps(case, sides, where, (), at_most=Severity.MEDIUM)


def _sides_without_plan(case: CaseFile, moved: Sequence[StepFact]) -> list[StepFact]:
    """Two large distribute steps before a join, none of them for an aggregate."""
    aggregating = {_segment(fact) for fact in steps_named(case, "aggregate")}
    sides = [fact for fact in moved if _segment(fact) not in aggregating]
    is_both = len({_segment(fact) for fact in sides}) > 1
    return sides if is_both and joins_by_equality(case) else []


def joins_by_equality(case: CaseFile) -> bool:
    """Whether the steps show a join, and not one that a single table is read for."""
    return bool(steps_named(case, *JOINS)) and not _reads_one_table(case)


def _reads_one_table(case: CaseFile) -> bool:
    """Whether the statement can join nothing; a name without statistics may be a view that does."""
    if case.statement is None or case.statement.join_count or len(case.statement.table_names) != 1:
        return False
    fact = case.table(case.statement.table_names[0])
    return fact is not None and fact.table.row_count is not None


def _judge_steps(
    case: CaseFile,
    moved: Sequence[StepFact],
    where: str,
    joins: Sequence[Join],
    *,
    at_most: Severity = Severity.HIGH,
) -> Iterator[Finding | RuledOut]:
    share = segment_share(case, moved)
    severity = weigh(case, Bucket.EXECUTION, share)
    rows = sum(fact.step.output_rows for fact in moved)
    joins = blamed(case, moved, joins) if len(joins) > 1 else joins
    fact_ids = (*(fact_id for _, fact_id in joins[:MOST_CITED]), *cited(case, moved))
    if severity is None:
        what = f"{rows_in_words(rows)} are redistributed"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=at_most),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Redistributes {rows_in_words(rows)}{_of_tables(case, joins)}",
            f"Redistributes {rows_in_words(rows)} of large join inputs",
        ),
        evidence=f"{counted(len(moved), 'distribute step')} sent {rows_in_words(rows)} to other"
        f" slices, the largest {rows_in_words(moved[0].step.output_rows)} (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))} each), in segments with {percent(share)} of the"
        f" segment time. {where}.",
        fact_ids=fact_ids,
        measures=(measured(case, LARGE_STEP_ROWS, "redistributed", rows),),
        affected_share=share,
    )


def _by_estimate(case: CaseFile, joins: Sequence[Join]) -> Iterator[Finding | RuledOut]:
    large = [
        join for join in joins if _smaller_side(join[0]) >= case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    ]
    if not large:
        node, fact_id = joins[0]
        yield RuledOut(
            check=CHECK,
            sentence="A join moves both sides, but the smaller one has"
            f" {rows_in_words(_smaller_side(node))} by estimate (threshold"
            f" {rows_in_words(case.limit(LARGE_MOVE_ESTIMATED_ROWS))}).",
            fact_ids=(fact_id,),
        )
        return
    share = cost_share(case, [node for node, _ in large])
    severity = weigh(case, Bucket.EXECUTION, share)
    rows = sum(child.rows for node, _ in large for child in node.children[:2])
    fact_ids = tuple(fact_id for _, fact_id in large[:MOST_CITED])
    if severity is None:
        what = f"{rows_in_words(rows)} are redistributed"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Redistributes {rows_in_words(rows)}{_of_tables(case, large)}",
            f"Redistributes both sides of a join, {rows_in_words(rows)}",
        ),
        evidence=f"In the plan {_joins_in_words(large)}, the smaller"
        f" side {rows_in_words(_smaller_side(large[0][0]))} by the planner's estimate (threshold"
        f" {rows_in_words(case.limit(LARGE_MOVE_ESTIMATED_ROWS))}); no steps were recorded to measure it.",
        fact_ids=fact_ids,
        measures=(
            measured(case, LARGE_MOVE_ESTIMATED_ROWS, "smaller side", _smaller_side(large[0][0])),
        ),
        affected_share=share,
    )


def _of_tables(case: CaseFile, joins: Sequence[Join]) -> str:
    tables = join_tables(case, joins[0][0]) if len(joins) == 1 else None
    return f" of {tables[0]} and {tables[1]}" if tables else " of large join inputs"


def _smaller_side(node: PlanNode) -> int:
    return min(child.rows for child in node.children[:2])


def _segment(fact: StepFact) -> tuple[int, int]:
    return fact.step.child_query_sequence, fact.step.segment_id
