"""What a review says to do, brought into the book in the review's own transaction."""

import json
import sqlite3
from collections.abc import Mapping

from backend.adapters.sqlite.codec import JsonCodec, folded
from backend.domain.recommendation import Recommendation
from backend.domain.review import Review, timestamp_key

SELECT_NEWEST_TIMESTAMP = """
    SELECT max(analysis_timestamp) FROM review WHERE query_hash = :query_hash
"""
SELECT_RAISED = """
    SELECT raised_first, raised_last, is_still_raised, payload FROM recommendation
    WHERE recommendation_id = :recommendation_id
"""
INSERT_RECOMMENDATION = """
    INSERT INTO recommendation (
        recommendation_id, query_hash, reviewer, bucket, severity, severity_order,
        unclaimed_seconds, state, is_still_raised, raised_first, raised_last, version,
        search_text, payload
    ) VALUES (
        :recommendation_id, :query_hash, :reviewer, :bucket, :severity, :severity_order,
        :unclaimed_seconds, 'open', :is_still_raised, :at, :at, 1, :search_text, :payload
    )
"""
UPDATE_TEXT = """
    UPDATE recommendation SET
        reviewer = :reviewer, bucket = :bucket, severity = :severity,
        severity_order = :severity_order, unclaimed_seconds = :unclaimed_seconds,
        search_text = :search_text, payload = :payload, is_still_raised = :is_still_raised,
        raised_last = :at, version = version + :is_changed
    WHERE recommendation_id = :recommendation_id
"""
UPDATE_RAISED_FIRST = """
    UPDATE recommendation SET raised_first = :at WHERE recommendation_id = :recommendation_id
"""
UPDATE_NO_LONGER_RAISED = """
    UPDATE recommendation INDEXED BY recommendation_by_pattern
    SET is_still_raised = 0, version = version + 1
    WHERE query_hash = :query_hash AND is_still_raised
    AND recommendation_id NOT IN (SELECT value FROM json_each(:raised_ids))
"""
DELETE_STANDING = """
    DELETE FROM recommendation_standing WHERE recommendation_id = :recommendation_id
"""

recommendation_codec = JsonCodec(Recommendation)


def raise_recommendations(connection: sqlite3.Connection, review: Review) -> None:
    """The review itself is already stored. An older review that arrives late adds what was not
    known and widens the times, but changes no text and takes nothing back."""
    at = timestamp_key(review.analysis_timestamp)
    [(newest,)] = connection.execute(SELECT_NEWEST_TIMESTAMP, {"query_hash": review.query_hash})
    raised = {advice.recommendation_id: advice for advice in review.recommendations}
    for advice in raised.values():
        _raise(connection, advice, _columns(advice, at=at, is_still_raised=at == newest))
    if at == newest:
        connection.execute(
            UPDATE_NO_LONGER_RAISED,
            {"query_hash": review.query_hash, "raised_ids": json.dumps(list(raised))},
        )


def _raise(
    connection: sqlite3.Connection, advice: Recommendation, columns: Mapping[str, object]
) -> None:
    known = connection.execute(SELECT_RAISED, columns).fetchone()
    if known is None:
        connection.execute(INSERT_RECOMMENDATION, columns)
        return
    at = str(columns["at"])
    if at < known["raised_first"]:
        connection.execute(UPDATE_RAISED_FIRST, columns)
    if at > known["raised_last"]:
        is_still_raised = columns["is_still_raised"]
        is_changed = (
            known["payload"] != columns["payload"] or known["is_still_raised"] != is_still_raised
        )
        connection.execute(UPDATE_TEXT, {**columns, "is_changed": is_changed})
        before = recommendation_codec.unpack(known["payload"])
        if before.action_sql != advice.action_sql:
            # It was weighed for what it wanted then.
            connection.execute(DELETE_STANDING, columns)


def _columns(advice: Recommendation, *, at: str, is_still_raised: bool) -> dict[str, object]:
    return {
        "recommendation_id": advice.recommendation_id,
        "query_hash": advice.query_hash,
        "reviewer": advice.reviewer.value,
        "bucket": advice.bucket.value,
        "severity": advice.severity.value,
        "severity_order": advice.severity.order,
        "unclaimed_seconds": -advice.claimed_saving_seconds,
        "is_still_raised": is_still_raised,
        "at": at,
        "search_text": folded((advice.title, advice.query_hash)),
        "payload": recommendation_codec.pack(advice),
    }
