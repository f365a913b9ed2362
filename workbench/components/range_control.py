"""The time range, which stands in the link (`?range=`, `?days=`) and goes along to a query."""

from datetime import date, timedelta

import streamlit as st

from workbench import session
from workbench.presenters.time_range import (
    CHOSEN_DAYS,
    DEFAULT_RANGE,
    RANGE_WORDS,
    days_to_choose,
    range_days,
    range_words,
)

DAYS_OFFERED = 7
CONTROL_WIDTH = 410
"""Of all presets in one row; a narrower screen breaks it into two."""


def draw_range_control(
    range_key: str = session.RANGE, days_key: str = session.DAYS
) -> tuple[date | None, date | None]:
    """First and last day chosen, both within the range. The keys stand in links."""
    known = session.known_names()
    chosen = st.segmented_control(
        "Time range",
        list(RANGE_WORDS),
        default=DEFAULT_RANGE,
        required=True,
        format_func=range_words,
        key=range_key,
        width=CONTROL_WIDTH,
        bind="query-params",
        help="Counted back from the newest day that holds runs, or from one day to another.",
    )
    choice = days_to_choose(known)
    if chosen != CHOSEN_DAYS or choice is None:
        return range_days(chosen, known)
    first, last = choice
    days = st.date_input(
        "From – to (UTC, both days count)",
        value=(max(first, last - timedelta(days=DAYS_OFFERED - 1)), last),
        min_value=first,
        max_value=last,
        format="YYYY-MM-DD",
        key=days_key,
        bind="query-params",
        width=250,
    )
    return range_days(chosen, known, days)
