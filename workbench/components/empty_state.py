"""A page with nothing to show says why, and what to do."""

import streamlit as st

from backend.domain.visible_text import visible
from workbench.presenters.empty import EmptyState
from workbench.presenters.wording import plain


def draw_empty_state(state: EmptyState) -> None:
    with st.container(border=True):
        st.header(plain(state.title), icon=state.icon, anchor=False)
        st.text(visible(state.sentence))
        if state.command:
            st.code(visible(state.command), language="bash", width="content")
