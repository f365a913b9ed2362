"""Review one pattern: case file, checks, panel, and the outcome into the history."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

from backend.checks.registry import CheckProblem, run_checks
from backend.domain.case_file import CaseFile, MissingEvidence
from backend.domain.money import Prices
from backend.domain.pattern import NameShare
from backend.domain.review import Review, WorkloadMetadata
from backend.domain.review_job import JobStage
from backend.domain.table_use import TableUse
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.panel.ceilings import SECONDS_A_DAY
from backend.panel.panel import Panel, no_stage
from backend.services.build_case_file import build_case_file
from backend.services.diagnose import diagnose
from backend.services.ports import HistoryStore
from backend.table_design.advised_tables import advised_tables
from backend.table_design.read_table_uses import read_table_uses

logger = logging.getLogger(__name__)

REVIEW_WITH_NEWER = "Review again with a newer version of the workbench."


def review_pattern(
    query_hash: str,
    *,
    store: HistoryStore,
    panel: Panel,
    analysis_timestamp: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    limits: Limits = DEFAULT_LIMITS,
    prices: Prices | None = None,
    job_id: str | None = None,
    on_stage: Callable[[JobStage], None] = no_stage,
) -> Review:
    """Reviewing again with the same timestamp keeps the first review.

    `on_stage` is told each step before it begins; what it raises ends the review unsaved.
    Raises UnknownPatternError.
    """
    on_stage(JobStage.CASE_FILE)
    case = build_case_file(
        query_hash,
        store=store,
        now=analysis_timestamp,
        first_day=first_day,
        last_day=last_day,
        limits=limits,
        prices=prices,
    )
    on_stage(JobStage.CHECKS)
    checked = run_checks(case)
    outcome = panel.review(
        case,
        checked.findings,
        checked.ruled_out,
        good_news=checked.good_news,
        on_stage=on_stage,
    )
    case = _with_failed_checks(case, checked.problems)
    table_uses, case = _table_uses(case, store, analysis_timestamp)
    review = Review(
        query_hash=query_hash,
        analysis_timestamp=analysis_timestamp,
        workload_metadata=_workload_metadata(case),
        recommendations=outcome.recommendations,
        agent_responses=outcome.agent_responses,
        findings=tuple(checked.findings),
        ruled_out=tuple(checked.ruled_out),
        good_news=tuple(checked.good_news),
        diagnosis=diagnose(case, checked),
        case_file=case,
        job_id=job_id,
        table_uses=table_uses,
        advised_tables=advised_tables(case, outcome.recommendations),
    )
    on_stage(JobStage.SAVE)
    store.put_review(review)
    logger.info(
        "pattern reviewed",
        extra={"query_hash": query_hash, "recommendations": len(review.recommendations)},
    )
    return review


def _table_uses(
    case: CaseFile, store: HistoryStore, analysis_timestamp: datetime
) -> tuple[tuple[TableUse, ...], CaseFile]:
    """Nothing where they cannot be read, which the case file then says: the review is of more worth
    than its part of the tables'."""
    try:
        uses = read_table_uses(
            case,
            analysis_timestamp=analysis_timestamp,
            observed_days=_observed_days(case, store),
        )
    except Exception as error:  # noqa: BLE001 - an odd plan must not sink its review
        logger.warning(
            "table uses could not be read",
            extra={"query_hash": case.query_hash, "error": type(error).__name__},
        )
        gap = MissingEvidence(
            what="What the pattern does with its tables",
            why=f"Reading it failed ({type(error).__name__}): the page Tables counts without it.",
            how_to_get=REVIEW_WITH_NEWER,
        )
        return (), replace(case, missing=(*case.missing, gap))
    return uses, case


def _observed_days(case: CaseFile, store: HistoryStore) -> float:
    """Days of the window that the history reaches back: a week's time is not to be watered down."""
    first_day = store.known_names().first_day
    begins = datetime.combine(first_day, time(), tzinfo=UTC) if first_day else case.window_start
    observed = case.window_end - max(begins, case.window_start)
    return max(observed.total_seconds() / SECONDS_A_DAY, 1.0)


def _with_failed_checks(case: CaseFile, problems: Sequence[CheckProblem]) -> CaseFile:
    """So that the reader does not take a check that failed for one that found nothing."""
    gaps = tuple(
        MissingEvidence(
            what=f"The check {problem.check}",
            why=problem.sentence,
            how_to_get=REVIEW_WITH_NEWER,
        )
        for problem in problems
    )
    return replace(case, missing=(*case.missing, *gaps)) if gaps else case


def _workload_metadata(case: CaseFile) -> WorkloadMetadata:
    figures = case.statistics
    dominant = case.buckets.buckets.dominant
    return WorkloadMetadata(
        query_type=case.query_type,
        window_start=case.window_start,
        window_end=case.window_end,
        runs=figures.runs,
        total_elapsed_seconds=figures.total_elapsed_seconds,
        p95_elapsed_seconds=figures.p95_elapsed_seconds,
        share=figures.share,
        dominant_bucket=dominant.value if dominant else None,
        users=_names(figures.users),
        databases=_names(figures.databases),
        labels=_names(figures.labels),
    )


def _names(shares: tuple[NameShare, ...]) -> tuple[str, ...]:
    return tuple(share.name for share in shares)
