"""Fast runs of a pattern beside slow ones: which part of the time grew, and by how much."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from backend.domain.change_points import Values
from backend.domain.regression import own_time_us
from backend.domain.runs import Runs
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket, TimeBuckets
from backend.domain.timeline import WAITING_BUCKETS, typical_wait_us

FASTEST_PART = Threshold(
    name="fastest_part",
    default=1 / 3,
    unit="share",
    meaning="where nothing changed, so large a part of the runs is the fast side",
    source=OWN,
)
SLOWEST_PART = Threshold(
    name="slowest_part",
    default=0.1,
    unit="share",
    meaning="where nothing changed, so large a part of the runs is the slow side",
    source=OWN,
)
CLEARLY_FASTER = Threshold(
    name="clearly_faster_times",
    default=2.0,
    unit="times",
    meaning="a recorded run that is so many times faster than the slowest is kept beside it",
    source=f"{OWN}: two runs that are nearer differ by chance as well",
)
RUNS_A_SIDE_AT_LEAST = 2
RUNS_AT_LEAST = 6
RUNS_A_SIDE_AT_MOST = 1_500
"""The newest on either side: more would move no median."""


class ComparisonBasis(StrEnum):
    """What parts the two sides."""

    SLOW_DOWN = "slow-down"
    LONGER_WAIT = "longer wait"
    FAST_AND_SLOW = "fast and slow runs"


@dataclass(frozen=True, kw_only=True)
class RunSide:
    """Figures of a typical run.

    Medians; but of queue, locks and compiling the mean with wild runs held down, as most runs
    often do not wait at all. Execution is the own time less planning where it was not measured.
    """

    runs: int
    first_start: datetime
    last_start: datetime
    elapsed_seconds: float
    buckets: TimeBuckets
    returned_rows: int
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`fast` is before, `slow` after a change, or they are the fastest and slowest parts."""

    basis: ComparisonBasis
    fast: RunSide
    slow: RunSide
    changed_at: datetime | None = None

    def growth_seconds(self, bucket: Bucket) -> float:
        """What a slow run takes more than a fast one; below 0 where it takes less."""
        return self.slow.buckets.seconds(bucket) - self.fast.buckets.seconds(bucket)

    @property
    def ratio(self) -> float:
        return self.slow.elapsed_seconds / max(self.fast.elapsed_seconds, 1e-6)

    @property
    def grown(self) -> Bucket | None:
        """The bucket that grew most; None where none did."""
        most = max(Bucket, key=self.growth_seconds)
        return most if self.growth_seconds(most) > 0 else None

    def growth_share(self, bucket: Bucket) -> float:
        """0..1 of what all buckets that grew have grown."""
        grown = sum(max(self.growth_seconds(each), 0.0) for each in Bucket)
        return max(self.growth_seconds(bucket), 0.0) / grown if grown > 0 else 0.0


def compare(
    fast: Runs, slow: Runs, *, basis: ComparisonBasis, changed_at: datetime | None
) -> Comparison | None:
    """None where a side has too few runs that ended well without the result cache."""
    fast, slow = fast.take(fast.is_timed), slow.take(slow.is_timed)
    if min(len(fast), len(slow)) < RUNS_A_SIDE_AT_LEAST:
        return None
    return Comparison(basis=basis, fast=_side(fast), slow=_side(slow), changed_at=changed_at)


def compare_fast_and_slow(
    runs: Runs,
    *,
    fastest_part: float = FASTEST_PART.default,
    slowest_part: float = SLOWEST_PART.default,
) -> Comparison | None:
    """By elapsed time; of equal ones the older counts as the faster."""
    timed = runs.take(runs.is_timed)
    if len(timed) < RUNS_AT_LEAST:
        return None
    order = np.lexsort((timed.started_us, timed.elapsed_us))
    fast_count = max(math.floor(len(timed) * fastest_part), RUNS_A_SIDE_AT_LEAST)
    slow_count = max(math.ceil(len(timed) * slowest_part), RUNS_A_SIDE_AT_LEAST)
    if fast_count + slow_count > len(timed):
        return None
    return compare(
        timed.take(np.sort(order[:fast_count])),
        timed.take(np.sort(order[-slow_count:])),
        basis=ComparisonBasis.FAST_AND_SLOW,
        changed_at=None,
    )


def _side(timed: Runs) -> RunSide:
    versions = timed.redshift_version.compact().names
    return RunSide(
        runs=len(timed),
        first_start=_moment(int(timed.started_us.min())),
        last_start=_moment(int(timed.started_us.max())),
        elapsed_seconds=_median_seconds(timed.elapsed_us),
        buckets=TimeBuckets(
            **{f"{bucket.value}_seconds": _typical_seconds(timed, bucket) for bucket in Bucket}
        ),
        returned_rows=round(float(np.median(timed.returned_rows))),
        versions=tuple(version for version in versions if version),
    )


def _typical_seconds(timed: Runs, bucket: Bucket) -> float:
    spent: Values = getattr(timed, f"{bucket.value}_us")
    if bucket in WAITING_BUCKETS:
        return typical_wait_us(spent) / 1e6
    if bucket is Bucket.EXECUTION and not spent.any():
        spent = np.maximum(own_time_us(timed) - timed.planning_us, 0)
    return _median_seconds(spent)


def _median_seconds(microseconds: Values) -> float:
    return float(np.median(microseconds)) / 1e6


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
