"""How far a review has come."""

from dataclasses import dataclass
from datetime import datetime

from backend.domain.review_job import JobStage, JobState, ReviewJob
from workbench.presenters.wording import duration, moment_text

STAGE_WORDS = {
    JobStage.CASE_FILE: "Building the case file",
    JobStage.CHECKS: "Running the checks",
    JobStage.OPTIMIZE: "Optimize reviewer",
    JobStage.SCHEMA_REVIEW: "Schema reviewer",
    JobStage.COST_REVIEW: "Cost reviewer",
    JobStage.VALIDATE: "Validating the advice",
    JobStage.SAVE: "Saving the review",
}
DONE_ICON = ":material/check_circle:"
NOW_ICON = ":material/pending:"
LATER_ICON = ":material/radio_button_unchecked:"


@dataclass(frozen=True, kw_only=True)
class StageLine:
    icon: str
    words: str


@dataclass(frozen=True, kw_only=True)
class ReviewProgress:
    """`state` is one of Streamlit's status states: running, complete, error."""

    state: str
    title: str
    share: float
    stages: tuple[StageLine, ...]
    is_active: bool


def review_progress(job: ReviewJob, now: datetime) -> ReviewProgress:
    """A failed job keeps its reason in the store; the screen says what to do instead."""
    stages = list(JobStage)
    reached = stages.index(job.stage) if job.stage else 0
    if job.state is JobState.DONE:
        reached = len(stages)
    return ReviewProgress(
        state={JobState.DONE: "complete", JobState.FAILED: "error"}.get(job.state, "running"),
        title=_title(job, now),
        share=reached / len(stages),
        stages=tuple(
            StageLine(icon=_icon(position, reached, job), words=STAGE_WORDS[stage])
            for position, stage in enumerate(stages)
        ),
        is_active=job.is_active,
    )


def _title(job: ReviewJob, now: datetime) -> str:
    match job.state:
        case JobState.QUEUED:
            return "Review waiting for a free worker"
        case JobState.RUNNING:
            since = max((now - (job.started_at or job.created_at)).total_seconds(), 0.0)
            again = f", attempt {job.attempts}" if job.attempts > 1 else ""
            return f"Review under way for {duration(since)}{again}"
        case JobState.DONE:
            return f"Reviewed {moment_text(job.finished_at or job.created_at)}"
        case JobState.FAILED:
            return "The review failed"


def _icon(position: int, reached: int, job: ReviewJob) -> str:
    if position < reached:
        return DONE_ICON
    if position == reached and job.state is JobState.RUNNING:
        return NOW_ICON
    return LATER_ICON
