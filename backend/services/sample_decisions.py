"""What an invented analyst decided about the sample's recommendations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.recommendation import (
    RecommendationFilter,
    TriagedRecommendation,
    TriageState,
)
from backend.services.ports import Clock, RecommendationBook
from backend.services.triage_recommendation import triage_recommendation

ANALYST = "sample analyst"
SNOOZED_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class SampleDecision:
    """About the weightiest open recommendation of a check; `steps` are taken a day apart."""

    check: str
    steps: tuple[tuple[TriageState, str], ...]


SAMPLE_DECISIONS = (
    SampleDecision(
        check="spill_to_disk",
        steps=((TriageState.ACCEPTED, "The month-end report runs out of memory each time."),),
    ),
    SampleDecision(
        check="function_on_sort_key",
        steps=(
            (TriageState.ACCEPTED, "A range on event_time gives the same rows."),
            (TriageState.APPLIED, "Changed in the funnel notebook."),
        ),
    ),
    SampleDecision(
        check="missing_statistics",
        steps=(
            (TriageState.ACCEPTED, "ANALYZE is cheap; nobody noticed that the job stopped."),
            (TriageState.APPLIED, "The nightly job now analyzes this table."),
        ),
    ),
    SampleDecision(
        check="queue_dominated",
        steps=((TriageState.ACCEPTED, "The front desk gets its own slots next week."),),
    ),
    SampleDecision(
        check="data_skew",
        steps=(
            (TriageState.DISMISSED, "The online store is one store by design; we live with it."),
        ),
    ),
    SampleDecision(
        check="select_star",
        steps=((TriageState.DISMISSED, "The help desk shows every column on its card."),),
    ),
    SampleDecision(
        check="compile_dominated",
        steps=((TriageState.SNOOZED, "The storefront is rewritten this quarter anyway."),),
    ),
    SampleDecision(
        check="redistributes_both_sides",
        steps=((TriageState.SNOOZED, "Wait for what Advisor says about shipments."),),
    ),
)


def decide(decisions: Sequence[SampleDecision], *, book: RecommendationBook, now: datetime) -> int:
    """How many were taken; a decision about something that is not recommended is left out."""
    weightiest: dict[str, TriagedRecommendation] = {}
    still_raised = RecommendationFilter(states=(TriageState.OPEN,), is_still_raised=True)
    for triaged in book.each_recommendation(still_raised):
        weightiest.setdefault(triaged.recommendation.check, triaged)
    taken = [decision for decision in decisions if decision.check in weightiest]
    for decision in taken:
        _take(decision, weightiest[decision.check], book=book, now=now)
    return len(taken)


def _take(
    decision: SampleDecision,
    about: TriagedRecommendation,
    *,
    book: RecommendationBook,
    now: datetime,
) -> None:
    version = about.version
    for days_later, (state, why) in enumerate(decision.steps, start=1):
        at = min(about.raised_first + timedelta(days=days_later), now)
        version = triage_recommendation(
            about.recommendation.recommendation_id,
            state,
            store=book,
            who=ANALYST,
            why=why,
            expected_version=version,
            clock=_stopped_at(at),
            snoozed_until=(now + SNOOZED_FOR).date() if state is TriageState.SNOOZED else None,
        ).version


def _stopped_at(moment: datetime) -> Clock:
    return lambda: moment
