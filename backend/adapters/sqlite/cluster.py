"""What belongs to the cluster rather than to one pattern, in the SQLite store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.charged_apart import serverless_hours
from backend.adapters.sqlite.codec import JsonCodec, day_number, microseconds, moment_from_key
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.evidence import name_parts
from backend.domain.cluster_use import HourUse, PatternQueue, Queue, ServerlessHour
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView, Refreshes
from backend.domain.review import timestamp_key

HOUR_US = 3_600_000_000
SLICES = "slices"

UPSERT_LAKE_TABLE = """
    INSERT INTO lake_table (table_key, schema_key, database_key, payload)
    VALUES (:table_key, :schema_key, :database_key, :payload)
    ON CONFLICT (table_key, schema_key, database_key) DO UPDATE SET payload = excluded.payload
"""
SELECT_LAKE_TABLES = """
    SELECT schema_key, database_key, payload FROM lake_table
    WHERE table_key = :table_key ORDER BY schema_key, database_key
"""
DELETE_VIEWS = "DELETE FROM materialized_view WHERE database_key = :database_key"
INSERT_VIEW = """
    INSERT OR REPLACE INTO materialized_view (database_key, schema_key, view_key, payload)
    VALUES (:database_key, :schema_key, :view_key, :payload)
"""
SELECT_VIEWS = """
    SELECT payload FROM materialized_view
    WHERE database_key >= '' ORDER BY database_key, schema_key, view_key
"""
DELETE_QUEUES = "DELETE FROM wlm_queue WHERE service_class > -9223372036854775807"
INSERT_QUEUE = """
    INSERT OR REPLACE INTO wlm_queue (service_class, payload) VALUES (:service_class, :payload)
"""
SELECT_QUEUES = """
    SELECT payload FROM wlm_queue
    WHERE service_class > -9223372036854775807 ORDER BY service_class
"""
UPSERT_FIGURE = """
    INSERT INTO cluster_figure (name, value) VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
SELECT_FIGURE = "SELECT value FROM cluster_figure WHERE name = :name"
UPSERT_HOUR = """
    INSERT INTO hour_use (hour, source, run_count, payload)
    VALUES (:hour, :source, :run_count, :payload)
    ON CONFLICT (hour, source)
    DO UPDATE SET run_count = excluded.run_count, payload = excluded.payload
    WHERE excluded.run_count >= run_count
"""
SELECT_HOURS = """
    SELECT payload FROM hour_use
    WHERE hour BETWEEN :first_hour AND :last_hour ORDER BY hour, source
"""
UPSERT_SERVERLESS_HOUR = """
    INSERT INTO serverless_hour (hour, minutes, payload) VALUES (:hour, :minutes, :payload)
    ON CONFLICT (hour) DO UPDATE SET minutes = excluded.minutes, payload = excluded.payload
    WHERE excluded.minutes >= minutes
"""
SELECT_SERVERLESS_HOURS = """
    SELECT payload FROM serverless_hour
    WHERE hour BETWEEN :first_hour AND :last_hour ORDER BY hour
"""
DELETE_PATTERN_QUEUES = "DELETE FROM pattern_queue WHERE query_hash = :query_hash"
INSERT_PATTERN_QUEUE = """
    INSERT OR REPLACE INTO pattern_queue (query_hash, service_class, queue_name, run_count)
    VALUES (:query_hash, :service_class, :queue_name, :run_count)
"""
SELECT_PATTERN_QUEUE = """
    SELECT service_class, queue_name, run_count FROM pattern_queue
    WHERE query_hash = :query_hash ORDER BY run_count DESC, service_class LIMIT 1
"""
UPSERT_TABLE_SCAN = """
    INSERT INTO table_scan (table_name, last_scanned) VALUES (:table_name, :last_scanned)
    ON CONFLICT (table_name) DO UPDATE SET last_scanned = excluded.last_scanned
    WHERE excluded.last_scanned > last_scanned
"""
SELECT_TABLE_SCANS = "SELECT table_name, last_scanned FROM table_scan WHERE table_name >= ''"

_lake_tables = JsonCodec(LakeTable)
_views = JsonCodec(MaterializedView)
_queues = JsonCodec(Queue)
_hours = JsonCodec(tuple[HourUse, ...])


