"""One recommendation, drawn: what to do first, then why."""

from collections.abc import Sequence

import streamlit as st

from workbench import session
from workbench.components.facts import draw_fact_lines
from workbench.components.rewrite import draw_rewrite
from workbench.presenters.advice_card import AcrossNote, AdviceCard, Badge


def draw_advice_card(card: AdviceCard, *, is_why_folded: bool = False) -> None:
    """Foreign text goes through st.text and st.code, which read no Markdown.

    The reason is folded where the findings that it repeats stand beside the card.
    """
    st.markdown(f"**{card.title}**")
    draw_badges(card.badges)
    if card.action:
        st.text(card.action)
    if card.action_sql:
        st.code(card.action_sql, language="sql", wrap_lines=True)
    if card.rewrite:
        draw_rewrite(card.rewrite)
    if card.verdict:
        st.caption(card.verdict)
    st.text(card.saving)
    if card.across:
        _draw_across(card.across)
    if is_why_folded:
        with st.expander(card.why_label, type="compact"):
            st.text(card.rationale)
            draw_fact_lines(card.facts)
        return
    st.markdown("**Why**")
    st.text(card.rationale)
    if len(card.facts):
        with st.expander(card.facts_label, type="compact"):
            draw_fact_lines(card.facts)
    else:
        st.caption(card.facts_label)


def _draw_across(note: AcrossNote) -> None:
    draw_badges([note.badge])
    st.text(note.sentence)
    st.page_link(
        session.page("table"),
        label=note.link_label,
        icon=":material/table_chart:",
        query_params=session.table_link(note.table_name),
    )


def draw_badges(badges: Sequence[Badge]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for badge in badges:
            st.badge(badge.text, color=badge.colour)  # type: ignore[arg-type]
