"""When a queue is said to be under pressure, and how much a cause weighs across all patterns."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from backend.checks.check import HIGH_IMPACT, MEDIUM_IMPACT, NEGLIGIBLE_IMPACT, Said
from backend.domain.cluster_use import HourUse
from backend.domain.finding import Severity
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.workload import BlameFact, QueueFact, WorkloadCase

WorkloadCheck = Callable[[WorkloadCase], Iterator[Said]]
"""As Check, over the whole workload."""

HOUR_QUEUE_SHARE = Threshold(
    name="hour_queue_share",
    default=0.05,
    unit="share",
    meaning="an hour in which queueing takes more of the elapsed time is under pressure",
    source=AWS_REVIEW,
)
HOUR_QUEUE_SECONDS = Threshold(
    name="hour_queue_seconds",
    default=60,
    unit="s",
    meaning="an hour with less queueing is not under pressure, whatever its share",
    source=f"{OWN}: a minute of waiting, all runs together",
)
PRESSURE = (HOUR_QUEUE_SHARE, HOUR_QUEUE_SECONDS)
MOST_NAMED = 3


def pressed_hours(case: WorkloadCase, hours: Iterable[HourUse]) -> list[HourUse]:
    """The worst first."""
    share, seconds = case.limit(HOUR_QUEUE_SHARE), case.limit(HOUR_QUEUE_SECONDS)
    pressed = [use for use in hours if use.queue_share > share and use.queue_seconds >= seconds]
    return sorted(pressed, key=lambda use: (-use.queue_seconds, use.hour))


def hours_by_queue(case: WorkloadCase) -> Mapping[str, Sequence[HourUse]]:
    """By the queue's label, in order of service class; an hour of several priorities is one."""
    grouped: dict[str, dict[datetime, HourUse]] = {}
    for use in sorted(
        case.hours, key=lambda use: -1 if use.service_class is None else use.service_class
    ):
        own = grouped.setdefault(queue_label(use.service_class, use.queue_name), {})
        known = own.get(use.hour)
        own[use.hour] = known.plus(use) if known else use
    return {label: tuple(own.values()) for label, own in grouped.items()}


def queue_label(service_class: int | None, name: str) -> str:
    if name:
        return name if "queue" in name.lower() else f"queue {name}"
    return "the cluster" if service_class is None or service_class < 0 else f"queue {service_class}"


def user_queues(case: WorkloadCase) -> list[QueueFact]:
    return [fact for fact in case.queues if fact.queue.is_manual or fact.queue.is_automatic]


def is_under_pressure(case: WorkloadCase) -> bool:
    return any(pressed_hours(case, hours) for hours in hours_by_queue(case).values())


def worst_holders(case: WorkloadCase) -> Sequence[BlameFact]:
    return case.blame[:MOST_NAMED]


def weigh_seconds(case: WorkloadCase, seconds: float, whole_seconds: float) -> Severity | None:
    """By the part of the time that the cause touches; None where it is negligible."""
    share = seconds / whole_seconds if whole_seconds > 0 else 0.0
    if share < case.limit(NEGLIGIBLE_IMPACT):
        return None
    if share >= case.limit(HIGH_IMPACT):
        return Severity.HIGH
    return Severity.MEDIUM if share >= case.limit(MEDIUM_IMPACT) else Severity.LOW


def share_of(seconds: float, whole_seconds: float) -> float:
    return min(seconds / whole_seconds, 1.0) if whole_seconds > 0 else 0.0


def cited_hours(case: WorkloadCase, hours: Iterable[HourUse]) -> tuple[str, ...]:
    """The kept facts of these hours, and the window's."""
    wanted = {use.hour for use in hours}
    ids = [fact.fact_id for fact in case.worst_hours if fact.use.hour in wanted]
    return (case.window.fact_id, *ids[:MOST_NAMED])
