"""Which recorded runs stand for a pattern: a slow one, a fast one, and some around a change."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from backend.domain.comparison import CLEARLY_FASTER
from backend.domain.regression import Regression, own_time_us
from backend.domain.runs import IntColumn
from backend.domain.sighting import SIGHTINGS_AT_MOST, Sighting
from backend.services.import_hours import is_among
from backend.services.ports import PatternRuns

CANDIDATES_A_PATTERN = 2_000
EXTREMES_KEPT = 64
SIGHTINGS_WITHOUT_CHANGE = 3
"""Beside the slow and the fast run, whose rows are read anyway."""

_CANDIDATE = np.dtype(
    [
        ("query_id", "<i8"),
        ("started_us", "<i8"),
        ("elapsed_us", "<i8"),
        ("own_us", "<i8"),
        ("returned_rows", "<i8"),
        ("returned_bytes", "<i8"),
        ("is_timed", "?"),
        ("has_steps", "?"),
        ("has_plan", "?"),
    ]
)
_MIX = np.uint64(0x9E3779B97F4A7C15)

Candidates = NDArray[np.void]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedRun:
    query_id: int
    started_at: datetime
    elapsed_seconds: float
    own_seconds: float
    returned_rows: int
    returned_bytes: int
    has_steps: bool
    has_plan: bool

    def sighting(self) -> Sighting:
        return Sighting(
            query_id=self.query_id,
            started_at=self.started_at,
            own_seconds=self.own_seconds,
            returned_rows=self.returned_rows,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenRuns:
    """Steps are only taken of runs that ended well and were not answered from the cache; a plan is
    the same for a run that failed, so it will do where there is no better one."""

    slow_steps: RecordedRun | None = None
    slow_plan: RecordedRun | None = None
    fast_steps: RecordedRun | None = None
    fast_plan: RecordedRun | None = None
    sighted: tuple[RecordedRun, ...] = ()

    @property
    def with_all_steps(self) -> Iterator[RecordedRun]:
        yield from (run for run in (self.slow_steps, self.fast_steps) if run)

    @property
    def with_all_of_plan(self) -> Iterator[RecordedRun]:
        yield from (run for run in (self.slow_plan, self.fast_plan) if run)

    @property
    def all_sighted(self) -> Iterator[RecordedRun]:
        """Each once. The run whose steps are kept may have a plan that is not the one kept."""
        chosen = (self.slow_steps, self.slow_plan, self.fast_steps, self.fast_plan, *self.sighted)
        yield from dict.fromkeys(run for run in chosen if run)


class RecordedRuns:
    """The runs of an export of which it holds steps or a plan, by pattern.

    Of many runs of a pattern the slowest and fastest are kept, and a sample that is the same in
    whichever order the runs come.
    """

    def __init__(self, *, with_steps: IntColumn, with_plan: IntColumn) -> None:
        self._with_steps = with_steps
        self._with_plan = with_plan
        self._of_pattern: dict[str, Candidates] = {}

    @property
    def query_hashes(self) -> list[str]:
        return sorted(self._of_pattern)

    def consider(self, part: PatternRuns) -> None:
        runs = part.runs
        has_steps = is_among(runs.query_id, self._with_steps) & runs.is_timed
        has_plan = is_among(runs.query_id, self._with_plan)
        rows = np.flatnonzero(has_steps | has_plan)
        if not len(rows):
            return
        found = np.empty(len(rows), dtype=_CANDIDATE)
        for name in ("query_id", "started_us", "elapsed_us", "returned_rows", "returned_bytes"):
            found[name] = getattr(runs, name)[rows]
        found["own_us"] = own_time_us(runs.take(rows))
        found["is_timed"] = runs.is_timed[rows]
        found["has_steps"], found["has_plan"] = has_steps[rows], has_plan[rows]
        query_hash = part.pattern.query_hash
        known = self._of_pattern.get(query_hash)
        together = found if known is None else np.concatenate([known, found])
        if len(together) > 2 * CANDIDATES_A_PATTERN:
            together = _thinned(together)
        self._of_pattern[query_hash] = together

    def choose(
        self,
        query_hash: str,
        regression: Regression | None,
        *,
        clearly_faster: float = CLEARLY_FASTER.default,
        most_sighted: int = SIGHTINGS_AT_MOST,
    ) -> ChosenRuns:
        """With a regression the slow runs are from after it, the fast ones from before it."""
        runs = self._of_pattern.get(query_hash)
        if runs is None:
            return ChosenRuns()
        # Each once, whatever the export holds twice.
        _, first = np.unique(runs[["query_id", "started_us"]], return_index=True)
        runs = _thinned(runs[np.sort(first)])
        before, after = _sides(runs, regression)
        slow_steps = _slowest(after[after["has_steps"]]) or _slowest(runs[runs["has_steps"]])
        slow_plan = _slowest_plan(after) or _slowest_plan(runs)
        if regression:
            wanted_us = regression.median_before_seconds * 1e6
        else:
            slow = slow_steps or slow_plan
            limit_us = slow.own_seconds * 1e6 / clearly_faster if slow else 0.0
            before = before[before["own_us"] <= limit_us]
            wanted_us = float(before["own_us"].min()) if len(before) else 0.0
        fast_steps = _nearest(before[before["has_steps"]], wanted_us)
        fast_plan = _nearest(before[before["has_plan"]], wanted_us)
        return ChosenRuns(
            slow_steps=slow_steps,
            slow_plan=slow_plan,
            fast_steps=None if fast_steps == slow_steps else fast_steps,
            fast_plan=None if fast_plan == slow_plan else fast_plan,
            sighted=tuple(_sighted(runs, regression, most_sighted)),
        )


def _thinned(runs: Candidates) -> Candidates:
    """The slowest, the fastest, and those that their ids choose: the same whatever came first."""
    if len(runs) <= CANDIDATES_A_PATTERN:
        return runs
    mixed = runs["query_id"].astype(np.uint64) * _MIX
    by_chance = np.argsort(mixed, kind="stable")[:CANDIDATES_A_PATTERN]
    by_time = np.lexsort((runs["query_id"], runs["elapsed_us"], ~runs["is_timed"]))
    timed = int(runs["is_timed"].sum())
    extremes = [by_time[:EXTREMES_KEPT], by_time[max(timed - EXTREMES_KEPT, 0) : timed]]
    kept: Candidates = runs[np.unique(np.concatenate([by_chance, *extremes]))]
    return kept


def _sides(runs: Candidates, regression: Regression | None) -> tuple[Candidates, Candidates]:
    """The timed runs that can be the fast one, and those that can be the slow one."""
    timed = runs[runs["is_timed"]]
    if regression is None:
        return timed, timed
    changed_us = int(regression.changed_at.timestamp() * 1e6)
    is_before = timed["started_us"] < changed_us
    return timed[is_before], timed[~is_before]


def _slowest_plan(runs: Candidates) -> RecordedRun | None:
    with_plan = runs[runs["has_plan"]]
    return _slowest(with_plan[with_plan["is_timed"]]) or _slowest(with_plan)


def _slowest(runs: Candidates) -> RecordedRun | None:
    if not len(runs):
        return None
    return _run(runs[np.lexsort((runs["query_id"], -runs["elapsed_us"]))[0]])


def _nearest(runs: Candidates, wanted_us: float) -> RecordedRun | None:
    """A run with both plan and steps, if there is one; of those the one nearest in time taken."""
    if not len(runs):
        return None
    is_half = ~(runs["has_plan"] & runs["has_steps"])
    off = np.abs(np.log(np.maximum(runs["own_us"], 1) / max(wanted_us, 1.0)))
    return _run(runs[np.lexsort((runs["query_id"], off, is_half))[0]])


def _sighted(runs: Candidates, regression: Regression | None, most: int) -> Iterator[RecordedRun]:
    """Those nearest to the change on either side, or a few spread over the time."""
    timed = runs[runs["is_timed"]]
    in_order = timed[np.lexsort((timed["query_id"], timed["started_us"]))]
    if not len(in_order):
        return
    if regression is None:
        count = min(most, SIGHTINGS_WITHOUT_CHANGE, len(in_order))
        places = np.unique(np.rint(np.linspace(0, len(in_order) - 1, count)).astype(np.int64))
        yield from (_run(row) for row in in_order[places])
        return
    before, after = _sides(in_order, regression)
    # Those with a plan first: it is what the views forget, and steps are recorded more often.
    for side, is_late_wanted in ((before, True), (after, False)):
        near = side[::-1] if is_late_wanted else side
        chosen = near[np.argsort(~near["has_plan"], kind="stable")][: most // 2]
        yield from (_run(row) for row in chosen)


def _run(row: np.void) -> RecordedRun:
    return RecordedRun(
        query_id=int(row["query_id"]),
        started_at=datetime.fromtimestamp(int(row["started_us"]) / 1e6, tz=UTC),
        elapsed_seconds=int(row["elapsed_us"]) / 1e6,
        own_seconds=int(row["own_us"]) / 1e6,
        returned_rows=int(row["returned_rows"]),
        returned_bytes=int(row["returned_bytes"]),
        has_steps=bool(row["has_steps"]),
        has_plan=bool(row["has_plan"]),
    )
