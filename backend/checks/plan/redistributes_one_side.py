"""A join sends one of its inputs, a large one, across the network.

Anti-pattern: One table of the join is distributed on the join column and the other is not, so
all rows of the other one are sent to the slices of their partners (DS_DIST_INNER or
DS_DIST_OUTER in the plan, a distribute step in SYS_QUERY_DETAIL). Over few rows that is cheap;
over millions each run pays for what one DISTKEY would settle.

Remedy: Distribute the moved table on the join column, if this join is the one that its DISTKEY
should serve. Where an intermediate result moves, or another join needs the present key more,
filter and aggregate before the join so that fewer rows move.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from backend.checks.alerts import PLANNER_ALERTS, AlertKind, alert_ids, judge_alert_alone
from backend.checks.check import (
    LARGE_MOVE_ESTIMATED_ROWS,
    LARGE_STEP_ROWS,
    MOST_CITED,
    cited,
    cost_share,
    largest,
    measured,
    milder,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.joins_of_plan import (
    Join,
    equalities_in_words,
    inner_side,
    joined_columns,
    joins_moving,
    outer_side,
    own_table,
    side_in_words,
)
from backend.checks.moved_rows import MOVE, joins_of_moves, large_moves_for_joins
from backend.checks.plan.large_broadcast import BELIEVABLE_ERROR
from backend.checks.plan.redistributes_both_sides import joins_by_equality, moved_on_both_sides
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, listed, percent, rows_in_words, titled
from backend.domain.plan import Movement, PlanNode
from backend.domain.time_buckets import Bucket

CHECK = "redistributes_one_side"

RULES = (
    Rule(
        name="one large side of a join moves (DS_DIST_INNER, DS_DIST_OUTER)",
        inputs=(
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_EXPLAIN.plan_node",
        ),
        thresholds=(
            LARGE_STEP_ROWS,
            LARGE_MOVE_ESTIMATED_ROWS,
            BELIEVABLE_ERROR,
            PLANNER_ALERTS,
        ),
        peers=(
            "awslabs: distribute above 5 million rows (REC_008)",
            "Advisor: alter distribution keys",
            "STL alert: Distributed a large number of rows across the network",
            "Infraredshift: redistribution, DISTKEY mismatch",
            "BigQuery: insufficient shuffle quota",
        ),
    ),
)
ONE_SIDED = (Movement.DS_DIST_INNER, Movement.DS_DIST_OUTER)

Moved = dict[str, list[tuple[Join | None, StepFact]]]
"""By the table that moves, "" for what is none."""


def redistributes_one_side(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Measured rows decide where steps were recorded, the planner's estimate elsewhere."""
    joins = joins_moving(case, *ONE_SIDED, Movement.DS_DIST_BOTH)
    ids = alert_ids(case, AlertKind.DISTRIBUTED_ROWS, for_aggregation=False)
    if case.steps:
        yield from _by_steps(case, joins, ids)
    elif case.plan is not None:
        yield from _by_estimate(case, [j for j in joins if j[0].movement in ONE_SIDED])
    else:
        yield from judge_alert_alone(
            case,
            check=CHECK,
            about="a large distribution",
            title="Redshift raised an alert about a large distribution",
            ids=ids,
        )


def _by_steps(
    case: CaseFile, joins: Sequence[Join], ids: tuple[str, ...]
) -> Iterator[Finding | RuledOut]:
    told = {fact.fact_id for fact in moved_on_both_sides(case)}
    left = [fact for fact in large_moves_for_joins(case) if fact.fact_id not in told]
    moved = _without_plan(case, left) if case.plan is None else _by_join(case, joins, left)
    for table, moves in moved.items():
        yield from _judge(case, table, moves)
    if ids and not told and not left:
        most = max((fact.step.output_rows for fact in steps_named(case, MOVE)), default=0)
        yield RuledOut(
            check=CHECK,
            sentence="What is redistributed for a join is small, although a run raised an alert"
            f" about it: at most {rows_in_words(most)} in a step (threshold"
            f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}).",
            fact_ids=ids,
        )


def _without_plan(case: CaseFile, left: Sequence[StepFact]) -> Moved:
    aggregating = {_segment(fact) for fact in steps_named(case, "aggregate")}
    sides = [fact for fact in left if _segment(fact) not in aggregating]
    return {"": [(None, fact) for fact in sides]} if sides and joins_by_equality(case) else {}


def _by_join(case: CaseFile, joins: Sequence[Join], left: Sequence[StepFact]) -> Moved:
    """A step that names no operator works for the only join that moves anything, or for one not
    known; one that names an operator without such a join above it works for none."""
    join_of = joins_of_moves(case)
    by_id = {node.node_id: (node, fact_id) for node, fact_id in joins}
    only = joins[0] if len(joins) == 1 else None
    moved: Moved = defaultdict(list)
    for fact in left if joins else ():
        if fact.fact_id not in join_of:
            moved[_moved_table(case, only, fact)].append((only, fact))
        elif join := by_id.get(join_of[fact.fact_id]):
            moved[_moved_table(case, join, fact)].append((join, fact))
    return moved


