"""What stands behind a fact of a workload review: one sentence a fact."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from backend.domain.cluster_use import HourUse
from backend.domain.workload import (
    BlamedWaitingFact,
    BlameFact,
    HourFact,
    LargeTablesFact,
    LockBlameFact,
    QueueFact,
    QueueUseFact,
    RunawayFact,
    ServerlessFact,
    TableUseFact,
    UnresolvedNamesFact,
    ViewUseFact,
    WindowFact,
    WorkloadFact,
    WorkloadReview,
)
from workbench.presenters.outside_facts import view_sentence
from workbench.presenters.wording import (
    count,
    duration,
    full_day,
    megabytes,
    number_of,
    per_cent,
)

FACT_KINDS = {
    "window": "Window",
    "queue": "Queue",
    "queue_use": "Queue",
    "hour": "Hour",
    "blamed_waiting": "Waiting",
    "blame": "Waiting",
    "lock_blame": "Locks",
    "runaway": "Long runs",
    "serverless": "Serverless",
    "large_tables": "Tables",
    "table_use": "Table",
    "unresolved_names": "Names",
    "view_use": "Materialized view",
}


def workload_fact_table(
    review: WorkloadReview, fact_ids: Iterable[str] | None = None
) -> pd.DataFrame:
    """All facts, or those named; an id that the review lacks is said to be missing."""
    if fact_ids is None:
        facts: list[tuple[str, WorkloadFact | None]] = [(f.fact_id, f) for f in review.facts]
    else:
        facts = [(fact_id, review.fact(fact_id)) for fact_id in dict.fromkeys(fact_ids)]
    return pd.DataFrame(
        {
            "id": [fact_id for fact_id, _ in facts],
            "kind": [FACT_KINDS[fact.kind] if fact else "" for _, fact in facts],
            "fact": [
                workload_sentence(fact) if fact else "not in this review" for _, fact in facts
            ],
        }
    )


def workload_sentence(fact: WorkloadFact) -> str:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    match fact:
        case WindowFact():
            return (
                f"{number_of(fact.runs, 'run')} of {number_of(fact.patterns, 'pattern')} in"
                f" {number_of(fact.hours, 'hour')} took {duration(fact.elapsed_seconds)}, of which"
                f" {duration(fact.queue_seconds)} queueing and {duration(fact.lock_wait_seconds)}"
                f" waiting for locks; the history is {number_of(fact.history_days, 'day')} long"
            )
        case QueueFact():
            return _queue(fact)
        case QueueUseFact():
            return (
                f"{_queue_name(fact.use)}: {_use(fact.use)} in {number_of(fact.hours, 'hour')}; the"
                f" worst hour queued {duration(fact.worst_hour_queue_seconds)}"
            )
        case HourFact():
            return f"{fact.use.hour:%Y-%m-%d %H:00} UTC: {_use(fact.use)}{_loads(fact.use)}"
        case BlamedWaitingFact():
            return (
                f"{duration(fact.waited_seconds)} of queueing in the worst"
                f" {number_of(fact.hours, 'hour')}, {duration(fact.blamed_seconds)} of it while"
                f" known runs held slots; {number_of(fact.lock_waits, 'run')} waited"
                f" {duration(fact.lock_waited_seconds)} for locks"
            )
        case BlameFact():
            return (
                f"{fact.statement}: others waited {duration(fact.others_seconds)} while"
                f" {number_of(fact.runs, 'run')} of it held slots, its own runs"
                f" {duration(fact.own_seconds)}"
            )
        case LockBlameFact():
            return (
                f"{fact.statement}: others waited {duration(fact.others_seconds)} for a lock on"
                f" {fact.table_name} while it was under way"
            )
        case RunawayFact():
            return (
                f"{fact.statement}: the longest of {number_of(fact.runs, 'run')} took"
                f" {duration(fact.max_elapsed_seconds)}; {count(fact.failed_runs)} failed or"
                f" canceled ones {duration(fact.failed_seconds)}"
            )
        case ServerlessFact():
            return (
                f"{fact.charged_seconds / 3600:,.1f} RPU-hours charged and"
                f" {fact.compute_seconds / 3600:,.1f} used in {number_of(fact.hours, 'hour')};"
                f" {fact.p05_capacity:g} RPU at p05 and {fact.p95_capacity:g} at p95 of"
                f" {number_of(fact.busy_minutes, 'busy minute')}"
            )
        case LargeTablesFact():
            return (
                f"{number_of(fact.count, 'table')} of {megabytes(fact.least_mb)} and more,"
                f" {count(fact.read)} of them read"
            )
        case TableUseFact():
            return _table(fact)
        case UnresolvedNamesFact():
            return _unresolved(fact)
        case ViewUseFact():
            return f"{view_sentence(fact.view)}; {_last('read', fact.last_read)}"


def _queue(fact: QueueFact) -> str:
    queue = fact.queue
    told = [f"{queue.name} (service class {queue.service_class})"]
    told.append(f"{number_of(queue.slots, 'slot')}" if queue.slots else "automatic")
    if queue.priority:
        told.append(f"priority {queue.priority}")
    told.append(f"concurrency scaling {'on' if queue.has_concurrency_scaling else 'off'}")
    rules = [
        f"{rule.metric_name} {rule.metric_operator} {rule.metric_value:,.10g} → {rule.action}"
        for rule in queue.rules
    ]
    return ", ".join([*told, f"rules: {'; '.join(rules)}" if rules else "no monitoring rules"])


def _queue_name(use: HourUse) -> str:
    name = use.queue_name
    return (name if "queue" in name.lower() else f"queue {name}") if name else "all runs"


def _use(use: HourUse) -> str:
    return (
        f"{number_of(use.runs, 'run')}, {duration(use.elapsed_seconds)} elapsed,"
        f" {duration(use.queue_seconds)} ({per_cent(use.queue_share)}) queueing of"
        f" {number_of(use.queued_runs, 'run')}"
    )


def _loads(use: HourUse) -> str:
    counts = (
        (use.copy_runs, "COPY run"),
        (use.small_inserts, "small insert"),
        (use.spilling_runs, "spilling run"),
        (use.scaled_runs, "run on concurrency-scaling clusters"),
    )
    told = [number_of(number, noun) for number, noun in counts if number]
    return f"; {', '.join(told)}" if told else ""


def _unresolved(fact: UnresolvedNamesFact) -> str:
    more = fact.count - len(fact.names)
    named = ", ".join([*fact.names, *([f"{more} more"] if more > 0 else [])])
    return (
        f"{number_of(fact.unread_patterns, 'pattern')} read what is no known table"
        f" ({named or 'by no name'}): views, or tables that were not exported"
    )


def _table(fact: TableUseFact) -> str:
    size = megabytes(fact.table.size_mb) if fact.table.size_mb is not None else "size not known"
    writing = f", which took {duration(fact.writing_seconds)}" if fact.writing_seconds else ""
    return (
        f"{fact.table.full_name}, {size}, {_last('read', fact.last_read)},"
        f" {_last('written', fact.last_written)}{writing}"
    )


def _last(what: str, at: datetime | None) -> str:
    return f"last {what} {full_day(at)}" if at else f"never {what}"
