"""A pattern's runs over time, thinned to what a screen can show."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.domain.regression import Regression
from backend.domain.runs import Runs, RunStatus
from workbench.presenters.wording import (
    HOUR,
    MINUTE,
    count,
    duration,
    number_of,
    per_cent,
    ratio,
    short_day,
)

POINTS_DRAWN = 1_500
SLOWEST_KEPT = 200
STATUS_WORDS = ("Succeeded", "From the result cache", "Failed", "Canceled")


@dataclass(frozen=True, kw_only=True)
class RunsChart:
    """`points` has started (UTC), elapsed (in `unit`), status and told; `counts` are of all runs.

    `medians` are lines from one moment to another at a height in `unit`: before and after
    `changed_at`, the moment since when runs are slower.
    """

    points: pd.DataFrame
    unit: str
    counts: Mapping[str, int]
    days: tuple[pd.Timestamp, pd.Timestamp]
    caption: str
    alt: str
    changed_at: pd.Timestamp | None
    change_label: str
    medians: tuple[tuple[pd.Timestamp, pd.Timestamp, float], ...] = ()


def runs_chart(
    runs: Runs, regression: Regression | None, days: tuple[date, date] | None = None
) -> RunsChart | None:
    """None where no run lies in the time range; `days` are its first and last day."""
    if len(runs) == 0:
        return None
    drawn = runs.take(_drawn(runs))
    unit, unit_seconds = _unit(float(runs.elapsed_us.max()) / 1e6)
    points = pd.DataFrame(
        {
            "started": pd.to_datetime(drawn.started_us, unit="us"),
            "elapsed": drawn.elapsed_us / 1e6 / unit_seconds,
            "status": _statuses(drawn),
            "told": [duration(microseconds / 1e6) for microseconds in drawn.elapsed_us.tolist()],
        }
    )
    started = points["started"]
    ends = (started.min().normalize(), started.max().normalize() + pd.Timedelta(days=1))
    if days:
        ends = (pd.Timestamp(days[0]), pd.Timestamp(days[1]) + pd.Timedelta(days=1))
    return RunsChart(
        points=points,
        unit=unit,
        counts=Counter(_statuses(runs).tolist()),
        days=ends,
        caption=_caption(runs, len(drawn)),
        alt=_alt(runs, regression),
        **_change(regression, started, unit_seconds, ends),
    )


def _statuses(runs: Runs) -> NDArray[np.str_]:
    return np.select(
        [runs.status == RunStatus.FAILED, runs.status == RunStatus.CANCELED, runs.is_cache_hit],
        [STATUS_WORDS[2], STATUS_WORDS[3], STATUS_WORDS[1]],
        default=STATUS_WORDS[0],
    )


def _unit(slowest_seconds: float) -> tuple[str, float]:
    if slowest_seconds >= 3 * HOUR:
        return "hours", HOUR
    return ("minutes", MINUTE) if slowest_seconds >= 5 * MINUTE else ("seconds", 1.0)


def _change(
    regression: Regression | None,
    started: "pd.Series[pd.Timestamp]",
    unit_seconds: float,
    ends: tuple[pd.Timestamp, pd.Timestamp],
) -> dict[str, Any]:
    """The marks of a slow-down, as far as they lie in the time range."""
    if regression is None:
        return {"changed_at": None, "change_label": ""}
    changed_at = pd.Timestamp(regression.changed_at.replace(tzinfo=None))
    lines = (
        (started.min(), changed_at, regression.median_before_seconds / unit_seconds),
        (
            max(changed_at, started.min()),
            started.max(),
            regression.median_after_seconds / unit_seconds,
        ),
    )
    is_in_range = ends[0] <= changed_at <= ends[1]
    return {
        "changed_at": changed_at if is_in_range else None,
        "change_label": (
            f"{ratio(regression.ratio)} slower since {short_day(regression.changed_at)}"
            if is_in_range
            else ""
        ),
        "medians": tuple(line for line in lines if line[0] < line[1]),
    }


def _drawn(runs: Runs) -> NDArray[np.intp]:
    """All of few runs; of many the slowest and an even choice of the rest, oldest first."""
    if len(runs) <= POINTS_DRAWN:
        return np.arange(len(runs))
    slowest = np.argsort(runs.elapsed_us)[-SLOWEST_KEPT:]
    even = np.linspace(0, len(runs) - 1, POINTS_DRAWN - SLOWEST_KEPT).astype(np.intp)
    return np.union1d(slowest, even)


def _caption(runs: Runs, drawn: int) -> str:
    if drawn == len(runs):
        return f"{number_of(len(runs), 'run')} by start time (UTC)."
    return (
        f"{count(drawn)} of {count(len(runs))} runs by start time (UTC): the {SLOWEST_KEPT} "
        "slowest and an even choice of the others."
    )


def _alt(runs: Runs, regression: Regression | None) -> str:
    failed = int(np.sum(runs.status != RunStatus.SUCCESS))
    slowest = duration(float(runs.elapsed_us.max()) / 1e6)
    told = (
        f"Elapsed time of {number_of(len(runs), 'run')}, slowest {slowest}, "
        f"{per_cent(failed / len(runs))} failed or canceled"
    )
    return told + (f", {ratio(regression.ratio)} slower in the end" if regression else "")
