"""When patterns changed, and which others did in the same days, in the SQLite store."""

import json
import sqlite3
from datetime import datetime

from backend.adapters.sqlite.codec import JsonCodec, microseconds, moment_of
from backend.adapters.sqlite.patterns import find_pattern, set_regression
from backend.domain.pattern import SlowedPattern, SlowedPatterns
from backend.domain.timeline import Timeline

SLOWED_AT_MOST = 500

UPSERT_TIMELINE = """
    INSERT INTO pattern_timeline (pattern_no, payload) VALUES (:pattern_no, :payload)
    ON CONFLICT (pattern_no) DO UPDATE SET payload = excluded.payload
"""
DELETE_TIMELINE = "DELETE FROM pattern_timeline WHERE pattern_no = :pattern_no"
SELECT_TIMELINE = """
    SELECT payload FROM pattern CROSS JOIN pattern_timeline USING (pattern_no)
    WHERE query_hash = :query_hash
"""
SELECT_SLOWED = """
    SELECT query_hash, table_names, slower_since_us FROM pattern
    WHERE slower_since_us >= :start_us AND slower_since_us < :end_us
    ORDER BY slower_since_us, query_hash LIMIT :limit
"""
SELECT_SEEN_COUNT = """
    SELECT count(*) AS seen FROM pattern
    WHERE last_seen_us >= :start_us AND first_seen_us < :end_us
"""

_timelines = JsonCodec(Timeline)


def keep_timeline(connection: sqlite3.Connection, query_hash: str, timeline: Timeline) -> None:
    number, _ = find_pattern(connection, query_hash)
    set_regression(connection, query_hash, timeline.regression)
    if timeline == Timeline():
        connection.execute(DELETE_TIMELINE, {"pattern_no": number})
        return
    payload = _timelines.pack(timeline)
    connection.execute(UPSERT_TIMELINE, {"pattern_no": number, "payload": payload})


def stored_timeline(connection: sqlite3.Connection, query_hash: str) -> Timeline:
    row = connection.execute(SELECT_TIMELINE, {"query_hash": query_hash}).fetchone()
    return _timelines.unpack(row["payload"]) if row else Timeline()


def slowed_patterns(
    connection: sqlite3.Connection, start: datetime, end: datetime
) -> SlowedPatterns:
    bounds = {"start_us": microseconds(start), "end_us": microseconds(end)}
    rows = connection.execute(SELECT_SLOWED, bounds | {"limit": SLOWED_AT_MOST}).fetchall()
    [seen] = connection.execute(SELECT_SEEN_COUNT, bounds).fetchone()
    return SlowedPatterns(
        patterns=tuple(
            SlowedPattern(
                query_hash=row["query_hash"],
                changed_at=moment_of(row["slower_since_us"]),
                table_names=tuple(json.loads(row["table_names"])),
            )
            for row in rows
        ),
        pattern_count=seen,
    )
