"""The facts that something rests on."""

import pandas as pd
import streamlit as st


def draw_facts(facts: pd.DataFrame, *, alt: str) -> None:
    column = st.column_config
    st.dataframe(
        facts,
        hide_index=True,
        height="content",
        alt=alt,
        column_config={
            "id": column.TextColumn("Fact", width=60),
            "kind": column.TextColumn("About", width=110),
            "fact": column.TextColumn("What it says", width="large"),
        },
    )
