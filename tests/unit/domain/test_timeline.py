"""All changes of a history are found, up and down, and waiting is told from the statement."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.domain.change_points import HOURS_AT_LEAST, RUNS_EACH_SIDE
from backend.domain.regression import RUNS_LOOKED_AT, find_changes, find_regression, timed_runs
from backend.domain.runs import Runs
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import find_timeline
from tests.unit.domain.histories import START, is_weekend, noisy, runs_taking


def levels(*parts: tuple[int, float], seed: int = 1, spread: float = 0.35) -> np.ndarray:
    return np.concatenate(
        [
            noisy(count, around=seconds, seed=seed + place, spread=spread)
            for place, (count, seconds) in enumerate(parts)
        ]
    )


def ratios(runs: Runs) -> list[float]:
    return [round(change.ratio, 1) for change in find_changes(timed_runs(runs))]


def hours_off(runs: Runs, *expected: int, hours_apart: float) -> list[float]:
    """How far each change is from the run with which it began."""
    changes = find_changes(timed_runs(runs))
    return [
        abs((change.changed_at - START) / timedelta(hours=1) - index * hours_apart)
        for change, index in zip(changes, expected, strict=True)
    ]


def test_every_level_of_a_history_is_told_apart() -> None:
    runs = runs_taking(levels((100, 10), (40, 34), (100, 10), (60, 20)), hours_apart=2)

    assert max(hours_off(runs, 100, 140, 240, hours_apart=2)) <= 8
    assert [ratio > 1 for ratio in ratios(runs)] == [True, False, True]


def test_a_slow_down_that_was_cured_is_no_regression_but_stays_known() -> None:
    runs = runs_taking(levels((80, 10), (40, 40), (80, 10)))

    assert find_regression(runs) is None
    assert [ratio > 1 for ratio in ratios(runs)] == [True, False]


def test_half_a_cure_leaves_the_regression_at_its_present_level() -> None:
    runs = runs_taking(levels((80, 10), (60, 40), (60, 20), spread=0.2))

    regression = find_regression(runs)

    assert regression is not None
    assert regression.ratio == pytest.approx(2.0, rel=0.15)
    assert abs(regression.changed_at - (START + timedelta(hours=320))) < timedelta(hours=24)
    assert regression.runs_after == pytest.approx(120, abs=5)
    assert regression.extra_seconds == pytest.approx(60 * 30 + 60 * 10, rel=0.2)


def test_the_last_of_two_slow_downs_is_the_regression() -> None:
    runs = runs_taking(levels((80, 10), (60, 20), (60, 45), spread=0.2))

    regression = find_regression(runs)

    assert regression is not None
    assert regression.median_before_seconds == pytest.approx(20, rel=0.1)
    assert abs(regression.changed_at - (START + timedelta(hours=560))) < timedelta(hours=24)


def test_two_small_steps_that_add_up_are_a_regression_since_the_first() -> None:
    runs = runs_taking(levels((200, 10), (200, 13.5), (200, 18), spread=0.15), hours_apart=1)

    regression = find_regression(runs)

    assert regression is not None
    assert regression.ratio == pytest.approx(1.8, rel=0.1)
    assert abs(regression.changed_at - (START + timedelta(hours=200))) < timedelta(hours=10)


@pytest.mark.parametrize("hours_apart", [1.0, 12.0], ids=["each hour", "twice a day"])
def test_slow_weekends_are_a_rhythm_and_no_change(hours_apart: float) -> None:
    seconds = levels((int(28 * 24 / hours_apart), 10), spread=0.2)
    weekend = is_weekend(runs_taking(seconds, hours_apart=hours_apart))

    assert (
        ratios(runs_taking(np.where(weekend, 3 * seconds, seconds), hours_apart=hours_apart)) == []
    )


def test_slow_nights_are_a_rhythm_and_no_change() -> None:
    seconds = levels((28 * 24, 10))
    is_night = np.arange(len(seconds)) % 24 < 6

    assert ratios(runs_taking(np.where(is_night, 3 * seconds, seconds), hours_apart=1)) == []


@pytest.mark.parametrize(
    ("hours_apart", "place"), [(1.0, 400), (12.0, 40)], ids=["each hour", "twice a day"]
)
def test_a_change_shows_through_a_rhythm(hours_apart: float, place: int) -> None:
    seconds = levels((int(28 * 24 / hours_apart), 10), spread=0.15)
    weekend = is_weekend(runs_taking(seconds, hours_apart=hours_apart))
    seconds = np.where(weekend, 3 * seconds, seconds)
    seconds[place:] *= 4

    runs = runs_taking(seconds, hours_apart=hours_apart)

    assert max(hours_off(runs, place, hours_apart=hours_apart)) <= 24


def test_a_bad_morning_amid_runs_each_minute_is_an_episode() -> None:
    seconds = levels((6_000, 2))
    seconds[1_000:1_200] *= 20

    assert ratios(runs_taking(seconds, hours_apart=1 / 60)) == []


def test_of_very_many_runs_an_early_change_shows_and_all_are_counted() -> None:
    before, after = 4 * RUNS_LOOKED_AT, 2 * RUNS_LOOKED_AT
    queue = np.repeat([0.0, 9.0], [before, after])
    runs = runs_taking(
        levels((before, 10), (after, 30)), hours_apart=720 / (before + after), queue_seconds=queue
    )

    timeline = find_timeline(runs)

    assert timeline.regression is not None
    assert abs(timeline.regression.changed_at - (START + timedelta(hours=480))) < timedelta(hours=1)
    [wait] = timeline.waits
    for change in (timeline.regression, wait):
        assert change.runs_before == pytest.approx(before, rel=0.001)
        assert change.runs_before + change.runs_after == len(runs)
    assert timeline.regression.extra_seconds == pytest.approx(after * 20, rel=0.03)


def test_the_runs_looked_at_stay_the_same_as_others_join_them() -> None:
    runs = runs_taking(np.full(3 * RUNS_LOOKED_AT, 7.0), hours_apart=0.01)

    earlier = timed_runs(runs.take(np.arange(2 * RUNS_LOOKED_AT + 1))).runs
    later = timed_runs(runs).runs

    assert len(earlier) < len(later) <= RUNS_LOOKED_AT
    assert set(earlier.query_id) <= set(later.query_id)


def test_runs_that_all_take_the_same_time_never_change() -> None:
    assert ratios(runs_taking(np.full(200, 7.0))) == []


def test_many_ties_do_not_hide_a_change() -> None:
    assert ratios(runs_taking(np.repeat([1.0, 3.0], 40))) == [3.0]


def test_a_clock_that_goes_back_mixes_runs_but_breaks_nothing() -> None:
    runs = runs_taking(levels((60, 10), (60, 30)))
    started_us = runs.started_us.copy()
    started_us[70:80] = started_us[50:60]  # so many runs seem to start forty hours earlier

    [change] = find_changes(timed_runs(replace(runs, started_us=started_us)))

    assert change.ratio == pytest.approx(3, rel=0.2)
    assert abs(change.changed_at - (START + timedelta(hours=240))) <= timedelta(hours=48)


def test_waiting_longer_for_good_is_told_apart_from_the_statement() -> None:
    queue = np.concatenate([noisy(60, around=0.2, seed=1), noisy(40, around=60, seed=2)])

    timeline = find_timeline(runs_taking(noisy(100, around=10, seed=3), queue_seconds=queue))

    [wait] = timeline.waits
    assert timeline.regression is None
    assert timeline.changes == ()
    assert wait.bucket is Bucket.QUEUE
    assert wait.mean_before_seconds == pytest.approx(0.2, rel=0.3)
    assert wait.extra_seconds_a_run == pytest.approx(60, rel=0.3)
    assert abs(wait.changed_at - (START + timedelta(hours=240))) <= timedelta(hours=16)


def test_where_every_third_run_waits_the_mean_tells_what_the_median_hides() -> None:
    queue = np.zeros(200)
    queue[100::3] = 90.0

    [wait] = find_timeline(runs_taking(np.full(200, 10.0), queue_seconds=queue)).waits

    assert wait.mean_before_seconds == 0
    assert wait.mean_after_seconds == pytest.approx(30, rel=0.1)


def test_a_storm_that_is_over_is_no_change_of_the_waiting() -> None:
    queue = np.zeros(200)
    queue[100:130] = 300.0

    assert find_timeline(runs_taking(np.full(200, 10.0), queue_seconds=queue)).waits == ()


def test_a_wait_that_is_small_beside_the_run_is_not_worth_a_word() -> None:
    queue = np.repeat([0.0, 5.0], 100)

    assert find_timeline(runs_taking(np.full(200, 3_600.0), queue_seconds=queue)).waits == ()


def test_compiling_at_each_run_since_a_day_is_a_wait_of_its_own() -> None:
    timeline = find_timeline(
        runs_taking(np.full(80, 10.0), compile_seconds=np.repeat([0.0, 8.0], 40))
    )

    assert [wait.bucket for wait in timeline.waits] == [Bucket.COMPILE]
    assert timeline.regression is None


def test_slower_and_waiting_are_both_told() -> None:
    seconds = levels((60, 10), (60, 30))
    queue = np.concatenate([np.zeros(80), np.full(40, 45.0)])

    timeline = find_timeline(runs_taking(seconds, queue_seconds=queue))

    assert timeline.regression is not None
    assert timeline.regression.ratio == pytest.approx(3, rel=0.2)
    assert [wait.bucket for wait in timeline.waits] == [Bucket.QUEUE]


def test_no_runs_have_no_timeline() -> None:
    timeline = find_timeline(Runs.empty())

    assert (timeline.regression, timeline.changes, timeline.waits) == (None, (), ())


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.lists(
        st.one_of(st.just(0.0), st.floats(0.001, 1e6), st.sampled_from([1.0, 10.0])), max_size=80
    ),
    hours_apart=st.sampled_from([0.0, 0.01, 1.0, 12.0]),
)
def test_any_history_gives_levels_that_last_and_follow_each_other(
    seconds: list[float], hours_apart: float
) -> None:
    runs = runs_taking(np.array(seconds, dtype=np.float64), hours_apart=hours_apart)

    changes = find_changes(timed_runs(runs))

    for change in changes:
        assert min(change.runs_before, change.runs_after) >= RUNS_EACH_SIDE
        assert 0 <= change.chance <= 1
    for one, next_one in pairwise(changes):
        assert one.runs_after == next_one.runs_before
        assert next_one.changed_at - one.changed_at >= timedelta(hours=HOURS_AT_LEAST)
    if changes:
        assert changes[0].runs_before + sum(change.runs_after for change in changes) == len(runs)
