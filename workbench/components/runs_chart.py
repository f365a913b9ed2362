"""Runs over time as points, with the moment they became slower."""

from typing import Any

import streamlit as st

from workbench.presenters.runs_chart import STATUS_WORDS, RunsChart

_COLOURS = dict(zip(STATUS_WORDS, ("#3b7ddd", "#0f9f8f", "#e04848", "#d97706"), strict=True))
_SYMBOLS = dict(zip(STATUS_WORDS, ("circle", "diamond", "x", "triangle-up"), strict=True))


def draw_runs_chart(chart: RunsChart) -> None:
    from plotly import graph_objects as go  # noqa: PLC0415 - only this chart pays for Plotly

    figure = go.Figure()
    for status in STATUS_WORDS:
        points = chart.points[chart.points["status"] == status]
        if len(points):
            figure.add_scatter(
                x=points["started"],
                y=points["seconds"],
                mode="markers",
                name=status,
                marker={
                    "color": _COLOURS[status],
                    "symbol": _SYMBOLS[status],
                    "size": 7,
                    "opacity": 0.75,
                },
                hovertemplate="%{x|%d %b %H:%M} UTC<br>%{y:.1f} s",
            )
    _mark_change(figure, chart)
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        yaxis={"title": "Elapsed (s)", "rangemode": "tozero"},
        legend={"orientation": "h", "y": 1.12},
    )
    st.plotly_chart(figure, config={"displaylogo": False}, alt=chart.alt)
    st.caption(chart.caption)


def _mark_change(figure: Any, chart: RunsChart) -> None:
    change = chart.regression
    if change is None:
        return
    started = chart.points["started"]
    changed_at = change.changed_at.replace(tzinfo=None)
    figure.add_vline(x=changed_at, line={"color": "#e04848", "dash": "dash", "width": 1.5})
    for start, end, median in (
        (started.min(), changed_at, change.median_before_seconds),
        (changed_at, started.max(), change.median_after_seconds),
    ):
        figure.add_shape(
            type="line", x0=start, x1=end, y0=median, y1=median, line={"color": "#8090a5"}
        )
    figure.add_annotation(
        x=changed_at,
        y=1,
        yref="paper",
        yanchor="bottom",
        text=chart.change_label,
        showarrow=False,
    )
