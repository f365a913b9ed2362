"""One recommendation, drawn: what to do first, then why."""

from collections.abc import Sequence

import streamlit as st

from backend.domain.visible_text import visible
from workbench import session
from workbench.components.facts import draw_fact_lines
from workbench.components.rewrite import draw_rewrite
from workbench.presenters.advice_card import AcrossNote, AdviceCard, Badge
from workbench.presenters.wording import plain


def draw_advice_card(card: AdviceCard, *, is_why_folded: bool = False) -> None:
    """The reason is folded where the findings that it repeats stand beside the card."""
    st.markdown(f"**{plain(card.title)}**")
    draw_badges(card.badges)
    if card.action:
        st.text(visible(card.action))
    if card.action_sql:
        st.code(visible(card.action_sql), language="sql", wrap_lines=True)
    if card.rewrite:
        draw_rewrite(card.rewrite)
    if card.verdict:
        st.caption(plain(card.verdict))
    st.text(visible(card.saving))
    if card.across:
        _draw_across(card.across)
    if is_why_folded:
        with st.expander(plain(card.why_label), type="compact"):
            st.text(visible(card.rationale))
            draw_fact_lines(card.facts)
        return
    st.markdown("**Why**")
    st.text(visible(card.rationale))
    if len(card.facts):
        with st.expander(plain(card.facts_label), type="compact"):
            draw_fact_lines(card.facts)
    else:
        st.caption(plain(card.facts_label))


def _draw_across(note: AcrossNote) -> None:
    draw_badges([note.badge])
    st.text(visible(note.sentence))
    st.page_link(
        session.page("table"),
        label=plain(note.link_label),
        icon=":material/table_chart:",
        query_params=session.table_link(note.table_name),
    )


def draw_badges(badges: Sequence[Badge]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for badge in badges:
            st.badge(plain(badge.text), color=badge.colour)  # type: ignore[arg-type]
