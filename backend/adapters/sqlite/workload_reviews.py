"""Reviews of the whole workload in the SQLite store: one row each."""

from backend.adapters.sqlite.codec import JsonCodec
from backend.adapters.sqlite.connection import Connections
from backend.domain.review import timestamp_key
from backend.domain.workload import WorkloadReview

INSERT_WORKLOAD_REVIEW = """
    INSERT INTO workload_review (analysis_timestamp, payload)
    VALUES (:analysis_timestamp, :payload)
    ON CONFLICT (analysis_timestamp) DO NOTHING
"""
SELECT_LATEST_WORKLOAD_REVIEW = """
    SELECT payload FROM workload_review
    WHERE analysis_timestamp >= '' ORDER BY analysis_timestamp DESC LIMIT 1
"""

_reviews = JsonCodec(WorkloadReview)


class SqliteWorkloadReviews:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_workload_review(self, review: WorkloadReview) -> bool:
        row = {
            "analysis_timestamp": timestamp_key(review.analysis_timestamp),
            "payload": _reviews.pack(review),
        }
        with self._connections.writing() as connection:
            return connection.execute(INSERT_WORKLOAD_REVIEW, row).rowcount > 0

    def latest_workload_review(self) -> WorkloadReview | None:
        with self._connections.reading() as connection:
            row = connection.execute(SELECT_LATEST_WORKLOAD_REVIEW).fetchone()
        return None if row is None else _reviews.unpack(row["payload"])
