"""The row of figures at the head of a page."""

from collections.abc import Sequence

import streamlit as st

from workbench.presenters.figure import Figure


def draw_figures(figures: Sequence[Figure]) -> None:
    with st.grid(len(figures), min_column_width=120):
        for figure in figures:
            st.metric(figure.label, figure.value, help=figure.help or None, border=True)