class SqliteClusterStore:
    """Fulfils ClusterStore, but for the workload reviews."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_lake_tables(self, tables: Iterable[LakeTable]) -> None:
        rows = [
            {
                "table_key": table.table_name.casefold(),
                "schema_key": table.schema_name.casefold(),
                "database_key": table.database_name.casefold(),
                "payload": _lake_tables.pack(table),
            }
            for table in tables
        ]
        with self._connections.writing() as connection:
            connection.executemany(UPSERT_LAKE_TABLE, rows)

    def lake_tables(self, names: Iterable[str]) -> Sequence[LakeTable]:
        """In the order of the names, each table once."""
        found: dict[tuple[str, ...], LakeTable] = {}
        with self._connections.reading() as connection:
            for parts in dict.fromkeys(name_parts(name) for name in names):
                for row in connection.execute(SELECT_LAKE_TABLES, {"table_key": parts[-1]}):
                    own = (row["database_key"], row["schema_key"], parts[-1])
                    if own[-len(parts) :] == parts and own not in found:
                        found[own] = _lake_tables.unpack(row["payload"])
        return list(found.values())

    def put_materialized_views(self, views: Iterable[MaterializedView]) -> None:
        known = {_view_key(view): view for view in self.materialized_views()}
        kept = [_with_what_was_known(view, known.get(_view_key(view))) for view in views]
        with self._connections.writing() as connection:
            for database_key in dict.fromkeys(_view_key(view)[0] for view in kept):
                connection.execute(DELETE_VIEWS, {"database_key": database_key})
            for view in kept:
                names = ("database_key", "schema_key", "view_key")
                key = dict(zip(names, _view_key(view), strict=True))
                connection.execute(INSERT_VIEW, {**key, "payload": _views.pack(view)})

    def materialized_views(self) -> Sequence[MaterializedView]:
        with self._connections.reading() as connection:
            return [_views.unpack(row["payload"]) for row in connection.execute(SELECT_VIEWS)]

    def put_queues(self, queues: Iterable[Queue]) -> None:
        rows = [
            {"service_class": queue.service_class, "payload": _queues.pack(queue)}
            for queue in queues
        ]
        with self._connections.writing() as connection:
            connection.execute(DELETE_QUEUES)
            connection.executemany(INSERT_QUEUE, rows)

    def queues(self) -> Sequence[Queue]:
        with self._connections.reading() as connection:
            return [_queues.unpack(row["payload"]) for row in connection.execute(SELECT_QUEUES)]

    def put_slice_count(self, slices: int) -> None:
        with self._connections.writing() as connection:
            connection.execute(UPSERT_FIGURE, {"name": SLICES, "value": slices})

    def slice_count(self) -> int | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_FIGURE, {"name": SLICES}).fetchone()
        return None if row is None else int(row["value"])

    def keep_hours(self, hours: Iterable[HourUse], *, source: str) -> None:
        in_order = sorted(hours, key=lambda use: use.hour)
        rows = []
        for hour, group in groupby(in_order, key=lambda use: use.hour):
            uses = tuple(group)
            rows.append(
                {
                    "hour": _hour_number(hour),
                    "source": source,
                    "run_count": sum(use.runs for use in uses),
                    "payload": _hours.pack(uses),
                }
            )
        with self._connections.writing() as connection:
            connection.executemany(UPSERT_HOUR, rows)

    def hours(self, first_day: date, last_day: date) -> Sequence[HourUse]:
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_HOURS, _bounds(first_day, last_day)).fetchall()
        return [use for row in rows for use in _hours.unpack(row["payload"])]

    def keep_serverless_hours(self, hours: Iterable[ServerlessHour]) -> None:
        rows = [
            {
                "hour": _hour_number(hour.hour),
                "minutes": hour.minutes,
                "payload": serverless_hours.pack(hour),
            }
            for hour in hours
        ]
        with self._connections.writing() as connection:
            connection.executemany(UPSERT_SERVERLESS_HOUR, rows)
            if rows:
                count_a_change(connection)

    def serverless_hours(self, first_day: date, last_day: date) -> Sequence[ServerlessHour]:
        with self._connections.reading() as connection:
            rows = connection.execute(
                SELECT_SERVERLESS_HOURS, _bounds(first_day, last_day)
            ).fetchall()
        return [serverless_hours.unpack(row["payload"]) for row in rows]

    def put_pattern_queues(self, queues: Iterable[PatternQueue]) -> None:
        collected = list(queues)
        with self._connections.writing() as connection:
            for query_hash in dict.fromkeys(queue.query_hash for queue in collected):
                connection.execute(DELETE_PATTERN_QUEUES, {"query_hash": query_hash})
            connection.executemany(
                INSERT_PATTERN_QUEUE,
                [
                    {
                        "query_hash": queue.query_hash,
                        "service_class": queue.service_class,
                        "queue_name": queue.queue_name,
                        "run_count": queue.runs,
                    }
                    for queue in collected
                ],
            )

    def pattern_queues(self, query_hashes: Iterable[str]) -> Mapping[str, PatternQueue]:
        found: dict[str, PatternQueue] = {}
        with self._connections.reading() as connection:
            for query_hash in query_hashes:
                row = connection.execute(
                    SELECT_PATTERN_QUEUE, {"query_hash": query_hash}
                ).fetchone()
                if row is not None:
                    found[query_hash] = PatternQueue(
                        query_hash=query_hash,
                        service_class=row["service_class"],
                        queue_name=row["queue_name"],
                        runs=row["run_count"],
                    )
        return found

    def keep_table_scans(self, names: Iterable[str], *, at: datetime) -> None:
        rows = [
            {"table_name": name.casefold(), "last_scanned": timestamp_key(at)} for name in names
        ]
        with self._connections.writing() as connection:
            connection.executemany(UPSERT_TABLE_SCAN, rows)

    def table_scans(self) -> Mapping[str, datetime]:
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_TABLE_SCANS).fetchall()
        return {row["table_name"]: moment_from_key(row["last_scanned"]) for row in rows}


def _view_key(view: MaterializedView) -> tuple[str, str, str]:
    return (
        view.database_name.casefold(),
        view.schema_name.casefold(),
        view.name.casefold(),
    )


def _with_what_was_known(
    view: MaterializedView, known: MaterializedView | None
) -> MaterializedView:
    """Neither its CREATE statement nor its refreshes stand in every export."""
    if known is None:
        return view
    return replace(
        view,
        base_tables=view.base_tables or known.base_tables,
        refreshes=known.refreshes if view.refreshes == Refreshes() else view.refreshes,
    )


def _hour_number(hour: datetime) -> int:
    return microseconds(hour) // HOUR_US


def _bounds(first_day: date, last_day: date) -> dict[str, int]:
    return {
        "first_hour": day_number(first_day) * 24,
        "last_hour": day_number(last_day) * 24 + 23,
    }
