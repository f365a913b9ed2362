"""Joins that put out far more rows than either of their sides has: the join key repeats on both.

A 1:n join puts out about as many rows as its larger side has; only n:m makes more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.check import LARGE_STEP_ROWS, step_name
from backend.checks.step_flow import (
    AGGREGATES,
    JOINS,
    Flow,
    are_same_rows,
    before_in_segment,
    flows,
    rows_into,
)
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.threshold import OWN, Threshold
from backend.sql.nearest_joins import nearest_joins

FAN_OUT_RATIO = Threshold(
    name="join_fan_out_ratio",
    default=5,
    unit="×",
    meaning="a join that puts out so many times the rows of its larger side multiplies them",
    source=f"{OWN}; Snowflake and BigQuery give no number for theirs",
)


JoinIds = dict[tuple[int, int | None], int]
"""By child query and plan_node_id the join at or above the operator."""


@dataclass(frozen=True, kw_only=True)
class JoinedRows:
    """A join by its steps. `smaller_rows` is None where only one side is known.

    `collapsing` is the aggregate that takes what the join puts out, if that is what follows.
    """

    join: StepFact
    larger_rows: int
    smaller_rows: int | None
    collapsing: StepFact | None

    @property
    def put_out(self) -> int:
        return self.join.step.output_rows

    @property
    def ratio(self) -> float:
        return self.put_out / max(self.larger_rows, 1)

    @property
    def remaining_rows(self) -> int | None:
        """What a GROUP BY or DISTINCT leaves of them."""
        return self.collapsing.step.output_rows if self.collapsing else None

    @property
    def steps(self) -> list[StepFact]:
        return [self.join, *([self.collapsing] if self.collapsing else [])]


def joined_rows(case: CaseFile) -> list[JoinedRows]:
    """Of each join by an equality, the one that puts out most first."""
    join_of = nearest_joins(case)
    found = [
        _joined(flow, fact, join_of)
        for flow in flows(case)
        for fact in flow.steps
        if step_name(fact) in JOINS
    ]
    return sorted(
        (each for each in found if each.larger_rows > 0),
        key=lambda each: (-each.put_out, each.join.fact_id),
    )


def fan_outs(case: CaseFile) -> list[JoinedRows]:
    return [
        each
        for each in joined_rows(case)
        if each.put_out > case.limit(LARGE_STEP_ROWS) and each.ratio >= case.limit(FAN_OUT_RATIO)
    ]


def _joined(flow: Flow, fact: StepFact, join_of: JoinIds) -> JoinedRows:
    before = before_in_segment(flow, fact)
    outer = rows_into(fact, before)
    inner = [step.step.output_rows for step in _hashed(flow, fact, before, join_of)]
    known = [rows for rows in (outer, max(inner, default=0)) if rows]
    return JoinedRows(
        join=fact,
        larger_rows=max(known, default=0),
        smaller_rows=min(known) if len(known) == 2 else None,
        collapsing=_collapsing(flow, fact),
    )


def _hashed(
    flow: Flow, fact: StepFact, before: Sequence[StepFact], join_of: JoinIds
) -> Iterator[StepFact]:
    """The steps that may hold the inner side: the join's own, or all that may be."""
    own = join_of.get((fact.step.child_query_sequence, fact.step.plan_node_id))
    for step in flow.before(fact):
        if step_name(step) == "hash" and step_name(fact) != "mergejoin":
            key = (step.step.child_query_sequence, step.step.plan_node_id)
            if own is None or join_of.get(key, own) == own:
                yield step
    if step_name(fact) == "mergejoin":
        yield from (step for step in before if step_name(step) == "scan")


def _collapsing(flow: Flow, fact: StepFact) -> StepFact | None:
    following = flow.next_working(fact)
    if following is None or step_name(following) not in AGGREGATES:
        return None
    taken_in = following.step.input_rows
    is_fed = taken_in == 0 or are_same_rows(taken_in, fact.step.output_rows)
    return following if is_fed else None
