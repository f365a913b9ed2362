"""How long a pattern's runs take by themselves over time, and whether they became slower."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from backend.domain.change_points import Step, Values, find_steps
from backend.domain.runs import IntColumn, Mask, Runs

CHANGED_AT_LEAST = 1.25
SLOWER_AT_LEAST = 1.5
RUNS_LOOKED_AT = 20_000
"""Of a pattern with more runs a sample is looked at: it shows any level that lasts a day."""

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A lasting slow-down. `ratio` is median after / median before; `chance` the test's p value.

    Before is the level just before it, after the present one: they are all runs before and after
    where the pattern changed once.
    """

    changed_at: datetime
    runs_before: int
    runs_after: int
    median_before_seconds: float
    median_after_seconds: float
    ratio: float
    chance: float
    extra_seconds: float


@dataclass(frozen=True, kw_only=True)
class LevelChange:
    """A lasting step up or down of what a run takes by itself (without queue, locks, compiling).

    Counts and medians are those of the levels on either side of it.
    """

    changed_at: datetime
    runs_before: int
    runs_after: int
    median_before_seconds: float
    median_after_seconds: float
    chance: float

    @property
    def ratio(self) -> float:
        """After / before: above 1 is slower."""
        return self.median_after_seconds / max(self.median_before_seconds, 1e-6)


def own_time_us(runs: Runs) -> Values:
    """Elapsed time less queue, lock and compile time: those are not the statement's own doing and
    would name the wrong culprit."""
    own: Values = np.maximum(
        runs.elapsed_us - runs.queue_us - runs.lock_wait_us - runs.compile_us, 1
    )
    return own


@dataclass(frozen=True, kw_only=True)
class TimedRuns:
    """The runs to learn from, oldest first. Where `runs` are a sample, `starts_us` has the start of
    each run that it is drawn from."""

    runs: Runs
    starts_us: IntColumn | None = None

    def counts(self, bounds: Sequence[int]) -> list[int]:
        """How many runs there are of each level, sampled or not; bounds are places in `runs`, from
        the first to behind the last."""
        places: Sequence[int] = bounds
        if self.starts_us is not None:
            inner = self.runs.started_us[list(bounds[1:-1])]
            places = [0, *map(int, np.searchsorted(self.starts_us, inner)), len(self.starts_us)]
        return [end - first for first, end in pairwise(places)]


def timed_runs(runs: Runs) -> TimedRuns:
    """Those that ended well and were not answered from the cache."""
    timed = np.flatnonzero(runs.is_timed)
    if len(timed) <= RUNS_LOOKED_AT:
        return TimedRuns(runs=runs.take(timed).in_order())
    starts_us = runs.started_us[timed]
    sampled = timed[_is_sampled(starts_us)]
    return TimedRuns(runs=runs.take(sampled).in_order(), starts_us=np.sort(starts_us))


def _is_sampled(starts_us: IntColumn) -> Mask:
    """By the start of each run: the same ones are drawn until there are twice as many in all."""
    halvings = math.ceil(math.log2(len(starts_us) / RUNS_LOOKED_AT))
    mixed = starts_us.astype(np.uint64) * _MIX
    chosen: Mask = mixed >> np.uint64(64 - halvings) == 0
    return chosen


def find_regression(runs: Runs) -> Regression | None:
    """The last slow-down that still lasts at the newest run, or None."""
    return regression_among(find_changes(timed_runs(runs)))


def find_changes(timed: TimedRuns) -> tuple[LevelChange, ...]:
    """All lasting changes of the runs' own time, up and down, oldest first."""
    own_us = own_time_us(timed.runs)
    steps = find_steps(timed.runs.started_us, own_us, _is_step)
    return tuple(_level_changes(timed, own_us, steps)) if steps else ()


def regression_among(changes: Sequence[LevelChange]) -> Regression | None:
    """The latest step up after which no level came back, if the present one is much slower."""
    for position in reversed(range(len(changes))):
        since = changes[position:]
        before = changes[position].median_before_seconds
        levels = [change.median_after_seconds for change in since]
        if levels[-1] >= SLOWER_AT_LEAST * before and min(levels) >= CHANGED_AT_LEAST * before:
            return Regression(
                changed_at=since[0].changed_at,
                runs_before=since[0].runs_before,
                runs_after=sum(change.runs_after for change in since),
                median_before_seconds=before,
                median_after_seconds=levels[-1],
                ratio=levels[-1] / before,
                chance=since[0].chance,
                extra_seconds=sum(
                    (change.median_after_seconds - before) * change.runs_after for change in since
                ),
            )
    return None


def _is_step(before: Values, after: Values) -> bool:
    lower, upper = sorted((float(np.median(before)), float(np.median(after))))
    return upper >= CHANGED_AT_LEAST * lower


def _level_changes(timed: TimedRuns, own_us: Values, steps: Sequence[Step]) -> list[LevelChange]:
    bounds = [0, *(step.index for step in steps), len(own_us)]
    counts = timed.counts(bounds)
    medians = [float(np.median(own_us[first:end])) / 1e6 for first, end in pairwise(bounds)]
    return [
        LevelChange(
            changed_at=datetime.fromtimestamp(int(timed.runs.started_us[step.index]) / 1e6, tz=UTC),
            runs_before=counts[place],
            runs_after=counts[place + 1],
            median_before_seconds=medians[place],
            median_after_seconds=medians[place + 1],
            chance=step.chance,
        )
        for place, step in enumerate(steps)
    ]