def _moved_table(case: CaseFile, join: Join | None, fact: StepFact) -> str:
    """The moved side's table, unless it cannot have sent so many rows."""
    if join is None:
        return ""
    side = _moved_side(join[0])
    table = own_table(case, side)
    known = case.table(table) if table else None
    if known and known.table.row_count is not None:
        return table if known.table.row_count >= fact.step.output_rows else ""
    is_believable = side.rows * case.limit(BELIEVABLE_ERROR) >= fact.step.output_rows
    return table if is_believable else ""


def _moved_side(join: PlanNode) -> PlanNode:
    if join.movement is Movement.DS_DIST_INNER:
        return inner_side(join)
    if join.movement is Movement.DS_DIST_OUTER:
        return outer_side(join)
    return max(join.children[:2], key=lambda side: side.rows)


def _judge(
    case: CaseFile, table: str, moves: Sequence[tuple[Join | None, StepFact]]
) -> Iterator[Finding | RuledOut]:
    steps = largest(fact for _, fact in moves)
    rows = sum(fact.step.output_rows for fact in steps)
    share = segment_share(case, steps)
    severity = weigh(case, Bucket.EXECUTION, share)
    joins = list({join[1]: join for join, _ in moves if join}.values())
    fact_ids = (*(fact_id for _, fact_id in joins[:MOST_CITED]), *cited(case, steps))
    if severity is None:
        what = f"{rows_in_words(rows)}{f' of {table}' if table else ''} are redistributed"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table)
        return
    sent = f"{counted(len(steps), 'distribute step')} sent {rows_in_words(rows)}"
    yield Finding(
        check=CHECK,
        severity=severity if joins else milder(severity, at_most=Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=_title(rows, table, joins),
        evidence=f"{sent}{f' of {table}' if table else ''} to other slices (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))} each), in segments with {percent(share)}"
        f" of the segment time. {_where(case, joins)}.",
        fact_ids=fact_ids,
        subject=table,
        measures=(measured(case, LARGE_STEP_ROWS, "redistributed", rows),),
        affected_share=share,
    )


def _title(rows: int, table: str, joins: Sequence[Join]) -> str:
    what = f"Redistributes {rows_in_words(rows)} of {table or 'a join input'}"
    columns = [column for node, _ in joins[:1] for column in moved_columns(node)]
    return titled(f"{what} by {listed(columns, 2)}" if columns else "", what)


def moved_columns(join: PlanNode) -> list[str]:
    """By which columns of the moved side its rows are sent."""
    is_outer = _moved_side(join) is outer_side(join)
    return [pair.outer if is_outer else pair.inner for pair in joined_columns(join)]


def _where(case: CaseFile, joins: Sequence[Join]) -> str:
    if not joins:
        known = "The plan does not tell for which of its joins"
        return known if case.plan is not None else "No plan was recorded to name the join"
    join = joins[0][0]
    moved = _moved_side(join)
    other = outer_side(join) if moved is inner_side(join) else inner_side(join)
    columns = equalities_in_words(join)
    on = f" on {columns}" if columns else ""
    more = f", the largest of {len(joins)} such joins" if len(joins) > 1 else ""
    return (
        f"They move for the join of {side_in_words(case, moved)} with"
        f" {side_in_words(case, other)}{on} ({join.movement}){more}"
    )


def _by_estimate(case: CaseFile, joins: Sequence[Join]) -> Iterator[Finding | RuledOut]:
    worth = case.limit(LARGE_MOVE_ESTIMATED_ROWS)
    of_table: dict[str, list[Join]] = defaultdict(list)
    for join in joins:
        side = _moved_side(join[0])
        if side.rows >= worth:
            of_table[own_table(case, side)].append(join)
    for table, its_joins in of_table.items():
        yield from _judge_estimate(case, table, its_joins)


def _judge_estimate(
    case: CaseFile, table: str, joins: Sequence[Join]
) -> Iterator[Finding | RuledOut]:
    rows = sum(_moved_side(node).rows for node, _ in joins)
    share = cost_share(case, [node for node, _ in joins])
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = tuple(fact_id for _, fact_id in joins[:MOST_CITED])
    if severity is None:
        what = f"{rows_in_words(rows)}{f' of {table}' if table else ''} are redistributed"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=_title(rows, table, joins),
        evidence=f"The plan sends {rows_in_words(rows)} of {table or 'a join input'} to other"
        f" slices by the planner's estimate (threshold"
        f" {rows_in_words(case.limit(LARGE_MOVE_ESTIMATED_ROWS))}); no steps were recorded to"
        f" measure it. {_where(case, joins)}.",
        fact_ids=fact_ids,
        subject=table,
        measures=(measured(case, LARGE_MOVE_ESTIMATED_ROWS, "redistributed", rows),),
        affected_share=share,
    )


def _segment(fact: StepFact) -> tuple[int, int]:
    return fact.step.child_query_sequence, fact.step.segment_id
