"""Which recorded steps work for which operator of the plan."""

from collections import defaultdict
from dataclasses import dataclass

from backend.domain.case_file import CaseFile, StepFact
from backend.domain.plan import Movement, PlanNode
from backend.sql.nearest_joins import nearest_joins

MOVES = frozenset({"broadcast", "bcast", "distribute", "dist"})
JOINS = frozenset({"hash", "hashjoin", "merge", "mergejoin", "nestloop"})
WRITES = frozenset({"insert", "delete", "update"})
MOVING = frozenset(Movement) - {Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE}

_NodeKey = tuple[int, int]


def step_name(fact: StepFact) -> str:
    return fact.step.step_name.strip().lower()


@dataclass(frozen=True, kw_only=True)
class RecordedSteps:
    """By `node_id` of the plan. Steps that lead to no operator are in none of these; `is_mapped`
    is False where no step does: the plan came without ids, or from another run."""

    is_mapped: bool
    rows_out: dict[int, int]
    moving: dict[int, list[StepFact]]
    joining: dict[int, list[StepFact]]


NOTHING_RECORDED = RecordedSteps(is_mapped=False, rows_out={}, moving={}, joining={})


def recorded_steps(case: CaseFile) -> RecordedSteps:
    if case.plan is None or not case.steps:
        return NOTHING_RECORDED
    if case.plan_query_id != case.steps_query_id or not any(
        fact.step.plan_node_id for fact in case.steps
    ):
        return _of_only_joins(case)
    nodes = _nodes_by_key(case)
    moved_for = nearest_joins(case, MOVING)
    joined_by = nearest_joins(case)
    rows_out: dict[int, int] = {}
    moving: dict[int, list[StepFact]] = defaultdict(list)
    joining: dict[int, list[StepFact]] = defaultdict(list)
    for fact in case.steps:
        key = (fact.step.child_query_sequence, fact.step.plan_node_id or 0)
        if key not in nodes:
            continue
        if step_name(fact) in MOVES:
            if join_id := moved_for.get(key):
                moving[join_id].append(fact)
            continue
        node_id = nodes[key].node_id
        rows_out[node_id] = max(rows_out.get(node_id, 0), fact.step.output_rows)
        if step_name(fact) in JOINS and (join_id := joined_by.get(key)):
            joining[join_id].append(fact)
    return RecordedSteps(
        is_mapped=bool(rows_out), rows_out=rows_out, moving=dict(moving), joining=dict(joining)
    )


def _of_only_joins(case: CaseFile) -> RecordedSteps:
    """Without ids what moves belongs to the only join that moves rows, if there is one only."""
    joins = [node for node in (case.plan.walk() if case.plan else ()) if node.is_join]
    movers = [node for node in joins if node.movement in MOVING]
    moving = [fact for fact in case.steps if step_name(fact) in MOVES]
    joining = [fact for fact in case.steps if step_name(fact) in JOINS]
    return RecordedSteps(
        is_mapped=False,
        rows_out={},
        moving={movers[0].node_id: moving} if len(movers) == 1 else {},
        joining={joins[0].node_id: joining} if len(joins) == 1 else {},
    )


def _nodes_by_key(case: CaseFile) -> dict[_NodeKey, PlanNode]:
    return {
        (node.child_query_sequence, node.recorded_node_id): node
        for node in (case.plan.walk() if case.plan else ())
        if node.child_query_sequence is not None and node.recorded_node_id is not None
    }
