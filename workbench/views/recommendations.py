"""Recommendations: what to change, and what was decided."""

from enum import StrEnum

import streamlit as st

from backend.domain.finding import Severity
from backend.domain.recommendation import RecommendationFilter, ReviewerName, TriageState
from backend.domain.time_buckets import Bucket
from workbench import session
from workbench.components.decision import draw_decision
from workbench.components.empty_state import draw_empty_state
from workbench.components.recommendation_table import draw_recommendation_table
from workbench.presenters.recommendations import (
    ROWS_A_PAGE,
    RecommendationsScreen,
    decision,
    export_name,
    recommendations_screen,
)
from workbench.presenters.wording import plain, words


def render() -> None:
    st.title("Recommendations", anchor=False)
    wanted = _filters()
    body = st.container()
    with body.skeleton(height=480):
        total = session.recommendation_count(wanted)
        number = _page_number(total)
        rows = session.recommendation_page(wanted, ROWS_A_PAGE, number).items
        names = session.statement_names(tuple(row.recommendation.query_hash for row in rows))
    chosen = session.selected_recommendation()
    screen = recommendations_screen(rows, total, wanted, number, statements=names, chosen=chosen)
    with body:
        if screen.empty and not chosen:
            draw_empty_state(screen.empty)
            return
        wide, narrow = st.columns(2, gap="medium") if chosen else (st.container(), None)
    with wide:
        _draw_list(screen, wanted, is_beside=bool(chosen))
    if chosen and narrow:
        with narrow:
            _draw_decision(chosen)


def _draw_list(
    screen: RecommendationsScreen, wanted: RecommendationFilter, *, is_beside: bool
) -> None:
    if screen.empty:
        draw_empty_state(screen.empty)
        return
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(plain(screen.caption), width="content")
        st.download_button(
            plain(screen.export_label),
            data=lambda: session.recommendations_csv(wanted),
            file_name=export_name(session.now().date()),
            mime="text/csv",
            key="recommendations.export",
            icon=":material/download:",
            on_click="ignore",
        )
    draw_recommendation_table(
        screen,
        is_beside=is_beside,
        on_open=session.select_clicked,
        on_pick=session.select_picked,
        on_query=session.open_clicked_advice,
    )
    if screen.page_count > 1:
        st.pagination(screen.page_count, key="at", bind="query-params")


def _draw_decision(recommendation_id: str) -> None:
    triaged = session.recommendation(recommendation_id)
    review = session.latest_review(triaged.recommendation.query_hash)
    name = session.statement_names((triaged.recommendation.query_hash,))
    draw_decision(
        decision(
            triaged,
            review.case_file if review else None,
            name[triaged.recommendation.query_hash],
        )
    )


def _filters() -> RecommendationFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        severities = _choice("Severity", Severity, "severity")
        reviewers = _choice("Reviewer", ReviewerName, "reviewer")
        states = _choice("State", TriageState, "state")
        buckets = _choice("Time bucket", Bucket, "bucket")
        text = st.text_input(
            "Text",
            key="find",
            bind="query-params",
            placeholder="contains …",
            icon=":material/search:",
            width=170,
        )
        still = st.toggle("Still raised only", value=True, key="still", bind="query-params")
    return RecommendationFilter(
        severities=tuple(map(Severity, severities)),
        reviewers=tuple(map(ReviewerName, reviewers)),
        states=tuple(map(TriageState, states)),
        buckets=tuple(map(Bucket, buckets)),
        text=(text or "").strip(),
        is_still_raised=True if still else None,
    )


def _choice(label: str, options: type[StrEnum], key: str) -> list[str]:
    return st.multiselect(
        label,
        [option.value for option in options],
        format_func=words,
        key=key,
        bind="query-params",
        placeholder="Any",
        width=150,
    )


def _page_number(total: int) -> int:
    """The pagination stands below the table; its state is known from the run before."""
    return session.page_number("at", -(-total // ROWS_A_PAGE))
