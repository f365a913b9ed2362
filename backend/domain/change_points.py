"""Where the level of a series of runs steps up or down for good.

Binary segmentation: Mann and Whitney's statistic at each split of a stretch of runs, the largest
wins, its chance multiplied by the number of splits tried (Bonferroni); then each side again. A
stretch that goes up and comes back hardly moves that statistic, so the middle between the lowest
and the highest point of the rank sum is tried as well. At last each step is tested once more
between its two neighbours. Ranks only, so a few wild runs do not fool it.

A rhythm is no change: where runs of weekends or of parts of the day take another time, each run
is ranked among its own kind only.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import IntColumn

RUNS_EACH_SIDE = 4
CHANCE_AT_MOST = 0.005
HOURS_AT_LEAST = 24
"""A level that lasts less is an episode (a queue storm, a bad morning), not a change."""

RHYTHM_RATIO = 1.25
RHYTHM_CHANCE_AT_MOST = 0.001
RUNS_OF_A_KIND = 8
NEARLY_THE_BEST = 0.98
_HOUR_US = 3_600_000_000
_DAY_US = 24 * _HOUR_US
_HOURS_OF_A_PART = 6
_PARTS = 24 // _HOURS_OF_A_PART

Values = NDArray[np.int64]
Floats = NDArray[np.float64]
Kinds = NDArray[np.intp]

IsStep = Callable[[Values, Values], bool]
"""Whether the runs before and after differ by enough to be worth a word."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """`index` is the first run after it; `chance` that of a step like this in runs without one."""

    index: int
    chance: float


def find_steps(started_us: IntColumn, values: Values, is_step: IsStep) -> list[Step]:
    """All steps, oldest first; runs are given oldest first.

    Each level has at least RUNS_EACH_SIDE runs and lasts HOURS_AT_LEAST.
    """
    if len(values) < 2 * RUNS_EACH_SIDE:
        return []
    alike: Kinds = np.zeros(len(values), dtype=np.intp)
    steps = _Series(started_us, values, is_step, alike).steps()
    # Most patterns have no step at all, and need no look at their rhythm.
    kinds = rhythm_kinds(started_us, values) if steps else alike
    return _Series(started_us, values, is_step, kinds).steps() if kinds.any() else steps


class _Series:
    def __init__(
        self, started_us: IntColumn, values: Values, is_step: IsStep, kinds: Kinds
    ) -> None:
        self._started_us = started_us
        self._values = values
        self._is_step = is_step
        self._kinds = kinds

    def steps(self) -> list[Step]:
        return self.confirmed(self.split())

    def split(self) -> list[int]:
        found: list[int] = []
        pending = [(0, len(self._values))]
        while pending:
            first, end = pending.pop()
            places = self._places(first, end)
            found.extend(places)
            bounds = [first, *places, end] if places else []
            pending.extend(pairwise(bounds))
        return sorted(found)

    def confirmed(self, places: Sequence[int]) -> list[Step]:
        """The steps that stand between their neighbours, each dated anew between them; of those
        that do not stand the least likely is dropped, and the others are looked at again."""
        kept = list(places)
        while kept:
            steps = [self._dated(kept, place) for place in range(len(kept))]
            chances = [
                step.chance
                if step and self._lasts(kept[place], *self._neighbours(kept, place))
                else 1.0
                for place, step in enumerate(steps)
            ]
            worst = max(range(len(kept)), key=chances.__getitem__)
            if chances[worst] <= CHANCE_AT_MOST:
                return [step for step in steps if step]
            del kept[worst]
        return []

    def _dated(self, kept: list[int], place: int) -> Step | None:
        """Moves the step to where it is most likely."""
        first, end = self._neighbours(kept, place)
        step = self._single(self._path(first, end), first, end)
        if step:
            kept[place] = step.index
        return step

    def _neighbours(self, kept: Sequence[int], place: int) -> tuple[int, int]:
        bounds = [0, *kept, len(self._values)]
        return bounds[place], bounds[place + 2]

    def _places(self, first: int, end: int) -> list[int]:
        if end - first < 2 * RUNS_EACH_SIDE:
            return []
        path = self._path(first, end)
        step = self._single(path, first, end)
        if step and step.chance <= CHANCE_AT_MOST and self._lasts(step.index, first, end):
            return [step.index]
        return self._episode(path, first, end)

    def _path(self, first: int, end: int) -> "_RankPath":
        return _RankPath(self._values[first:end], self._kinds[first:end])

    def _single(self, path: "_RankPath", first: int, end: int) -> Step | None:
        """The most likely split that parts two levels."""
        split, chance = path.best_split()
        before, after = self._values[first : first + split], self._values[first + split : end]
        if not self._is_step(before, after):
            return None
        return Step(index=first + split, chance=_separated(before, after, chance))

    def _episode(self, path: "_RankPath", first: int, end: int) -> list[int]:
        """Both ends of a stretch in the middle with a level of its own."""
        start, stop, chance = path.best_episode()
        if chance > CHANCE_AT_MOST or stop - start < RUNS_EACH_SIDE:
            return []
        middle = self._values[first + start : first + stop]
        around = np.concatenate(
            [self._values[first : first + start], self._values[first + stop : end]]
        )
        if len(around) < RUNS_EACH_SIDE or not self._is_step(around, middle):
            return []
        ends = [first + place for place in (start, stop) if first < first + place < end]
        bounds = [first, *ends, end]
        hours = [self._hours(a, b) for a, b in pairwise(bounds)]
        has_room = all(b - a >= RUNS_EACH_SIDE for a, b in pairwise(bounds))
        return ends if has_room and min(hours) >= HOURS_AT_LEAST else []

    def _lasts(self, index: int, first: int, end: int) -> bool:
        return min(self._hours(first, index), self._hours(index, end)) >= HOURS_AT_LEAST

    def _hours(self, first: int, end: int) -> float:
        """From the first run of the stretch to the first behind it, or to its last one."""
        last = min(end, len(self._started_us) - 1)
        return float(self._started_us[last] - self._started_us[first]) / _HOUR_US


def _separated(before: Values, after: Values, chance: float) -> float:
    """The test's approximation is too cautious for the dozen runs of a daily report."""
    medians = sorted((float(np.median(before)), float(np.median(after))))
    is_apart = after.min() > before.max() or after.max() < before.min()
    if is_apart and medians[1] >= 2 * medians[0]:
        return min(chance, 2 / math.comb(len(before) + len(after), len(after)))
    return chance


