"""Recommendations with their triage in the SQLite store."""

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

from backend.adapters.sqlite.codec import JsonCodec, moment_from_key
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.cursor import cursor_after, key_of
from backend.adapters.sqlite.raise_recommendations import recommendation_codec
from backend.domain.errors import (
    TriageConflictError,
    TriageNotAllowedError,
    UnknownRecommendationError,
)
from backend.domain.finding import Severity
from backend.domain.page import Page
from backend.domain.recommendation import (
    NEXT_STATES,
    AcrossPatterns,
    DailyCount,
    RecommendationFilter,
    ReviewerName,
    TriagedRecommendation,
    TriageEvent,
    TriageState,
)
from backend.domain.review import timestamp_key

RECOMMENDATIONS = "recommendations"
standing_codec = JsonCodec(AcrossPatterns)
BEHIND_ALL = "~"
BEFORE_ALL: tuple[float, float, str] = (-1.0, -math.inf, "")
STREAMED_AT_ONCE = 500

SELECT_RECOMMENDATION = """
    SELECT recommendation.*, recommendation_standing.payload AS standing
    FROM recommendation LEFT JOIN recommendation_standing USING (recommendation_id)
    WHERE recommendation_id = :recommendation_id
"""
SELECT_EVENTS = """
    SELECT at, from_state, to_state, who, why FROM triage_event
    WHERE recommendation_id = :recommendation_id ORDER BY version
"""

# The two lists look alike and differ in the index that they walk along.
_FILTER = """
    AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
    AND (:severities IS NULL OR severity_order IN (SELECT value FROM json_each(:severities)))
    AND (:reviewers IS NULL OR reviewer IN (SELECT value FROM json_each(:reviewers)))
    AND (:buckets IS NULL OR bucket IN (SELECT value FROM json_each(:buckets)))
    AND (:is_still_raised IS NULL OR is_still_raised = :is_still_raised)
    AND raised_last >= :raised_from AND raised_last < :raised_to
    AND instr(search_text, :text) > 0
"""
_BEHIND_KEY = """
    (severity_order, unclaimed_seconds, recommendation_id)
    > (:severity_order, :unclaimed_seconds, :recommendation_id)
"""
_IN_ORDER = "ORDER BY severity_order, unclaimed_seconds, recommendation_id LIMIT :limit"

# S608: put together from the constants above; every value is bound.
SELECT_IN_ORDER = (
    "SELECT recommendation_no FROM recommendation INDEXED BY recommendation_in_order "  # noqa: S608
    f"WHERE {_BEHIND_KEY} {_FILTER} {_IN_ORDER}"
)
SELECT_OF_PATTERN_IN_ORDER = (
    "SELECT recommendation_no FROM recommendation INDEXED BY recommendation_by_pattern "  # noqa: S608
    f"WHERE query_hash = :query_hash AND {_BEHIND_KEY} {_FILTER} {_IN_ORDER}"
)
SELECT_COUNT = (
    "SELECT count(*) FROM recommendation INDEXED BY recommendation_in_order "  # noqa: S608
    f"WHERE severity_order >= 0 {_FILTER}"
)
SELECT_COUNT_OF_PATTERN = (
    "SELECT count(*) FROM recommendation INDEXED BY recommendation_by_pattern "  # noqa: S608
    f"WHERE query_hash = :query_hash {_FILTER}"
)
SELECT_BY_NO = """
    SELECT recommendation.*, recommendation_standing.payload AS standing
    FROM recommendation LEFT JOIN recommendation_standing USING (recommendation_id)
    WHERE recommendation_no = :recommendation_no
"""

UPDATE_STATE = """
    UPDATE recommendation
    SET state = :to_state, version = version + 1, snoozed_until = :snoozed_until
    WHERE recommendation_id = :recommendation_id AND version = :expected_version
"""
INSERT_EVENT = """
    INSERT INTO triage_event (recommendation_id, version, at, from_state, to_state, who, why)
    VALUES (:recommendation_id, :expected_version + 1, :at, :from_state, :to_state, :who, :why)
"""
SELECT_DAILY_COUNTS = """
    SELECT day, severity, reviewer, state, recommendations FROM recommendation_daily
    WHERE day BETWEEN :first_day AND :last_day ORDER BY day, severity, reviewer, state
"""


