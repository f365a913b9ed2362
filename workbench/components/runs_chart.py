"""Runs over time as points, with the moment they became slower."""

from typing import Any

import streamlit as st

from workbench.presenters.runs_chart import STATUS_WORDS, RunsChart
from workbench.presenters.wording import plain

_COLOURS = dict(zip(STATUS_WORDS, ("#3b7ddd", "#0f9f8f", "#e04848", "#d97706"), strict=True))
_SYMBOLS = dict(zip(STATUS_WORDS, ("circle", "diamond-open", "x", "triangle-up"), strict=True))
CHANGE_COLOUR = "#e04848"
MEDIAN_COLOUR = "#8090a5"


def draw_runs_chart(chart: RunsChart) -> None:
    from plotly import graph_objects as go  # noqa: PLC0415 - only this chart pays for Plotly

    figure = go.Figure()
    for status in STATUS_WORDS:
        points = chart.points[chart.points["status"] == status]
        if len(points):
            figure.add_scatter(
                x=points["started"],
                y=points["elapsed"],
                customdata=points["told"],
                mode="markers",
                name=f"{status} ({chart.counts[status]:,})",
                marker={
                    "color": _COLOURS[status],
                    "symbol": _SYMBOLS[status],
                    "size": 7 if status == STATUS_WORDS[0] else 9,
                    "opacity": 0.7 if status == STATUS_WORDS[0] else 0.95,
                },
                hovertemplate="%{x|%-d %b %Y, %H:%M} UTC<br>%{customdata}",
            )
    _mark_change(figure, chart)
    figure.update_layout(
        height=360,
        margin={"l": 8, "r": 8, "t": 44, "b": 8},
        xaxis={"range": chart.days, "tickformat": "%-d %b"},
        yaxis={"title": f"Elapsed ({chart.unit})", "rangemode": "tozero"},
        legend={"orientation": "h", "y": 1.08, "yanchor": "bottom", "x": 0},
        showlegend=True,
    )
    st.plotly_chart(figure, config={"displaylogo": False}, alt=chart.alt)
    st.caption(plain(chart.caption))


def _mark_change(figure: Any, chart: RunsChart) -> None:
    for place, (start, end, median) in enumerate(chart.medians):
        figure.add_scatter(
            x=[start, end],
            y=[median, median],
            mode="lines",
            name="Median before and after",
            line={"color": MEDIAN_COLOUR, "width": 2},
            showlegend=place == 0,
            hoverinfo="skip",
        )
    if chart.changed_at is None:
        return
    figure.add_vline(
        x=chart.changed_at, line={"color": CHANGE_COLOUR, "dash": "dash", "width": 1.5}
    )
    figure.add_annotation(
        x=chart.changed_at,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=chart.change_label,
        showarrow=False,
        font={"color": CHANGE_COLOUR},
    )
