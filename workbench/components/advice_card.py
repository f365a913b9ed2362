"""One recommendation, drawn."""

import streamlit as st

from workbench.components.facts import draw_facts
from workbench.presenters.advice_card import AdviceCard


def draw_advice_card(card: AdviceCard) -> None:
    """Foreign text goes through st.text and st.code, which read no Markdown."""
    st.markdown(f"**{card.title}**")
    with st.container(horizontal=True, gap="xsmall"):
        for badge in card.badges:
            st.badge(badge.text, color=badge.colour)  # type: ignore[arg-type]
    st.text(card.saving)
    st.text(card.rationale)
    if card.action:
        st.text(card.action)
    if card.action_sql:
        st.code(card.action_sql, language="sql", wrap_lines=True)
    if card.verdict:
        st.caption(card.verdict)
    if len(card.facts):
        with st.expander(card.facts_label, type="compact"):
            draw_facts(card.facts, alt="Facts behind this recommendation")
    else:
        st.caption(card.facts_label)
