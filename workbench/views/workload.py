"""Workload: what only shows across all patterns."""

import streamlit as st

from workbench import session
from workbench.components.empty_state import draw_empty_state
from workbench.components.facts import draw_fact_table
from workbench.components.figures import draw_figures
from workbench.components.workload_sections import (
    draw_list,
    draw_locks,
    draw_waiting,
    draw_workload_card,
)
from workbench.presenters.empty import NO_WORKLOAD_REVIEW, NOTHING_STORED
from workbench.presenters.wording import plain
from workbench.presenters.workload_screen import WorkloadScreen, patterns_named, workload_screen

CARDS_ABREAST = 2


def render() -> None:
    st.title("Workload", anchor=False)
    if session.known_names().last_day is None:
        draw_empty_state(NOTHING_STORED)
        return
    body = st.container()
    with body.skeleton(height=480):
        review = session.latest_workload_review()
        names = session.statement_names(patterns_named(review)) if review else {}
    if review is None:
        draw_empty_state(NO_WORKLOAD_REVIEW)
        return
    with body:
        _draw(workload_screen(review, names))


def _draw(screen: WorkloadScreen) -> None:
    st.caption(plain(screen.caption))
    if screen.figures:
        draw_figures(screen.figures)
    if screen.waiting:
        st.markdown("**Whom others waited for in the queue**")
        draw_waiting(screen.waiting, session.open_clicked_advice)
    if screen.locks:
        st.markdown("**Who may have held locks**")
        draw_locks(screen.locks, session.open_clicked_advice)
    _draw_findings(screen)
    _draw_rest(screen)


def _draw_findings(screen: WorkloadScreen) -> None:
    st.markdown(f"**Findings ({len(screen.cards)})**")
    if not screen.cards:
        st.text("The checks found nothing to raise.")
    for place in range(0, len(screen.cards), CARDS_ABREAST):
        abreast = screen.cards[place : place + CARDS_ABREAST]
        for column, card in zip(st.columns(CARDS_ABREAST), abreast, strict=False):
            with column:
                draw_workload_card(card)


def _draw_rest(screen: WorkloadScreen) -> None:
    column = st.column_config
    facts = column.TextColumn("Facts", width=80)
    cause = column.TextColumn("Cause", width=170)
    draw_list("Worth keeping", screen.worth_keeping, {"what": cause, "why": "Why", "facts": facts})
    draw_list("Ruled out", screen.ruled_out, {"cause": cause, "why": "Why not", "facts": facts})
    draw_list(
        "Missing evidence",
        screen.missing,
        {"what": "Missing", "why": "Why", "how": "How to get it"},
    )
    with st.expander(f"Facts ({len(screen.facts)})"):
        draw_fact_table(screen.facts, alt="Facts of the workload review")
