"""Table: one table over all patterns, what to change, who gains by that and who loses."""

import streamlit as st

from backend.domain.table_proposal import UsedTable
from workbench import session
from workbench.components.advice_card import draw_badges
from workbench.components.empty_state import draw_empty_state
from workbench.components.figures import draw_figures
from workbench.components.table_proposal import draw_proposal
from workbench.components.table_use import draw_table_use
from workbench.presenters.empty import NO_TABLE_CHOSEN, NOT_WEIGHED
from workbench.presenters.table_screen import patterns_named, proposal_screen, table_head
from workbench.presenters.table_use import use_screen
from workbench.presenters.wording import plain

USES_SHOWN = 100
SECTIONS = {"proposal": "Proposal", "use": "Reads and writes"}


def render() -> None:
    st.page_link(
        session.page("tables"),
        label="All tables",
        icon=":material/arrow_back:",
        query_params=session.tables_link(),
    )
    table_name = session.selected_table()
    if table_name is None:
        draw_empty_state(NO_TABLE_CHOSEN)
        return
    head_place = st.container()
    with head_place.skeleton(height=120):
        used = session.used_table(table_name)
        head = table_head(used)
    with head_place:
        st.title(plain(head.title), anchor=False)
        st.caption(plain(head.caption))
        draw_badges(head.badges)
        draw_figures(head.figures)
    section = st.segmented_control(
        "Section",
        list(SECTIONS),
        default="proposal",
        required=True,
        format_func=lambda name: SECTIONS[name],
        key="about_table",
        bind="query-params",
        label_visibility="collapsed",
    )
    if section == "use":
        _draw_use(used)
    else:
        _draw_proposal(used)


def _draw_proposal(used: UsedTable) -> None:
    if used.proposal is None:
        draw_empty_state(NOT_WEIGHED)
        return
    names = session.statement_names(patterns_named(used.proposal))
    draw_proposal(proposal_screen(used.proposal, names))


def _draw_use(used: UsedTable) -> None:
    place = st.container()
    with place.skeleton(height=320):
        uses = session.table_uses(used.table_name, USES_SHOWN)
        names = session.statement_names(tuple(use.query_hash for use in uses))
    with place:
        draw_table_use(use_screen(used.table_name, uses, used.patterns, names))
