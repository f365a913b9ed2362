"""A rewritten statement, drawn: the clause before and after, the whole, what was checked."""

import streamlit as st

from backend.domain.visible_text import visible
from workbench import session
from workbench.presenters.rewrite_view import (
    WITH_ORIGINALS,
    ClauseView,
    RewriteView,
    with_values,
)
from workbench.presenters.wording import plain


def draw_rewrite(view: RewriteView) -> None:
    put_back = session.originals_of(view.query_hash, view.scrubbed_sql)
    filled = with_values(view, put_back) if put_back else None
    # Not bound to the address: a link that is sent on shows no values.
    if filled and st.toggle(WITH_ORIGINALS, key=f"originals.{view.recommendation_id}"):
        view = filled
    for clause in view.clauses:
        _draw_clause(clause)
    if view.more_clauses:
        st.caption(plain(view.more_clauses))
    with st.expander("The whole statement, rewritten", type="compact"):
        st.code(visible(view.sql), language="sql", wrap_lines=True)
    with st.expander(plain(view.checked_label), type="compact"):
        for line in view.checked:
            st.text(visible(line))
    for note in view.notes:
        st.text(visible(note))


def _draw_clause(clause: ClauseView) -> None:
    before, after = st.columns(2)
    with before:
        st.caption("Before")
        st.code(visible(clause.before) or "–", language="sql", wrap_lines=True)
    with after:
        st.caption("After")
        st.code(visible(clause.after) or "–", language="sql", wrap_lines=True)