class _RankPath:
    """The sum of ranks, each less its mean, from the first run on: flat where nothing changes.

    Ranks are those among the runs of the same kind. Its spread is that of a random order of the
    runs within their kinds, so ties and kinds are accounted for.
    """

    def __init__(self, values: Values, kinds: Kinds) -> None:
        self._count = len(values)
        scores, self._variances, self._totals, self._kinds = _scores(values, kinds)
        self._path = np.concatenate([[0.0], np.cumsum(scores)])
        self._values = values
        self._seen: Floats | None = None

    def best_split(self) -> tuple[int, float]:
        """The index of the first run after it, and its chance."""
        first = np.arange(RUNS_EACH_SIDE, self._count - RUNS_EACH_SIDE + 1)
        deviation = np.abs(self._path[first]) / self._spread(self._counts()[first])
        best = int(np.argmax(deviation))
        if len(self._totals) > 1:
            best = self._dated(first, deviation)
        return int(first[best]), _chance(float(deviation[best]), len(first))

    def _dated(self, first: Kinds, deviation: Floats) -> int:
        """While runs of one kind only are there, the rank sum by kinds stands still: of the splits
        that are nearly as likely, the one that all ranks together speak for."""
        plain = _RankPath(self._values, np.zeros(self._count, dtype=np.intp))
        likely = np.abs(plain._path[first]) / plain._spread(plain._counts()[first])
        return int(np.argmax(np.where(deviation >= NEARLY_THE_BEST * deviation.max(), likely, -1)))

    def best_episode(self) -> tuple[int, int, float]:
        start, stop = sorted((int(np.argmin(self._path)), int(np.argmax(self._path))))
        if stop == start:
            return start, stop, 1.0
        counts = self._counts()
        spread = self._spread((counts[stop] - counts[start])[None, :])
        deviation = float(abs(self._path[stop] - self._path[start]) / spread[0])
        return start, stop, _chance(deviation, self._count * (self._count - 1) // 2)

    def _counts(self) -> Floats:
        """Of each kind, how many runs come before a place."""
        if self._seen is None:
            seen = np.zeros((self._count + 1, len(self._totals)))
            seen[np.arange(1, self._count + 1), self._kinds] = 1.0
            self._seen = np.cumsum(seen, axis=0)
        return self._seen

    def _spread(self, counts: Floats) -> Floats:
        """Of a sum over so many runs of each kind, drawn without putting back."""
        drawn = counts * (self._totals - counts) / np.maximum(self._totals - 1, 1)
        variance: Floats = drawn @ self._variances
        # Where all are equal nothing deviates either.
        return np.sqrt(np.maximum(variance, 1e-12))


def _scores(values: Values, kinds: Kinds) -> tuple[Floats, Floats, Floats, Kinds]:
    """Centred ranks, between -0.5 and 0.5, and of each kind their variance and number."""
    names, codes = np.unique(kinds, return_inverse=True)
    scores = np.zeros(len(values))
    variances = np.zeros(len(names))
    totals = np.zeros(len(names))
    for code in range(len(names)):
        own = codes == code
        _, position, ties = np.unique(values[own], return_inverse=True, return_counts=True)
        rank = (np.cumsum(ties) - (ties - 1) / 2)[position]
        totals[code] = len(rank)
        scores[own] = rank / (len(rank) + 1) - 0.5
        variances[code] = float(np.mean(scores[own] ** 2))
    return scores, variances, totals, codes


def _chance(deviation: float, tried: int) -> float:
    return min(1.0, math.erfc(deviation / math.sqrt(2)) * tried)


def rhythm_kinds(started_us: IntColumn, values: Values) -> Kinds:
    """The kind of time that each run starts in, by weekend and part of the day; all alike where
    no rhythm shows. Kinds with few runs are one together."""
    day = started_us // _DAY_US
    is_weekend = ((day + 3) % 7 >= 5).astype(np.int64)  # 1970-01-01 was a Thursday
    part = started_us % _DAY_US // (_HOURS_OF_A_PART * _HOUR_US)
    weekly = _ranks_within(values, day // 7)
    for kinds in (is_weekend * _PARTS + part, part, is_weekend):
        known = _known_kinds(kinds)
        if _differ(known, values, weekly):
            return known
    return np.zeros(len(values), dtype=np.intp)


def _known_kinds(kinds: IntColumn) -> Kinds:
    names, codes, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    few = len(names)
    known: Kinds = np.where(counts[codes] >= RUNS_OF_A_KIND, codes, few).astype(np.intp)
    return known


def _ranks_within(values: Values, stretches: IntColumn) -> Floats:
    """Centred ranks among the runs of the same week, so that a step does not look like a kind."""
    return _scores(values, stretches.astype(np.intp))[0]


def _differ(kinds: Kinds, values: Values, ranks: Floats) -> bool:
    """Whether one kind takes much longer than another, and not by chance."""
    _, codes, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    spread = float(ranks.std())
    if len(counts) < 2 or spread == 0:
        return False
    means = np.bincount(codes, weights=ranks) / counts
    deviation = np.abs(means) * np.sqrt(counts) / spread
    if _chance(float(deviation.max()), len(counts)) > RHYTHM_CHANCE_AT_MOST:
        return False
    medians = [float(np.median(values[codes == code])) for code in range(len(counts))]
    return max(medians) >= RHYTHM_RATIO * max(min(medians), 1.0)
