"""The table of recommendations."""

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.presenters.recommendations import RecommendationsScreen

HEIGHT = 640
OPEN_KEY = "recommendations.open"


def draw_recommendation_table(
    screen: RecommendationsScreen, *, key: str, on_open: Callable[[str, Sequence[str]], None]
) -> str | None:
    """The id of the recommendation whose row was picked, if one was.

    A click on a title calls `on_open` with the key of the click and the rows' ids.
    """
    column = st.column_config
    event = st.dataframe(
        screen.table,
        key=key,
        hide_index=True,
        height=min(HEIGHT, 40 + 35 * len(screen.recommendation_ids)),
        on_select="rerun",
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
    rows = event.selection.rows
    return screen.recommendation_ids[rows[0]] if rows else None
