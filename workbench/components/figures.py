"""The row of figures at the head of a page."""

from collections.abc import Sequence

import streamlit as st

from workbench.presenters.figure import Figure

NARROW, WIDE = 120, 170
"""Pixels that a card needs at least, for a short figure and for a long one."""


def draw_figures(figures: Sequence[Figure]) -> None:
    is_long = any(len(figure.value) > 9 or len(figure.label) > 13 for figure in figures)
    with st.grid(len(figures), min_column_width=WIDE if is_long else NARROW):
        for figure in figures:
            st.metric(figure.label, figure.value, help=figure.help or None, border=True)
