"""What a case file knows about change: over time, between a fast and a slow run, beneath them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.domain.comparison import Comparison
from backend.domain.plan_difference import PlanChange
from backend.domain.regression import LevelChange
from backend.domain.table_history import TableChange, TableEvent
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import WaitChange


@dataclass(frozen=True, kw_only=True)
class LevelChangeFact:
    """A lasting step of what a run takes by itself, whether it still lasts or not."""

    fact_id: str
    kind: Literal["level_change"] = "level_change"
    change: LevelChange


@dataclass(frozen=True, kw_only=True)
class WaitChangeFact:
    """Since when runs wait longer: slower for who waits, but not by the statement's doing."""

    fact_id: str
    kind: Literal["wait_change"] = "wait_change"
    change: WaitChange


@dataclass(frozen=True, kw_only=True)
class ComparisonFact:
    fact_id: str
    kind: Literal["comparison"] = "comparison"
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Spread:
    """One figure over some runs."""

    least: float
    median: float
    most: float

    def is_below(self, other: "Spread") -> bool:
        """Whether no run of this side has as much as any of the other."""
        return self.most < other.least


@dataclass(frozen=True, kw_only=True)
class RecordedSide:
    """Recorded runs of one side (see Sighting). A figure is None where no run has it.

    Hashes are each once, those of most runs first; `without_plan` and `without_steps` count runs
    of which the view did not hold them.
    """

    runs: int
    first_start: datetime
    last_start: datetime
    plan_hashes: tuple[str, ...] = ()
    steps_hashes: tuple[str, ...] = ()
    without_plan: int = 0
    without_steps: int = 0
    own_seconds: Spread
    returned_rows: Spread
    scanned_rows: Spread | None = None
    blocks_read: Spread | None = None
    spilled_mb: Spread | None = None


@dataclass(frozen=True, kw_only=True)
class PlanUse:
    """A plan and the recorded runs that worked by it."""

    plan_hash: str
    runs: int
    first_start: datetime
    last_start: datetime
    own_seconds: Spread


@dataclass(frozen=True, kw_only=True)
class RecordedRunsFact:
    """Runs before (`fast`) and after (`slow`) a slow-down, each None where none was recorded, or
    where there is no slow-down. `plans` are all that recorded runs worked by, fastest first."""

    fact_id: str
    kind: Literal["recorded_runs"] = "recorded_runs"
    fast: RecordedSide | None = None
    slow: RecordedSide | None = None
    plans: tuple[PlanUse, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Whether runs of both sides worked by the same steps or plan, so that what they read can
        be held against each other."""
        if self.fast is None or self.slow is None:
            return False
        return bool(
            set(self.fast.plan_hashes) & set(self.slow.plan_hashes)
            or set(self.fast.steps_hashes) & set(self.slow.steps_hashes)
        )


@dataclass(frozen=True, kw_only=True)
class PlanComparisonFact:
    """The plans of a fast and of a slow run."""

    fact_id: str
    kind: Literal["plan_comparison"] = "plan_comparison"
    fast_query_id: int
    slow_query_id: int
    fast_start: datetime
    slow_start: datetime
    fast_own_seconds: float
    slow_own_seconds: float
    fast_hash: str
    slow_hash: str

    @property
    def is_same(self) -> bool:
        return self.fast_hash == self.slow_hash


@dataclass(frozen=True, kw_only=True)
class PlanChangeFact:
    """One thing that the plan of the slow run does in another way than that of the fast one."""

    fact_id: str
    kind: Literal["plan_change"] = "plan_change"
    change: PlanChange


@dataclass(frozen=True, kw_only=True)
class ScanChangeFact:
    """What the fast and the slow run read of one table (scan steps and their segments).

    Blocks are None where a segment scans other tables too; restriction is None where not recorded.
    """

    fact_id: str
    kind: Literal["scan_change"] = "scan_change"
    table_name: str
    fast_rows: int
    slow_rows: int
    fast_blocks: int | None = None
    slow_blocks: int | None = None
    fast_is_restricted: bool | None = None
    slow_is_restricted: bool | None = None

    @property
    def rows_ratio(self) -> float | None:
        return self.slow_rows / self.fast_rows if self.fast_rows else None

    @property
    def blocks_ratio(self) -> float | None:
        if not self.fast_blocks or self.slow_blocks is None:
            return None
        return self.slow_blocks / self.fast_blocks


@dataclass(frozen=True, kw_only=True)
class TableChangeFact:
    """How a table's figures changed from the last import before a change to the newest one; not at
    all where `changes` is empty."""

    fact_id: str
    kind: Literal["table_change"] = "table_change"
    table_name: str
    before_at: datetime
    after_at: datetime
    changes: tuple[TableChange, ...]


@dataclass(frozen=True, kw_only=True)
class TableEventFact:
    """What was done to a table of the statement around a change, or the last ANALYZE before it."""

    fact_id: str
    kind: Literal["table_event"] = "table_event"
    event: TableEvent


@dataclass(frozen=True, kw_only=True)
class VersionFact:
    """The Redshift version changed near a slow-down, or in the time that is compared.

    `slowed_patterns` became slower within two days of it (this one included), of which
    `unrelated_patterns` have no table in common, of `pattern_count` that ran in these days.
    """

    fact_id: str
    kind: Literal["version"] = "version"
    before: str
    after: str
    changed_at: datetime
    median_before_seconds: float
    median_after_seconds: float
    slowed_patterns: int = 0
    unrelated_patterns: int = 0
    pattern_count: int = 0


@dataclass(frozen=True, kw_only=True)
class OtherWorkFact:
    """Time of all other patterns a day, in the week before a slow-down and in that after it."""

    fact_id: str
    kind: Literal["other_work"] = "other_work"
    days_before: int
    days_after: int
    seconds_a_day_before: float
    seconds_a_day_after: float

    @property
    def ratio(self) -> float:
        return self.seconds_a_day_after / max(self.seconds_a_day_before, 1e-6)


ChangeFact = (
    LevelChangeFact
    | WaitChangeFact
    | ComparisonFact
    | RecordedRunsFact
    | PlanComparisonFact
    | PlanChangeFact
    | ScanChangeFact
    | TableChangeFact
    | TableEventFact
    | VersionFact
    | OtherWorkFact
)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """All that one case file knows about change."""

    levels: tuple[LevelChangeFact, ...] = ()
    waits: tuple[WaitChangeFact, ...] = ()
    comparison: ComparisonFact | None = None
    recorded_runs: RecordedRunsFact | None = None
    plans: PlanComparisonFact | None = None
    plan_changes: tuple[PlanChangeFact, ...] = ()
    scans: tuple[ScanChangeFact, ...] = ()
    tables: tuple[TableChangeFact, ...] = ()
    events: tuple[TableEventFact, ...] = ()
    version: VersionFact | None = None
    other_work: OtherWorkFact | None = None

    def facts(self) -> Iterator[ChangeFact]:
        yield from self.levels
        yield from self.waits
        yield from _there(self.comparison, self.recorded_runs, self.plans)
        yield from self.plan_changes
        yield from self.scans
        yield from self.tables
        yield from self.events
        yield from _there(self.version, self.other_work)

    def wait(self, bucket: Bucket) -> WaitChangeFact | None:
        return next((fact for fact in self.waits if fact.change.bucket is bucket), None)


NO_CHANGES = Changes()


def _there(*facts: ChangeFact | None) -> Iterator[ChangeFact]:
    return (fact for fact in facts if fact is not None)
