"""Turns the short description of a workload case in YAML into one.

window: {history: 28, elapsed: 100000, queue: 5000, lock: 0, runs: 1000}
hours: [{at: 7, day: 10, class: 102, queue: loads, runs: 20, elapsed: 1000, waited: 400, …}]
                                # `at` is the hour, `day` one of November 2026
queues: [{class: 100, name: main, slots: 5, priority: normal, scaling: true, rules: [metric]}]
waiting: {waited: 5000, blamed: 4000, lock_waits: 10, lock_waited: 900}
blame: [{hash: f1-a, statement: SELECT on a.b, queue: loads, others: 900, own: 5, victims: 2}]
locks: [{hash: f1-a, statement: DELETE on a.b, table: a.b, others: 900}]
runaways: [{statement: SELECT on a.b, max: 9000, failed: 3, failed_seconds: 400}]
serverless: {charged: 100, used: 50, busy: 900, p05: 8, p95: 64}      # RPU-hours
tables: [{name: a.b, mb: 20000, read: 5, written: 6, writers: [f1-a], writing: 100}]
                                # read and written: a day of November, or left out
unresolved: {names: [v.x], patterns: 3}
views: [{name: mart.mv, read: 5, readers: 1, …}]    # and as in builder.py
limits: {hour_queue_share: 0.5}
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from backend.domain.cluster_use import HourUse, MonitoringRule, Queue
from backend.domain.evidence import Table
from backend.domain.threshold import Limits
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
    Victim,
    ViewUseFact,
    WindowFact,
    WorkloadCase,
)
from tests.unit.checks.builder import a_view

KNOWN_KEYS = {
    "window", "hours", "queues", "waiting", "blame", "locks", "runaways", "serverless", "tables",
    "unresolved", "views", "limits",
}  # fmt: skip
HOUR_FIELDS = {
    "runs": "runs", "queued": "queued_runs", "elapsed": "elapsed_seconds",
    "waited": "queue_seconds", "locked": "lock_wait_seconds", "scaled": "scaled_seconds",
    "scaled_runs": "scaled_runs", "accelerated": "short_accelerated_runs",
    "short_runs": "short_queued_runs", "short": "short_queue_seconds", "copies": "copy_runs",
    "inserts": "small_inserts", "spilling": "spilling_runs",
}  # fmt: skip

Described = Mapping[str, Any]


def a_workload(described: Described) -> WorkloadCase:
    unknown = set(described) - KNOWN_KEYS
    if unknown:
        raise ValueError(f"a workload case has no {', '.join(sorted(unknown))}")
    ids = map("W{}".format, count(1))
    hours = tuple(map(_hour, described.get("hours", ())))
    return WorkloadCase(
        built_at=datetime(2026, 11, 22, tzinfo=UTC),
        window_start=datetime(2026, 10, 26, tzinfo=UTC),
        window_end=datetime(2026, 11, 23, tzinfo=UTC),
        window=_window(described, hours, next(ids)),
        hours=hours,
        queues=tuple(_queues(described, ids)),
        queue_uses=tuple(_queue_uses(hours, ids)),
        worst_hours=tuple(HourFact(fact_id=next(ids), use=use) for use in hours),
        blamed_waiting=_waiting(described, ids),
        blame=tuple(_blame(described, ids)),
        lock_blame=tuple(_locks(described, ids)),
        runaways=tuple(_runaways(described, ids)),
        serverless=_serverless(described, ids),
        large_tables=_large_tables(described, ids),
        table_uses=tuple(_tables(described, ids)),
        unresolved_names=_unresolved(described, ids),
        views=tuple(_views(described, ids)),
        limits=Limits(tuple((k, float(v)) for k, v in described.get("limits", {}).items())),
    )


def _window(described: Described, hours: tuple[HourUse, ...], fact_id: str) -> WindowFact:
    told = described.get("window", {})
    return WindowFact(
        fact_id=fact_id,
        history_days=told.get("history", 28),
        patterns=40,
        runs=told.get("runs", sum(use.runs for use in hours)),
        elapsed_seconds=float(told.get("elapsed", sum(use.elapsed_seconds for use in hours))),
        queue_seconds=float(told.get("queue", sum(use.queue_seconds for use in hours))),
        lock_wait_seconds=float(told.get("lock", 0)),
        hours=len(hours),
    )


def _hour(described: Described) -> HourUse:
    told = {HOUR_FIELDS[key]: value for key, value in described.items() if key in HOUR_FIELDS}
    return HourUse(
        hour=datetime(2026, 11, described.get("day", 10), described.get("at", 7), tzinfo=UTC),
        service_class=described.get("class"),
        queue_name=described.get("queue", ""),
        priority=described.get("priority", ""),
        **told,
    )


def _queues(described: Described, ids: Iterator[str]) -> Iterator[QueueFact]:
    for queue in described.get("queues", ()):
        rules = tuple(
            MonitoringRule(rule_name="r", action="log", metric_name=metric)
            for metric in queue.get("rules", ())
        )
        yield QueueFact(
            fact_id=next(ids),
            queue=Queue(
                service_class=queue["class"],
                name=queue.get("name", f"queue {queue['class']}"),
                slots=queue.get("slots"),
                priority=queue.get("priority", "normal"),
                has_concurrency_scaling=queue.get("scaling", False),
                rules=rules,
            ),
        )


def _queue_uses(hours: tuple[HourUse, ...], ids: Iterator[str]) -> Iterator[QueueUseFact]:
    for name in dict.fromkeys(use.queue_name for use in hours):
        own = [use for use in hours if use.queue_name == name]
        total = own[0]
        for use in own[1:]:
            total = total.plus(use)
        yield QueueUseFact(fact_id=next(ids), use=total, hours=len(own))


def _waiting(described: Described, ids: Iterator[str]) -> BlamedWaitingFact | None:
    if "waiting" not in described:
        return None
    told = described["waiting"]
    return BlamedWaitingFact(
        fact_id=next(ids),
        hours=told.get("hours", 3),
        waited_seconds=float(told.get("waited", 0)),
        blamed_seconds=float(told.get("blamed", told.get("waited", 0))),
        lock_waits=told.get("lock_waits", 0),
        lock_waited_seconds=float(told.get("lock_waited", 0)),
    )


def _blame(described: Described, ids: Iterator[str]) -> Iterator[BlameFact]:
    for one in described.get("blame", ()):
        yield BlameFact(
            fact_id=next(ids),
            query_hash=one.get("hash", "f1-holder"),
            statement=one.get("statement", "INSERT on a.b"),
            queue_name=one.get("queue", ""),
            runs=one.get("runs", 26),
            others_seconds=float(one.get("others", 0)),
            own_seconds=float(one.get("own", 0)),
            hours=one.get("hours", 2),
            victims=tuple(
                Victim(query_hash=f"f1-{number}", seconds=10.0)
                for number in range(one.get("victims", 2))
            ),
        )


def _locks(described: Described, ids: Iterator[str]) -> Iterator[LockBlameFact]:
    for one in described.get("locks", ()):
        yield LockBlameFact(
            fact_id=next(ids),
            query_hash=one.get("hash", "f1-holder"),
            statement=one.get("statement", "DELETE on a.b"),
            table_name=one.get("table", "a.b"),
            runs=one.get("runs", 3),
            others_seconds=float(one["others"]),
        )


def _runaways(described: Described, ids: Iterator[str]) -> Iterator[RunawayFact]:
    for one in described.get("runaways", ()):
        yield RunawayFact(
            fact_id=next(ids),
            query_hash=one.get("hash", "f1-runaway"),
            statement=one.get("statement", "SELECT on a.b"),
            runs=one.get("runs", 9),
            failed_runs=one.get("failed", 0),
            failed_seconds=float(one.get("failed_seconds", 0)),
            max_elapsed_seconds=float(one["max"]),
        )


def _serverless(described: Described, ids: Iterator[str]) -> ServerlessFact | None:
    if "serverless" not in described:
        return None
    told = described["serverless"]
    return ServerlessFact(
        fact_id=next(ids),
        hours=160,
        minutes=9_600,
        charged_minutes=told.get("minutes", 2_000),
        compute_seconds=told.get("used", 0) * 3600.0,
        charged_seconds=told.get("charged", 0) * 3600.0,
        p05_capacity=float(told.get("p05", 0)),
        p95_capacity=float(told.get("p95", 0)),
        least_capacity=float(told.get("least", told.get("p05", 0))),
        most_capacity=float(told.get("p95", 0)),
        busy_minutes=told.get("busy", 900),
    )


def _tables(described: Described, ids: Iterator[str]) -> Iterator[TableUseFact]:
    for table in described.get("tables", ()):
        schema_name, _, table_name = table["name"].rpartition(".")
        yield TableUseFact(
            fact_id=next(ids),
            table=Table(
                database_name="shop",
                schema_name=schema_name,
                table_name=table_name,
                size_mb=table.get("mb"),
            ),
            last_read=_day(table.get("read")),
            last_written=_day(table.get("written")),
            writing_patterns=tuple(table.get("writers", ())),
            writing_seconds=float(table.get("writing", 0)),
        )


def _large_tables(described: Described, ids: Iterator[str]) -> LargeTablesFact | None:
    large = [table for table in described.get("tables", ()) if (table.get("mb") or 0) >= 10_000]
    read = [table for table in large if table.get("read")]
    if not large:
        return None
    return LargeTablesFact(fact_id=next(ids), least_mb=10_000, count=len(large), read=len(read))


def _unresolved(described: Described, ids: Iterator[str]) -> UnresolvedNamesFact | None:
    if "unresolved" not in described:
        return None
    told = described["unresolved"]
    names = tuple(told["names"])
    return UnresolvedNamesFact(
        fact_id=next(ids), names=names, count=len(names), unread_patterns=told["patterns"]
    )


def _views(described: Described, ids: Iterator[str]) -> Iterator[ViewUseFact]:
    for view in described.get("views", ()):
        yield ViewUseFact(
            fact_id=next(ids),
            view=a_view(view),
            last_read=_day(view.get("read")),
            reading_patterns=view.get("readers", 0),
            are_steps_known=view.get("steps_known", True),
        )


def _day(day: int | None) -> datetime | None:
    return datetime(2026, 11, day, tzinfo=UTC) if day else None
