"""The table of recommendations."""

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.components.frames import cleaned
from workbench.components.shading import shaded
from workbench.presenters.recommendations import RecommendationsScreen

HEIGHT_BESIDE = 660
ROWS_BESIDE = 18
CHOSEN = "background-color: rgba(59, 125, 221, 0.16)"
COLUMNS_BESIDE = ("severity", "title", "saving", "state")
OPEN_KEY = "recommendations.open"
QUERY_KEY = "recommendations.query"
PICK_KEY = "recommendations.table"


def draw_recommendation_table(
    screen: RecommendationsScreen,
    *,
    is_beside: bool,
    on_open: Callable[[str, Sequence[str]], None],
    on_pick: Callable[[str, Sequence[str]], None],
    on_query: Callable[[str, Sequence[str]], None],
) -> None:
    """A click on a title calls `on_open`, a picked row `on_pick`, a click on a query `on_query`:
    each with the key under which the session knows what was clicked, and the rows' ids (of
    `on_query` their hashes). `is_beside` a chosen recommendation, fewer columns are drawn."""
    column = st.column_config
    st.dataframe(
        cleaned(screen.table)
        .style.format(screen.formats)
        .apply(shaded, axis=1, rows={screen.chosen_row}, style=CHOSEN),
        column_order=COLUMNS_BESIDE if is_beside else None,
        key=PICK_KEY,
        hide_index=True,
        height=HEIGHT_BESIDE if is_beside and len(screen.table) > ROWS_BESIDE else "content",
        on_select=lambda: on_pick(PICK_KEY, screen.recommendation_ids),
        selection_mode="single-row",
        placeholder="",
        alt=screen.alt,
        column_config={
            "severity": column.MultiselectColumn(
                "Severity",
                width=78,
                options=["High", "Medium", "Low"],
                color=["red", "orange", "gray"],
            ),
            "title": column.ButtonColumn(
                "Recommendation",
                width=252 if is_beside else 290,
                help="Opens beside the list. From the keyboard: arrow keys, then Shift+Space.",
                type="tertiary",
                alignment="left",
                key=OPEN_KEY,
                on_click=on_open,
                args=(OPEN_KEY, screen.recommendation_ids),
            ),
            "query": column.ButtonColumn(
                "Query",
                width=236,
                help="The statement's tables and what it does with them; opens the query.",
                type="tertiary",
                alignment="left",
                key=QUERY_KEY,
                on_click=on_query,
                args=(QUERY_KEY, screen.query_hashes),
            ),
            "saving": column.NumberColumn(
                "May save", width=76, help="Claimed, over the reviewed days."
            ),
            "ceiling": column.NumberColumn(
                "Of at most", width=84, help="The measured time of the bucket that it attacks."
            ),
            "bucket": column.TextColumn("Time bucket", width=88),
            "state": column.TextColumn("State", width=84),
            "across": column.MultiselectColumn(
                "All patterns",
                width=88,
                options=["Agrees", "Loses"],
                color=["green", "orange"],
                help="Advice on a table's design: whether it stands when all patterns are weighed.",
            ),
            "reviewer": column.TextColumn("Reviewer", width=102),
            "category": column.TextColumn("Kind", width=100),
            "raised": column.DatetimeColumn(
                "Last raised (UTC)", width=130, format="D MMM YYYY HH:mm", timezone="UTC"
            ),
            "still": column.CheckboxColumn("Still raised", width=80),
        },
    )
