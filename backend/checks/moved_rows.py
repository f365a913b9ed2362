"""What a large distribute step sends its rows to other slices for."""

from collections.abc import Iterator
from enum import Enum

from backend.checks.alerts import is_for_aggregation
from backend.checks.check import LARGE_STEP_ROWS, largest, step_name, steps_named
from backend.checks.step_flow import AGGREGATES, Flow, are_same_rows, flows
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.plan import Movement
from backend.sql.nearest_joins import nearest_joins

MOVE = "distribute"
DISTRIBUTING = (
    Movement.DS_DIST_INNER,
    Movement.DS_DIST_OUTER,
    Movement.DS_DIST_BOTH,
    Movement.DS_DIST_ALL_INNER,
)
_WRITES = frozenset({"insert", "window", "delete", "update"})


class Purpose(Enum):
    """UNKNOWN is mostly a join; the plan, if there is one, tells."""

    AGGREGATION = "aggregation"
    WRITING = "writing"
    UNKNOWN = "unknown"


def large_moves(case: CaseFile) -> list[StepFact]:
    return largest(
        fact
        for fact in steps_named(case, MOVE)
        if fact.step.output_rows > case.limit(LARGE_STEP_ROWS)
    )


def large_moves_for_joins(case: CaseFile) -> list[StepFact]:
    """Without those for a GROUP BY or for the order that rows are written in."""
    others = {fact.fact_id for fact, purpose, _ in purposes(case) if purpose is not Purpose.UNKNOWN}
    return [fact for fact in large_moves(case) if fact.fact_id not in others]


def joins_of_moves(case: CaseFile) -> dict[str, int]:
    """By fact id of a distribute step the node_id of the join that it works for, 0 for none.

    A step may name the operator that makes its rows as well as the one that takes them, so the
    join meant is the nearest that distributes at all. Empty where no step names an operator.
    """
    steps = [fact for fact in steps_named(case, MOVE) if fact.step.plan_node_id]
    join_of = nearest_joins(case, DISTRIBUTING) if steps else {}
    if not join_of:
        return {}
    return {
        fact.fact_id: join_of.get((fact.step.child_query_sequence, fact.step.plan_node_id), 0)
        for fact in steps
    }


def purposes(case: CaseFile) -> Iterator[tuple[StepFact, Purpose, Flow]]:
    """Of each distribute step, large or not."""
    for flow in flows(case):
        for fact in flow.steps:
            if step_name(fact) == MOVE:
                yield fact, _purpose(flow, fact), flow


def _purpose(flow: Flow, fact: StepFact) -> Purpose:
    if is_for_aggregation(fact.step.alert):
        return Purpose.AGGREGATION
    following = flow.next_working(fact)
    if following is None:
        return Purpose.UNKNOWN
    if step_name(following) in _WRITES:
        return Purpose.WRITING
    is_fed = following.step.input_rows == 0 or are_same_rows(
        following.step.input_rows, fact.step.output_rows
    )
    return Purpose.AGGREGATION if is_fed and step_name(following) in AGGREGATES else Purpose.UNKNOWN
