"""The sections of a pattern's page; only the chosen one is read and drawn.

Their words stand in links (`?section=Plan`)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from backend.domain.pattern import RankedPattern
from backend.domain.review import Review
from backend.domain.visible_text import visible
from workbench import session
from workbench.components.advice_card import draw_advice_card, draw_badges
from workbench.components.empty_state import draw_empty_state
from workbench.components.facts import draw_fact_lines, draw_fact_table
from workbench.components.frames import cleaned
from workbench.components.model_view import draw_model_view
from workbench.components.plan_tree import draw_plan_tree
from workbench.components.runs_chart import draw_runs_chart
from workbench.presenters.empty import NO_PLAN, NO_REVIEW, NO_RUNS, REVIEW_UNDER_WAY
from workbench.presenters.facts import review_facts
from workbench.presenters.plan_tree import plan_screen
from workbench.presenters.review_list import review_list
from workbench.presenters.review_screen import (
    FindingCard,
    GoodNewsLine,
    ReviewScreen,
    review_screen,
)
from workbench.presenters.runs_chart import runs_chart
from workbench.presenters.wording import plain

SECTIONS: Mapping[str, str] = {
    "advice": "Advice",
    "plan": "Plan",
    "runs": "Runs",
    "facts": "Facts",
    "history": "History",
    "model": "What the model saw",
}


def draw_section(
    name: str, row: RankedPattern, first_day: date | None, last_day: date | None
) -> None:
    query_hash = row.pattern.query_hash
    if name == "runs":
        _draw_runs(row, first_day, last_day)
        return
    if name == "history":
        _draw_history(query_hash)
        return
    review = session.latest_review(query_hash)
    if review is None:
        is_under_way = session.has_active_review(query_hash)
        draw_empty_state(REVIEW_UNDER_WAY if is_under_way else NO_REVIEW)
        return
    _OF_THE_REVIEW[name](review)


def _draw_advice(review: Review) -> None:
    screen = review_screen(review, session.advice_on(review.query_hash))
    st.caption(plain(screen.caption))
    if screen.failed_reviewers:
        st.warning(plain(screen.failed_reviewers), icon=":material/error:")
    _draw_diagnosis(screen)
    findings, advice = st.columns([2, 3], gap="medium")
    with findings:
        st.markdown(f"**Findings ({len(screen.findings)})**")
        for finding in screen.findings:
            _draw_finding(finding)
        if not screen.findings:
            st.text("The checks found nothing to raise.")
        _draw_good_news(screen)
    with advice:
        _draw_advice_cards(screen)
    _draw_rest(screen)


def _draw_diagnosis(screen: ReviewScreen) -> None:
    """In the order of thought: what was seen, and what to look at next."""
    if not screen.diagnosis:
        return
    with st.container(border=True, gap="small"):
        st.markdown("**Diagnosis**")
        for line in screen.diagnosis:
            title, text = st.columns([1, 5])
            title.markdown(plain(line.title))
            text.text(visible(f"{line.text} [{line.facts}]" if line.facts else line.text))


def _draw_finding(finding: FindingCard) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(finding.label)}**")
        draw_badges(finding.badges)
        st.text(visible(finding.evidence))
        with st.expander(plain(finding.facts_label), type="compact"):
            if len(finding.measures):
                st.dataframe(
                    cleaned(finding.measures),
                    hide_index=True,
                    alt="Measured values beside the thresholds they passed",
                    column_config={
                        "measure": "Measured",
                        "value": "Value",
                        "threshold": "Threshold",
                    },
                )
            draw_fact_lines(finding.facts)


def _draw_good_news(screen: ReviewScreen) -> None:
    if not screen.good_news:
        return
    st.markdown(f"**{plain(screen.good_news_label)}**")
    with st.container(border=True):
        for news in screen.good_news:
            _draw_good_news_line(news)


def _draw_good_news_line(news: GoodNewsLine) -> None:
    st.text(visible(news.sentence))
    with st.expander(plain(news.facts_label), type="compact"):
        draw_fact_lines(news.facts)


def _draw_advice_cards(screen: ReviewScreen) -> None:
    st.markdown("**Recommendations by reviewer**")
    names = {tab.name: tab.label for tab in screen.tabs}
    chosen = st.segmented_control(
        "Reviewer",
        list(names),
        default=screen.tabs[0].name,
        required=True,
        format_func=lambda name: plain(names[name]),
        key="by",
        bind="query-params",
        label_visibility="collapsed",
    )
    tab = screen.tab(chosen)
    if tab.summary:
        st.text(visible(tab.summary))
    for card in tab.cards:
        with st.container(border=True):
            draw_advice_card(card, is_why_folded=True)
            st.page_link(
                session.page("recommendations"),
                label="Decide on it",
                icon=":material/gavel:",
                query_params=session.recommendation_link(card.recommendation_id),
            )
    if not tab.cards:
        st.text("No recommendation.")


def _draw_rest(screen: ReviewScreen) -> None:
    column = st.column_config
    facts = column.TextColumn("Facts", width=80)
    _draw_list(
        screen.ruled_out_label,
        screen.ruled_out,
        {"cause": column.TextColumn("Cause", width=170), "why": "Why not", "facts": facts},
    )
    _draw_list(
        screen.struck_label,
        screen.struck,
        {"reviewer": "Reviewer", "statement": "Said", "reason": "Struck because", "facts": facts},
    )
    _draw_list(
        screen.missing_label,
        screen.missing,
        {"what": "Missing", "why": "Why", "how": "How to get it"},
    )


def _draw_list(label: str, rows: pd.DataFrame, columns: Mapping[str, Any]) -> None:
    if len(rows):
        with st.expander(plain(label)):
            st.dataframe(
                cleaned(rows),
                hide_index=True,
                height="content",
                alt=label,
                column_config=dict(columns),
            )


def _draw_plan(review: Review) -> None:
    screen = plan_screen(review.case_file, review.findings)
    if screen is None:
        draw_empty_state(NO_PLAN)
    else:
        draw_plan_tree(screen)


def _draw_facts(review: Review) -> None:
    st.caption(
        "Everything the review knew. Findings and recommendations cite these ids. "
        "A double click on a fact shows all of a long one."
    )
    kinds = list(dict.fromkeys(review_facts(review)["kind"]))
    chosen = st.pills(
        "Facts about",
        kinds,
        selection_mode="multi",
        format_func=plain,
        key="about",
        bind="query-params",
    )
    draw_fact_table(review_facts(review, chosen), alt="Facts of the case file")


def _draw_runs(row: RankedPattern, first_day: date | None, last_day: date | None) -> None:
    slot = st.container()
    with slot.skeleton(height=340):
        runs = session.runs_of(row.pattern.query_hash, first_day, last_day)
    chart = runs_chart(runs, row.pattern.regression, _whole_range(first_day, last_day))
    if chart is None:
        draw_empty_state(NO_RUNS)
    else:
        draw_runs_chart(chart)


def _whole_range(first_day: date | None, last_day: date | None) -> tuple[date, date] | None:
    known = session.known_names()
    first, last = first_day or known.first_day, last_day or known.last_day
    return (first, last) if first and last else None


def _draw_history(query_hash: str) -> None:
    reviews = session.earlier_reviews(query_hash)
    if not reviews:
        draw_empty_state(NO_REVIEW)
        return
    st.dataframe(
        cleaned(review_list(reviews)),
        hide_index=True,
        height="content",
        alt="Reviews of this pattern, newest first",
        column_config={
            "reviewed": st.column_config.TextColumn("Reviewed", width=180),
            "engine": "By",
            "runs": st.column_config.NumberColumn("Runs", format="%,d"),
            "p95": "p95",
            "total": "Total time",
            "findings": "Findings",
            "advice": "Recommendations",
            "titles": st.column_config.TextColumn("Advice", width="large"),
        },
    )


_OF_THE_REVIEW: Mapping[str, Callable[[Review], None]] = {
    "advice": _draw_advice,
    "plan": _draw_plan,
    "facts": _draw_facts,
    "model": draw_model_view,
}
