"""The table of recommendations."""

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.presenters.recommendations import RecommendationsScreen

HEIGHT = 640
OPEN_KEY = "recommendations.open"
PICK_KEY = "recommendations.table"


def draw_recommendation_table(
    screen: RecommendationsScreen,
    *,
    on_open: Callable[[str, Sequence[str]], None],
    on_pick: Callable[[str, Sequence[str]], None],
) -> None:
    """A click on a title calls `on_open`, a picked row `on_pick`: each with the key under which
    the session knows what was clicked, and the rows' ids."""
    column = st.column_config
    st.dataframe(
        screen.table,
        key=PICK_KEY,
        hide_index=True,
        height=min(HEIGHT, 40 + 35 * len(screen.recommendation_ids)),
        on_select=lambda: on_pick(PICK_KEY, screen.recommendation_ids),
        selection_mode="single-row",
        placeholder="",
        alt=screen.alt,
        column_config={
            "severity": column.MultiselectColumn(
                "Severity",
                width=85,
                options=["High", "Medium", "Low"],
                color=["red", "orange", "gray"],
            ),
            "title": column.ButtonColumn(
                "Recommendation",
                width=330,
                help="Opens beside the list. From the keyboard: arrow keys, then Shift+Space.",
                type="tertiary",
                alignment="left",
                key=OPEN_KEY,
                on_click=on_open,
                args=(OPEN_KEY, screen.recommendation_ids),
            ),
            "saving": column.NumberColumn(
                "May save", width=85, format="%,.0f min", help="Claimed, over the reviewed days."
            ),
            "ceiling": column.NumberColumn(
                "Of at most",
                width=90,
                format="%,.0f min",
                help="The measured time of the bucket that it attacks.",
            ),
            "bucket": column.TextColumn("Time bucket", width=90),
            "state": column.TextColumn("State", width=90),
            "reviewer": column.TextColumn("Reviewer", width=110),
            "subject": column.TextColumn("About", width=150),
            "category": column.TextColumn("Kind", width=100),
            "raised": column.DatetimeColumn(
                "Last raised (UTC)", width=130, format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "still": column.CheckboxColumn("Still raised", width=80),
            "query": column.TextColumn("Query", width=120),
        },
    )
