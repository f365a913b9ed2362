"""Reviews, recommendations and their triage, over every history store."""

# ruff: noqa: S311 - dice with a seed, so that a failure comes again

import math
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from backend.domain.errors import (
    BadCursorError,
    NotFoundError,
    TriageConflictError,
    TriageNotAllowedError,
    UnknownRecommendationError,
)
from backend.domain.finding import Severity
from backend.domain.recommendation import (
    NEXT_STATES,
    RecommendationFilter,
    ReviewerName,
    TriageEvent,
    TriageState,
)
from backend.domain.time_buckets import Bucket
from backend.services.ports import HistoryStore
from tests.builders import (
    A_DAY,
    A_MOMENT,
    a_case_file,
    a_finding,
    a_hash,
    a_plan,
    a_plan_node,
    a_recommendation,
    a_review,
    a_rewrite,
)
from tests.contract.conftest import ADAPTERS

ONE, TWO = a_hash(1), a_hash(2)
LATER = A_MOMENT + timedelta(days=1)
EVERYTHING = RecommendationFilter()


def every_page(read, limit):
    """All items of a list, page by page."""
    items, cursor = [], None
    while True:
        page = read(limit=limit, cursor=cursor)
        items.extend(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return items
        assert len(page.items) == limit


def accept(history: HistoryStore, recommendation_id: str, version: int = 1, **changes):
    return history.triage(
        recommendation_id,
        changes.pop("to_state", TriageState.ACCEPTED),
        who="ann",
        why="worth it",
        at=LATER,
        expected_version=version,
        **changes,
    )


def test_gives_a_review_back_with_its_case_file(history):
    deep = a_plan_node(0)
    for number in range(1, 400):
        deep = a_plan_node(number, "XN Nested Loop", children=(deep, a_plan_node(1000 + number)))
    case_file = a_case_file(plan=a_plan(deep, a_plan_node(5000), notices=("one",)))
    review = a_review(
        recommendations=[a_recommendation(claimed_saving_seconds=math.inf)],
        findings=(a_finding(),),
        case_file=case_file,
    )

    history.put_review(review)
    kept = history.review(ONE, review.analysis_timestamp)

    assert kept.recommendations == review.recommendations
    assert kept.findings == review.findings
    assert kept.case_file is not None
    assert kept.case_file.plan is not None
    assert [n.node_id for n in kept.case_file.plan.walk()] == [
        n.node_id for n in case_file.plan.walk()
    ]
    assert len(kept.case_file.plan.roots) == 2
    assert kept.case_file.statistics == case_file.statistics


def test_a_rewritten_statement_stays_with_its_advice(history):
    advice = a_recommendation(rewrite=a_rewrite(changes_result=True, remark="About 2 %."))
    review = a_review(recommendations=[advice, a_recommendation(check="plain")])

    history.put_review(review)

    assert history.review(ONE, review.analysis_timestamp).recommendations == review.recommendations
    assert history.recommendation(advice.recommendation_id).recommendation == advice


def test_a_review_that_is_not_stored_is_an_error(history):
    history.put_review(a_review(ONE, A_MOMENT))

    with pytest.raises(NotFoundError):
        history.review(ONE, LATER)
    assert history.latest_review(TWO) is None


def test_a_review_put_twice_changes_nothing(history):
    review = a_review(recommendations=[a_recommendation()])
    assert history.put_review(review) is True
    before = history.recommendations(EVERYTHING)

    assert history.put_review(review) is False
    assert history.put_review(a_review(recommendations=[a_recommendation(check="x")])) is False

    assert history.recommendations(EVERYTHING) == before
    assert history.review_count() == 1
    assert [count.count for count in history.daily_counts()] == [1]


def test_moments_of_another_time_zone_are_the_same_key(history):
    history.put_review(a_review(ONE, A_MOMENT))
    there = A_MOMENT.astimezone(timezone(timedelta(hours=5)))

    assert history.put_review(a_review(ONE, there)) is False
    assert history.review(ONE, there).analysis_timestamp == A_MOMENT


def test_the_latest_review_is_the_newest_and_not_the_last_put(history):
    history.put_review(a_review(ONE, LATER, case_file=a_case_file()))
    history.put_review(a_review(ONE, A_MOMENT))

    latest = history.latest_review(ONE)

    assert latest.analysis_timestamp == LATER
    assert latest.case_file == a_case_file()


def test_reviews_of_a_pattern_come_newest_first_without_case_files(history):
    moments = [A_MOMENT + timedelta(hours=number) for number in range(7)]
    for moment in moments:
        history.put_review(a_review(ONE, moment, case_file=a_case_file()))
        history.put_review(a_review(TWO, moment))

    listed = every_page(lambda **page: history.reviews_of(ONE, **page), limit=3)

    assert [review.analysis_timestamp for review in listed] == moments[::-1]
    assert all(review.case_file is None and review.query_hash == ONE for review in listed)


def test_pages_through_many_reviews_with_ties_in_time(history):
    keys = [(A_MOMENT + timedelta(minutes=n // 7), a_hash(n % 7)) for n in range(210)]
    shuffled = random.Random(3).sample(keys, len(keys))
    for moment, query_hash in shuffled:
        history.put_review(a_review(query_hash, moment))

    listed = every_page(history.reviews_between, limit=7)

    found = [(review.analysis_timestamp, review.query_hash) for review in listed]
    assert found == sorted(keys, reverse=True)


def test_a_page_goes_on_where_it_ended_when_reviews_come_meanwhile(history):
    moments = [A_MOMENT + timedelta(minutes=number) for number in range(6)]
    for moment in moments:
        history.put_review(a_review(ONE, moment))
    first = history.reviews_between(limit=3)

    history.put_review(a_review(TWO, moments[-1] + timedelta(hours=1)))
    history.put_review(a_review(TWO, moments[4]))
    second = history.reviews_between(limit=3, cursor=first.next_cursor)

    assert [review.analysis_timestamp for review in second.items] == moments[2::-1]


def test_the_start_of_a_range_belongs_to_it_and_the_end_does_not(history):
    for hour in range(5):
        history.put_review(a_review(ONE, A_MOMENT + timedelta(hours=hour)))

    page = history.reviews_between(A_MOMENT + timedelta(hours=1), A_MOMENT + timedelta(hours=3))

    hours = [review.analysis_timestamp.hour - A_MOMENT.hour for review in page.items]
    assert hours == [2, 1]
    assert page.next_cursor is None


@pytest.mark.parametrize(
    "cursor", ["x", "eA", "W10", "bnVsbA", "é", "=" * 9, "A" * 5000, "Wzk5OV0"]
)
def test_a_cursor_of_elsewhere_is_an_error(history, cursor):
    with pytest.raises(BadCursorError):
        history.reviews_between(cursor=cursor)
    with pytest.raises(BadCursorError):
        history.reviews_of(ONE, cursor=cursor)
    with pytest.raises(BadCursorError):
        history.recommendations(EVERYTHING, cursor=cursor)


def test_a_cursor_of_another_list_is_an_error(history):
    for hour in range(3):
        history.put_review(
            a_review(ONE, A_MOMENT + timedelta(hours=hour), [a_recommendation(ONE, f"c{hour}")])
        )
    cursor = history.reviews_between(limit=1).next_cursor

    with pytest.raises(BadCursorError):
        history.recommendations(EVERYTHING, cursor=cursor)


def test_counts_reviews_as_they_come(history):
    assert history.review_count() == 0

    for hour in range(3):
        history.put_review(a_review(ONE, A_MOMENT + timedelta(hours=hour)))

    assert history.review_count() == 3


def test_a_new_recommendation_is_open(history):
    advice = a_recommendation()

    history.put_review(a_review(ONE, A_MOMENT, [advice]))
    kept = history.recommendation(advice.recommendation_id)

    assert kept.recommendation == advice
    assert (kept.state, kept.version, kept.is_still_raised) == (TriageState.OPEN, 1, True)
    assert kept.raised_first == kept.raised_last == A_MOMENT
    with pytest.raises(UnknownRecommendationError):
        history.recommendation("r-unknown")


def test_advice_given_again_keeps_its_triage_and_gets_the_newer_text(history):
    older = a_recommendation(title="Old words")
    history.put_review(a_review(ONE, A_MOMENT, [older]))
    accept(history, older.recommendation_id)

    newer = a_recommendation(title="New words", severity=Severity.HIGH)
    history.put_review(a_review(ONE, LATER, [newer]))

    kept = history.recommendation(older.recommendation_id)
    assert kept.recommendation == newer
    assert (kept.state, kept.raised_first, kept.raised_last) == (
        TriageState.ACCEPTED,
        A_MOMENT,
        LATER,
    )
    assert kept.version > 2
    assert history.daily_counts()[0].severity is Severity.HIGH


def test_advice_that_the_newest_review_does_not_give_is_no_longer_raised(history):
    gone, kept = a_recommendation(check="gone"), a_recommendation(check="kept")
    elsewhere = a_recommendation(TWO, "gone")
    history.put_review(a_review(ONE, A_MOMENT, [gone, kept]))
    history.put_review(a_review(TWO, A_MOMENT, [elsewhere]))

    history.put_review(a_review(ONE, LATER, [kept]))
    after = history.recommendation(gone.recommendation_id)
    history.put_review(a_review(ONE, LATER + timedelta(days=1), [gone]))

    assert not after.is_still_raised
    assert after.state is TriageState.OPEN
    assert history.recommendation(gone.recommendation_id).is_still_raised
    assert not history.recommendation(kept.recommendation_id).is_still_raised
    assert history.recommendation(elsewhere.recommendation_id).is_still_raised


def test_an_older_review_that_comes_late_changes_no_newer_word(history):
    current = a_recommendation(check="current", title="New words")
    history.put_review(a_review(ONE, LATER, [current]))

    outdated = a_recommendation(check="current", title="Old words", severity=Severity.LOW)
    forgotten = a_recommendation(check="forgotten")
    history.put_review(a_review(ONE, A_MOMENT, [outdated, forgotten]))

    kept = history.recommendation(current.recommendation_id)
    assert kept.recommendation == current
    assert kept.is_still_raised
    assert (kept.raised_first, kept.raised_last) == (A_MOMENT, LATER)
    assert not history.recommendation(forgotten.recommendation_id).is_still_raised
    assert {count.day for count in history.daily_counts()} == {A_DAY}


def test_a_review_in_between_brings_newer_words_of_advice_not_raised_since(history):
    first = a_recommendation(check="a", title="First")
    history.put_review(a_review(ONE, A_MOMENT, [first]))
    history.put_review(a_review(ONE, LATER + timedelta(days=1), []))

    between = a_recommendation(check="a", title="Between")
    history.put_review(a_review(ONE, LATER, [between]))

    kept = history.recommendation(first.recommendation_id)
    assert (kept.recommendation.title, kept.raised_last) == ("Between", LATER)
    assert not kept.is_still_raised


def test_reviews_in_any_order_end_in_the_same_book(history, tmp_path_factory):
    reviews = [
        a_review(
            ONE,
            A_MOMENT + timedelta(days=day),
            [a_recommendation(check=f"c{n}", title=f"{day}") for n in range(5) if (day + n) % 3],
        )
        for day in range(6)
    ]
    for review in reviews:
        history.put_review(review)
    other = next(iter(ADAPTERS.values()))(tmp_path_factory.mktemp("other"))

    for review in random.Random(4).sample(reviews, len(reviews)):
        other.put_review(review)

    def book(store):
        return [
            (entry.recommendation, entry.is_still_raised, entry.raised_first, entry.raised_last)
            for entry in store.recommendations(EVERYTHING).items
        ]

    assert book(other) == book(history)
    other.close()


def test_lists_the_most_severe_first_then_the_largest_saving(history):
    advice = [
        a_recommendation(check="a", severity=Severity.LOW, claimed_saving_seconds=900.0),
        a_recommendation(check="b", severity=Severity.HIGH, claimed_saving_seconds=1.0),
        a_recommendation(check="c", severity=Severity.HIGH, claimed_saving_seconds=50.5),
        a_recommendation(check="d", severity=Severity.MEDIUM),
    ]
    history.put_review(a_review(ONE, A_MOMENT, advice))

    listed = every_page(lambda **page: history.recommendations(EVERYTHING, **page), limit=1)

    assert [entry.recommendation.check for entry in listed] == ["c", "b", "d", "a"]


def test_pages_through_many_equal_recommendations(history):
    for number in range(12):
        advice = [a_recommendation(a_hash(number), f"c{n}") for n in range(20)]
        history.put_review(a_review(a_hash(number), A_MOMENT, advice))

    listed = every_page(lambda **page: history.recommendations(EVERYTHING, **page), limit=24)
    streamed = list(history.each_recommendation(EVERYTHING))

    ids = [entry.recommendation.recommendation_id for entry in listed]
    assert ids == sorted(set(ids))
    assert len(ids) == 240 == history.recommendation_count(EVERYTHING)
    assert [entry.recommendation.recommendation_id for entry in streamed] == ids


FILTERS = {
    "pattern": (RecommendationFilter(query_hash=TWO), ["two"]),
    "state": (RecommendationFilter(states=(TriageState.ACCEPTED,)), ["accepted"]),
    "severity": (RecommendationFilter(severities=(Severity.HIGH, Severity.LOW)), ["high", "low"]),
    "reviewer": (RecommendationFilter(reviewers=(ReviewerName.COST_REVIEW,)), ["cost"]),
    "bucket": (RecommendationFilter(buckets=(Bucket.QUEUE,)), ["cost"]),
    "from": (RecommendationFilter(raised_from=LATER), ["two"]),
    "to": (
        RecommendationFilter(raised_to=LATER, query_hash=ONE),
        ["high", "accepted", "cost", "low"],
    ),
    "still raised": (RecommendationFilter(is_still_raised=False), ["low"]),
    "title": (RecommendationFilter(text="QUEUE, alWays"), ["cost"]),
    "hash": (RecommendationFilter(text=TWO[-4:]), ["two"]),
    "all at once": (
        RecommendationFilter(
            query_hash=ONE,
            states=(TriageState.OPEN,),
            severities=(Severity.MEDIUM,),
            reviewers=(ReviewerName.COST_REVIEW,),
            buckets=(Bucket.QUEUE,),
            raised_from=A_MOMENT,
            raised_to=LATER,
            is_still_raised=True,
            text="queue",
        ),
        ["cost"],
    ),
    "nothing": (RecommendationFilter(text="%"), []),
}


@pytest.mark.parametrize(("wanted", "expected"), FILTERS.values(), ids=FILTERS.keys())
def test_filters_recommendations(history, wanted, expected):
    low = a_recommendation(check="low", severity=Severity.LOW)
    history.put_review(a_review(ONE, A_MOMENT - timedelta(days=1), [low]))
    cost = a_recommendation(
        check="cost",
        reviewer=ReviewerName.COST_REVIEW,
        bucket=Bucket.QUEUE,
        title="The queue, always",
        claimed_saving_seconds=1.0,
    )
    high = a_recommendation(check="high", severity=Severity.HIGH)
    accepted = a_recommendation(check="accepted")
    history.put_review(a_review(ONE, A_MOMENT, [high, accepted, cost]))
    history.put_review(a_review(TWO, LATER, [a_recommendation(TWO, "two")]))
    accept(history, accepted.recommendation_id)

    listed = history.recommendations(wanted).items

    assert sorted(entry.recommendation.check for entry in listed) == sorted(expected)
    assert history.recommendation_count(wanted) == len(expected)
    assert len(list(history.each_recommendation(wanted))) == len(expected)


def test_a_decision_is_kept_with_who_and_why(history):
    advice = a_recommendation()
    history.put_review(a_review(ONE, A_MOMENT, [advice]))

    decided = accept(history, advice.recommendation_id)

    assert decided == history.recommendation(advice.recommendation_id)
    assert (decided.state, decided.version) == (TriageState.ACCEPTED, 2)
    assert decided.events == (
        TriageEvent(
            at=LATER,
            from_state=TriageState.OPEN,
            to_state=TriageState.ACCEPTED,
            who="ann",
            why="worth it",
        ),
    )


def test_two_people_deciding_at_once_is_a_conflict(history):
    advice = a_recommendation()
    history.put_review(a_review(ONE, A_MOMENT, [advice]))
    accept(history, advice.recommendation_id)

    with pytest.raises(TriageConflictError):
        accept(history, advice.recommendation_id, to_state=TriageState.DISMISSED)

    assert history.recommendation(advice.recommendation_id).state is TriageState.ACCEPTED


def test_a_step_that_the_life_of_advice_does_not_have_is_refused(history):
    advice = a_recommendation()
    history.put_review(a_review(ONE, A_MOMENT, [advice]))

    with pytest.raises(TriageNotAllowedError):
        accept(history, advice.recommendation_id, to_state=TriageState.MEASURED)
    with pytest.raises(UnknownRecommendationError):
        accept(history, "r-unknown")

    assert history.recommendation(advice.recommendation_id).version == 1


def test_snoozing_has_a_day_until_the_next_decision(history):
    advice = a_recommendation()
    history.put_review(a_review(ONE, A_MOMENT, [advice]))
    until = date(2026, 5, 1)

    snoozed = accept(
        history, advice.recommendation_id, to_state=TriageState.SNOOZED, snoozed_until=until
    )
    reopened = accept(history, advice.recommendation_id, 2, to_state=TriageState.OPEN)

    assert (snoozed.snoozed_until, reopened.snoozed_until) == (until, None)


def test_daily_counts_are_by_the_day_first_raised(history):
    history.put_review(a_review(ONE, A_MOMENT, [a_recommendation(check="a")]))
    history.put_review(
        a_review(ONE, LATER, [a_recommendation(check="a"), a_recommendation(check="b")])
    )

    everything = [(count.day, count.count) for count in history.daily_counts()]
    second_day = history.daily_counts(first_day=LATER.date(), last_day=LATER.date())

    assert everything == [(A_DAY, 1), (LATER.date(), 1)]
    assert [count.day for count in second_day] == [LATER.date()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_counters_equal_a_recount_whatever_happened(history, seed):
    dice = random.Random(seed)
    start = datetime(2026, 3, 1, tzinfo=UTC)

    for _ in range(120):
        query_hash = a_hash(dice.randrange(4))
        if dice.random() < 0.5:
            advice = [
                a_recommendation(
                    query_hash,
                    f"check {number}",
                    severity=dice.choice(list(Severity)),
                    title=f"Words {dice.randrange(99)}",
                )
                for number in range(5)
                if dice.random() < 0.6
            ]
            moment = start + timedelta(hours=dice.randrange(200))
            history.put_review(a_review(query_hash, moment, advice))
        elif entries := history.recommendations(EVERYTHING).items:
            entry = dice.choice(entries)
            accept(
                history,
                entry.recommendation.recommendation_id,
                entry.version,
                to_state=dice.choice(NEXT_STATES[entry.state]),
            )

    entries = list(history.each_recommendation(EVERYTHING))
    recounted = Counter(
        (
            entry.raised_first.date(),
            entry.recommendation.severity,
            entry.recommendation.reviewer,
            entry.state,
        )
        for entry in entries
    )
    kept = {(c.day, c.severity, c.reviewer, c.state): c.count for c in history.daily_counts()}
    assert kept == recounted
    assert len(entries) == history.recommendation_count(EVERYTHING)
    reviews = sum(len(history.reviews_of(a_hash(n), limit=500).items) for n in range(4))
    assert history.review_count() == reviews
