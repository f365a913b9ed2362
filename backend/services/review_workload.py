"""Review the whole workload: workload case, checks, and the outcome into the history."""

import logging
from datetime import date, datetime

from backend.checks.registry import WORKLOAD_CHECKS, check_text, run_workload_checks
from backend.domain.case_file import MissingEvidence
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.domain.workload import Remedy, WorkloadReview
from backend.services.build_workload_case import build_workload_case
from backend.services.ports import HistoryStore

logger = logging.getLogger(__name__)


def review_workload(
    *,
    store: HistoryStore,
    analysis_timestamp: datetime,
    first_day: date | None = None,
    last_day: date | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> WorkloadReview:
    """Reviewing again with the same timestamp keeps the first review."""
    case = build_workload_case(
        store=store,
        now=analysis_timestamp,
        first_day=first_day,
        last_day=last_day,
        limits=limits,
    )
    outcome = run_workload_checks(case)
    failed = tuple(
        MissingEvidence(
            what=f"The check {problem.check}",
            why=problem.sentence,
            how_to_get="Review again with a newer version of the workbench.",
        )
        for problem in outcome.problems
    )
    found = {finding.check for finding in outcome.findings}
    review = WorkloadReview(
        analysis_timestamp=analysis_timestamp,
        window_start=case.window_start,
        window_end=case.window_end,
        findings=outcome.findings,
        ruled_out=outcome.ruled_out,
        good_news=outcome.good_news,
        facts=tuple(case.facts()),
        remedies=tuple(
            Remedy(check=text.check, text=text.remedy)
            for text in map(check_text, WORKLOAD_CHECKS)
            if text.check in found
        ),
        missing=(*case.missing, *failed),
    )
    store.put_workload_review(review)
    logger.info("workload reviewed", extra={"findings": len(review.findings)})
    return review
