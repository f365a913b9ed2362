"""A review under way: started once, worked in the background, only polled by pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobStage(StrEnum):
    """The steps of a review, in their order."""

    CASE_FILE = "case_file"
    CHECKS = "checks"
    OPTIMIZE = "optimize"
    SCHEMA_REVIEW = "schema_review"
    COST_REVIEW = "cost_review"
    VALIDATE = "validate"
    SAVE = "save"


@dataclass(frozen=True, kw_only=True)
class ReviewJob:
    """`analysis_timestamp` is fixed when the job is made, so a repeated job writes one review.

    `lease_until` is when a worker that fell silent loses the job to another one.
    """

    job_id: str
    query_hash: str
    state: JobState
    created_at: datetime
    analysis_timestamp: datetime
    stage: JobStage | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None
    attempts: int = 0
    error: str | None = None

    @property
    def is_active(self) -> bool:
        return self.state in {JobState.QUEUED, JobState.RUNNING}
