"""Who reads and writes a table, and its joins and filters, drawn."""

import streamlit as st

from workbench import session
from workbench.components.frames import cleaned
from workbench.presenters.table_use import UseScreen
from workbench.presenters.wording import plain

READERS_KEY = "table.readers"


def draw_table_use(screen: UseScreen) -> None:
    st.caption(plain(screen.caption))
    _draw_readers(screen)
    _draw_joins(screen)
    _draw_filters(screen)


def _draw_readers(screen: UseScreen) -> None:
    column = st.column_config
    st.markdown("**Patterns by time on this table**")
    st.dataframe(
        cleaned(screen.readers).style.format(screen.reader_formats),
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Patterns by the time that stands on the table",
        column_config={
            "pattern": column.ButtonColumn(
                "Pattern",
                width=330,
                help="Opens the query. From the keyboard: arrow keys, then Shift+Space.",
                type="tertiary",
                alignment="left",
                key=READERS_KEY,
                on_click=session.open_clicked_advice,
                args=(READERS_KEY, screen.query_hashes),
            ),
            "time": column.NumberColumn("Time a week", width=90),
            "measured": column.TextColumn(
                "Basis", width=84, help="By recorded steps, or by the plan's costs."
            ),
            "does": column.TextColumn("Does", width=96),
            "read": column.NumberColumn("Rows read a run", width=120),
            "kept": column.NumberColumn("Kept", width=66),
            "skips": column.TextColumn(
                "Skips blocks", width=96, help="Range restricted scan (is_rrscan)."
            ),
            "runs": column.NumberColumn("Runs", width=66, format="%,d"),
        },
    )


def _draw_joins(screen: UseScreen) -> None:
    column = st.column_config
    st.markdown("**Joins, the costliest first**")
    if not len(screen.joins):
        st.text("Nothing joins it.")
        return
    st.dataframe(
        cleaned(screen.joins).style.format(screen.join_formats),
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Joins of the table by the time that moving rows for them takes",
        column_config={
            "column": column.TextColumn("Its column", width=150),
            "partner": column.TextColumn("Joined with", width=260),
            "movement": column.TextColumn("Row movement", width=240),
            "moving": column.NumberColumn(
                "Moving a week", width=100, help="Time of the segments that send rows for it."
            ),
            "moved": column.NumberColumn("Rows moved a run", width=120, help="At most."),
            "joining": column.NumberColumn("Joining a week", width=100),
            "patterns": column.NumberColumn("Patterns", width=66),
        },
    )


def _draw_filters(screen: UseScreen) -> None:
    column = st.column_config
    st.markdown("**Filters, by the time of their scans**")
    if not len(screen.filters):
        st.text("Nothing filters it.")
        return
    st.dataframe(
        cleaned(screen.filters).style.format(screen.filter_formats),
        hide_index=True,
        height="content",
        placeholder="–",
        alt="Filters of the table by the time of their scans",
        column_config={
            "column": column.TextColumn("Column", width=200),
            "kind": column.TextColumn("How", width=84),
            "time": column.NumberColumn("Scans a week", width=96),
            "kept": column.NumberColumn(
                "Kept", width=64, help="Rows kept by rows read, with all filters of the scan."
            ),
            "order": column.TextColumn("A sort order", width=96),
            "patterns": column.NumberColumn("Patterns", width=66),
        },
    )
