"""The parts of the Workload page. Every cell is text or a number: nothing foreign is parsed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from backend.domain.visible_text import visible
from workbench import session
from workbench.components.advice_card import draw_badges
from workbench.components.facts import draw_fact_lines
from workbench.components.frames import cleaned
from workbench.presenters.wording import plain
from workbench.presenters.workload_screen import BlameBoard, WorkloadCard

WAITING_KEY = "workload.waiting"
LOCKS_KEY = "workload.locks"
OnOpen = Callable[[str, Sequence[str]], None]


def draw_workload_card(card: WorkloadCard) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(card.label)}**")
        draw_badges(card.badges)
        st.text(visible(card.evidence))
        if card.query_hash:
            st.page_link(
                session.page("query"),
                label="Open the query",
                icon=":material/database:",
                query_params=session.query_link(card.query_hash),
            )
        if card.remedy:
            with st.expander("What to do", type="compact"):
                st.text(visible(card.remedy))
        with st.expander(plain(card.facts_label), type="compact"):
            if len(card.measures):
                st.dataframe(
                    cleaned(card.measures),
                    hide_index=True,
                    alt="Measured values beside the thresholds they passed",
                    column_config={
                        "measure": "Measured",
                        "value": "Value",
                        "threshold": "Threshold",
                    },
                )
            draw_fact_lines(card.facts)


def draw_waiting(board: BlameBoard, on_open: OnOpen) -> None:
    column = st.column_config
    _draw_board(
        board,
        WAITING_KEY,
        on_open,
        alt="Patterns by the queueing of others that fell to them",
        columns={
            "others": column.NumberColumn(
                "Others waited", width=100, help="Queueing of other patterns charged to this one."
            ),
            "own": column.NumberColumn(
                "Itself", width=80, help="Queueing of its own runs behind each other."
            ),
            "runs": column.NumberColumn("Runs", width=60, format="%,d"),
            "queue": column.TextColumn("Queue", width=90),
            "victims": column.TextColumn("Who waited", width=420),
        },
    )


def draw_locks(board: BlameBoard, on_open: OnOpen) -> None:
    column = st.column_config
    _draw_board(
        board,
        LOCKS_KEY,
        on_open,
        alt="Patterns that may have held locks",
        columns={
            "others": column.NumberColumn("Others waited", width=100),
            "table": column.TextColumn("Table", width=150),
            "victims": column.TextColumn("Who waited", width=420),
        },
    )


def _draw_board(
    board: BlameBoard, key: str, on_open: OnOpen, *, alt: str, columns: Mapping[str, Any]
) -> None:
    st.dataframe(
        cleaned(board.table).style.format(board.formats),
        hide_index=True,
        height="content",
        alt=alt,
        column_config={
            "statement": st.column_config.ButtonColumn(
                "Statement",
                width=320,
                help="Opens the query.",
                type="tertiary",
                alignment="left",
                key=key,
                on_click=on_open,
                args=(key, board.query_hashes),
            ),
            **columns,
        },
    )
    st.caption(plain(board.caption))


def draw_list(label: str, rows: pd.DataFrame, columns: Mapping[str, Any]) -> None:
    """Folded; left out where it is empty."""
    if len(rows):
        with st.expander(plain(f"{label} ({len(rows)})")):
            st.dataframe(
                cleaned(rows),
                hide_index=True,
                height="content",
                alt=label,
                column_config=dict(columns),
            )
