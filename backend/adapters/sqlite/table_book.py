"""Tables across patterns in the SQLite store: their uses, and what is proposed for them."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from backend.adapters.sqlite.codec import JsonCodec
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.cursor import cursor_after, key_of
from backend.adapters.sqlite.evidence import stored_table
from backend.adapters.sqlite.recommendations import (
    SELECT_RECOMMENDATION,
    standing_codec,
    triaged,
)
from backend.adapters.sqlite.table_uses import MICROSECONDS, table_use_codec
from backend.domain.errors import UnknownTableError
from backend.domain.page import Page
from backend.domain.recommendation import AcrossPatterns, TriagedRecommendation
from backend.domain.review import timestamp_key
from backend.domain.table_proposal import (
    TableFilterBy,
    TableProposal,
    TablesReview,
    UsedTable,
)
from backend.domain.table_use import AdvisedTable, TableUse

TABLE_USES = "table uses"
USED_TABLES = "used tables"
LAST_REVIEW = "tables_review"
BEFORE_ALL = -(2.0**62)
STREAMED_AT_ONCE = 500

SELECT_USES_BEHIND = """
    SELECT query_hash, table_name, payload FROM table_use
    WHERE (query_hash, table_name) > (:query_hash, :table_name)
    ORDER BY query_hash, table_name LIMIT :limit
"""
SELECT_USES_OF_TABLE = """
    SELECT query_hash, -us_a_week AS unspent_us FROM table_use INDEXED BY table_use_by_table
    WHERE table_name = :table_name
    AND us_a_week <= -:unspent_us
    AND (us_a_week < -:unspent_us OR query_hash > :query_hash)
    ORDER BY us_a_week DESC, query_hash LIMIT :limit
"""
SELECT_USE = """
    SELECT payload FROM table_use WHERE query_hash = :query_hash AND table_name = :table_name
"""
SELECT_ADVISED_BEHIND = """
    SELECT table_name, recommendation_id, written_as FROM advised_table
    WHERE (table_name, recommendation_id, written_as)
        > (:table_name, :recommendation_id, :written_as)
    ORDER BY table_name, recommendation_id, written_as LIMIT :limit
"""
SELECT_USED_TABLES = """
    SELECT table_name, unspent_us FROM used_table INDEXED BY used_table_in_order
    WHERE unspent_us < 0 AND (unspent_us, table_name) > (:unspent_us, :table_name)
    AND (NOT :has_change OR has_change) AND instr(table_name, :text) > 0
    ORDER BY unspent_us, table_name LIMIT :limit
"""
SELECT_USED_TABLE_COUNT = """
    SELECT count(*) FROM used_table INDEXED BY used_table_in_order
    WHERE unspent_us < 0 AND (NOT :has_change OR has_change) AND instr(table_name, :text) > 0
"""
SELECT_USED_TABLE = """
    SELECT used_table.*, table_proposal.payload AS proposal
    FROM used_table LEFT JOIN table_proposal USING (table_name)
    WHERE table_name = :table_name
"""
DELETE_PROPOSALS = "DELETE FROM table_proposal"
INSERT_PROPOSAL = """
    INSERT INTO table_proposal (table_name, analysis_timestamp, is_change, payload)
    VALUES (:table_name, :analysis_timestamp, :is_change, :payload)
"""
UPDATE_NOTHING_TO_CHANGE = """
    UPDATE used_table INDEXED BY used_table_to_change SET has_change = 0 WHERE has_change
"""
UPDATE_HAS_CHANGE = "UPDATE used_table SET has_change = 1 WHERE table_name = :table_name"
DELETE_ALL_STANDINGS = "DELETE FROM recommendation_standing"
INSERT_STANDING = """
    INSERT INTO recommendation_standing (recommendation_id, payload)
    VALUES (:recommendation_id, :payload)
"""
UPSERT_LAST_REVIEW = """
    INSERT INTO note (key, value) VALUES (:key, :value)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
SELECT_LAST_REVIEW = "SELECT value FROM note WHERE key = :key"

_proposals = JsonCodec(TableProposal)
_reviews = JsonCodec(TablesReview)


