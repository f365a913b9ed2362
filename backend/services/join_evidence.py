"""Evidence of a new export beside what earlier ones brought: the best of both is kept."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from math import log
from typing import TypeVar

from backend.domain.evidence import Evidence, PlanEvidence, StepsEvidence
from backend.domain.regression import Regression
from backend.domain.sighting import joined_sightings
from backend.services.import_lake import joined_lake_days, joined_load_days

Side = TypeVar("Side", PlanEvidence, StepsEvidence)


def joined_evidence(
    new: Evidence,
    known: Evidence | None,
    *,
    has_new_runs: bool,
    regression: Regression | None,
    clearly_faster: float,
) -> Evidence | None:
    """What to keep; None if `known` needs no change.

    Slow side: new runs bring new evidence, but what this export lacks is not lost. An export whose
    runs were all known only fills gaps: it may well be an old one. With a regression a run from
    after it goes before one from before it, which may then become the fast side: SYS forgets
    within a week, so the fast run is often of an earlier export.
    """
    changed_at = regression.changed_at if regression else None
    if known is None:
        return replace(new, sightings=joined_sightings((), new.sightings, changed_at=changed_at))
    newer, older = (new, known) if has_new_runs else (known, new)
    plan = _slow((newer.plan, older.plan), changed_at)
    steps = _slow((newer.steps, older.steps), changed_at)
    fast = _Fast(regression, clearly_faster)
    joined = replace(
        new,
        plan=plan,
        steps=steps,
        fast_plan=fast.of((newer.fast_plan, older.fast_plan, newer.plan, older.plan), plan),
        fast_steps=fast.of((newer.fast_steps, older.fast_steps, newer.steps, older.steps), steps),
        sightings=joined_sightings(known.sightings, new.sightings, changed_at=changed_at),
        alerts=newer.alerts or older.alerts,
        lake=newer.lake or older.lake,
        lake_days=joined_lake_days(new.lake_days, known.lake_days),
        load_days=joined_load_days(new.load_days, known.load_days),
    )
    is_change = replace(joined, collected_at=known.collected_at) != known
    return joined if is_change else None


def _slow(sides: Sequence[Side | None], changed_at: datetime | None) -> Side | None:
    there = [side for side in sides if side]
    # Evidence of older versions does not say when its run started.
    after = [s for s in there if changed_at and s.started_at and s.started_at >= changed_at]
    return next(iter(after or there), None)


class _Fast:
    def __init__(self, regression: Regression | None, clearly_faster: float) -> None:
        self._regression = regression
        self._clearly_faster = clearly_faster

    def of(self, sides: Sequence[Side | None], slow: Side | None) -> Side | None:
        """The one nearest to the median before the change; else the fastest, if it is clearly
        faster than the slow one. Of equal ones the first."""
        there = [side for side in sides if side and side != slow]
        if self._regression:
            changed_at, median = self._regression.changed_at, self._regression.median_before_seconds
            there = [side for side in there if side.started_at and side.started_at < changed_at]
            return _smallest(there, lambda seconds: abs(log(seconds / max(median, 1e-6))))
        slow_seconds = (slow.own_seconds or 0.0) if slow else 0.0
        return _smallest(
            [
                side
                for side in there
                if side.own_seconds and side.own_seconds * self._clearly_faster <= slow_seconds
            ],
            lambda seconds: seconds,
        )


def _smallest(sides: Sequence[Side], off: Callable[[float], float]) -> Side | None:
    return min(sides, key=lambda side: off(max(side.own_seconds or 0.0, 1e-6)), default=None)
