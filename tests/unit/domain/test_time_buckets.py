"""Where the time went, and the shares of it."""

import pytest

from backend.domain.time_buckets import Bucket, TimeBuckets


def test_shares_are_of_the_time_that_the_buckets_account_for() -> None:
    buckets = TimeBuckets(queue_seconds=30, execution_seconds=90)

    assert buckets.share(Bucket.QUEUE) == pytest.approx(0.25)
    assert buckets.dominant is Bucket.EXECUTION


def test_nothing_measured_has_no_dominant_bucket() -> None:
    assert TimeBuckets().dominant is None
    assert TimeBuckets().share(Bucket.QUEUE) == 0.0


def test_buckets_add_up() -> None:
    one = TimeBuckets(queue_seconds=1, compile_seconds=2)
    other = TimeBuckets(queue_seconds=10, lock_wait_seconds=4)

    assert one.plus(other) == TimeBuckets(queue_seconds=11, compile_seconds=2, lock_wait_seconds=4)
