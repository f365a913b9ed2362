"""A page with nothing to show says why, and what to do."""

import streamlit as st

from workbench.presenters.empty import EmptyState


def draw_empty_state(state: EmptyState) -> None:
    with st.container(border=True):
        st.header(state.title, icon=state.icon, anchor=False)
        st.text(state.sentence)
        if state.command:
            st.code(state.command, language="bash", width="content")