class SqliteTableBook:
    """Fulfils TableBook."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def each_table_use(self) -> Iterator[TableUse]:
        """Between two bundles the store is free for others."""
        behind = {"query_hash": "", "table_name": "", "limit": STREAMED_AT_ONCE}
        while True:
            with self._connections.reading() as connection:
                rows = connection.execute(SELECT_USES_BEHIND, behind).fetchall()
            yield from (table_use_codec.unpack(row["payload"]) for row in rows)
            if len(rows) < STREAMED_AT_ONCE:
                return
            behind |= {name: rows[-1][name] for name in ("query_hash", "table_name")}

    def table_uses_of(
        self, table_name: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[TableUse]:
        key = key_of(TABLE_USES, cursor, (float, str)) if cursor else (BEFORE_ALL, "")
        wanted = {
            "table_name": table_name.casefold(),
            "unspent_us": key[0],
            "query_hash": key[1],
            "limit": limit + 1,
        }
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_USES_OF_TABLE, wanted).fetchall()
            packed = [
                connection.execute(SELECT_USE, {**wanted, "query_hash": row["query_hash"]})
                for row in rows[:limit]
            ]
            uses = tuple(table_use_codec.unpack(found.fetchone()["payload"]) for found in packed)
        next_cursor = None
        if len(rows) > limit and uses:
            last = rows[limit - 1]
            next_cursor = cursor_after(TABLE_USES, (last["unspent_us"], last["query_hash"]))
        return Page(items=uses, next_cursor=next_cursor)

    def advised_tables(self) -> Iterator[tuple[AdvisedTable, TriagedRecommendation]]:
        names = ("table_name", "recommendation_id", "written_as")
        behind: dict[str, object] = dict.fromkeys(names, "")
        while True:
            with self._connections.reading() as connection:
                wanted = {**behind, "limit": STREAMED_AT_ONCE}
                rows = connection.execute(SELECT_ADVISED_BEHIND, wanted).fetchall()
                found = [connection.execute(SELECT_RECOMMENDATION, dict(row)) for row in rows]
                advice = [each.fetchone() for each in found]
            for row, told in zip(rows, advice, strict=True):
                if told is not None and told["is_still_raised"]:
                    yield AdvisedTable(**dict(row)), triaged(told, ())
            if len(rows) < STREAMED_AT_ONCE:
                return
            behind = {name: rows[-1][name] for name in names}

    def put_table_proposals(
        self,
        proposals: Iterable[TableProposal],
        standings: Mapping[str, AcrossPatterns],
        review: TablesReview,
    ) -> None:
        packed = [
            {
                "table_name": proposal.table_name,
                "analysis_timestamp": timestamp_key(proposal.analysis_timestamp),
                "payload": _proposals.pack(proposal),
                "is_change": bool(proposal.changes),
            }
            for proposal in proposals
        ]
        told = [
            {"recommendation_id": each, "payload": standing_codec.to_json(standing)}
            for each, standing in standings.items()
        ]
        with self._connections.writing() as connection:
            connection.execute(DELETE_PROPOSALS)
            connection.execute(UPDATE_NOTHING_TO_CHANGE)
            for row in packed:
                connection.execute(INSERT_PROPOSAL, row)
                if row["is_change"]:
                    connection.execute(UPDATE_HAS_CHANGE, row)
            connection.execute(DELETE_ALL_STANDINGS)
            connection.executemany(INSERT_STANDING, told)
            last = {"key": LAST_REVIEW, "value": _reviews.to_json(review)}
            connection.execute(UPSERT_LAST_REVIEW, last)

    def tables_review(self) -> TablesReview | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_LAST_REVIEW, {"key": LAST_REVIEW}).fetchone()
        return None if row is None else _reviews.from_json(row["value"])

    def used_tables(
        self, wanted: TableFilterBy, *, limit: int = 50, cursor: str | None = None
    ) -> Page[UsedTable]:
        key = key_of(USED_TABLES, cursor, (float, str)) if cursor else (BEFORE_ALL, "")
        values = {**_bound(wanted), "unspent_us": key[0], "table_name": key[1], "limit": limit + 1}
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_USED_TABLES, values).fetchall()
            tables = tuple(_found(connection, row["table_name"]) for row in rows[:limit])
        next_cursor = None
        if len(rows) > limit and tables:
            last = rows[limit - 1]
            next_cursor = cursor_after(USED_TABLES, (last["unspent_us"], last["table_name"]))
        return Page(items=tables, next_cursor=next_cursor)

    def used_table_count(self, wanted: TableFilterBy) -> int:
        with self._connections.reading() as connection:
            [(count,)] = connection.execute(SELECT_USED_TABLE_COUNT, _bound(wanted))
        return int(count)

    def used_table(self, table_name: str) -> UsedTable:
        with self._connections.reading() as connection:
            return _found(connection, table_name.casefold())


def _bound(wanted: TableFilterBy) -> dict[str, object]:
    return {"has_change": wanted.has_change, "text": wanted.text.strip().casefold()}


def _found(connection: sqlite3.Connection, table_name: str) -> UsedTable:
    row = connection.execute(SELECT_USED_TABLE, {"table_name": table_name}).fetchone()
    if row is None:
        raise UnknownTableError
    proposal = row["proposal"]
    return UsedTable(
        table_name=table_name,
        seconds_a_week=-row["unspent_us"] / MICROSECONDS,
        patterns=row["patterns"],
        table=stored_table(connection, table_name),
        proposal=None if proposal is None else _proposals.unpack(proposal),
    )
