"""Who has how much of the time in which the cluster was at work."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.busy_share import DAY_US, NO_WORK, BusyShares, WorkSpans, share_day, work_spans
from tests.builders import A_MOMENT, microseconds, some_runs

SECOND = 1_000_000


def spans(*each: tuple[float, float, int]) -> WorkSpans:
    """(from second, to second, owner)"""
    start, end, owner = (np.array(column) for column in zip(*sorted(each), strict=True))
    return WorkSpans(
        start_us=(start * SECOND).astype(np.int64),
        end_us=(end * SECOND).astype(np.int64),
        owner=owner.astype(np.int64),
    )


def shared(*each: tuple[float, float, int], owners: int = 2) -> BusyShares:
    return share_day(spans(*each), day_start_us=0, owner_count=owners)


def in_seconds(shares: np.ndarray) -> list[float]:
    return (shares / SECOND).round(6).tolist()


def test_a_run_alone_has_all_of_its_time():
    assert in_seconds(shared((10, 40, 0)).busy_us) == [30, 0]


def test_runs_at_the_same_time_share_it():
    assert in_seconds(shared((0, 30, 0), (10, 30, 1)).busy_us) == [20, 10]


def test_many_runs_of_one_pattern_have_no_more_than_the_time_that_passed():
    assert in_seconds(shared((0, 10, 0), (0, 10, 0), (0, 10, 1)).busy_us) == pytest.approx(
        [20 / 3, 10 / 3], abs=1e-5
    )


def test_a_run_over_midnight_has_of_each_day_what_lies_within():
    over = spans((86_390, 86_420, 0))

    first = share_day(over, day_start_us=0, owner_count=1)
    second = share_day(over, day_start_us=DAY_US, owner_count=1)

    assert in_seconds(first.busy_us) == [10]
    assert in_seconds(second.busy_us) == [20]


def test_a_run_is_split_by_the_hour():
    hourly = shared((3_500, 3_700, 0)).hourly_us[:, 0] / SECOND

    assert hourly[:3].tolist() == [100, 100, 0]


def test_who_wakes_the_workgroup_pays_up_to_a_minute():
    assert in_seconds(shared((0, 20, 0), (30, 40, 1), (200, 300, 1)).minimum_us) == [30, 0]


def test_a_wake_up_that_works_for_longer_than_a_minute_pays_nothing_more():
    assert in_seconds(shared((0, 50, 0), (55, 90, 1)).minimum_us) == [5, 0]


def test_waiting_is_no_work_and_neither_is_an_answer_from_the_cache():
    runs = some_runs(
        2,
        every=timedelta(minutes=5),
        elapsed_seconds=30,
        queue_seconds=10,
        lock_wait_seconds=5,
        is_cache_hit=[False, True],
    )

    found = work_spans(
        started_us=runs.started_us,
        elapsed_us=runs.elapsed_us,
        waited_us=runs.queue_us + runs.lock_wait_us,
        is_cache_hit=runs.is_cache_hit,
        is_scaled=runs.is_scaled,
        owner=np.array([4, 5]),
    ).main

    start = microseconds(A_MOMENT)
    assert (found.start_us - start).tolist() == [15 * SECOND]
    assert (found.end_us - start).tolist() == [30 * SECOND]
    assert found.owner.tolist() == [4]


def test_a_day_without_work_is_shared_by_nobody():
    shares = share_day(NO_WORK, day_start_us=0, owner_count=3)

    assert shares.total_busy_us == 0
    assert shares.busy_us.tolist() == [0, 0, 0]


span_lists = st.lists(
    st.tuples(st.integers(-5_000, 90_000), st.integers(0, 9_000), st.integers(0, 4)),
    min_size=1,
    max_size=40,
)


@given(span_lists)
def test_the_shares_add_up_to_the_time_in_which_anything_ran(told: list[tuple[int, int, int]]):
    each = [(start, start + length, owner) for start, length, owner in told]

    shares = share_day(spans(*each), day_start_us=0, owner_count=5)

    busy = np.zeros(86_400, dtype=np.bool_)
    for start, end, _ in each:
        busy[max(start, 0) : max(end, 0)] = True
    assert shares.total_busy_us / SECOND == pytest.approx(busy.sum(), abs=1e-3)
    assert (shares.busy_us >= 0).all()
    assert (shares.minimum_us >= 0).all()
    assert shares.minimum_us.max() <= 60 * SECOND * len(each)


@given(span_lists)
def test_nobody_has_more_than_its_own_runs_took(told: list[tuple[int, int, int]]):
    each = [(start, start + length, owner) for start, length, owner in told]

    shares = share_day(spans(*each), day_start_us=0, owner_count=5)

    for owner in range(5):
        own = sum(
            max(min(end, 86_400) - max(start, 0), 0) for start, end, who in each if who == owner
        )
        assert shares.busy_us[owner] / SECOND <= own + 1e-3