class SqliteRecommendationBook:
    """Fulfils RecommendationBook."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def recommendation(self, recommendation_id: str) -> TriagedRecommendation:
        with self._connections.reading() as connection:
            return _found(connection, recommendation_id)

    def recommendations(
        self, wanted: RecommendationFilter, *, limit: int = 50, cursor: str | None = None
    ) -> Page[TriagedRecommendation]:
        with self._connections.reading() as connection:
            rows, next_cursor = _page_rows(connection, wanted, limit, cursor)
            items = tuple(triaged(row, _events(connection, row)) for row in rows)
        return Page(items=items, next_cursor=next_cursor)

    def each_recommendation(self, wanted: RecommendationFilter) -> Iterator[TriagedRecommendation]:
        """Without events. Between two bundles the store is free for others."""
        cursor: str | None = None
        while True:
            with self._connections.reading() as connection:
                rows, cursor = _page_rows(connection, wanted, STREAMED_AT_ONCE, cursor)
            yield from (triaged(row, ()) for row in rows)
            if cursor is None:
                return

    def recommendation_count(self, wanted: RecommendationFilter) -> int:
        statement = SELECT_COUNT if wanted.query_hash is None else SELECT_COUNT_OF_PATTERN
        with self._connections.reading() as connection:
            [(count,)] = connection.execute(statement, _bound(wanted))
        return int(count)

    def triage(
        self,
        recommendation_id: str,
        to_state: TriageState,
        *,
        who: str,
        why: str,
        at: datetime,
        expected_version: int,
        snoozed_until: date | None = None,
    ) -> TriagedRecommendation:
        with self._connections.writing() as connection:
            known = _found(connection, recommendation_id)
            if known.version != expected_version:
                raise TriageConflictError
            if to_state not in NEXT_STATES[known.state]:
                raise TriageNotAllowedError(
                    f"A recommendation that is {known.state} cannot become {to_state}."
                )
            is_snoozed = to_state is TriageState.SNOOZED and snoozed_until is not None
            change = {
                "recommendation_id": recommendation_id,
                "expected_version": expected_version,
                "from_state": known.state.value,
                "to_state": to_state.value,
                "at": timestamp_key(at),
                "who": who,
                "why": why,
                "snoozed_until": str(snoozed_until) if is_snoozed else None,
            }
            connection.execute(UPDATE_STATE, change)
            connection.execute(INSERT_EVENT, change)
            return _found(connection, recommendation_id)

    def daily_counts(
        self, first_day: date | None = None, last_day: date | None = None
    ) -> Sequence[DailyCount]:
        days = {
            "first_day": first_day.isoformat() if first_day else "",
            "last_day": last_day.isoformat() if last_day else BEHIND_ALL,
        }
        with self._connections.reading() as connection:
            rows = connection.execute(SELECT_DAILY_COUNTS, days).fetchall()
        return [
            DailyCount(
                day=date.fromisoformat(row["day"]),
                severity=Severity(row["severity"]),
                reviewer=ReviewerName(row["reviewer"]),
                state=TriageState(row["state"]),
                count=row["recommendations"],
            )
            for row in rows
        ]


def _found(connection: sqlite3.Connection, recommendation_id: str) -> TriagedRecommendation:
    wanted = {"recommendation_id": recommendation_id}
    row = connection.execute(SELECT_RECOMMENDATION, wanted).fetchone()
    if row is None:
        raise UnknownRecommendationError
    return triaged(row, _events(connection, row))


def _page_rows(
    connection: sqlite3.Connection, wanted: RecommendationFilter, limit: int, cursor: str | None
) -> tuple[list[sqlite3.Row], str | None]:
    key = key_of(RECOMMENDATIONS, cursor, (float, float, str)) if cursor else BEFORE_ALL
    names = ("severity_order", "unclaimed_seconds", "recommendation_id")
    values = {**_bound(wanted), **dict(zip(names, key, strict=True)), "limit": limit + 1}
    statement = SELECT_IN_ORDER if wanted.query_hash is None else SELECT_OF_PATTERN_IN_ORDER
    numbers = connection.execute(statement, values).fetchall()
    rows = [connection.execute(SELECT_BY_NO, dict(number)).fetchone() for number in numbers[:limit]]
    if len(numbers) <= limit or not rows:
        return rows, None
    return rows, cursor_after(RECOMMENDATIONS, [rows[-1][name] for name in names])


def _bound(wanted: RecommendationFilter) -> Mapping[str, object]:
    severities = [severity.order for severity in wanted.severities]
    return {
        "query_hash": wanted.query_hash,
        "states": _listed(wanted.states),
        "severities": json.dumps(severities) if severities else None,
        "reviewers": _listed(wanted.reviewers),
        "buckets": _listed(wanted.buckets),
        "is_still_raised": wanted.is_still_raised,
        "raised_from": timestamp_key(wanted.raised_from) if wanted.raised_from else "",
        "raised_to": timestamp_key(wanted.raised_to) if wanted.raised_to else BEHIND_ALL,
        "text": wanted.text.strip().casefold(),
    }


def _listed(members: Iterable[StrEnum]) -> str | None:
    values = [member.value for member in members]
    return json.dumps(values) if values else None


def _events(connection: sqlite3.Connection, row: sqlite3.Row) -> tuple[TriageEvent, ...]:
    wanted = {"recommendation_id": row["recommendation_id"]}
    return tuple(
        TriageEvent(
            at=moment_from_key(event["at"]),
            from_state=TriageState(event["from_state"]),
            to_state=TriageState(event["to_state"]),
            who=event["who"],
            why=event["why"],
        )
        for event in connection.execute(SELECT_EVENTS, wanted)
    )


def triaged(row: sqlite3.Row, events: tuple[TriageEvent, ...]) -> TriagedRecommendation:
    snoozed_until = row["snoozed_until"]
    return TriagedRecommendation(
        recommendation=recommendation_codec.unpack(row["payload"]),
        state=TriageState(row["state"]),
        raised_first=moment_from_key(row["raised_first"]),
        raised_last=moment_from_key(row["raised_last"]),
        is_still_raised=bool(row["is_still_raised"]),
        version=row["version"],
        snoozed_until=date.fromisoformat(snoozed_until) if snoozed_until else None,
        events=events,
        across_patterns=standing_codec.from_json(row["standing"]) if row["standing"] else None,
    )
