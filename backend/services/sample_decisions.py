"""What an invented analyst decided about the sample's recommendations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from backend.domain.recommendation import (
    RecommendationFilter,
    TriagedRecommendation,
    TriageState,
)
from backend.services.ports import Clock, RecommendationBook
from backend.services.triage_recommendation import triage_recommendation

ANALYST = "sample analyst"
SNOOZED_FOR = timedelta(days=30)
_DECIDED_AT = time(8, 40, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SampleDecision:
    """About the weightiest recommendation of a check, with `about` in its title, that is old enough
    for all `steps`, which are taken on the mornings after it was raised."""

    check: str
    about: str = ""
    steps: tuple[tuple[TriageState, str], ...]


SAMPLE_DECISIONS = (
    SampleDecision(
        check="spill_to_disk",
        steps=((TriageState.ACCEPTED, "It writes to disk on every single run."),),
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
        steps=((TriageState.ACCEPTED, "Backfills get a queue of their own next week."),),
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
        about="shipments",
        steps=((TriageState.SNOOZED, "Wait for what Advisor says about shipments."),),
    ),
)


def decide(decisions: Sequence[SampleDecision], *, book: RecommendationBook, now: datetime) -> int:
    """How many were taken; a decision about something that is not recommended is left out."""
    still_raised = RecommendationFilter(states=(TriageState.OPEN,), is_still_raised=True)
    # Read to the end before the first decision: the stream must not see its own changes.
    candidates = list(book.each_recommendation(still_raised))
    taken = 0
    for decision in decisions:
        about = next((c for c in candidates if _is_ripe(c, decision, now)), None)
        if about is not None:
            _take(decision, about, book=book, now=now)
            taken += 1
    return taken


def _is_ripe(about: TriagedRecommendation, decision: SampleDecision, now: datetime) -> bool:
    advice = about.recommendation
    is_meant = advice.check == decision.check and decision.about in advice.title
    return is_meant and _morning_after(about.raised_first, len(decision.steps)) <= now


def _morning_after(raised: datetime, days: int) -> datetime:
    return datetime.combine(raised.date() + timedelta(days=days), _DECIDED_AT)


def _take(
    decision: SampleDecision,
    about: TriagedRecommendation,
    *,
    book: RecommendationBook,
    now: datetime,
) -> None:
    version = about.version
    for days_later, (state, why) in enumerate(decision.steps, start=1):
        at = _morning_after(about.raised_first, days_later)
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
