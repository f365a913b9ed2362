"""Day by day: recommendations as they were raised, and the time that slow queries took."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from backend.domain.finding import Severity
from backend.domain.recommendation import DailyCount, ReviewerName, TrendDimension, TriageState
from workbench.presenters.wording import (
    HOUR,
    MINUTE,
    days_text,
    duration,
    full_day,
    number_of,
    words,
)

DIMENSION_WORDS = {
    TrendDimension.SEVERITY: "Severity",
    TrendDimension.REVIEWER: "Reviewer",
    TrendDimension.STATE: "State",
}
_VALUES: Mapping[TrendDimension, Sequence[str]] = {
    TrendDimension.SEVERITY: list(Severity),
    TrendDimension.REVIEWER: list(ReviewerName),
    TrendDimension.STATE: list(TriageState),
}
_COLOURS: Mapping[TrendDimension, Sequence[str]] = {
    TrendDimension.SEVERITY: ("#e04848", "#d97706", "#8090a5"),
    TrendDimension.REVIEWER: ("#3b7ddd", "#0f9f8f", "#8b5cf6", "#8090a5"),
    TrendDimension.STATE: ("#3b7ddd", "#8b5cf6", "#0f9f8f", "#2f855a", "#8090a5", "#d97706"),
}


@dataclass(frozen=True, kw_only=True)
class TrendChart:
    """`spec` is a Vega-Lite chart over `points`; `caption` says in words what it shows."""

    points: pd.DataFrame
    spec: dict[str, Any]
    caption: str
    alt: str


def advice_chart(
    counts: Sequence[DailyCount], dimension: TrendDimension, first_day: date | None = None
) -> TrendChart | None:
    """Recommendations by the day first raised; None where there were none.

    The days drawn begin with `first_day` at the latest, so that charts of one range line up.
    """
    if not counts:
        return None
    summed: Counter[tuple[date, str]] = Counter()
    for one in counts:
        summed[one.day, getattr(one, dimension.value).value] += one.count
    days = [day for day, _ in summed]
    points = pd.DataFrame(
        {
            "day": [pd.Timestamp(day) for day in days],
            "kind": [words(value) for _, value in summed],
            "count": list(summed.values()),
        }
    )
    total = int(points["count"].sum())
    span = days_text(min(days), max(days))
    return TrendChart(
        points=points,
        spec=_bars(dimension, [min([*days, first_day or days[0]]), max(days)]),
        caption=f"{number_of(total, 'recommendation')} first raised {span}, by UTC day and by "
        f"{DIMENSION_WORDS[dimension].lower()} as it is now.",
        alt=f"{number_of(total, 'recommendation')} a day by {DIMENSION_WORDS[dimension].lower()}",
    )


def time_chart(seconds_a_day: Mapping[date, float]) -> TrendChart | None:
    """Total elapsed time a day; days without runs count as nothing."""
    if not seconds_a_day:
        return None
    first, last = min(seconds_a_day), max(seconds_a_day)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    total = sum(seconds_a_day.values())
    unit, unit_seconds = ("h", HOUR) if total / len(days) >= HOUR else ("min", MINUTE)
    points = pd.DataFrame(
        {
            "day": [pd.Timestamp(day) for day in days],
            "time": [seconds_a_day.get(day, 0.0) / unit_seconds for day in days],
        }
    )
    busiest = max(seconds_a_day, key=lambda day: seconds_a_day[day])
    told = (
        f"{duration(total)} of elapsed time {days_text(first, last)}; the busiest day was "
        f"{full_day(busiest)} with {duration(seconds_a_day[busiest])}"
    )
    return TrendChart(points=points, spec=_area(unit, [first, last]), caption=told + ".", alt=told)


def dimension_words(dimension: TrendDimension) -> str:
    return DIMENSION_WORDS[dimension]


def _day_axis(days: Sequence[date]) -> dict[str, Any]:
    """From the first to the last of `days`, with half a day of room at both ends."""
    noons = ((days[0], -12), (days[-1], 12))
    domain = [_moment(day, hours) for day, hours in noons]
    return {
        "field": "day",
        "type": "temporal",
        "scale": {"type": "utc", "domain": domain},
        "axis": {"title": None, "format": "%-d %b", "grid": False, "labelOverlap": True},
    }


def _moment(day: date, hours: int) -> str:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day_tip() -> dict[str, Any]:
    return {"field": "day", "type": "temporal", "format": "%-d %b %Y", "title": "Day (UTC)"}


def _bars(dimension: TrendDimension, days: Sequence[date]) -> dict[str, Any]:
    kinds = [words(value) for value in _VALUES[dimension]]
    return {
        "height": 280,
        "mark": {"type": "bar", "tooltip": True, "size": 18},
        "encoding": {
            "x": _day_axis(days),
            "y": {
                "field": "count",
                "type": "quantitative",
                "aggregate": "sum",
                "axis": {"title": "Recommendations", "tickMinStep": 1},
            },
            "color": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": kinds, "range": list(_COLOURS[dimension])},
                "legend": {"title": None, "orient": "top"},
            },
            "tooltip": [
                _day_tip(),
                {"field": "kind", "title": DIMENSION_WORDS[dimension]},
                {"field": "count", "title": "Recommendations"},
            ],
        },
    }


def _area(unit: str, days: Sequence[date]) -> dict[str, Any]:
    return {
        "height": 280,
        "mark": {"type": "area", "line": True, "opacity": 0.35, "tooltip": True},
        "encoding": {
            "x": _day_axis(days),
            "y": {
                "field": "time",
                "type": "quantitative",
                "axis": {"title": f"Elapsed time ({unit})"},
            },
            "tooltip": [
                _day_tip(),
                {"field": "time", "format": ",.1f", "title": f"Elapsed time ({unit})"},
            ],
        },
    }
