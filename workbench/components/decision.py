"""One recommendation beside the list: the card, what can be decided, what was decided before."""

from datetime import timedelta

import streamlit as st

from backend.domain.recommendation import TriageState
from backend.domain.visible_text import visible
from workbench import session
from workbench.components.advice_card import draw_advice_card
from workbench.presenters.recommendations import Decision, action_words, notice_text
from workbench.presenters.wording import plain

SNOOZE_DAYS = 14


def draw_decision(decision: Decision) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.header("Chosen recommendation", anchor=False, width="content")
        st.button(
            "Close",
            key="decision.close",
            icon=":material/close:",
            on_click=session.select_recommendation,
            args=(None,),
        )
    _draw_notice()
    with st.container(border=True):
        draw_advice_card(decision.card)
        st.caption(plain(decision.raised))
        st.page_link(
            session.page("query"),
            label=plain(decision.query_label),
            icon=":material/database:",
            query_params=session.query_link(decision.query_hash),
        )
        _draw_actions(decision)
        for event in decision.events:
            st.caption(plain(event.when))
            st.text(visible(f"{event.what}{': ' if event.why else ''}{event.why}"))


def _draw_notice() -> None:
    notice = session.take_notice()
    if notice is None:
        return
    is_done, _ = notice
    if is_done:
        st.success(plain(notice_text(notice)))
    else:
        st.warning(plain(notice_text(notice)))


def _draw_actions(decision: Decision) -> None:
    """The keys carry the id: what was typed for one recommendation never decides another."""
    if not decision.actions:
        return
    chosen_id = decision.card.recommendation_id
    state_key, why_key, until_key = (
        f"decision.{part}.{chosen_id}" for part in ("state", "why", "until")
    )
    chosen = st.segmented_control(
        "Decide",
        decision.actions,
        format_func=action_words,
        key=state_key,
    )
    if chosen is None:
        return
    if chosen is TriageState.SNOOZED:
        tomorrow = session.now().date() + timedelta(days=1)
        st.date_input(
            "Until",
            value=tomorrow + timedelta(days=SNOOZE_DAYS - 1),
            min_value=tomorrow,
            key=until_key,
        )
    needs_reason = chosen is TriageState.DISMISSED
    why = st.text_input(
        "Reason" if needs_reason else "Note (optional)", key=why_key, max_chars=500, live=True
    )
    st.button(
        f"Save: {plain(action_words(chosen).lower())}",
        key="decision.save",
        icon=":material/check:",
        disabled=needs_reason and not (why or "").strip(),
        on_click=session.triage,
        args=(chosen_id, decision.version, state_key, why_key, until_key),
    )
