"""Tables: on which the time stands, and one design for each over all patterns."""

import streamlit as st

from backend.domain.table_proposal import TableFilterBy
from workbench import session
from workbench.components.empty_state import draw_empty_state
from workbench.components.figures import draw_figures
from workbench.components.table_list import draw_table_list
from workbench.presenters.tables import ROWS_A_PAGE, tables_screen
from workbench.presenters.wording import plain


def render() -> None:
    st.title("Tables", anchor=False)
    wanted = _filters()
    body = st.container()
    with body.skeleton(height=480):
        total = session.used_table_count(wanted)
        number = session.page_number("part", -(-total // ROWS_A_PAGE))
        tables = session.used_table_page(wanted, ROWS_A_PAGE, number).items
        review = session.tables_review()
    screen = tables_screen(tables, total, wanted, number, review)
    with body:
        if screen.empty:
            draw_empty_state(screen.empty)
            return
        if screen.figures:
            draw_figures(screen.figures)
        st.caption(plain(screen.caption))
        picked = draw_table_list(screen, on_open=session.open_clicked_table)
        if screen.page_count > 1:
            st.pagination(screen.page_count, key="part", bind="query-params")
    if picked:
        session.open_table(picked)


def _filters() -> TableFilterBy:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Table",
            key="named",
            bind="query-params",
            placeholder="contains …",
            icon=":material/search:",
            width=220,
        )
        changes = st.toggle("Proposed changes only", key="changes", bind="query-params")
    return TableFilterBy(text=(text or "").strip(), has_change=changes)
