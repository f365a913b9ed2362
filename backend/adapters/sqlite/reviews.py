"""`query-optimization-history` in the SQLite store: one row a review."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.adapters.sqlite.codec import FlatPlan, JsonCodec, flat_plan, nested_plan
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.cursor import cursor_after, key_of
from backend.adapters.sqlite.raise_recommendations import raise_recommendations
from backend.adapters.sqlite.table_uses import keep_table_uses
from backend.domain.case_file import CaseFile
from backend.domain.errors import NotFoundError
from backend.domain.page import Page
from backend.domain.review import Review, timestamp_key

REVIEWS_BETWEEN = "reviews between"
REVIEWS_OF = "reviews of"
BEHIND_ALL = "~"
"""Sorts behind every timestamp key and every hash."""

INSERT_REVIEW = """
    INSERT INTO review (query_hash, analysis_timestamp, payload)
    VALUES (:query_hash, :analysis_timestamp, :payload)
    ON CONFLICT (query_hash, analysis_timestamp) DO NOTHING
"""
INSERT_CASE_FILE = """
    INSERT INTO review_case_file (review_no, payload) VALUES (:review_no, :payload)
"""
SELECT_REVIEW = """
    SELECT review.payload, review_case_file.payload AS case_file
    FROM review LEFT JOIN review_case_file USING (review_no)
    WHERE query_hash = :query_hash AND analysis_timestamp = :analysis_timestamp
"""
SELECT_LATEST_REVIEW = """
    SELECT review.payload, review_case_file.payload AS case_file
    FROM review LEFT JOIN review_case_file USING (review_no)
    WHERE query_hash = :query_hash ORDER BY analysis_timestamp DESC LIMIT 1
"""
SELECT_REVIEWS_OF = """
    SELECT query_hash, analysis_timestamp, payload FROM review
    WHERE query_hash = :query_hash AND analysis_timestamp < :before
    ORDER BY analysis_timestamp DESC LIMIT :limit
"""
SELECT_REVIEWS_BETWEEN = """
    SELECT query_hash, analysis_timestamp, payload FROM review INDEXED BY review_by_time
    WHERE analysis_timestamp >= :start AND (analysis_timestamp, query_hash) < (:before, :hash)
    ORDER BY analysis_timestamp DESC, query_hash DESC LIMIT :limit
"""
SELECT_REVIEW_COUNT = "SELECT value FROM counter WHERE name = 'review'"


@dataclass(frozen=True, kw_only=True)
class StoredCaseFile:
    """`case_file.plan` is None here: the plan stands beside it, flat."""

    case_file: CaseFile
    plan: FlatPlan | None


_reviews = JsonCodec(Review)
_case_files = JsonCodec(StoredCaseFile)


class SqliteReviewHistory:
    """Fulfils ReviewHistory."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_review(self, review: Review) -> bool:
        with self._connections.writing() as connection:
            return put_review(connection, review)

    def review(self, query_hash: str, analysis_timestamp: datetime) -> Review:
        key = {
            "query_hash": query_hash,
            "analysis_timestamp": timestamp_key(analysis_timestamp),
        }
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_REVIEW, key).fetchone()
        if row is None:
            raise NotFoundError("No review of this pattern at this moment is stored.")
        return _whole_review(row)

    def latest_review(self, query_hash: str) -> Review | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_LATEST_REVIEW, {"query_hash": query_hash}).fetchone()
        return None if row is None else _whole_review(row)

    def reviews_of(
        self, query_hash: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Review]:
        before = key_of(REVIEWS_OF, cursor, (str, str)) if cursor else (BEHIND_ALL, "")
        wanted = {"query_hash": query_hash, "before": before[0], "limit": limit + 1}
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_REVIEWS_OF, wanted).fetchall()
        return _page(REVIEWS_OF, rows, limit)

    def reviews_between(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Review]:
        before: Sequence[str | float] = (timestamp_key(end) if end else BEHIND_ALL, "")
        if cursor:
            # The earlier of both, should a cursor come with another range than it was made for.
            before = min(tuple(before), key_of(REVIEWS_BETWEEN, cursor, (str, str)))
        wanted = {
            "start": timestamp_key(start) if start else "",
            "before": before[0],
            "hash": before[1],
            "limit": limit + 1,
        }
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_REVIEWS_BETWEEN, wanted).fetchall()
        return _page(REVIEWS_BETWEEN, rows, limit)

    def review_count(self) -> int:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_REVIEW_COUNT).fetchone()
        return 0 if row is None else int(row["value"])


def put_review(connection: sqlite3.Connection, review: Review) -> bool:
    """Inside the caller's transaction."""
    added = connection.execute(
        INSERT_REVIEW,
        {
            "query_hash": review.query_hash,
            "analysis_timestamp": timestamp_key(review.analysis_timestamp),
            "payload": pack_review(review),
        },
    )
    if not added.rowcount:
        return False
    if review.case_file is not None:
        packed = pack_case_file(replace(review.case_file, literal_marks=frozenset()))
        connection.execute(INSERT_CASE_FILE, {"review_no": added.lastrowid, "payload": packed})
    raise_recommendations(connection, review)
    keep_table_uses(connection, review)
    return True


def pack_review(review: Review) -> bytes:
    """Without its case file, and without what is kept of tables apart."""
    return _reviews.pack(replace(review, case_file=None, table_uses=(), advised_tables=()))


def pack_case_file(case_file: CaseFile) -> bytes:
    flat = flat_plan(case_file.plan)
    return _case_files.pack(StoredCaseFile(case_file=replace(case_file, plan=None), plan=flat))


def unpack_case_file(packed: bytes) -> CaseFile:
    stored = _case_files.unpack(packed)
    return replace(stored.case_file, plan=nested_plan(stored.plan))


def _whole_review(row: sqlite3.Row) -> Review:
    review = _reviews.unpack(row["payload"])
    packed = row["case_file"]
    return review if packed is None else replace(review, case_file=unpack_case_file(packed))


def _page(list_name: str, rows: Sequence[sqlite3.Row], limit: int) -> Page[Review]:
    """`rows` has one more than wanted if the list goes on."""
    shown = rows[:limit]
    next_cursor = None
    if len(rows) > limit and shown:
        next_cursor = cursor_after(
            list_name, (shown[-1]["analysis_timestamp"], shown[-1]["query_hash"])
        )
    return Page(
        items=tuple(_reviews.unpack(row["payload"]) for row in shown), next_cursor=next_cursor
    )
