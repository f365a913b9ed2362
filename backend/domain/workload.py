"""What only shows across all patterns: the cluster's queues, loads, tables and its bill.

As with a case file, every fact has an id that findings cite.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from backend.domain.case_file import MissingEvidence
from backend.domain.cluster_use import HourUse, Queue, ServerlessHour
from backend.domain.evidence import Table
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.materialized_view import MaterializedView
from backend.domain.threshold import DEFAULT_LIMITS, Limits, Threshold

WORKLOAD_SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class WindowFact:
    """Sums over the window. `history_days` is how long the whole history is; the hours' figures
    leave cache hits out and keep runs that failed."""

    fact_id: str
    kind: Literal["window"] = "window"
    history_days: int
    patterns: int
    runs: int
    elapsed_seconds: float
    queue_seconds: float
    lock_wait_seconds: float
    hours: int


@dataclass(frozen=True, kw_only=True)
class QueueFact:
    """A queue as it is configured."""

    fact_id: str
    kind: Literal["queue"] = "queue"
    queue: Queue


@dataclass(frozen=True, kw_only=True)
class QueueUseFact:
    """What went through one queue over the window; `use.hour` is its worst hour."""

    fact_id: str
    kind: Literal["queue_use"] = "queue_use"
    use: HourUse
    hours: int
    worst_hour_queue_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class HourFact:
    """One of the worst hours of the window, all queues together."""

    fact_id: str
    kind: Literal["hour"] = "hour"
    use: HourUse


VICTIMS_AT_MOST = 10
"""So many who waited are kept of a pattern that is charged with it, the longest first."""


@dataclass(frozen=True, kw_only=True)
class Victim:
    """A pattern that waited, and for how long behind the one meant."""

    query_hash: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class BlameFact:
    """Seconds for which other patterns waited in the queue while runs of this one held slots.

    Each second of waiting is divided evenly among all runs that held a slot of the same scope:
    the queue under manual WLM and for short queries, the cluster under automatic WLM.
    `own_seconds` are those of its own runs behind each other.
    """

    fact_id: str
    kind: Literal["blame"] = "blame"
    query_hash: str
    statement: str
    queue_name: str
    runs: int
    others_seconds: float
    own_seconds: float
    hours: int
    victims: tuple[Victim, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LockBlameFact:
    """A pattern that may have held the lock: it changes a table that the waiting runs name, and
    its runs were under way then. SYS views do not say who held a lock."""

    fact_id: str
    kind: Literal["lock_blame"] = "lock_blame"
    query_hash: str
    statement: str
    table_name: str
    runs: int
    others_seconds: float
    victims: tuple[Victim, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BlamedWaitingFact:
    """How much of the window's waiting was looked at, and how much of it found a holder."""

    fact_id: str
    kind: Literal["blamed_waiting"] = "blamed_waiting"
    hours: int
    waited_seconds: float
    blamed_seconds: float
    lock_waits: int = 0
    lock_waited_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RunawayFact:
    """A pattern whose longest run, or whose failed runs, took very long."""

    fact_id: str
    kind: Literal["runaway"] = "runaway"
    query_hash: str
    statement: str
    runs: int
    failed_runs: int
    failed_seconds: float
    max_elapsed_seconds: float


@dataclass(frozen=True, kw_only=True)
class ServerlessFact:
    """Serverless usage over the window: RPU-seconds used and charged, and the RPU of busy
    minutes."""

    fact_id: str
    kind: Literal["serverless"] = "serverless"
    hours: int
    minutes: int
    charged_minutes: int
    compute_seconds: float
    charged_seconds: float
    p05_capacity: float
    p95_capacity: float
    least_capacity: float
    most_capacity: float
    busy_minutes: int


@dataclass(frozen=True, kw_only=True)
class TableUseFact:
    """Who reads and writes a table, over the whole history. None = nobody that is known.

    `writing_seconds` is the window's time of the patterns that write it.
    """

    fact_id: str
    kind: Literal["table_use"] = "table_use"
    table: Table
    last_read: datetime | None
    last_written: datetime | None
    writing_patterns: tuple[str, ...] = ()
    writing_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LargeTablesFact:
    """How many tables hold so much and more, and how many of them were read."""

    fact_id: str
    kind: Literal["large_tables"] = "large_tables"
    least_mb: float
    count: int
    read: int


