"""Review jobs in the SQLite store: every process on the file sees the same board."""

import sqlite3
from datetime import datetime, timedelta

from backend.adapters.sqlite.codec import moment_from_key
from backend.adapters.sqlite.connection import Connections
from backend.domain.errors import UnknownJobError
from backend.domain.review import timestamp_key
from backend.domain.review_job import JobStage, JobState, ReviewJob

ATTEMPTS_AT_MOST = 3
OUT_OF_ATTEMPTS = (
    f"The review was started {ATTEMPTS_AT_MOST} times and each time its worker fell silent. "
    "Look at the log of the worker, then review again."
)

INSERT_JOB = """
    INSERT INTO review_job (job_id, query_hash, state, created_at, analysis_timestamp)
    VALUES (:job_id, :query_hash, 'queued', :at, :at)
"""
SELECT_JOB = "SELECT * FROM review_job WHERE job_id = :job_id"
SELECT_ACTIVE_JOB = """
    SELECT * FROM review_job INDEXED BY review_job_one_active
    WHERE query_hash = :query_hash AND state IN ('queued', 'running')
"""
SELECT_LATEST_JOB = """
    SELECT * FROM review_job INDEXED BY review_job_by_pattern
    WHERE query_hash = :query_hash ORDER BY created_at DESC, job_id DESC LIMIT 1
"""
SELECT_CLAIMABLE_JOB = """
    SELECT * FROM review_job INDEXED BY review_job_waiting
    WHERE state IN ('queued', 'running') AND (state = 'queued' OR lease_until <= :at)
    AND created_at >= ''
    ORDER BY created_at, job_id LIMIT 1
"""
UPDATE_CLAIMED = """
    UPDATE review_job SET
        state = 'running', stage = NULL, started_at = :at, worker = :worker,
        lease_until = :lease_until, attempts = attempts + 1
    WHERE job_id = :job_id
"""
UPDATE_STAGE = """
    UPDATE review_job SET stage = :stage, lease_until = :lease_until
    WHERE job_id = :job_id AND worker = :worker AND state = 'running'
"""
UPDATE_FINISHED = """
    UPDATE review_job
    SET state = :state, finished_at = :at, lease_until = NULL, error = :error
    WHERE job_id = :job_id AND worker = :worker AND state = 'running'
"""
UPDATE_OUT_OF_ATTEMPTS = """
    UPDATE review_job
    SET state = 'failed', finished_at = :at, lease_until = NULL, error = :error
    WHERE job_id = :job_id
"""


class SqliteJobBoard:
    """Fulfils JobBoard."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def start_job(self, query_hash: str, *, job_id: str, at: datetime) -> tuple[ReviewJob, bool]:
        """A job id that was used before gives that job again (False)."""
        new = {"query_hash": query_hash, "job_id": job_id, "at": timestamp_key(at)}
        with self._connections.writing() as connection:
            for statement in (SELECT_JOB, SELECT_ACTIVE_JOB):
                known = connection.execute(statement, new).fetchone()
                if known is not None:
                    return _job(known), False
            connection.execute(INSERT_JOB, new)
            return _job(connection.execute(SELECT_JOB, new).fetchone()), True

    def claim_job(self, *, worker: str, at: datetime, lease_seconds: float) -> ReviewJob | None:
        claim = {
            "worker": worker,
            "at": timestamp_key(at),
            "lease_until": timestamp_key(at + timedelta(seconds=lease_seconds)),
            "error": OUT_OF_ATTEMPTS,
        }
        # Polled often: only a board with something to claim is worth the write lock.
        with self._connections.reading() as connection:
            if connection.execute(SELECT_CLAIMABLE_JOB, claim).fetchone() is None:
                return None
        with self._connections.writing() as connection:
            while row := connection.execute(SELECT_CLAIMABLE_JOB, claim).fetchone():
                claim["job_id"] = row["job_id"]
                if row["attempts"] < ATTEMPTS_AT_MOST:
                    connection.execute(UPDATE_CLAIMED, claim)
                    return _job(connection.execute(SELECT_JOB, claim).fetchone())
                connection.execute(UPDATE_OUT_OF_ATTEMPTS, claim)
            return None

    def report_stage(
        self, job_id: str, stage: JobStage, *, worker: str, at: datetime, lease_seconds: float
    ) -> bool:
        report = {
            "job_id": job_id,
            "stage": stage.value,
            "worker": worker,
            "lease_until": timestamp_key(at + timedelta(seconds=lease_seconds)),
        }
        with self._connections.writing() as connection:
            return connection.execute(UPDATE_STAGE, report).rowcount == 1

    def finish_job(
        self, job_id: str, *, worker: str, at: datetime, error: str | None = None
    ) -> None:
        """Nothing changes if the job now belongs to another worker."""
        end = {
            "job_id": job_id,
            "worker": worker,
            "at": timestamp_key(at),
            "state": JobState.DONE if error is None else JobState.FAILED,
            "error": error,
        }
        with self._connections.writing() as connection:
            connection.execute(UPDATE_FINISHED, end)

    def job(self, job_id: str) -> ReviewJob:
        found = self._first(SELECT_JOB, {"job_id": job_id})
        if found is None:
            raise UnknownJobError
        return found

    def active_job(self, query_hash: str) -> ReviewJob | None:
        return self._first(SELECT_ACTIVE_JOB, {"query_hash": query_hash})

    def latest_job(self, query_hash: str) -> ReviewJob | None:
        return self._first(SELECT_LATEST_JOB, {"query_hash": query_hash})

    def _first(self, statement: str, wanted: dict[str, str]) -> ReviewJob | None:
        with self._connections.reading() as connection:
            row = connection.execute(statement, wanted).fetchone()
        return None if row is None else _job(row)


def _job(row: sqlite3.Row) -> ReviewJob:
    return ReviewJob(
        job_id=row["job_id"],
        query_hash=row["query_hash"],
        state=JobState(row["state"]),
        created_at=moment_from_key(row["created_at"]),
        analysis_timestamp=moment_from_key(row["analysis_timestamp"]),
        stage=JobStage(row["stage"]) if row["stage"] else None,
        started_at=_moment(row["started_at"]),
        finished_at=_moment(row["finished_at"]),
        lease_until=_moment(row["lease_until"]),
        worker=row["worker"],
        attempts=row["attempts"],
        error=row["error"],
    )


def _moment(key: str | None) -> datetime | None:
    return None if key is None else moment_from_key(key)
