"""What the whole cluster did by the hour, and how it is configured: no single statement's figures."""

from dataclasses import dataclass, fields
from datetime import datetime

SHORT_QUERY_SECONDS = 20.0
"""Short query acceleration takes SELECT and CTAS that are predicted to run for at most 1 to 20 s
(wlm-short-query-acceleration)."""

SQA_CLASS = 14
MANUAL_CLASSES = range(6, 14)
AUTOMATIC_CLASSES = range(100, 108)
"""WLM service class ids (cm-c-wlm-system-tables-and-views); Serverless has -1 or none."""


@dataclass(frozen=True, kw_only=True)
class HourUse:
    """All finished runs that started in one UTC hour, by queue; cache hits are left out.

    `service_class` is None where the history does not say it. `scaled_*` count runs that ran on
    a concurrency-scaling cluster (compute_type other than primary). `short_*` are SELECT and CTAS
    that executed for at most 20 s.
    """

    hour: datetime
    service_class: int | None = None
    queue_name: str = ""
    priority: str = ""
    runs: int = 0
    queued_runs: int = 0
    elapsed_seconds: float = 0.0
    queue_seconds: float = 0.0
    lock_wait_seconds: float = 0.0
    execution_seconds: float = 0.0
    scaled_runs: int = 0
    scaled_seconds: float = 0.0
    short_accelerated_runs: int = 0
    short_queued_runs: int = 0
    short_queue_seconds: float = 0.0
    copy_runs: int = 0
    small_inserts: int = 0
    spilling_runs: int = 0

    @property
    def queue_share(self) -> float:
        return self.queue_seconds / self.elapsed_seconds if self.elapsed_seconds > 0 else 0.0

    def plus(self, other: "HourUse") -> "HourUse":
        """Of the same hour; the queue is that of `self`."""
        summed = {name: getattr(self, name) + getattr(other, name) for name in _COUNTED}
        names = {name: getattr(self, name) for name in _NAMED}
        return HourUse(**names, **summed)


_NAMED = ("hour", "service_class", "queue_name", "priority")
_COUNTED = tuple(f.name for f in fields(HourUse) if f.name not in _NAMED)


@dataclass(frozen=True, kw_only=True)
class MonitoringRule:
    """A predicate of a query monitoring rule (STV_WLM_QMR_CONFIG)."""

    rule_name: str
    action: str
    metric_name: str
    metric_operator: str = ""
    metric_value: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A WLM queue (STV_WLM_SERVICE_CLASS_CONFIG) with its monitoring rules.

    `slots` is None under automatic WLM.
    """

    service_class: int
    name: str
    slots: int | None = None
    priority: str = ""
    has_concurrency_scaling: bool = False
    rules: tuple[MonitoringRule, ...] = ()

    @property
    def is_manual(self) -> bool:
        return self.service_class in MANUAL_CLASSES

    @property
    def is_automatic(self) -> bool:
        return self.service_class in AUTOMATIC_CLASSES

    @property
    def is_short_query_queue(self) -> bool:
        return self.service_class == SQA_CLASS


@dataclass(frozen=True, kw_only=True)
class PatternQueue:
    """How many of a pattern's runs went through a queue."""

    query_hash: str
    service_class: int
    queue_name: str
    runs: int


@dataclass(frozen=True, kw_only=True)
class ServerlessHour:
    """The minutes of SYS_SERVERLESS_USAGE that began in one UTC hour.

    `compute_seconds` (used) and `charged_seconds` (billed) are RPU-seconds; `capacities` are the
    RPU of minutes that did any work: (RPU, minutes).
    """

    hour: datetime
    minutes: int
    compute_seconds: float = 0.0
    charged_seconds: float = 0.0
    charged_minutes: int = 0
    capacities: tuple[tuple[float, int], ...] = ()
