"""Slow queries: which patterns take the cluster's time."""

import streamlit as st

from backend.domain.pattern import PatternFilter
from backend.domain.visible_text import visible
from workbench import session
from workbench.components.empty_state import draw_empty_state
from workbench.components.figures import draw_figures
from workbench.components.pattern_table import draw_pattern_table
from workbench.components.range_control import draw_range_control
from workbench.presenters.bucket_bar import bucket_legend
from workbench.presenters.empty import NOTHING_STORED
from workbench.presenters.slow_queries import ROWS_A_PAGE, slow_queries_screen
from workbench.presenters.wording import plain


def render() -> None:
    st.title("Slow queries", anchor=False)
    known = session.known_names()
    if known.last_day is None:
        draw_empty_state(NOTHING_STORED)
        return
    wanted = _filters()
    body = st.container()
    with body.skeleton(height=480):
        top = session.ranked_patterns(wanted, ROWS_A_PAGE, 0)
    screen = slow_queries_screen(top, top, wanted, 1, session.prices())
    with body:
        if screen.empty:
            draw_empty_state(screen.empty)
            return
        number = session.page_number("page", screen.page_count)
        if number > 1:
            page = session.ranked_patterns(wanted, ROWS_A_PAGE, (number - 1) * ROWS_A_PAGE)
            screen = slow_queries_screen(page, top, wanted, number, session.prices())
        draw_figures(screen.figures)
        st.caption(plain(screen.caption))
        st.markdown(f":small[{bucket_legend()}]")
        picked = draw_pattern_table(screen, key="queries.table", on_open=session.open_clicked)
        if screen.page_count > 1:
            st.pagination(screen.page_count, key="page", bind="query-params")
    if picked:
        session.open_query(picked)


def _filters() -> PatternFilter:
    known = session.known_names()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first_day, last_day = draw_range_control()
        databases = _choice("Database", known.databases, "database")
        users = _choice("User", known.users, "user")
        query_types = _choice("Type", known.query_types, "type")
        text = st.text_input(
            "Statement or table",
            key="text",
            bind="query-params",
            placeholder="contains …",
            icon=":material/search:",
            width=170,
        )
    return PatternFilter(
        first_day=first_day,
        last_day=last_day,
        databases=databases,
        users=users,
        query_types=query_types,
        text=(text or "").strip(),
    )


def _choice(label: str, options: tuple[str, ...], key: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label,
        options,
        format_func=visible,
        key=key,
        bind="query-params",
        placeholder="Any",
        width=126,
    )
    return tuple(chosen)
