"""What was collected beside the runs, in the SQLite store."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.adapters.sqlite.charged_apart import keep_lake_days
from backend.adapters.sqlite.codec import FlatPlan, JsonCodec, flat_plan, nested_plan
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.table_history import keep_snapshot, key_of
from backend.domain.evidence import AdvisorRow, Evidence, PlanEvidence, Table
from backend.domain.plan import Plan
from backend.domain.review import timestamp_key

UPSERT_EVIDENCE = """
    INSERT INTO evidence (query_hash, collected_at, payload)
    VALUES (:query_hash, :collected_at, :payload)
    ON CONFLICT (query_hash)
    DO UPDATE SET collected_at = excluded.collected_at, payload = excluded.payload
    WHERE excluded.collected_at >= collected_at
"""
SELECT_EVIDENCE = "SELECT payload FROM evidence WHERE query_hash = :query_hash"
UPSERT_TABLE = """
    INSERT INTO warehouse_table (table_key, schema_key, database_key, payload)
    VALUES (:table_key, :schema_key, :database_key, :payload)
    ON CONFLICT (table_key, schema_key, database_key) DO UPDATE SET payload = excluded.payload
"""
SELECT_TABLES = """
    SELECT schema_key, database_key, payload FROM warehouse_table
    WHERE table_key = :table_key ORDER BY schema_key, database_key
"""
SELECT_EVERY_TABLE = """
    SELECT payload FROM warehouse_table
    WHERE table_key >= '' ORDER BY table_key, schema_key, database_key
"""
DELETE_ADVISOR_ROWS = "DELETE FROM advisor_row WHERE database_name = :database_name"
INSERT_ADVISOR_ROW = """
    INSERT INTO advisor_row (database_name, table_key, payload)
    VALUES (:database_name, :table_key, :payload)
"""
SELECT_ADVISOR_ROWS = """
    SELECT advisor_row_no, payload FROM advisor_row
    WHERE table_key = :table_key ORDER BY advisor_row_no
"""


@dataclass(frozen=True, kw_only=True)
class StoredEvidence:
    """The plans of `evidence` have no tree here: they stand beside it, flat."""

    evidence: Evidence
    plan: FlatPlan | None
    fast_plan: FlatPlan | None = None


_evidence = JsonCodec(StoredEvidence)
_tables = JsonCodec(Table)
_advisor_rows = JsonCodec(AdvisorRow)


class SqliteEvidenceStore:
    """Fulfils EvidenceStore."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_evidence(self, evidence: Iterable[Evidence]) -> None:
        rows = [
            (
                collected,
                {
                    "query_hash": collected.query_hash,
                    "collected_at": timestamp_key(collected.collected_at),
                    "payload": _packed(collected),
                },
            )
            for collected in evidence
        ]
        with self._connections.writing() as connection:
            keep_lake_days(
                connection,
                # Where newer evidence is known, nothing is changed.
                [own for own, row in rows if connection.execute(UPSERT_EVIDENCE, row).rowcount],
            )

    def evidence(self, query_hash: str) -> Evidence | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_EVIDENCE, {"query_hash": query_hash}).fetchone()
        return None if row is None else _unpacked(row["payload"])

    def put_tables(self, tables: Iterable[Table], *, taken_at: datetime | None = None) -> None:
        rows = [(table, key_of(table) | {"payload": _tables.pack(table)}) for table in tables]
        with self._connections.writing() as connection:
            for table, row in rows:
                if taken_at is None or keep_snapshot(connection, table, taken_at):
                    connection.execute(UPSERT_TABLE, row)

    def tables(self, names: Iterable[str]) -> Sequence[Table]:
        """In the order of the names, each table once."""
        found: dict[tuple[str, ...], Table] = {}
        with self._connections.reading() as connection:
            for parts in dict.fromkeys(name_parts(name) for name in names):
                for row in connection.execute(SELECT_TABLES, {"table_key": parts[-1]}):
                    own = (row["database_key"], row["schema_key"], parts[-1])
                    if own[-len(parts) :] == parts and own not in found:
                        found[own] = _tables.unpack(row["payload"])
        return list(found.values())

    def each_table(self) -> Iterator[Table]:
        with self._connections.reading() as connection:
            for row in connection.execute(SELECT_EVERY_TABLE):
                yield _tables.unpack(row["payload"])

    def put_advisor_rows(self, rows: Iterable[AdvisorRow]) -> None:
        collected = list(rows)
        with self._connections.writing() as connection:
            for database_name in dict.fromkeys(row.database_name for row in collected):
                connection.execute(DELETE_ADVISOR_ROWS, {"database_name": database_name})
            for row in collected:
                connection.execute(
                    INSERT_ADVISOR_ROW,
                    {
                        "database_name": row.database_name,
                        "table_key": name_parts(row.table_name or "")[-1],
                        "payload": _advisor_rows.pack(row),
                    },
                )

    def advisor_rows(self, table_names: Iterable[str]) -> Sequence[AdvisorRow]:
        """A row that says no table is never found; one that says no schema fits any."""
        found: dict[int, AdvisorRow] = {}
        with self._connections.reading() as connection:
            for parts in dict.fromkeys(name_parts(name) for name in table_names):
                for row in connection.execute(SELECT_ADVISOR_ROWS, {"table_key": parts[-1]}):
                    advice = _advisor_rows.unpack(row["payload"])
                    if _is_about(advice, parts):
                        found[row["advisor_row_no"]] = advice
        return [found[number] for number in sorted(found)]


def stored_table(connection: sqlite3.Connection, name: str) -> Table | None:
    """The table of this full name, `db.schema.table`; None if it is not known."""
    parts = name_parts(name)
    for row in connection.execute(SELECT_TABLES, {"table_key": parts[-1]}):
        if (row["database_key"], row["schema_key"], parts[-1]) == parts:
            return _tables.unpack(row["payload"])
    return None


def name_parts(name: str) -> tuple[str, ...]:
    """`db.schema.table` in one case, without quotes; at most the last three parts."""
    return tuple(part.strip('" ').casefold() for part in name.split(".")[-3:])


def _is_about(advice: AdvisorRow, parts: tuple[str, ...]) -> bool:
    if not advice.table_name:
        return False
    own = name_parts(advice.table_name)
    if len(own) < 3:
        own = (*([""] * (2 - len(own))), *own)
        own = (advice.database_name.casefold(), *own)
    return all(
        wanted == mine or not mine
        for wanted, mine in zip(reversed(parts), reversed(own), strict=False)
    )


def _packed(evidence: Evidence) -> bytes:
    slow, fast = evidence.plan, evidence.fast_plan
    return _evidence.pack(
        StoredEvidence(
            evidence=replace(evidence, plan=_bare(slow), fast_plan=_bare(fast)),
            plan=flat_plan(slow.plan) if slow else None,
            fast_plan=flat_plan(fast.plan) if fast else None,
        )
    )


def _bare(plan: PlanEvidence | None) -> PlanEvidence | None:
    return replace(plan, plan=Plan(roots=())) if plan else None


def _unpacked(packed: bytes) -> Evidence:
    stored = _evidence.unpack(packed)
    return replace(
        stored.evidence,
        plan=_whole(stored.evidence.plan, stored.plan),
        fast_plan=_whole(stored.evidence.fast_plan, stored.fast_plan),
    )


def _whole(bare: PlanEvidence | None, flat: FlatPlan | None) -> PlanEvidence | None:
    plan = nested_plan(flat)
    return replace(bare, plan=plan) if bare and plan else bare
