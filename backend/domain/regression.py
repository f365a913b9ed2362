"""How long a pattern's runs take by themselves over time, and whether they became slower."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from backend.domain.change_points import Step, Values, find_steps
from backend.domain.runs import Runs

CHANGED_AT_LEAST = 1.25
SLOWER_AT_LEAST = 1.5
NEWEST_RUNS_LOOKED_AT = 20_000


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


def timed_runs(runs: Runs) -> Runs:
    """The newest runs to learn from, oldest first."""
    positions = np.flatnonzero(runs.is_timed)
    order = np.argsort(runs.started_us[positions], kind="stable")
    return runs.take(positions[order[-NEWEST_RUNS_LOOKED_AT:]]).in_order()


def find_regression(runs: Runs) -> Regression | None:
    """The last slow-down that still lasts at the newest run, or None."""
    return regression_among(find_changes(timed_runs(runs)))


def find_changes(timed: Runs) -> tuple[LevelChange, ...]:
    """All lasting changes of the runs' own time, up and down, oldest first.

    `timed` as `timed_runs` gives them.
    """
    own_us = own_time_us(timed)
    steps = find_steps(timed.started_us, own_us, _is_step)
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


def _level_changes(timed: Runs, own_us: Values, steps: Sequence[Step]) -> list[LevelChange]:
    bounds = [0, *(step.index for step in steps), len(own_us)]
    medians = [float(np.median(own_us[first:end])) / 1e6 for first, end in pairwise(bounds)]
    return [
        LevelChange(
            changed_at=datetime.fromtimestamp(int(timed.started_us[step.index]) / 1e6, tz=UTC),
            runs_before=step.index - bounds[place],
            runs_after=bounds[place + 2] - step.index,
            median_before_seconds=medians[place],
            median_after_seconds=medians[place + 1],
            chance=step.chance,
        )
        for place, step in enumerate(steps)
    ]
