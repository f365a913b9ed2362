"""A pattern's runs over time, thinned to what a screen can show."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backend.domain.regression import Regression
from backend.domain.runs import Runs, RunStatus
from workbench.presenters.wording import count, duration, number_of, per_cent, ratio, short_day

POINTS_DRAWN = 1_500
SLOWEST_KEPT = 200
STATUS_WORDS = ("Succeeded", "From the result cache", "Failed", "Canceled")


@dataclass(frozen=True, kw_only=True)
class RunsChart:
    """`points` has started (UTC), seconds, status and user; `changed_at` marks a slow-down."""

    points: pd.DataFrame
    caption: str
    alt: str
    regression: Regression | None
    change_label: str


def runs_chart(runs: Runs, regression: Regression | None) -> RunsChart | None:
    """None where no run lies in the time range."""
    if len(runs) == 0:
        return None
    drawn = runs.take(_drawn(runs))
    statuses = np.select(
        [drawn.status == RunStatus.FAILED, drawn.status == RunStatus.CANCELED, drawn.is_cache_hit],
        [STATUS_WORDS[2], STATUS_WORDS[3], STATUS_WORDS[1]],
        default=STATUS_WORDS[0],
    )
    points = pd.DataFrame(
        {
            "started": pd.to_datetime(drawn.started_us, unit="us"),
            "seconds": drawn.elapsed_us / 1e6,
            "status": statuses,
            "user": drawn.user_name.tolist(),
        }
    )
    return RunsChart(
        points=points,
        caption=_caption(runs, len(drawn)),
        alt=_alt(runs, regression),
        regression=regression,
        change_label=(
            f"{ratio(regression.ratio)} slower since {short_day(regression.changed_at)}"
            if regression
            else ""
        ),
    )


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
