"""The ranked table of patterns. Every cell is text, a number or our own bar: nothing is parsed."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from workbench.components.frames import cleaned
from workbench.presenters.slow_queries import SlowQueriesScreen

ROW_HEIGHT = 36
STATEMENT_WIDTH = 332
COST_WIDTH = 76
OPEN_KEY = "queries.open"


def draw_pattern_table(
    screen: SlowQueriesScreen, *, key: str, on_open: Callable[[str, Sequence[str]], None]
) -> str | None:
    """The hash of the pattern whose row was picked, if one was.

    A click on a statement calls `on_open` with the key of the click and the rows' hashes.
    """
    event = st.dataframe(
        cleaned(screen.table).style.format(screen.formats),
        key=key,
        hide_index=True,
        height="content",
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(screen.query_hashes, on_open, has_cost="cost" in screen.table),
        placeholder="",
        alt=screen.alt,
    )
    rows = event.selection.rows
    return screen.query_hashes[rows[0]] if rows else None


def _columns(
    query_hashes: Sequence[str], on_open: Callable[[str, Sequence[str]], None], *, has_cost: bool
) -> dict[str, Any]:
    column = st.column_config
    statement_width = STATEMENT_WIDTH - COST_WIDTH if has_cost else STATEMENT_WIDTH
    return {
        "rank": column.NumberColumn("#", width=36),
        "statement": column.ButtonColumn(
            "Statement",
            width=statement_width,
            help="Opens the query. From the keyboard: arrow keys, then Shift+Space.",
            type="tertiary",
            alignment="left",
            key=OPEN_KEY,
            on_click=on_open,
            args=(OPEN_KEY, query_hashes),
        ),
        "total": column.NumberColumn(
            "Total time", width=82, help="Elapsed time of all runs in the time range."
        ),
        "share": column.NumberColumn("Share", width=64, help="Of the time of all patterns."),
        "cost": column.NumberColumn(
            "Cost",
            width=COST_WIDTH,
            help="Its part of the cluster's cost: while runs overlap, each is charged its part.",
        ),
        "runs": column.NumberColumn("Runs", width=62, format="%,d"),
        "p95": column.NumberColumn("p95", width=76),
        "buckets": column.ImageColumn(
            "Where time goes",
            width=120,
            help="The five time buckets; their colours stand above the table.",
        ),
        "trend": column.BarChartColumn("Time a day", width=92, y_min=0),
        "slower": column.TextColumn(
            "Became slower",
            width=126,
            help="How much slower than before, and since which day (UTC).",
        ),
        "advice": column.NumberColumn("Advice", width=60, help="Open recommendations"),
        "mostly": column.TextColumn("Mostly", width=120),
        "p50": column.NumberColumn("p50", width=76),
        "max": column.NumberColumn("Slowest", width=80),
        "failed": column.NumberColumn("Failed", width=60, help="Failed or canceled runs"),
        "users": column.TextColumn("Users", width=130),
        "databases": column.TextColumn("Databases", width=100),
        "type": column.TextColumn("Type", width=80),
    }
