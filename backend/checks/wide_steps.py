"""Steps that keep or move wide rows, and which columns make them wide."""

from dataclasses import dataclass

from backend.checks.check import plan_nodes, step_name
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.plan import PlanNode
from backend.domain.threshold import OWN, Threshold
from backend.sql.named_columns import widest_possible_bytes

CARRIED_ROW_BYTES = Threshold(
    name="carried_row_bytes",
    default=500,
    unit="bytes",
    meaning="rows as wide that a hash, sort, aggregate or move carries are wide",
    source=f"{OWN}; the guide compares bytes with rows and gives no number",
)
CARRIED_MB = Threshold(
    name="carried_mb",
    default=1_000,
    unit="MB",
    meaning="a step that carries less of wide rows does not count",
    source=f"{OWN}: as much passes in a second",
)
_CARRIES = frozenset(
    {"hash", "sort", "sortlimit", "aggregate", "unique", "window", "save"}
    | {"distribute", "broadcast"}
)


@dataclass(frozen=True, kw_only=True)
class WideStep:
    """`row_bytes` is measured where the view has bytes, else the plan's width."""

    fact: StepFact
    row_bytes: float
    is_measured: bool

    @property
    def rows(self) -> int:
        return self.fact.step.output_rows

    @property
    def megabytes(self) -> float:
        return self.row_bytes * self.rows / 1_000_000


def wide_steps(case: CaseFile) -> list[WideStep]:
    """Those above both thresholds, the most bytes first."""
    width_of = _plan_widths(case)
    found = (
        _measured(case, fact, width_of)
        for fact in case.steps
        if step_name(fact) in _CARRIES and fact.step.output_rows > 0
    )
    possible = widest_possible_bytes(case)
    return sorted(
        (
            each
            for each in found
            if case.limit(CARRIED_ROW_BYTES) <= each.row_bytes <= possible
            and each.megabytes >= case.limit(CARRIED_MB)
        ),
        key=lambda each: (-each.megabytes, each.fact.fact_id),
    )


def _measured(
    case: CaseFile, fact: StepFact, width_of: dict[tuple[int, int | None], int]
) -> WideStep:
    step = fact.step
    if step.output_bytes > 0:
        return WideStep(fact=fact, row_bytes=step.output_bytes / step.output_rows, is_measured=True)
    key = (step.child_query_sequence, step.plan_node_id)
    is_same_run = case.plan_query_id == case.steps_query_id
    width = width_of.get(key, 0) if is_same_run and step.plan_node_id else 0
    return WideStep(fact=fact, row_bytes=float(width), is_measured=False)


def _plan_widths(case: CaseFile) -> dict[tuple[int, int | None], int]:
    def key(node: PlanNode) -> tuple[int, int | None]:
        return node.child_query_sequence or 0, node.recorded_node_id

    return {key(node): node.width_bytes for node, _ in plan_nodes(case) if node.recorded_node_id}
