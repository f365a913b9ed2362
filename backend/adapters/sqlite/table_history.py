"""How tables were at earlier imports and what was done to them, in the SQLite store."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.sqlite.codec import JsonCodec, microseconds, moment_of
from backend.adapters.sqlite.connection import Connections
from backend.domain.evidence import Table
from backend.domain.table_history import TableEvent, TableSnapshot, snapshot_of

SNAPSHOTS_A_TABLE = 40
EVENTS_A_TABLE = 200

SELECT_LATEST_SNAPSHOT = """
    SELECT seen_us, payload FROM table_snapshot
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    ORDER BY taken_us DESC LIMIT 1
"""
SELECT_SNAPSHOTS = """
    SELECT seen_us, payload FROM table_snapshot
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    ORDER BY taken_us
"""
INSERT_SNAPSHOT = """
    INSERT OR REPLACE INTO table_snapshot (
        table_key, schema_key, database_key, taken_us, seen_us, payload
    ) VALUES (:table_key, :schema_key, :database_key, :taken_us, :taken_us, :payload)
"""
UPDATE_SEEN = """
    UPDATE table_snapshot SET seen_us = max(seen_us, :seen_us)
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    AND taken_us = :taken_us
"""
DELETE_OLD_SNAPSHOTS = """
    DELETE FROM table_snapshot
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    AND taken_us <= (
        SELECT taken_us FROM table_snapshot
        WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
        ORDER BY taken_us DESC LIMIT 1 OFFSET :kept
    )
"""
INSERT_EVENT = """
    INSERT OR REPLACE INTO table_event (
        table_key, schema_key, database_key, at_us, kind, payload
    ) VALUES (:table_key, :schema_key, :database_key, :at_us, :kind, :payload)
"""
DELETE_OLD_EVENTS = """
    DELETE FROM table_event
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    AND at_us <= (
        SELECT at_us FROM table_event
        WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
        ORDER BY at_us DESC LIMIT 1 OFFSET :kept
    )
"""
SELECT_EVENTS = """
    SELECT payload FROM table_event
    WHERE table_key = :table_key AND schema_key = :schema_key AND database_key = :database_key
    AND at_us >= :start_us AND at_us < :end_us
    ORDER BY at_us, kind
"""

_snapshots = JsonCodec(TableSnapshot)
_events = JsonCodec(TableEvent)

TableKey = dict[str, str]


class SqliteTableHistory:
    """Fulfils TableHistory."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def table_snapshots(self, table: Table) -> Sequence[TableSnapshot]:
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_SNAPSHOTS, key_of(table)).fetchall()
        return [_snapshot(row) for row in rows]

    def put_table_events(self, events: Iterable[TableEvent]) -> None:
        collected = list(events)
        with self._connections.writing() as connection:
            connection.executemany(INSERT_EVENT, map(_event_row, collected))
            for key in dict.fromkeys(tuple(key_of(event).items()) for event in collected):
                connection.execute(DELETE_OLD_EVENTS, dict(key) | {"kept": EVENTS_A_TABLE})

    def table_events(self, table: Table, start: datetime, end: datetime) -> Sequence[TableEvent]:
        wanted = {"start_us": microseconds(start), "end_us": microseconds(end)}
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_EVENTS, key_of(table) | wanted).fetchall()
        return [_events.from_json(row["payload"]) for row in rows]


def keep_snapshot(connection: sqlite3.Connection, table: Table, taken_at: datetime) -> bool:
    """Keeps the table's figures where they are others than the latest ones; False if there are
    newer ones already."""
    key = key_of(table)
    row = connection.execute(SELECT_LATEST_SNAPSHOT, key).fetchone()
    latest = _snapshot(row) if row else None
    snapshot = snapshot_of(table, taken_at)
    taken_us = microseconds(taken_at)
    if latest is None or snapshot.differs_from(latest):
        payload = _snapshots.pack(snapshot)
        connection.execute(INSERT_SNAPSHOT, key | {"taken_us": taken_us, "payload": payload})
        connection.execute(DELETE_OLD_SNAPSHOTS, key | {"kept": SNAPSHOTS_A_TABLE})
    else:
        seen = {"taken_us": microseconds(latest.taken_at), "seen_us": taken_us}
        connection.execute(UPDATE_SEEN, key | seen)
    return latest is None or taken_at >= latest.seen_until


def _snapshot(row: sqlite3.Row) -> TableSnapshot:
    snapshot = _snapshots.unpack(row["payload"])
    return replace(snapshot, seen_until=moment_of(row["seen_us"]))


def key_of(named: Table | TableEvent) -> TableKey:
    return {
        "table_key": named.table_name.casefold(),
        "schema_key": named.schema_name.casefold(),
        "database_key": named.database_name.casefold(),
    }


def _event_row(event: TableEvent) -> dict[str, object]:
    return key_of(event) | {
        "at_us": microseconds(event.at),
        "kind": event.kind.value,
        "payload": _events.to_json(event),
    }
