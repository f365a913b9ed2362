"""The panel: three reviewers give advice, the fourth strikes what the facts contradict."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from backend.domain.case_file import CaseFile
from backend.domain.errors import WorkbenchError
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.domain.review import AgentResponse, StruckStatement
from backend.domain.review_job import JobStage
from backend.panel.ceilings import held_to_ceiling
from backend.panel.reviewer import Reviewer, ReviewerAnswer, Validation, Validator

logger = logging.getLogger(__name__)

_STAGES = {
    ReviewerName.OPTIMIZE: JobStage.OPTIMIZE,
    ReviewerName.SCHEMA_REVIEW: JobStage.SCHEMA_REVIEW,
    ReviewerName.COST_REVIEW: JobStage.COST_REVIEW,
    ReviewerName.VALIDATE: JobStage.VALIDATE,
}


@dataclass(frozen=True, kw_only=True)
class PanelOutcome:
    """Recommendations most severe first, then by claimed saving; one response a reviewer."""

    recommendations: tuple[Recommendation, ...]
    agent_responses: tuple[AgentResponse, ...]


def no_stage(stage: JobStage) -> None:
    """For callers that do not follow the stages."""


@dataclass(frozen=True, kw_only=True)
class _Answered:
    """One reviewer's answer with its advice held to the ceilings."""

    reviewer: Reviewer
    summary: str
    duration_ms: float
    recommendations: tuple[Recommendation, ...] = ()
    struck: tuple[StruckStatement, ...] = ()
    error: str | None = None


class Panel:
    """A reviewer that fails is recorded with its error, and the others go on.

    If the validator fails, nothing was checked, so nothing stands.
    """

    def __init__(self, *, reviewers: Sequence[Reviewer], validator: Validator) -> None:
        self._reviewers = tuple(reviewers)
        self._validator = validator

    @property
    def engine(self) -> str:
        """What works the panel; several names if the reviewers differ."""
        engines = [reviewer.engine for reviewer in self._reviewers] + [self._validator.engine]
        return ", ".join(dict.fromkeys(engines))

    def review(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        *,
        good_news: Sequence[GoodNews] = (),
        on_stage: Callable[[JobStage], None] = no_stage,
    ) -> PanelOutcome:
        answered = []
        for reviewer in self._reviewers:
            on_stage(_STAGES[reviewer.name])
            answered.append(_ask(reviewer, case, findings, ruled_out))
        on_stage(JobStage.VALIDATE)
        validation, validated = self._validate(case, findings, ruled_out, answered, good_news)
        kept = sorted(
            validation.kept,
            key=lambda each: (
                each.severity.order,
                -each.claimed_saving_seconds,
                each.recommendation_id,
            ),
        )
        responses = [_response(each, kept) for each in answered]
        return PanelOutcome(recommendations=tuple(kept), agent_responses=(*responses, validated))

    def _validate(
        self,
        case: CaseFile,
        findings: Sequence[Finding],
        ruled_out: Sequence[RuledOut],
        answered: Sequence[_Answered],
        good_news: Sequence[GoodNews],
    ) -> tuple[Validation, AgentResponse]:
        proposed = [each for answer in answered for each in answer.recommendations]
        capped = tuple(struck for answer in answered for struck in answer.struck)
        started = time.perf_counter()
        error = None
        try:
            validation = self._validator.validate(case, findings, ruled_out, proposed, good_news)
            error = validation.error
        except Exception as failure:  # noqa: BLE001 - one reviewer must not sink the review
            error = _failure_sentence(failure, self._validator.name)
            validation = _nothing_stands(proposed)
        return validation, AgentResponse(
            reviewer=self._validator.name,
            engine=self._validator.engine,
            summary=validation.summary,
            struck=(*capped, *validation.struck),
            duration_ms=_milliseconds_since(started),
            error=error,
        )


def _ask(
    reviewer: Reviewer,
    case: CaseFile,
    findings: Sequence[Finding],
    ruled_out: Sequence[RuledOut],
) -> _Answered:
    started = time.perf_counter()
    try:
        answer: ReviewerAnswer = reviewer.review(case, findings, ruled_out)
        held = [
            held_to_ceiling(advice, case=case, findings=findings, reviewer=reviewer.name)
            for advice in answer.advice
        ]
    except Exception as failure:  # noqa: BLE001 - one reviewer must not sink the others
        return _Answered(
            reviewer=reviewer,
            summary="No answer.",
            duration_ms=_milliseconds_since(started),
            error=_failure_sentence(failure, reviewer.name),
        )
    return _Answered(
        reviewer=reviewer,
        summary=answer.summary,
        duration_ms=_milliseconds_since(started),
        recommendations=tuple(recommendation for recommendation, _ in held),
        struck=(*answer.struck, *(struck for _, struck in held if struck)),
    )


def _response(answered: _Answered, kept: Sequence[Recommendation]) -> AgentResponse:
    reviewer = answered.reviewer
    return AgentResponse(
        reviewer=reviewer.name,
        engine=reviewer.engine,
        summary=answered.summary,
        recommendation_ids=tuple(
            each.recommendation_id for each in kept if each.reviewer == reviewer.name
        ),
        duration_ms=answered.duration_ms,
        error=answered.error,
    )


def _nothing_stands(proposed: Sequence[Recommendation]) -> Validation:
    return Validation(
        summary="No answer, so nothing that the others recommended could be checked.",
        kept=(),
        struck=tuple(
            StruckStatement(
                reviewer=each.reviewer,
                statement=each.title,
                reason="It could not be checked against the facts.",
            )
            for each in proposed
        ),
    )


def _failure_sentence(failure: Exception, name: ReviewerName) -> str:
    """Our own errors are sentences; of others only the class is safe to show and log."""
    logger.warning(
        "a reviewer failed", extra={"reviewer": name.value, "error": type(failure).__name__}
    )
    if isinstance(failure, WorkbenchError):
        return failure.message
    return f"The reviewer {name.value} failed ({type(failure).__name__})."


def _milliseconds_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000
