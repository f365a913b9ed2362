"""Trends: recommendations and slow time, day by day."""

import streamlit as st

from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import TrendDimension
from workbench import session
from workbench.components.empty_state import draw_empty_state
from workbench.components.frames import cleaned
from workbench.components.range_control import draw_range_control
from workbench.presenters.empty import NO_TREND, NOTHING_STORED
from workbench.presenters.trends import (
    TrendChart,
    advice_chart,
    dimension_words,
    shared_days,
    time_chart,
)
from workbench.presenters.wording import plain


def render() -> None:
    st.title("Trends", anchor=False)
    known = session.known_names()
    if known.last_day is None:
        draw_empty_state(NOTHING_STORED)
        return
    first_day, last_day = draw_range_control()
    # Reviews come after the runs: a range up to the newest run goes on to the newest review.
    advice_end = None if last_day == known.last_day else last_day
    body = st.container()
    with body.skeleton(height=480):
        seconds = session.daily_seconds(PatternFilter(first_day=first_day, last_day=last_day))
        counts = session.daily_counts(first_day, advice_end)
        reviewed = session.reviewed_days(first_day, advice_end)
    days = shared_days(seconds, (one.day for one in counts), reviewed)
    with st.container(border=True):
        st.header("Time taken by queries", anchor=False)
        _draw(time_chart(seconds, days, known.last_day))
    with st.container(border=True):
        st.header("Recommendations raised", anchor=False)
        dimension = st.segmented_control(
            "By",
            list(TrendDimension),
            default=TrendDimension.SEVERITY,
            required=True,
            format_func=dimension_words,
            key="by_dimension",
            bind="query-params",
        )
        chosen = TrendDimension(dimension or TrendDimension.SEVERITY)
        _draw(advice_chart(counts, chosen, days, reviewed))


def _draw(chart: TrendChart | None) -> None:
    if chart is None:
        draw_empty_state(NO_TREND)
        return
    st.vega_lite_chart(cleaned(chart.points), chart.spec, alt=chart.alt, width="stretch")
    st.caption(plain(chart.caption))
