"""The time range, shared by all pages through the link (`?range=`)."""

from datetime import date

import streamlit as st

from workbench import session
from workbench.presenters.time_range import DEFAULT_RANGE, RANGE_WORDS, range_days, range_words


def draw_range_control() -> tuple[date | None, date | None]:
    """First and last day chosen, counted back from the newest day in the data."""
    chosen = st.segmented_control(
        "Time range",
        list(RANGE_WORDS),
        default=DEFAULT_RANGE,
        required=True,
        format_func=range_words,
        key="range",
        bind="query-params",
        help="Counted back from the newest day that holds runs.",
    )
    return range_days(chosen, session.known_names())
