"""What changed over a pattern's history: its own time, and apart from that its waiting."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.domain.change_points import Values, find_steps
from backend.domain.regression import (
    LevelChange,
    Regression,
    TimedRuns,
    find_changes,
    regression_among,
    timed_runs,
)
from backend.domain.runs import Runs
from backend.domain.time_buckets import Bucket

WAITING_BUCKETS = (Bucket.QUEUE, Bucket.LOCK_WAIT, Bucket.COMPILE)

WAITS_LONGER_SECONDS = 1.0
WAITS_LONGER_SHARE = 0.1
"""Of the median elapsed time: a report of an hour is not slower for waiting two seconds."""

WILD_RUNS_SHARE = 0.05
"""So many of the longest waits of a level count as no longer than the next one: a single run
behind a broken lock is no change."""


@dataclass(frozen=True, kw_only=True)
class WaitChange:
    """Since when runs wait longer for good; means, as most runs often do not wait at all."""

    bucket: Bucket
    changed_at: datetime
    runs_before: int
    runs_after: int
    mean_before_seconds: float
    mean_after_seconds: float
    chance: float

    @property
    def extra_seconds_a_run(self) -> float:
        return self.mean_after_seconds - self.mean_before_seconds


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """`regression` is the statement's own; `waits` are slow-downs that are not its doing."""

    regression: Regression | None = None
    changes: tuple[LevelChange, ...] = ()
    waits: tuple[WaitChange, ...] = ()


def find_timeline(runs: Runs) -> Timeline:
    timed = timed_runs(runs)
    changes = find_changes(timed)
    return Timeline(
        regression=regression_among(changes),
        changes=changes,
        waits=tuple(_wait_changes(timed)),
    )


def _wait_changes(timed: TimedRuns) -> Iterator[WaitChange]:
    runs = timed.runs
    if not len(runs):
        return
    worth_us = max(
        WAITS_LONGER_SECONDS * 1e6, WAITS_LONGER_SHARE * float(np.median(runs.elapsed_us))
    )
    for bucket in WAITING_BUCKETS:
        waited: Values = getattr(runs, f"{bucket.value}_us")
        # No level can be so much above another where all waits together are less.
        if float(waited.sum()) / 1e6 < WAITS_LONGER_SECONDS:
            continue
        change = _last_rise(timed, waited, bucket, worth_us)
        if change:
            yield change


def _last_rise(
    timed: TimedRuns, waited: Values, bucket: Bucket, worth_us: float
) -> WaitChange | None:
    """The last step, if it goes up: what came back to where it was is over."""

    def is_step(before: Values, after: Values) -> bool:
        return abs(typical_wait_us(after) - typical_wait_us(before)) >= worth_us

    started_us = timed.runs.started_us
    steps = find_steps(started_us, waited, is_step)
    if not steps:
        return None
    bounds = [0, *(step.index for step in steps), len(waited)]
    counts = timed.counts(bounds)
    first, last = bounds[-3:-1]
    before, after = waited[first:last], waited[last:]
    if typical_wait_us(after) < typical_wait_us(before):
        return None
    return WaitChange(
        bucket=bucket,
        changed_at=datetime.fromtimestamp(int(started_us[last]) / 1e6, tz=UTC),
        runs_before=counts[-2],
        runs_after=counts[-1],
        mean_before_seconds=typical_wait_us(before) / 1e6,
        mean_after_seconds=typical_wait_us(after) / 1e6,
        chance=steps[-1].chance,
    )


def typical_wait_us(waited: Values) -> float:
    """The mean, with the longest few held to the longest of the others."""
    longest = np.quantile(waited, 1 - WILD_RUNS_SHARE, method="lower")
    return float(np.minimum(waited, longest).mean())
