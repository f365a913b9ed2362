"""Fast beside slow runs: what grew, and what of the growth it explains."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from backend.domain.comparison import (
    Comparison,
    ComparisonBasis,
    compare,
    compare_fast_and_slow,
)
from backend.domain.runs import Names, Runs
from backend.domain.time_buckets import Bucket
from tests.builders import A_MOMENT, some_runs


def before_and_after(fast: Runs, slow: Runs) -> Comparison:
    comparison = compare(fast, slow, basis=ComparisonBasis.SLOW_DOWN, changed_at=A_MOMENT)
    assert comparison is not None
    return comparison


def test_the_bucket_that_grew_is_named_with_its_seconds_and_its_share() -> None:
    comparison = before_and_after(
        some_runs(9, elapsed_seconds=10, planning_seconds=1, queue_seconds=0.5),
        some_runs(9, elapsed_seconds=32, planning_seconds=2, queue_seconds=1.5),
    )

    assert comparison.grown is Bucket.EXECUTION
    assert comparison.growth_seconds(Bucket.EXECUTION) == pytest.approx(20)
    assert comparison.growth_share(Bucket.EXECUTION) == pytest.approx(20 / 22)
    assert comparison.growth_share(Bucket.QUEUE) == pytest.approx(1 / 22)
    assert comparison.ratio == pytest.approx(3.2)


def test_what_shrank_explains_nothing_of_the_growth() -> None:
    comparison = before_and_after(
        some_runs(9, elapsed_seconds=10, queue_seconds=8),
        some_runs(9, elapsed_seconds=20, queue_seconds=2),
    )

    assert comparison.growth_seconds(Bucket.QUEUE) == pytest.approx(-6)
    assert comparison.growth_share(Bucket.QUEUE) == 0
    assert comparison.growth_share(Bucket.EXECUTION) == 1


def test_where_nothing_grew_no_bucket_is_named() -> None:
    comparison = before_and_after(some_runs(4), some_runs(4))

    assert comparison.grown is None
    assert comparison.growth_share(Bucket.EXECUTION) == 0


def test_runs_answered_from_the_cache_and_failed_ones_never_count() -> None:
    mixed = some_runs(
        6, elapsed_seconds=[0.01, 0.01, 0.01, 10, 10, 500], status=[0, 0, 0, 0, 0, 1],
        is_cache_hit=[True, True, True, False, False, False],
    )  # fmt: skip

    comparison = before_and_after(mixed, some_runs(5, elapsed_seconds=30))

    assert comparison.fast.runs == 2
    assert comparison.fast.elapsed_seconds == 10


def test_waits_of_some_runs_show_in_their_mean() -> None:
    queue = np.zeros(100)
    queue[::3] = 60.0

    comparison = before_and_after(
        some_runs(100, elapsed_seconds=10),
        some_runs(100, elapsed_seconds=10 + queue, queue_seconds=queue),
    )

    assert comparison.growth_seconds(Bucket.QUEUE) == pytest.approx(20, rel=0.1)
    assert comparison.grown is Bucket.QUEUE


def test_without_measured_buckets_the_own_time_stands_for_execution() -> None:
    comparison = before_and_after(
        some_runs(5, elapsed_seconds=10, execution_seconds=0),
        some_runs(5, elapsed_seconds=30, execution_seconds=0),
    )

    assert comparison.growth_seconds(Bucket.EXECUTION) == pytest.approx(20)


def test_a_side_knows_its_versions_span_and_rows() -> None:
    runs = some_runs(4, every=timedelta(hours=1), returned_rows=[5, 7, 9, 400])
    runs = replace(runs, redshift_version=Names.of(["1.0.2", "1.0.1", "", "1.0.2"]))

    side = before_and_after(runs, some_runs(4)).fast

    assert side.versions == ("1.0.1", "1.0.2")
    assert side.returned_rows == 8
    assert side.last_start - side.first_start == timedelta(hours=3)


def test_too_few_runs_on_a_side_are_not_compared() -> None:
    assert compare(
        some_runs(1), some_runs(9), basis=ComparisonBasis.SLOW_DOWN, changed_at=A_MOMENT
    ) is None  # fmt: skip
    assert compare_fast_and_slow(some_runs(5)) is None
    assert compare_fast_and_slow(Runs.empty()) is None


@pytest.mark.parametrize(("count", "fast", "slow"), [(6, 2, 2), (30, 10, 3), (4_000, 1_333, 400)])
def test_without_a_change_the_fastest_third_stands_against_the_slowest_tenth(
    count: int, fast: int, slow: int
) -> None:
    comparison = compare_fast_and_slow(some_runs(count, elapsed_seconds=np.arange(1, count + 1)))

    assert comparison is not None
    assert (comparison.fast.runs, comparison.slow.runs) == (fast, slow)
    assert comparison.basis is ComparisonBasis.FAST_AND_SLOW
    assert comparison.fast.elapsed_seconds == pytest.approx((1 + fast) / 2)
    assert comparison.slow.elapsed_seconds == pytest.approx(count - (slow - 1) / 2)


def test_equal_runs_are_compared_the_same_way_whatever_their_order() -> None:
    runs = some_runs(50, elapsed_seconds=[1.0] * 40 + [3.0] * 10, returned_rows=np.arange(50))
    shuffled = runs.take(np.random.default_rng(1).permutation(50))

    assert compare_fast_and_slow(runs) == compare_fast_and_slow(shuffled)
