"""The facts that something rests on: as lines where few are cited, as a table where all are."""

import pandas as pd
import streamlit as st

from backend.domain.visible_text import visible
from workbench.components.frames import cleaned


def draw_fact_lines(facts: pd.DataFrame) -> None:
    """On a card: each fact wraps, as plain text."""
    for fact in facts.itertuples():
        st.text(visible(f"{fact.id}  {fact.fact}"))


def draw_fact_table(facts: pd.DataFrame, *, alt: str) -> None:
    column = st.column_config
    st.dataframe(
        cleaned(facts),
        hide_index=True,
        height="content",
        alt=visible(alt),
        column_config={
            "id": column.TextColumn("Fact", width=60),
            "kind": column.TextColumn("About", width=110),
            "fact": column.TextColumn("What it says", width=620),
            "cited": column.TextColumn("Cited by", width=270),
        },
    )
