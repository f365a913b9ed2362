"""Patterns and their runs, over every history store."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from backend.domain.errors import UnknownPatternError
from backend.domain.pattern import KnownNames, NameShare, PatternFilter
from backend.domain.regression import Regression
from backend.domain.runs import Runs, RunStatus
from backend.domain.timeline import Timeline
from backend.services.ports import HistoryStore, PatternRuns, RunsAdded
from tests.builders import (
    A_DAY,
    A_MOMENT,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    some_runs,
)

ONE, TWO, THREE = a_hash(1), a_hash(2), a_hash(3)
A_REGRESSION = Regression(
    changed_at=A_MOMENT,
    runs_before=10,
    runs_after=10,
    median_before_seconds=1.0,
    median_after_seconds=3.0,
    ratio=3.0,
    chance=0.001,
    extra_seconds=20.0,
)


def add(history: HistoryStore, query_hash: str, runs: Runs, source: str = "export") -> RunsAdded:
    part = PatternRuns(pattern=a_pattern(query_hash), runs=runs)
    return history.add_runs([part], source=source)


def test_gives_back_the_runs_oldest_first(history):
    first = some_runs(3, elapsed_seconds=[1, 2, 3], queue_seconds=0.5, user=["ann", "bob", "ann"])
    later = some_runs(2, start=A_MOMENT - timedelta(days=1), first_query_id=10, label="nightly")

    add(history, ONE, Runs.concat([first, later]))
    kept = history.runs_of(ONE)

    assert kept.query_id.tolist() == [10, 11, 1, 2, 3]
    assert kept.elapsed_us.tolist() == [2_000_000, 2_000_000, 1_000_000, 2_000_000, 3_000_000]
    assert kept.queue_us.tolist() == [0, 0, 500_000, 500_000, 500_000]
    assert kept.user_name.tolist() == ["analyst", "analyst", "ann", "bob", "ann"]
    assert kept.query_label.tolist() == ["nightly", "nightly", "", "", ""]


def test_runs_of_two_sources_on_one_day_are_in_order(history):
    add(history, ONE, some_runs(4), source="a")
    later = some_runs(4, start=A_MOMENT + timedelta(minutes=2), first_query_id=50)
    add(history, ONE, later, source="b")

    assert history.runs_of(ONE).query_id.tolist() == [1, 2, 3, 50, 4, 51, 52, 53]


def test_keeps_every_column_as_it_came(history):
    limit = 2**63 - 1
    runs = some_runs(
        4,
        elapsed_seconds=[0, 1, 2, 9_000_000],
        status=[0, 1, 2, 0],
        is_cache_hit=[False, False, False, True],
        returned_rows=[0, 7, 2**40, 1],
        database=["shop", "früh", "", "a\x00b"],
    )
    runs.returned_bytes[:] = [limit, -limit - 1, 0, 5]
    runs.query_id[:] = [limit, 3, -limit, 2]

    add(history, ONE, runs)
    kept = history.runs_of(ONE)

    for name in ("query_id", "started_us", "elapsed_us", "returned_rows", "returned_bytes"):
        assert getattr(kept, name).tolist() == getattr(runs, name).tolist(), name
    assert kept.status.tolist() == [0, 1, 2, 0]
    assert kept.is_cache_hit.tolist() == [False, False, False, True]
    assert kept.database_name.tolist() == ["shop", "früh", "", "a\x00b"]


def test_adding_the_same_runs_again_changes_nothing(history):
    runs = some_runs(5, every=timedelta(hours=10))
    added = add(history, ONE, runs)
    before = history.rank_patterns(PatternFilter(), limit=10)

    again = add(history, ONE, runs)

    assert added == RunsAdded(new_runs=5, known_runs=0, touched=frozenset({ONE}))
    assert again == RunsAdded(new_runs=0, known_runs=5, touched=frozenset())
    assert history.rank_patterns(PatternFilter(), limit=10) == before


def test_a_run_is_known_whatever_source_it_comes_from(history):
    add(history, ONE, some_runs(5), source="export")

    again = add(history, ONE, some_runs(7), source="cluster")

    assert (again.new_runs, again.known_runs) == (2, 5)
    assert len(history.runs_of(ONE)) == 7
    assert history.rank_patterns(PatternFilter(), limit=1).total_runs == 7


def test_a_run_given_twice_in_one_import_is_kept_once(history):
    part = PatternRuns(pattern=a_pattern(ONE), runs=some_runs(3))

    added = history.add_runs([part, part], source="export")

    assert (added.new_runs, added.known_runs) == (3, 3)


def test_the_same_query_id_at_another_time_is_another_run(history):
    add(history, ONE, some_runs(1))

    added = add(history, ONE, some_runs(1, start=A_MOMENT + timedelta(seconds=1)))

    assert added.new_runs == 1


def test_an_import_that_breaks_off_leaves_nothing(history):
    def broken():
        yield PatternRuns(pattern=a_pattern(ONE), runs=some_runs(3))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - raised above
        history.add_runs(broken(), source="export")

    with pytest.raises(UnknownPatternError):
        history.pattern(ONE)


def test_a_known_pattern_keeps_its_text_and_widens_the_rest(history):
    add(history, ONE, some_runs(1))
    newer = a_pattern(
        ONE,
        scrubbed_sql="SELECT other",
        native_hashes=("native-2", "native-1"),
        first_seen=A_MOMENT - timedelta(days=3),
        last_seen=A_MOMENT + timedelta(days=3),
    )

    history.add_runs([PatternRuns(pattern=newer, runs=Runs.empty())], source="export")

    kept = history.pattern(ONE)
    assert kept.scrubbed_sql == a_pattern(ONE).scrubbed_sql
    assert kept.native_hashes == ("native-1", "native-2")
    assert kept.first_seen == A_MOMENT - timedelta(days=3)
    assert kept.last_seen == A_MOMENT + timedelta(days=3)


def test_a_pattern_whose_text_was_withheld_gets_it_when_it_comes(history):
    withheld = a_pattern(ONE, scrubbed_sql=None, withheld_reason="a cut string", table_names=())
    history.add_runs([PatternRuns(pattern=withheld, runs=some_runs(1))], source="export")

    add(history, ONE, some_runs(1))

    assert history.pattern(ONE) == a_pattern(ONE)


def test_an_unknown_pattern_is_an_error(history):
    with pytest.raises(UnknownPatternError):
        history.pattern(ONE)
    with pytest.raises(UnknownPatternError):
        history.ranked_pattern(ONE, PatternFilter())
    with pytest.raises(UnknownPatternError):
        history.set_timeline(ONE, Timeline())
    assert len(history.runs_of(ONE)) == 0
    assert history.pattern_days(ONE) == []


def test_a_day_counts_timed_runs_and_the_others_beside_them(history):
    runs = some_runs(
        5,
        elapsed_seconds=[4, 2, 8, 16, 32],
        status=[
            RunStatus.SUCCESS,
            RunStatus.SUCCESS,
            RunStatus.FAILED,
            RunStatus.CANCELED,
            RunStatus.SUCCESS,
        ],
        is_cache_hit=[False, False, False, False, True],
        queue_seconds=1,
        compile_seconds=0.5,
        returned_rows=10,
    )

    add(history, ONE, runs)
    [day] = history.pattern_days(ONE)

    assert (day.runs, day.failed_runs, day.canceled_runs, day.cache_hits) == (2, 1, 1, 1)
    assert day.total_elapsed_seconds == 6.0
    assert day.failed_seconds == 24.0
    assert day.max_elapsed_seconds == 4.0
    assert day.buckets.queue_seconds == 2.0
    assert day.buckets.compile_seconds == 1.0
    assert day.buckets.execution_seconds == 3.0
    assert day.returned_rows == 20
    assert day.digest.values_us == (2_000_000, 4_000_000)


def test_a_failed_run_with_the_cache_flag_counts_as_failed_and_as_cache_hit(history):
    runs = some_runs(2, status=[RunStatus.FAILED, RunStatus.CANCELED], is_cache_hit=[True, True])

    add(history, ONE, runs)
    [day] = history.pattern_days(ONE)

    assert (day.runs, day.failed_runs, day.canceled_runs, day.cache_hits) == (0, 1, 1, 2)


def test_days_are_utc_and_both_ends_of_a_range_belong_to_it(history):
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    add(history, ONE, some_runs(2, start=midnight - timedelta(seconds=1), every=timedelta(days=1)))
    add(history, ONE, some_runs(1, start=midnight, first_query_id=9))

    days = history.pattern_days(ONE)
    second_day = history.runs_of(ONE, date(2026, 3, 3), date(2026, 3, 3))

    assert [(day.day, day.runs) for day in days] == [(date(2026, 3, 2), 1), (date(2026, 3, 3), 2)]
    assert second_day.query_id.tolist() == [9, 2]


def test_ranks_by_total_time_and_ties_by_hash(history):
    add(history, THREE, some_runs(2, elapsed_seconds=5))
    add(history, TWO, some_runs(1, elapsed_seconds=10))
    add(history, ONE, some_runs(1, elapsed_seconds=30))

    ranked = history.rank_patterns(PatternFilter(), limit=10)

    assert [(row.rank, row.pattern.query_hash) for row in ranked.rows] == [
        (1, ONE),
        (2, TWO),
        (3, THREE),
    ]
    assert [row.share for row in ranked.rows] == [0.6, 0.2, 0.2]
    assert (ranked.pattern_count, ranked.total_runs) == (3, 4)
    assert ranked.total_elapsed_seconds == 50.0


def test_a_page_of_the_ranking_keeps_ranks_and_totals(history):
    for number in range(1, 8):
        add(history, a_hash(number), some_runs(1, elapsed_seconds=100 - number))

    page = history.rank_patterns(PatternFilter(), limit=3, offset=3)

    assert [row.rank for row in page.rows] == [4, 5, 6]
    assert page.rows[0].pattern.query_hash == a_hash(4)
    assert page.pattern_count == 7
    assert page.total_elapsed_seconds == sum(100 - number for number in range(1, 8))


def test_the_slower_patterns_are_counted_beyond_the_page_but_within_the_filter(history):
    for number in range(1, 4):
        add(history, a_hash(number), some_runs(1, user=f"user_{number}"))
        history.set_timeline(a_hash(number), Timeline(regression=A_REGRESSION))
    add(history, a_hash(4), some_runs(1, user="user_1"))

    page = history.rank_patterns(PatternFilter(), limit=1)
    narrowed = history.rank_patterns(PatternFilter(users=("user_1",)), limit=1)

    assert page.slower_count == 3
    assert (narrowed.slower_count, narrowed.pattern_count) == (1, 2)


def test_a_pattern_that_only_failed_is_ranked_last(history):
    add(history, ONE, some_runs(1, status=RunStatus.FAILED, elapsed_seconds=99))
    add(history, TWO, some_runs(1, elapsed_seconds=1))

    rows = history.rank_patterns(PatternFilter(), limit=10).rows

    assert [row.pattern.query_hash for row in rows] == [TWO, ONE]
    assert (rows[1].failed_runs, rows[1].failed_seconds, rows[1].share) == (1, 99.0, 0.0)


def test_quantiles_are_exact_while_the_runs_are_few(history):
    elapsed = np.arange(1, 101, dtype=np.float64)
    add(history, ONE, some_runs(100, every=timedelta(hours=1), elapsed_seconds=elapsed.tolist()))

    [row] = history.rank_patterns(PatternFilter(), limit=1).rows

    assert row.has_exact_quantiles
    assert row.p50_elapsed_seconds == pytest.approx(np.quantile(elapsed, 0.5))
    assert row.p95_elapsed_seconds == pytest.approx(np.quantile(elapsed, 0.95))
    assert row.max_elapsed_seconds == 100.0


def test_quantiles_of_many_runs_are_close(history):
    elapsed = np.random.default_rng(5).lognormal(1, 1, 5_000)
    add(
        history, ONE, some_runs(5_000, every=timedelta(seconds=1), elapsed_seconds=elapsed.tolist())
    )

    [row] = history.rank_patterns(PatternFilter(), limit=1).rows

    assert not row.has_exact_quantiles
    assert row.p95_elapsed_seconds == pytest.approx(np.quantile(elapsed, 0.95), rel=0.006)


def test_a_filter_by_user_and_database_counts_only_their_runs(history):
    runs = some_runs(
        4,
        elapsed_seconds=[1, 2, 4, 8],
        user=["ann", "bob", "ann", "bob"],
        database=["shop", "shop", "lab", "lab"],
        label=["a", "b", "c", "d"],
    )
    add(history, ONE, runs)
    add(history, TWO, some_runs(1, user="eve", elapsed_seconds=99))

    ranked = history.rank_patterns(PatternFilter(users=("bob",), databases=("lab",)), limit=5)

    [row] = ranked.rows
    assert (row.runs, row.total_elapsed_seconds, row.share) == (1, 8.0, 1.0)
    assert (row.p50_elapsed_seconds, row.max_elapsed_seconds) == (8.0, 8.0)
    assert row.daily_seconds == (8.0,)
    assert row.labels == (NameShare(name="d", runs=1, total_elapsed_seconds=8.0),)
    assert row.users == (NameShare(name="bob", runs=1, total_elapsed_seconds=8.0),)
    assert ranked.pattern_count == 1


def test_a_filter_that_fits_nothing_gives_an_empty_ranking(history):
    add(history, ONE, some_runs(1))

    nobody = history.rank_patterns(PatternFilter(users=("nobody",)), limit=5)
    another_time = history.rank_patterns(PatternFilter(first_day=date(2030, 1, 1)), limit=5)

    assert (nobody.rows, nobody.pattern_count, nobody.total_elapsed_seconds) == ((), 0, 0.0)
    assert (another_time.rows, another_time.days) == ((), ())


def test_the_largest_five_users_are_shown(history):
    users = [f"user {number}" for number in range(8)]
    add(history, ONE, some_runs(8, user=users, elapsed_seconds=list(range(1, 9))))

    [row] = history.rank_patterns(PatternFilter(), limit=1).rows

    assert [share.name for share in row.users] == ["user 7", "user 6", "user 5", "user 4", "user 3"]
    assert row.users[0] == NameShare(name="user 7", runs=1, total_elapsed_seconds=8.0)
    assert row.labels == ()


@pytest.mark.parametrize(
    "text",
    ["AMOUNT", "sales.orders", "am", "f1-00000000000000000000000", "NightLy", "  amount "],
    ids=["statement", "table", "two letters", "start of the hash", "label", "blanks around"],
)
def test_finds_patterns_by_text_in_any_case(history, text):
    other = a_pattern(
        "f9-" + "f" * 24, scrubbed_sql="SELECT ?", table_names=(), first_seen=A_MOMENT
    )
    history.add_runs([PatternRuns(pattern=other, runs=some_runs(1))], source="export")
    add(history, ONE, some_runs(1, label="nightly"))

    ranked = history.rank_patterns(PatternFilter(text=text), limit=5)

    assert [row.pattern.query_hash for row in ranked.rows] == [ONE]


@pytest.mark.parametrize(
    "text", ['"', "100%", "a_b", "x' OR '1", "NEAR(", "*", "\\", "😀😀😀", "a\0bcd"]
)
def test_a_text_with_special_letters_means_itself(history, text):
    odd = a_pattern(TWO, scrubbed_sql=f"CALL report({text})")
    history.add_runs([PatternRuns(pattern=odd, runs=some_runs(1))], source="export")
    add(history, ONE, some_runs(1))

    ranked = history.rank_patterns(PatternFilter(text=text), limit=5)

    assert [row.pattern.query_hash for row in ranked.rows] == [TWO]


def test_filters_by_query_type(history):
    copy = PatternRuns(pattern=a_pattern(TWO, query_type="COPY"), runs=some_runs(1))
    history.add_runs([copy], source="export")
    add(history, ONE, some_runs(1))

    ranked = history.rank_patterns(PatternFilter(query_types=("COPY", "UNLOAD")), limit=5)

    assert [row.pattern.query_hash for row in ranked.rows] == [TWO]


def test_one_patterns_row_has_its_rank_among_the_filtered(history):
    add(history, ONE, some_runs(1, elapsed_seconds=10, user="ann"))
    add(history, TWO, some_runs(1, elapsed_seconds=5, user="bob"))
    wanted = PatternFilter(users=("bob",))

    found = history.ranked_pattern(TWO, wanted)
    without_runs = history.ranked_pattern(ONE, wanted)

    assert found == history.rank_patterns(wanted, limit=1).rows[0]
    assert (without_runs.rank, without_runs.runs, without_runs.share) == (2, 0, 0.0)
    assert without_runs.p95_elapsed_seconds == 0.0


def test_daily_seconds_have_one_value_a_day_of_the_range(history):
    add(history, ONE, some_runs(2, every=timedelta(days=2), elapsed_seconds=[1, 2]))
    add(history, TWO, some_runs(1, elapsed_seconds=10))
    last_day = A_DAY + timedelta(days=2)

    ranked = history.rank_patterns(PatternFilter(), limit=5)
    daily = history.daily_seconds(PatternFilter(last_day=last_day))

    assert ranked.days == (A_DAY, A_DAY + timedelta(days=1), last_day)
    assert ranked.rows[1].daily_seconds == (1.0, 0.0, 2.0)
    assert dict(daily) == dict(zip(ranked.days, (11.0, 0.0, 2.0), strict=True))


def test_counts_only_open_recommendations_that_are_still_raised(history):
    add(history, ONE, some_runs(1))
    gone, kept = a_recommendation(ONE, "gone"), a_recommendation(ONE, "kept")
    history.put_review(a_review(ONE, A_MOMENT, [gone, kept]))
    history.put_review(a_review(ONE, A_MOMENT + timedelta(days=1), [kept]))

    [row] = history.rank_patterns(PatternFilter(), limit=5).rows

    assert row.open_recommendations == 1


def test_a_regression_is_kept_and_taken_back(history):
    add(history, ONE, some_runs(1))

    history.set_timeline(ONE, Timeline(regression=A_REGRESSION))
    kept = history.pattern(ONE).regression
    history.set_timeline(ONE, Timeline())

    assert kept == A_REGRESSION
    assert history.pattern(ONE).regression is None


def test_a_name_that_no_run_has_is_not_known(history):
    runs = some_runs(3, user=["ann", "bob", "eve"])

    add(history, ONE, runs.take(runs.user_name.codes != 1))

    assert history.known_names().users == ("ann", "eve")


def test_knows_the_names_that_a_filter_can_choose_from(history):
    assert history.known_names() == KnownNames()

    add(history, ONE, some_runs(2, user=["bob", "ann"], every=timedelta(days=3)))

    assert history.known_names() == KnownNames(
        databases=("shop",),
        users=("ann", "bob"),
        query_types=("SELECT",),
        first_day=A_DAY,
        last_day=A_DAY + timedelta(days=3),
    )
