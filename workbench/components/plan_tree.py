"""A plan as an indented table; its conditions open below."""

import streamlit as st

from backend.domain.visible_text import visible
from workbench.components.frames import cleaned
from workbench.components.shading import shaded
from workbench.presenters.plan_tree import MARK_COLOURS, MARKS, PlanScreen
from workbench.presenters.wording import number_of, plain

MARKED = "background-color: rgba(217, 119, 6, 0.13)"


def draw_plan_tree(screen: PlanScreen) -> None:
    if screen.notices:
        with st.container(border=True):
            st.badge("The planner noted", icon=":material/warning:", color="orange")
            st.text(visible("\n".join(screen.notices)))
    st.caption(plain(screen.caption))
    column = st.column_config
    st.dataframe(
        cleaned(screen.table).style.apply(shaded, axis=1, rows=screen.marked_rows, style=MARKED),
        column_order=screen.columns,
        hide_index=True,
        height="content",
        alt=screen.alt,
        column_config={
            "operator": column.TextColumn("Operator", width=240),
            "table": column.TextColumn("Table", width=120),
            "movement": column.TextColumn(
                "Row movement", width=128, help="How rows move between nodes to be joined."
            ),
            "cost_share": column.ProgressColumn(
                "Own cost", width=108, format="%.0f %%", min_value=0, max_value=100
            ),
            "rows": column.NumberColumn("Planned rows", width=104, format="%,d"),
            "marks": column.MultiselectColumn(
                "Marks", width=130, options=MARKS, color=list(MARK_COLOURS)
            ),
            "finding": column.TextColumn("Cited by finding", width=220),
            "condition": column.TextColumn("Conditions", width=320),
        },
    )
    if screen.conditions:
        with st.expander(plain(f"Conditions of {number_of(len(screen.conditions), 'node')}")):
            for node, lines in screen.conditions:
                st.text(visible(node))
                st.code(visible(lines), language=None, wrap_lines=True)