@dataclass(frozen=True, kw_only=True)
class UnresolvedNamesFact:
    """Names in statements that are no known table, such as views: what is behind them is known
    only where steps were recorded."""

    fact_id: str
    kind: Literal["unresolved_names"] = "unresolved_names"
    names: tuple[str, ...]
    count: int
    unread_patterns: int


@dataclass(frozen=True, kw_only=True)
class ViewUseFact:
    """A materialized view, and when it was last read by name or instead of its base tables."""

    fact_id: str
    kind: Literal["view_use"] = "view_use"
    view: MaterializedView
    last_read: datetime | None
    reading_patterns: int = 0
    are_steps_known: bool = True


WorkloadFact = (
    WindowFact
    | QueueFact
    | QueueUseFact
    | HourFact
    | BlameFact
    | LockBlameFact
    | BlamedWaitingFact
    | RunawayFact
    | ServerlessFact
    | LargeTablesFact
    | TableUseFact
    | UnresolvedNamesFact
    | ViewUseFact
)


@dataclass(frozen=True, kw_only=True)
class WorkloadCase:
    """All that is known of the workload over one window. `hours` and `serverless_hours` are every
    hour, for counting; `worst_hours` are those that are kept as facts, `table_uses` the largest tables that nobody
    reads and the largest that somebody does.
    """

    built_at: datetime
    window_start: datetime
    window_end: datetime
    window: WindowFact
    hours: tuple[HourUse, ...] = ()
    serverless_hours: tuple[ServerlessHour, ...] = ()
    queues: tuple[QueueFact, ...] = ()
    queue_uses: tuple[QueueUseFact, ...] = ()
    worst_hours: tuple[HourFact, ...] = ()
    blamed_waiting: BlamedWaitingFact | None = None
    blame: tuple[BlameFact, ...] = ()
    lock_blame: tuple[LockBlameFact, ...] = ()
    runaways: tuple[RunawayFact, ...] = ()
    serverless: ServerlessFact | None = None
    large_tables: LargeTablesFact | None = None
    table_uses: tuple[TableUseFact, ...] = ()
    unresolved_names: UnresolvedNamesFact | None = None
    views: tuple[ViewUseFact, ...] = ()
    missing: tuple[MissingEvidence, ...] = ()
    limits: Limits = DEFAULT_LIMITS

    def limit(self, threshold: Threshold) -> float:
        """The value of the threshold that this case is judged by."""
        return self.limits.of(threshold)

    def facts(self) -> Iterator[WorkloadFact]:
        yield self.window
        yield from self.queues
        yield from self.queue_uses
        yield from self.worst_hours
        if self.blamed_waiting:
            yield self.blamed_waiting
        yield from self.blame
        yield from self.lock_blame
        yield from self.runaways
        if self.serverless:
            yield self.serverless
        if self.large_tables:
            yield self.large_tables
        yield from self.table_uses
        if self.unresolved_names:
            yield self.unresolved_names
        yield from self.views

    @property
    def hour_totals(self) -> tuple[HourUse, ...]:
        """One a UTC hour, all queues together."""
        totals: dict[datetime, HourUse] = {}
        for use in self.hours:
            known = totals.get(use.hour)
            totals[use.hour] = known.plus(use) if known else use
        return tuple(totals[hour] for hour in sorted(totals))


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What a check says to do, as it stood at the time of the review."""

    check: str
    text: str


@dataclass(frozen=True, kw_only=True)
class WorkloadReview:
    """The outcome of the checks over one workload case; the timestamp is its key."""

    analysis_timestamp: datetime
    window_start: datetime
    window_end: datetime
    findings: tuple[Finding, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    good_news: tuple[GoodNews, ...] = ()
    facts: tuple[WorkloadFact, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    missing: tuple[MissingEvidence, ...] = ()
    schema_version: int = WORKLOAD_SCHEMA_VERSION

    def fact(self, fact_id: str) -> WorkloadFact | None:
        return next((fact for fact in self.facts if fact.fact_id == fact_id), None)

    def remedy(self, check: str) -> str:
        return next((one.text for one in self.remedies if one.check == check), "")
