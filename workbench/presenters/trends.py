"""Day by day: recommendations as they were raised, and the time that slow queries took."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
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
    short_day,
    words,
)

CHART_HEIGHT = 260
BAR_PIXELS = 30
DAYS_LABELLED = 14
REVIEWED_NAMED = 12
REVIEW_COLOUR = "#7a8aa3"
REVIEW_MARK_AT = -8
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


Days = tuple[date, date]
"""First and last day, both included."""


def shared_days(*kinds: Iterable[date]) -> Days | None:
    """From the first to the last day on which anything happened, for charts to line up."""
    days = [day for kind in kinds for day in kind]
    return (min(days), max(days)) if days else None


def advice_chart(
    counts: Sequence[DailyCount],
    dimension: TrendDimension,
    days: Days | None = None,
    reviewed: Sequence[date] = (),
) -> TrendChart | None:
    """Recommendations by the day first raised, and the days that saw reviews; None without any."""
    days = days or shared_days((one.day for one in counts), reviewed)
    if days is None or not (counts or reviewed):
        return None
    summed: Counter[tuple[date, str]] = Counter()
    for one in counts:
        summed[one.day, getattr(one, dimension.value).value] += one.count
    points = pd.DataFrame(
        {
            "day": [_noon(day) for day, _ in summed],
            "kind": [words(value) for _, value in summed],
            "count": list(summed.values()),
        }
    )
    total = sum(summed.values())
    raised = number_of(total, "recommendation")
    span = f" {days_text(*_extent(day for day, _ in summed))}" if summed else ""
    return TrendChart(
        points=points,
        spec=_advice_spec(dimension, days, reviewed),
        caption=f"{raised} first raised{span}, by UTC day and by "
        f"{DIMENSION_WORDS[dimension].lower()} as it is now. {_reviewed_words(reviewed)}",
        alt=f"{raised} a day by {DIMENSION_WORDS[dimension].lower()}",
    )


def time_chart(
    seconds_a_day: Mapping[date, float], days: Days | None = None, newest: date | None = None
) -> TrendChart | None:
    """Total elapsed time a day; days without runs count as nothing.

    `newest` is the last day that holds runs at all: an export seldom ends at midnight.
    """
    if not seconds_a_day:
        return None
    first, last = _extent(seconds_a_day)
    drawn = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    total = sum(seconds_a_day.values())
    unit, unit_seconds = ("h", HOUR) if total / len(drawn) >= HOUR else ("min", MINUTE)
    points = pd.DataFrame(
        {
            "day": [_noon(day) for day in drawn],
            "time": [seconds_a_day.get(day, 0.0) / unit_seconds for day in drawn],
            "told": [duration(seconds_a_day.get(day, 0.0)) for day in drawn],
            "is_newest": [day == newest for day in drawn],
        }
    )
    busiest = max(seconds_a_day, key=lambda day: seconds_a_day[day])
    told = (
        f"{duration(total)} of elapsed time {days_text(first, last)}; the busiest day was "
        f"{full_day(busiest)} with {duration(seconds_a_day[busiest])}."
    )
    if last == newest:
        told += f" Paler: {full_day(last)}, the newest day, which may be incomplete."
    return TrendChart(
        points=points, spec=_time_spec(unit, days or (first, last)), caption=told, alt=told
    )


def dimension_words(dimension: TrendDimension) -> str:
    return DIMENSION_WORDS[dimension]


def _extent(days: Iterable[date]) -> Days:
    known = list(days)
    return min(known), max(known)


def _reviewed_words(reviewed: Sequence[date]) -> str:
    """`Reviews ran on 3 days: 1 Nov, 8 Nov, 22 Nov.`"""
    if not reviewed:
        return "No reviews ran in these days."
    days = sorted(reviewed)
    named = ", ".join(short_day(day) for day in days[-REVIEWED_NAMED:])
    more = "the last ones " if len(days) > REVIEWED_NAMED else ""
    return f"Reviews (▼) ran on {number_of(len(days), 'day')}: {more}{named}."


def _noon(day: date) -> pd.Timestamp:
    """The middle of the day, so that a bar and its label stand in the day's own room."""
    return pd.Timestamp(day, tz=UTC) + pd.Timedelta(hours=12)


def _noon_of_vega(day: date) -> dict[str, int | bool]:
    return {"year": day.year, "month": day.month, "date": day.day, "hours": 12, "utc": True}


def _day_axis(days: Days) -> dict[str, Any]:
    first, last = days
    count = (last - first).days + 1
    labelled = range(0, count, -(-count // DAYS_LABELLED))
    return {
        "field": "day",
        "type": "temporal",
        "scale": {
            "type": "utc",
            "domain": [f"{first}T00:00:00Z", f"{last + timedelta(days=1)}T00:00:00Z"],
        },
        "axis": {
            "title": None,
            "format": "%-d %b",
            "grid": False,
            "labelOverlap": True,
            "values": [_noon_of_vega(first + timedelta(days=place)) for place in labelled],
        },
    }


def _bar(days: Days) -> dict[str, Any]:
    """As wide as the days allow, but no slab where there are few."""
    count = (days[1] - days[0]).days + 1
    return {"type": "bar", "size": {"expr": f"max(1, min({BAR_PIXELS}, 0.75 * width / {count}))"}}


def _day_tip() -> dict[str, Any]:
    return {
        "field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate",
        "format": "%-d %b %Y", "title": "Day (UTC)",
    }  # fmt: skip


def _advice_spec(dimension: TrendDimension, days: Days, reviewed: Sequence[date]) -> dict[str, Any]:
    kinds = [words(value) for value in _VALUES[dimension]]
    bars = {
        "mark": _bar(days),
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
                {"field": "count", "aggregate": "sum", "title": "Recommendations"},
            ],
        },
    }
    marks = {
        "data": {"values": [{"day": _noon(day).isoformat(), "told": "yes"} for day in reviewed]},
        "mark": {
            "type": "point", "shape": "triangle-down", "filled": True, "size": 60,
            "color": REVIEW_COLOUR, "opacity": 1,
        },
        "encoding": {
            "x": _day_axis(days),
            "y": {"value": REVIEW_MARK_AT},
            "tooltip": [_day_tip(), {"field": "told", "title": "Reviews ran"}],
        },
    }  # fmt: skip
    return {"height": CHART_HEIGHT, "layer": [bars, marks] if reviewed else [bars]}


def _time_spec(unit: str, days: Days) -> dict[str, Any]:
    return {
        "height": CHART_HEIGHT,
        "mark": _bar(days),
        "encoding": {
            "x": _day_axis(days),
            "y": {
                "field": "time",
                "type": "quantitative",
                "axis": {"title": f"Elapsed time ({unit})"},
            },
            "opacity": {"condition": {"test": "datum.is_newest", "value": 0.45}, "value": 1},
            "tooltip": [_day_tip(), {"field": "told", "title": "Elapsed time"}],
        },
    }
