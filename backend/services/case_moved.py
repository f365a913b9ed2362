"""What moved beneath a pattern around a slow-down: its tables, and what was done to them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from backend.domain.causes.thresholds import DATING_HOURS
from backend.domain.change_facts import TableChangeFact, TableEventFact
from backend.domain.evidence import Table
from backend.domain.pattern import Pattern
from backend.domain.runs import Runs, RunStatus
from backend.domain.table_history import (
    TableEvent,
    TableEventKind,
    table_changes,
)
from backend.services.ports import HistoryStore
from backend.sql.written_table import REDEFINING, WrittenTable, written_tables

MOST_EVENTS = 16
WRITERS_LOOKED_AT = 20
DAYS_OF_HABIT = 14
HABITUAL_DAYS = 2
"""A statement that ran on so many days of the fortnight before is what always happens."""

LAST_ANALYZE_WITHIN_DAYS = 60

NextId = Callable[[], str]


def moved_tables(
    tables: Sequence[Table], changed_at: datetime, *, store: HistoryStore, next_id: NextId
) -> Iterator[TableChangeFact]:
    """From the last figures of before the change to the newest ones after it; without any change
    where they are the same."""
    for table in tables:
        snapshots = store.table_snapshots(table)
        before = [one for one in snapshots if one.taken_at <= changed_at]
        after = [one for one in snapshots if one.seen_until > changed_at]
        if before and after:
            yield TableChangeFact(
                fact_id=next_id(),
                table_name=table.full_name,
                before_at=min(before[-1].seen_until, changed_at),
                after_at=after[-1].seen_until,
                changes=table_changes(before[-1], after[-1]),
            )


def table_events(
    tables: Sequence[Table],
    changed_at: datetime,
    *,
    days_before: float,
    store: HistoryStore,
    next_id: NextId,
) -> Iterator[TableEventFact]:
    """Those around the change, the nearest ones if there are many, and each table's last ANALYZE
    before; oldest first."""
    start = changed_at - timedelta(days=days_before)
    end = changed_at + timedelta(hours=DATING_HOURS)
    near: list[TableEvent] = []
    analyzed: list[TableEvent] = []
    for table in tables:
        if table.created_at and start <= table.created_at < end:
            near.append(_created(table, table.created_at))
        earliest = changed_at - timedelta(days=LAST_ANALYZE_WITHIN_DAYS)
        stored = store.table_events(table, earliest, end)
        near += [event for event in stored if event.at >= start]
        near += _written(table, start, end, store)
        analyzed += [
            event for event in stored if event.kind is TableEventKind.ANALYZE and event.at < start
        ][-1:]
    near.sort(key=lambda event: abs(event.at - changed_at))
    kept = [*near[:MOST_EVENTS], *analyzed]
    for event in sorted(kept, key=lambda event: (event.at, event.full_name, event.kind.value)):
        yield TableEventFact(fact_id=next_id(), event=event)


def _created(table: Table, created_at: datetime) -> TableEvent:
    return TableEvent(
        kind=TableEventKind.CREATED,
        database_name=table.database_name,
        schema_name=table.schema_name,
        table_name=table.table_name,
        at=created_at,
    )


def _written(
    table: Table, start: datetime, end: datetime, store: HistoryStore
) -> Iterator[TableEvent]:
    """Statements that made the table anew, changed it, or filled it as they do not always do."""
    for pattern in store.writers_of(table.table_name, seen_from=start, limit=WRITERS_LOOKED_AT):
        written = _of_table(pattern, table)
        if written is None or pattern.first_seen >= end or _is_habit(pattern, start, store):
            continue
        runs = store.runs_of(pattern.query_hash, start.date(), end.date())
        yield from _ended(runs, pattern, written, table=table, start=start, end=end)


def _of_table(pattern: Pattern, table: Table) -> WrittenTable | None:
    for written in written_tables(pattern.scrubbed_sql or ""):
        parts = written.name.split(".")
        own = [table.database_name.lower(), table.schema_name.lower(), table.table_name.lower()]
        if own[-len(parts) :] == parts:
            return written
    return None


def _is_habit(pattern: Pattern, start: datetime, store: HistoryStore) -> bool:
    if pattern.first_seen >= start:
        return False
    first_day = (start - timedelta(days=DAYS_OF_HABIT)).date()
    last_day = (start - timedelta(days=1)).date()
    return len(store.pattern_days(pattern.query_hash, first_day, last_day)) >= HABITUAL_DAYS


def _ended(
    runs: Runs,
    pattern: Pattern,
    written: WrittenTable,
    *,
    table: Table,
    start: datetime,
    end: datetime,
) -> Iterator[TableEvent]:
    """The first and the last one that ended well, at their end."""
    runs = runs.take(runs.status == RunStatus.SUCCESS)
    ended_us = runs.started_us + runs.elapsed_us
    wanted = ended_us[(ended_us >= start.timestamp() * 1e6) & (ended_us < end.timestamp() * 1e6)]
    if not len(wanted):
        return
    count = f"{len(wanted):,} runs" if len(wanted) > 1 else ""
    for moment_us in dict.fromkeys((int(wanted.min()), int(wanted.max()))):
        yield TableEvent(
            kind=TableEventKind.STATEMENT,
            database_name=table.database_name,
            schema_name=table.schema_name,
            table_name=table.table_name,
            at=datetime.fromtimestamp(moment_us / 1e6, tz=UTC),
            what=written.action.value,
            status="redefines" if written.action in REDEFINING else "fills",
            detail=count,
            query_hash=pattern.query_hash,
        )
