"""Estimates that the measured rows contradict, and what the planner did because of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from backend.checks.check import LARGE_STEP_ROWS
from backend.checks.joins_of_plan import JoinSteps, inner_side
from backend.domain.case_file import CaseFile, SegmentFact, StepFact
from backend.domain.evidence import Step
from backend.domain.plan import Movement, PlanNode
from backend.domain.plan_difference import ESTIMATE_OFF, ESTIMATE_WORTH_ROWS, EstimateError
from backend.sql.estimate_errors import estimate_errors

_PASSING = ("Hash", "Materialize", "Subquery Scan", "Network", "Result")
Place = tuple[int, int, int]
"""Child query, segment and step."""

_JOIN_STEPS = ("broadcast", "distribute", "hash", "hashjoin", "nestloop")


class Consequence(Enum):
    """What became of more rows than expected; the value follows `They were`."""

    LOOPED = "compared row by row in a nested loop"
    BROADCAST = f"sent to every node ({Movement.DS_BCAST_INNER})"
    HASHED = "hashed as the inner side"
    SPILLED = "kept in memory that did not suffice"


@dataclass(frozen=True, kw_only=True)
class WrongEstimate:
    """`consequence` is None where the error did no harm.

    `steps` are those that worked on more rows than the planner expected, for `join` if that is
    what the rows went into.
    """

    error: EstimateError
    consequence: Consequence | None
    join: PlanNode | None
    steps: tuple[StepFact, ...]


def wrong_estimates(case: CaseFile) -> list[WrongEstimate]:
    """The largest errors first; none where plan and steps are not of one run."""
    if case.plan is None or not case.steps or case.plan_query_id != case.steps_query_id:
        return []
    errors = estimate_errors(
        case.plan,
        [fact.step for fact in case.steps],
        factor=case.limit(ESTIMATE_OFF),
        worth_rows=case.limit(ESTIMATE_WORTH_ROWS),
    )
    parents = dict(_parents(case))
    join_steps = JoinSteps(case)
    step_at = {_place(fact.step): fact for fact in case.steps}
    return [_with_consequence(case, error, parents, join_steps, step_at) for error in errors]


def _parents(case: CaseFile) -> Iterator[tuple[int, PlanNode]]:
    for node in case.plan.walk() if case.plan else ():
        for child in node.children:
            yield child.node_id, node


def _with_consequence(
    case: CaseFile,
    error: EstimateError,
    parents: dict[int, PlanNode],
    join_steps: JoinSteps,
    step_at: dict[Place, StepFact],
) -> WrongEstimate:
    measured_by = step_at.get(_place(error))
    own = [measured_by] if measured_by else []
    consequence, join = None, None
    if error.is_too_low and error.measured_rows > case.limit(LARGE_STEP_ROWS):
        above, is_inner = _join_above(error.node_id, parents)
        if above is not None:
            consequence = _what_was_done(above, is_inner=is_inner)
            join = above if consequence else None
        if consequence is None and _spilled(case, own):
            consequence = Consequence.SPILLED
    joined = join_steps.of(join, *_JOIN_STEPS) if join else []
    return WrongEstimate(
        error=error,
        consequence=consequence,
        join=join,
        steps=tuple({fact.fact_id: fact for fact in (*own, *joined)}.values()),
    )


def _join_above(node_id: int, parents: dict[int, PlanNode]) -> tuple[PlanNode | None, bool]:
    """The join that the operator's rows go into unchanged, and whether as its inner side."""
    below, above = node_id, parents.get(node_id)
    while above is not None and above.operator.removeprefix("XN ") in _PASSING:
        below, above = above.node_id, parents.get(above.node_id)
    if above is None or not above.is_join or len(above.children) < 2:
        return None, False
    return above, inner_side(above).node_id == below


def _what_was_done(join: PlanNode, *, is_inner: bool) -> Consequence | None:
    if "Nested Loop" in join.operator:
        return Consequence.LOOPED
    if not is_inner:
        return None
    if join.movement is Movement.DS_BCAST_INNER:
        return Consequence.BROADCAST
    return Consequence.HASHED if "Hash" in join.operator else None


def _place(of: Step | EstimateError) -> Place:
    return of.child_query_sequence, of.segment_id, of.step_id


def _spilled(case: CaseFile, steps: list[StepFact]) -> list[SegmentFact]:
    keys = {(fact.step.child_query_sequence, fact.step.segment_id) for fact in steps}
    return [
        fact
        for fact in case.segments
        if (fact.segment.child_query_sequence, fact.segment.segment_id) in keys
        and fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks > 0
    ]
