from datetime import date, timedelta

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.domain.errors import TriageConflictError
from backend.domain.recommendation import TriageState
from backend.services.triage_recommendation import (
    DecisionWithoutNameError,
    DismissalWithoutReasonError,
    SnoozeWithoutDateError,
    triage_recommendation,
)
from tests.builders import A_DAY, A_MOMENT, a_recommendation, a_review

ADVICE = a_recommendation()


@pytest.fixture
def store(tmp_path):
    history = open_sqlite_history(tmp_path / "history.sqlite")
    history.put_review(a_review(recommendations=(ADVICE,)))
    yield history
    history.close()


def decide(store, to_state, *, why="", who="ana", expected_version=1, snoozed_until=None):
    return triage_recommendation(
        ADVICE.recommendation_id,
        to_state,
        store=store,
        who=who,
        why=why,
        expected_version=expected_version,
        clock=lambda: A_MOMENT,
        snoozed_until=snoozed_until,
    )


def test_a_decision_is_kept_with_who_and_when(store):
    decide(store, TriageState.ACCEPTED, why="  looks right ")

    (event,) = store.recommendation(ADVICE.recommendation_id).events
    assert (event.who, event.why, event.at) == ("ana", "looks right", A_MOMENT)


def test_dismissing_needs_a_reason(store):
    with pytest.raises(DismissalWithoutReasonError):
        decide(store, TriageState.DISMISSED, why="  ")


def test_a_decision_needs_a_name(store):
    with pytest.raises(DecisionWithoutNameError):
        decide(store, TriageState.ACCEPTED, who=" ")


@pytest.mark.parametrize("until", [None, A_DAY, date(2020, 1, 1)], ids=["none", "today", "past"])
def test_snoozing_needs_a_date_after_today(store, until):
    with pytest.raises(SnoozeWithoutDateError):
        decide(store, TriageState.SNOOZED, snoozed_until=until)


def test_a_snoozed_recommendation_knows_its_day(store):
    until = A_DAY + timedelta(days=7)

    assert decide(store, TriageState.SNOOZED, snoozed_until=until).snoozed_until == until


def test_a_date_that_does_not_belong_to_the_decision_is_left_out(store):
    decided = decide(store, TriageState.ACCEPTED, snoozed_until=A_DAY + timedelta(days=7))

    assert decided.snoozed_until is None


def test_two_people_cannot_decide_at_once(store):
    decide(store, TriageState.ACCEPTED)

    with pytest.raises(TriageConflictError):
        decide(store, TriageState.DISMISSED, why="no", expected_version=1)
