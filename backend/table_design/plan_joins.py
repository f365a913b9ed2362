"""The joins of the recorded plan, with what moved for them and the time it took."""

from collections.abc import Iterator, Sequence

from backend.domain.case_file import CaseFile, StepFact
from backend.domain.plan import Movement, PlanNode
from backend.domain.table_design import key_of_table
from backend.domain.table_use import Arrival, JoinEnd, JoinKind, TableColumn, TableJoin
from backend.sql.join_condition import equalities
from backend.sql.plan_joins import scanned
from backend.table_design.column_owners import EqualColumns, columns_of_pair, equal_columns
from backend.table_design.plan_cost import estimated_seconds
from backend.table_design.recorded_steps import MOVING, RecordedSteps
from backend.table_design.segment_time import SegmentTime

_EQUATED = ("Hash Cond", "Merge Cond")
_PASSES_ON = frozenset({"XN Hash", "XN Materialize", "XN Sort"})
"""Operators that leave the rows of their input where they are; so does a subquery's scan."""

_ON_KEY = {
    # By movement: whether the outer and the inner side lie by the join's columns already.
    Movement.DS_DIST_NONE: (True, True),
    Movement.DS_DIST_INNER: (True, False),
    Movement.DS_DIST_OUTER: (False, True),
}

MOST_STEPS_CITED = 4


def read_plan_joins(
    case: CaseFile, time: SegmentTime, steps: RecordedSteps
) -> tuple[TableJoin, ...]:
    if case.plan is None:
        return ()
    equal = equal_columns(case)
    joins = [node for node in case.plan.walk() if node.is_join and len(node.children) > 1]
    return tuple(_join(case, node, time, steps, equal) for node in joins)


def _join(
    case: CaseFile, node: PlanNode, time: SegmentTime, steps: RecordedSteps, equal: EqualColumns
) -> TableJoin:
    pairs = tuple(_pairs(case, node, equal))
    outer, inner = (
        _end(case, node, place, [pair[place] for pair in pairs], steps) for place in (0, 1)
    )
    moving = steps.moving.get(node.node_id, [])
    joining = steps.joining.get(node.node_id, [])
    is_measured = time.is_recorded and (steps.is_mapped or bool(moving or joining))
    return TableJoin(
        join_id=node.node_id,
        kind=_kind(node),
        outer=outer,
        inner=inner,
        movement=node.movement,
        rows_out=steps.rows_out.get(node.node_id, node.rows),
        rows_moved=_rows_moved(node, moving, outer, inner),
        moving_seconds=_moving_seconds(case, node, time, moving, is_measured=is_measured),
        join_seconds=time.of_steps(joining)
        if is_measured
        else estimated_seconds(case, time, [node]),
        is_merge="Merge Join" in node.operator,
        is_measured=is_measured,
        fact_ids=_fact_ids(case, node, moving),
    )


def _pairs(
    case: CaseFile, node: PlanNode, equal: EqualColumns
) -> Iterator[tuple[TableColumn | None, TableColumn | None]]:
    """Only what rows can be placed by: a loop compares its rows with all of the inner side."""
    text = next((text for name in _EQUATED if (text := node.condition(name))), "")
    for outer_name, inner_name in equalities(text):
        yield columns_of_pair(case, node, outer_name, inner_name, equal)


def _end(
    case: CaseFile,
    join: PlanNode,
    place: int,
    columns: Sequence[TableColumn | None],
    steps: RecordedSteps,
) -> JoinEnd:
    source = _source(join.children[place])
    facts = [fact for name in scanned(source) if (fact := case.table(name))]
    is_scan = source.table_name is not None and not source.children and bool(facts)
    is_join = source.is_join and len(source.children) > 1
    return JoinEnd(
        arrival=Arrival.SCAN if is_scan else Arrival.JOIN if is_join else _fixed(join, place),
        columns=tuple(columns),
        rows=steps.rows_out.get(source.node_id, source.rows),
        join_below=source.node_id if is_join else None,
        table_names=tuple(dict.fromkeys(key_of_table(fact.table) for fact in facts)),
    )


def _source(child: PlanNode) -> PlanNode:
    """The operator that makes the rows of a side, below those that only pass them on."""
    while len(child.children) == 1 and (
        child.operator in _PASSES_ON or child.operator.startswith("XN Subquery Scan")
    ):
        child = child.children[0]
    return child


def _fixed(join: PlanNode, place: int) -> Arrival:
    """Where a result lies that no table's design places, by what the plan did not have to move."""
    if join.movement is Movement.DS_DIST_ALL_NONE and place == 1:
        return Arrival.EVERYWHERE
    is_on_key = join.movement in _ON_KEY and _ON_KEY[join.movement][place]
    return Arrival.ON_KEY if is_on_key else Arrival.ELSEWHERE


def _kind(node: PlanNode) -> JoinKind:
    words = node.operator.split()
    kinds = {"Left": JoinKind.LEFT, "Right": JoinKind.RIGHT, "Full": JoinKind.FULL}
    return next((kinds[word] for word in words if word in kinds), JoinKind.INNER)


def _rows_moved(node: PlanNode, moving: Sequence[StepFact], outer: JoinEnd, inner: JoinEnd) -> int:
    if moving:
        return sum(fact.step.output_rows for fact in moving)
    return {
        Movement.DS_DIST_OUTER: outer.rows,
        Movement.DS_DIST_BOTH: outer.rows + inner.rows,
        Movement.DS_DIST_INNER: inner.rows,
        Movement.DS_BCAST_INNER: inner.rows,
        Movement.DS_DIST_ALL_INNER: inner.rows,
    }.get(node.movement or Movement.DS_DIST_NONE, 0)


def _moving_seconds(
    case: CaseFile,
    node: PlanNode,
    time: SegmentTime,
    moving: Sequence[StepFact],
    *,
    is_measured: bool,
) -> float:
    if moving:
        return time.of_steps(moving)
    if is_measured or node.movement not in MOVING:
        return 0.0
    return estimated_seconds(case, time, [node])


def _fact_ids(case: CaseFile, node: PlanNode, moving: Sequence[StepFact]) -> tuple[str, ...]:
    fact = case.node_fact(node.node_id)
    return (
        *((fact.fact_id,) if fact else ()),
        *(step.fact_id for step in moving[:MOST_STEPS_CITED]),
    )
