"""Whether a pattern became slower than it used to be, and since when.

One change point by a rank test: Mann and Whitney's statistic at each split of the history, the
largest one wins, its chance multiplied by the number of splits tried (Bonferroni). Ranks only, so
a few wild runs do not fool it.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from backend.domain.runs import IntColumn, Runs

SLOWER_AT_LEAST = 1.5
CHANCE_AT_MOST = 0.005
CLEARLY_SLOWER = 2.0
RUNS_EACH_SIDE = 4
HOURS_AFTER = 24
NEWEST_RUNS_LOOKED_AT = 20_000


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A lasting slow-down. `ratio` is median after / median before; `chance` the test's p value."""

    changed_at: datetime
    runs_before: int
    runs_after: int
    median_before_seconds: float
    median_after_seconds: float
    ratio: float
    chance: float
    extra_seconds: float


def find_regression(runs: Runs) -> Regression | None:
    """The slow-down that still lasts at the newest run, or None.

    Works on timed runs only, with queue, lock and compile time taken off: those are not the
    statement's own doing and would name the wrong culprit.
    """
    positions = np.flatnonzero(runs.is_timed)
    order = np.argsort(runs.started_us[positions], kind="stable")
    timed = runs.take(positions[order[-NEWEST_RUNS_LOOKED_AT:]]).in_order()
    if len(timed) < 2 * RUNS_EACH_SIDE:
        return None
    own_us = np.maximum(
        timed.elapsed_us - timed.queue_us - timed.lock_wait_us - timed.compile_us, 1
    )
    split, chance = _change_point(own_us)
    before, after = own_us[:split], own_us[split:]
    median_before, median_after = float(np.median(before)), float(np.median(after))
    ratio = median_after / median_before
    if ratio >= CLEARLY_SLOWER and after.min() > before.max():
        # The test's approximation is too cautious for the dozen runs of a daily report.
        chance = min(chance, 2 / math.comb(len(own_us), len(after)))
    hours_after = (timed.started_us[-1] - timed.started_us[split]) / 3.6e9
    if ratio < SLOWER_AT_LEAST or chance > CHANCE_AT_MOST or hours_after < HOURS_AFTER:
        return None
    return Regression(
        changed_at=datetime.fromtimestamp(int(timed.started_us[split]) / 1e6, tz=UTC),
        runs_before=len(before),
        runs_after=len(after),
        median_before_seconds=median_before / 1e6,
        median_after_seconds=median_after / 1e6,
        ratio=ratio,
        chance=chance,
        extra_seconds=(median_after - median_before) / 1e6 * len(after),
    )


def _change_point(values: IntColumn) -> tuple[int, float]:
    """The most likely index of the first value after the change, and its p value."""
    count = len(values)
    _, position, ties = np.unique(values, return_inverse=True, return_counts=True)
    last_rank = np.cumsum(ties)
    rank = (last_rank - (ties - 1) / 2)[position]
    first = np.arange(RUNS_EACH_SIDE, count - RUNS_EACH_SIDE + 1)
    rank_sum = np.cumsum(rank)[first - 1]
    spread = np.sqrt(first * (count - first) * (count + 1) / 12)
    deviation = np.abs(rank_sum - first * (count + 1) / 2) / spread
    best = int(np.argmax(deviation))
    chance = math.erfc(float(deviation[best]) / math.sqrt(2)) * len(first)
    return int(first[best]), min(1.0, chance)
