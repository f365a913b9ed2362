"""What is charged in another way than by the time at work: the data lake, and RPUs of Serverless."""

import sqlite3
from collections.abc import Iterable, Sequence

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.codec import JsonCodec, day_number
from backend.domain.cluster_use import ServerlessHour
from backend.domain.evidence import Evidence

HOUR_US = 3_600_000_000

DELETE_LAKE_DAYS = "DELETE FROM lake_day WHERE query_hash = :query_hash AND day >= :first_day"
INSERT_LAKE_DAY = """
    INSERT INTO lake_day (day, query_hash, scanned_bytes)
    VALUES (:day, :query_hash, :scanned_bytes)
"""
SELECT_LAKE_BYTES = """
    SELECT sum(scanned_bytes) AS scanned_bytes FROM lake_day
    WHERE day BETWEEN :first_day AND :last_day
"""
SELECT_CHARGED_HOURS = """
    SELECT hour, payload FROM serverless_hour WHERE hour BETWEEN :first_hour AND :last_hour
"""

serverless_hours = JsonCodec(ServerlessHour)

Worked = tuple[int, int]
"""The first and the last microsecond of a day at which anything ran."""


def keep_lake_days(connection: sqlite3.Connection, evidence: Iterable[Evidence]) -> None:
    """In the transaction that keeps the evidence. Days before those that it speaks of stay: it
    forgets its oldest ones."""
    rows = []
    for collected in evidence:
        sums: dict[int, int] = {}
        for one in collected.lake_days:
            day = day_number(one.day)
            sums[day] = sums.get(day, 0) + one.scanned_bytes
        if sums:
            own = {"query_hash": collected.query_hash}
            connection.execute(DELETE_LAKE_DAYS, own | {"first_day": min(sums)})
            rows += [own | {"day": day, "scanned_bytes": sums[day]} for day in sums]
    if rows:
        connection.executemany(INSERT_LAKE_DAY, rows)
        count_a_change(connection)


def lake_bytes(connection: sqlite3.Connection, first_day: int, last_day: int) -> int:
    place = {"first_day": first_day, "last_day": last_day}
    return connection.execute(SELECT_LAKE_BYTES, place).fetchone()["scanned_bytes"] or 0


def charged_rpu_seconds(connection: sqlite3.Connection, worked: Sequence[Worked]) -> float | None:
    """From the first of these days to the last. None unless the hours in which each day's work
    began and ended are known, and something was charged: a view without that column says 0."""
    needed = {moment // HOUR_US for first, last in worked for moment in (first, last - 1)}
    if not needed:
        return None
    place = {
        "first_hour": min(needed) // 24 * 24,
        "last_hour": max(needed) // 24 * 24 + 23,
    }
    rows = connection.execute(SELECT_CHARGED_HOURS, place).fetchall()
    if not needed <= {row["hour"] for row in rows}:
        return None
    return sum(serverless_hours.unpack(row["payload"]).charged_seconds for row in rows) or None
