"""Decide about a recommendation: accept, apply, measure, dismiss, snooze or open it again."""

from datetime import date

from backend.domain.errors import UnusableInputError
from backend.domain.recommendation import TriagedRecommendation, TriageState
from backend.services.ports import Clock, RecommendationBook


class DecisionWithoutNameError(UnusableInputError):
    """A decision needs the name of who made it."""


class DismissalWithoutReasonError(UnusableInputError):
    """Dismissing a recommendation needs a reason, so that the next reader knows why."""


class SnoozeWithoutDateError(UnusableInputError):
    """Snoozing a recommendation needs a date after today on which it comes back."""


def triage_recommendation(
    recommendation_id: str,
    to_state: TriageState,
    *,
    store: RecommendationBook,
    who: str,
    why: str,
    expected_version: int,
    clock: Clock,
    snoozed_until: date | None = None,
) -> TriagedRecommendation:
    """Also raises what RecommendationBook.triage raises. The date counts for snoozing only."""
    at = clock()
    if not who.strip():
        raise DecisionWithoutNameError
    if to_state is TriageState.DISMISSED and not why.strip():
        raise DismissalWithoutReasonError
    is_snooze = to_state is TriageState.SNOOZED
    if is_snooze and (snoozed_until is None or snoozed_until <= at.date()):
        raise SnoozeWithoutDateError
    return store.triage(
        recommendation_id,
        to_state,
        who=who.strip(),
        why=why.strip(),
        at=at,
        expected_version=expected_version,
        snoozed_until=snoozed_until if is_snooze else None,
    )
