"""What the sample knows of one statement: who runs it, when, on which plan, and what goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import Schedule
from backend.sample.warehouse import MAIN_DATABASE


class Queue(Enum):
    """Workload queues: service class, name, priority, and how often and how long runs wait."""

    DEFAULT = (100, "Default queue", "normal", 0.05, 0.6)
    DASHBOARDS = (101, "dashboards", "high", 0.06, 0.4)
    LOADS = (102, "loads", "normal", 0.10, 1.5)
    FRONT_DESK = (103, "front desk", "low", 0.92, 6.5)
    SHORT = (14, "Short query queue", "highest", 0.0, 0.0)

    @property
    def service_class(self) -> int:
        return self.value[0]

    @property
    def title(self) -> str:
        return self.value[1]

    @property
    def priority(self) -> str:
        return self.value[2]

    @property
    def waiting_share(self) -> float:
        return self.value[3]

    @property
    def waiting_seconds(self) -> float:
        """Median of those that wait at all."""
        return self.value[4]


SCALING_QUEUES = (Queue.DEFAULT, Queue.DASHBOARDS)


@dataclass(frozen=True, kw_only=True)
class Failures:
    """Shares of the runs that do not end well, and what the cluster then says."""

    failed_share: float = 0.0
    canceled_share: float = 0.002
    message: str = "Query execution was stopped: disk full"
    canceled_message: str = "Query cancelled on user's request"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A lasting change for the worse: so many days before the last day, at that hour."""

    days_before_end: int
    hour: float
    plan_after: Callable[[], SamplePlan]
    cause: str


@dataclass(frozen=True, kw_only=True)
class SamplePattern:
    """`name` is the statement's file. `variants` = 0 gives one text a day, else so many texts.

    Without a plan the execution time is `fixed_seconds` alone. `slowdown` stands for what the
    plan does not show. `waits_for` names the statement whose lock this one meets.
    """

    name: str
    query_type: str
    users: tuple[str, ...]
    schedule: Schedule
    label: str = "default"
    database: str = MAIN_DATABASE
    queue: Queue = Queue.DEFAULT
    variants: int = 0
    plan: Callable[[], SamplePlan] | None = None
    fixed_seconds: float = 0.08
    slowdown: float = 1.0
    noise: float = 0.16
    growth_in_28_days: float = 0.02
    returned_rows: int = 0
    row_bytes: int = 64
    cache_hit_share: float = 0.0
    compile_seconds: float = 2.4
    compiles_each_run: bool = False
    failures: Failures = Failures()
    waits_for: str | None = None
    change: Change | None = None
    is_flood: bool = False
