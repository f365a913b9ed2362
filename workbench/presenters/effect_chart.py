"""Who gains by a change of a table, and who loses: one bar a pattern."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from backend.domain.table_proposal import Effect
from workbench.presenters.wording import duration, shortened

GAIN_COLOUR = "#0f9f8f"
LOSS_COLOUR = "#e04848"
VALUE_COLOUR = "#7a8aa3"
BARS_SHOWN = 12
BAR_HEIGHT = 30
NAME_LETTERS = 46
LABEL_LIMIT = "width < 500 ? 110 : 320"
"""On a narrow screen the bars need the room more."""


@dataclass(frozen=True, kw_only=True)
class EffectChart:
    """Bars to the right are saved, to the left lost; `alt` says the same in words."""

    points: pd.DataFrame
    spec: dict[str, Any]
    alt: str


def effect_chart(effects: Sequence[Effect], names: Mapping[str, str]) -> EffectChart | None:
    """The largest of both signs; None where a single bar would tell nothing that the text does
    not."""
    if len(effects) < 2:
        return None
    shown = sorted(effects, key=lambda each: -abs(each.seconds))[:BARS_SHOWN]
    ordered = sorted(shown, key=lambda each: -each.seconds)
    labels = _labels([names.get(each.query_hash) or each.query_hash for each in ordered])
    points = pd.DataFrame(
        {
            "pattern": labels,
            "seconds": [each.seconds for each in ordered],
            "short": [signed(each.seconds) for each in ordered],
            "told": [f"{signed(each.seconds)} a week" for each in ordered],
            "kind": ["Saved" if each.seconds > 0 else "Lost" for each in ordered],
            "why": [with_capital(each.reason) for each in ordered],
        }
    )
    seconds = [each.seconds for each in ordered]
    told = "; ".join(
        f"{label} {signed(each.seconds)}" for label, each in zip(labels, ordered, strict=True)
    )
    return EffectChart(
        points=points, spec=_chart_spec(labels, seconds), alt=f"Seconds a week: {told}"
    )


def _labels(names: Sequence[str]) -> list[str]:
    """Cut to one line, and told apart where two are cut alike."""
    labels: list[str] = []
    for name in names:
        label = shortened(name, NAME_LETTERS)
        twins = sum(each.split(" ·")[0] == label for each in labels)
        labels.append(f"{label} ·{twins + 1}" if twins else label)
    return labels


def _domain(seconds: Sequence[float]) -> list[float]:
    """With room for the figures at the ends of the bars."""
    low, high = min(*seconds, 0.0), max(*seconds, 0.0)
    room = 0.15 * (high - low)
    return [low - room if low < 0 else 0.0, high + room if high > 0 else 0.0]


def _chart_spec(labels: Sequence[str], seconds: Sequence[float]) -> dict[str, Any]:
    y_axis = {
        "field": "pattern",
        "type": "nominal",
        "sort": list(labels),
        "axis": {
            "title": None,
            "labelLimit": {"expr": LABEL_LIMIT},
            "ticks": False,
            "domain": False,
        },
    }
    x_axis = {
        "field": "seconds",
        "type": "quantitative",
        "scale": {"domain": _domain(seconds)},
        "axis": {
            "title": "Seconds saved a week",
            "tickCount": {"expr": "width < 500 ? 3 : 6"},
        },
    }
    tooltip = [
        {"field": "pattern", "title": "Pattern"},
        {"field": "told", "title": "Effect"},
        {"field": "why", "title": "Why"},
    ]
    values = {
        "mark": {
            "type": "text",
            "align": {"expr": "datum.seconds > 0 ? 'left' : 'right'"},
            "dx": {"expr": "datum.seconds > 0 ? 6 : -6"},
            "color": VALUE_COLOUR,
            "fontSize": 12,
        },
        "encoding": {"x": x_axis, "y": y_axis, "text": {"field": "short"}, "tooltip": tooltip},
    }
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 3, "height": {"band": 0.62}},
        "encoding": {
            "x": x_axis,
            "y": y_axis,
            "color": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": ["Saved", "Lost"], "range": [GAIN_COLOUR, LOSS_COLOUR]},
                "legend": None,
            },
            "tooltip": tooltip,
        },
    }
    return {"height": {"step": BAR_HEIGHT}, "layer": [bars, values]}


def signed(seconds: float) -> str:
    return f"{'+' if seconds > 0 else '−'}{duration(abs(seconds))}"


def with_capital(text: str) -> str:
    return text[:1].upper() + text[1:]
