"""The list of tables. Every cell is text, a number or one of our own words: nothing is parsed."""

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.components.frames import cleaned
from workbench.presenters.tables import TablesScreen, is_change

ROW_HEIGHT = 36
OPEN_KEY = "tables.open"
LIST_KEY = "tables.list"


def draw_table_list(
    screen: TablesScreen, *, on_open: Callable[[str, Sequence[str]], None]
) -> str | None:
    """The name of the table whose row was picked, if one was; a click on a name calls `on_open`
    with the key of the click and the rows' names."""
    column = st.column_config
    event = st.dataframe(
        cleaned(screen.table).style.format(screen.formats),
        key=LIST_KEY,
        hide_index=True,
        height="content",
        row_height=ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        alt=screen.alt,
        column_config={
            "table": column.ButtonColumn(
                "Table",
                width=158,
                help="Opens the table. From the keyboard: arrow keys, then Shift+Space.",
                type="tertiary",
                alignment="left",
                key=OPEN_KEY,
                on_click=on_open,
                args=(OPEN_KEY, screen.table_names),
            ),
            "time": column.NumberColumn(
                "Time a week",
                width=84,
                help="Execution time that stands on the table: its scans, its joins and what moves "
                "for them, and its writing.",
            ),
            "patterns": column.NumberColumn("Patterns", width=60, format="%,d"),
            "rows": column.NumberColumn("Rows", width=66),
            "size": column.NumberColumn("Size", width=68),
            "design": column.TextColumn(
                "Now", width=196, help="Distribution style and sort key, by SVV_TABLE_INFO."
            ),
            "proposal": column.MultiselectColumn(
                "Proposal",
                width=172,
                options=list(screen.proposals),
                color=["blue" if is_change(each) else "gray" for each in screen.proposals],
                help="One design over all patterns.",
            ),
            "saving": column.NumberColumn(
                "Saves a week", width=84, help="What the change saves less what it costs."
            ),
            "dollars": column.NumberColumn(
                "Dollars a week",
                width=84,
                help="What that cluster time costs, by the configured prices.",
            ),
            "advisor": column.MultiselectColumn(
                "Advisor",
                width=88,
                options=["Agrees", "Disagrees", "Other matter"],
                color=["green", "orange", "gray"],
                help="Redshift's own Advisor beside the proposal.",
            ),
            "against": column.NumberColumn(
                "Against",
                width=60,
                help="Open recommendations of single patterns that lose by the proposal.",
            ),
            "database": column.TextColumn("Database", width=110),
        },
    )
    rows = event.selection.rows
    return screen.table_names[rows[0]] if rows else None
