"""Query: one pattern, why it is slow and what to change."""

import streamlit as st

from backend.domain.pattern import PatternFilter, RankedPattern
from backend.domain.visible_text import visible
from workbench import session
from workbench.components.bucket_bar import draw_bucket_bar
from workbench.components.empty_state import draw_empty_state
from workbench.components.figures import draw_figures
from workbench.components.query_sections import SECTIONS, draw_section
from workbench.components.range_control import draw_range_control
from workbench.components.review_progress import draw_review_job
from workbench.presenters.empty import NO_QUERY_CHOSEN
from workbench.presenters.query_head import QueryHead, query_head
from workbench.presenters.wording import plain


def render() -> None:
    st.page_link(
        session.page("queries"),
        label="All slow queries",
        icon=":material/arrow_back:",
        query_params=session.list_link(),
    )
    query_hash = session.selected_query()
    if query_hash is None:
        draw_empty_state(NO_QUERY_CHOSEN)
        return
    title = st.container()
    first_day, last_day = draw_range_control(session.RANGE_OF_QUERY, session.DAYS_OF_QUERY)
    wanted = PatternFilter(first_day=first_day, last_day=last_day)
    with title.skeleton(height=96):
        row = session.ranked_pattern(query_hash, wanted)
        # Only the warning of a slow-down needs the review up here.
        review = session.latest_review(query_hash) if row.pattern.regression else None
        head = query_head(row, _formatted(row), session.prices(), review)
    with title:
        _draw_title(head)
    draw_review_job(query_hash)
    _draw_overview(head)
    section = st.segmented_control(
        "Section",
        list(SECTIONS),
        default="advice",
        required=True,
        format_func=lambda name: SECTIONS[name],
        key="section",
        bind="query-params",
        label_visibility="collapsed",
    )
    draw_section(section or "advice", row, first_day, last_day)


def _formatted(row: RankedPattern) -> str | None:
    sql = row.pattern.scrubbed_sql
    return None if sql is None else session.formatted_sql(sql)


def _draw_title(head: QueryHead) -> None:
    words, action = st.columns([4, 1], vertical_alignment="center")
    with words:
        st.title(plain(head.title), anchor=False)
        st.caption(plain(f"{head.subtitle} · {head.query_hash}"))
    action.button(
        "Review now",
        key="query.review",
        icon=":material/rate_review:",
        width="stretch",
        on_click=session.request_review,
        args=(head.query_hash,),
        disabled=session.has_active_review(head.query_hash),
        help="Builds the case file anew, runs the checks and asks the reviewers.",
    )


def _draw_overview(head: QueryHead) -> None:
    if head.regression:
        st.warning(plain(head.regression), icon=":material/trending_up:")
    draw_figures(head.figures)
    statement, buckets = st.columns([3, 2])
    with statement:
        st.markdown("**Statement**")
        if head.statement is None:
            st.text(visible(head.withheld or ""))
        else:
            st.code(
                visible(head.statement),
                language="sql",
                height=340 if head.is_long else "content",
            )
    with buckets:
        st.markdown("**Where the time went**")
        draw_bucket_bar(head.bar, head.bar_caption)
        st.text(visible(head.work))
