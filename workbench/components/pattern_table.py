"""The ranked table of patterns. Every cell is text, a number or our own bar: nothing is parsed."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from workbench.presenters.slow_queries import SlowQueriesScreen

ROW_HEIGHT = 36
OPEN_KEY = "queries.open"


def draw_pattern_table(
    screen: SlowQueriesScreen, *, key: str, on_open: Callable[[str, Sequence[str]], None]
) -> str | None:
    """The hash of the pattern whose row was picked, if one was.

    A click on a statement calls `on_open` with the key of the click and the rows' hashes.
    """
    event = st.dataframe(
        screen.table,
        key=key,
        hide_index=True,
        height="content",
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(screen, on_open),
        placeholder="",
        alt=screen.alt,
    )
    rows = event.selection.rows
    return screen.query_hashes[rows[0]] if rows else None


def _columns(
    screen: SlowQueriesScreen, on_open: Callable[[str, Sequence[str]], None]
) -> dict[str, Any]:
    column = st.column_config
    return {
        "rank": column.NumberColumn("#", width=36),
        "statement": column.ButtonColumn(
            "Statement",
            width=312,
            help="Opens the query. From the keyboard: arrow keys, then Shift+Space.",
            type="tertiary",
            alignment="left",
            key=OPEN_KEY,
            on_click=on_open,
            args=(OPEN_KEY, screen.query_hashes),
        ),
        "total": column.ProgressColumn(
            "Total time",
            width=112,
            format=f"%,.1f {screen.total_unit}",
            min_value=0,
            max_value=screen.total_max,
            help="Elapsed time of all runs; the full bar is all patterns together.",
        ),
        "share": column.NumberColumn("Share", width=60, format="%.1f %%"),
        "p95": column.NumberColumn("p95", width=66, format="%,.1f s"),
        "runs": column.NumberColumn("Runs", width=58, format="%,d"),
        "buckets": column.ImageColumn(
            "Where time goes",
            width=124,
            help=(
                ":orange[■] queue, :gray[■] planning, :violet[■] compile, :red[■] lock wait, "
                ":blue[■] execution"
            ),
        ),
        "trend": column.BarChartColumn("Time a day", width=92, y_min=0),
        "slower": column.TextColumn(
            "Slower", width=122, help="How much slower than before, and since which day (UTC)."
        ),
        "advice": column.NumberColumn("Advice", width=56, help="Open recommendations"),
        "mostly": column.TextColumn("Mostly", width=120),
        "p50": column.NumberColumn("p50", width=70, format="%,.1f s"),
        "max": column.NumberColumn("Max", width=80, format="%,.1f s"),
        "failed": column.NumberColumn("Failed", width=60, help="Failed or canceled runs"),
        "users": column.TextColumn("Users", width=130),
        "databases": column.TextColumn("Databases", width=100),
        "type": column.TextColumn("Type", width=80),
    }
