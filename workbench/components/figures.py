"""The row of figures at the head of a page."""

from collections.abc import Sequence

import streamlit as st

from workbench.presenters.figure import Figure
from workbench.presenters.wording import plain

NARROW, WIDE, WIDEST = 120, 150, 170
"""Pixels that a card needs at least: as a rule, for a long label, and for a long figure."""


def draw_figures(figures: Sequence[Figure]) -> None:
    if any(len(figure.value) > 9 for figure in figures):
        width = WIDEST
    else:
        width = WIDE if any(len(figure.label) > 13 for figure in figures) else NARROW
    with st.grid(len(figures), min_column_width=width):
        for figure in figures:
            st.metric(
                plain(figure.label),
                plain(figure.value),
                help=plain(figure.help) or None,
                border=True,
            )
