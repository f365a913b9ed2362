"""What is different between two plans of one pattern, and where an estimate was wrong."""

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.threshold import OWN, Threshold

ESTIMATE_CHANGED = Threshold(
    name="estimate_changed_times",
    default=10.0,
    unit="times",
    meaning="an estimate that is so many times higher or lower than in the plan before is named",
    source=f"{OWN}: smaller changes follow from the values that a run asks for",
)
ESTIMATE_OFF = Threshold(
    name="estimate_off_times",
    default=100.0,
    unit="times",
    meaning="an estimate that is so many times above or below the measured rows is wrong",
    source=f"{OWN}, as Infraredshift has it; PerformanceStudio says 10",
)
ESTIMATE_WORTH_ROWS = Threshold(
    name="estimate_worth_rows",
    default=10_000,
    unit="rows",
    meaning="where neither the estimate nor what it is compared with has more rows, it does no harm",
    source=OWN,
)


class ChangeKind(StrEnum):
    """In the order in which a change tends to matter."""

    TABLE = "table"
    JOIN_TYPE = "join_type"
    MOVEMENT = "movement"
    JOIN_ORDER = "join_order"
    SCAN_PREDICATE = "scan_predicate"
    JOIN_PREDICATE = "join_predicate"
    AGGREGATE = "aggregate"
    SORT = "sort"
    SHAPE = "shape"
    ESTIMATE = "estimate"

    @property
    def order(self) -> int:
        return list(ChangeKind).index(self)


@dataclass(frozen=True, kw_only=True)
class PlanChange:
    """One thing that the later plan does in another way.

    The ids are `node_id` of the two plans, None where a plan has no such operator. `table_names`
    are the tables meant: what is moved or hashed, else what is read below the operator, without
    temporary ones. `before` and `after` are a few words each, `sentence` says it all.
    """

    kind: ChangeKind
    before_node_id: int | None
    after_node_id: int | None
    table_names: tuple[str, ...]
    before: str
    after: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class EstimateError:
    """An operator whose estimate the measured rows contradict; `times_off` is at least 1.

    `step_id` and `segment_id` name the step that measured them, in `child_query_sequence`.
    """

    node_id: int
    operator: str
    table_names: tuple[str, ...]
    estimated_rows: int
    measured_rows: int
    times_off: float
    child_query_sequence: int
    segment_id: int
    step_id: int
    step_name: str
    sentence: str

    @property
    def is_too_low(self) -> bool:
        """Whether the planner expected too few rows, which is what chooses a bad plan."""
        return self.estimated_rows < self.measured_rows
