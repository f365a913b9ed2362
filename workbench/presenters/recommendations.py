"""The list of recommendations and the decisions that can be made on one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from backend.domain.case_file import CaseFile
from backend.domain.recommendation import (
    NEXT_STATES,
    RecommendationFilter,
    TriagedRecommendation,
    TriageState,
)
from workbench.presenters.advice_card import (
    CATEGORY_WORDS,
    AdviceCard,
    advice_card,
    reviewer_words,
    titled,
)
from workbench.presenters.bucket_bar import BUCKET_WORDS
from workbench.presenters.empty import NO_ADVICE_MATCH, NO_ADVICE_STORED, EmptyState
from workbench.presenters.wording import Formats, count, duration, moment_text, words

ROWS_A_PAGE = 25
ACTION_WORDS = {
    TriageState.OPEN: "Reopen",
    TriageState.ACCEPTED: "Accept",
    TriageState.APPLIED: "Applied",
    TriageState.DISMISSED: "Dismiss",
    TriageState.SNOOZED: "Snooze",
}
NOTICE_WORDS = {
    TriageState.OPEN: "Reopened.",
    TriageState.ACCEPTED: "Accepted.",
    TriageState.APPLIED: "Marked as applied. The next reviews show what it saved.",
    TriageState.DISMISSED: "Dismissed.",
    TriageState.SNOOZED: "Snoozed.",
}


@dataclass(frozen=True, kw_only=True)
class RecommendationsScreen:
    """`table` keeps numbers, so that it sorts by them; `formats` says how they are written.

    `chosen_row` is the recommendation that is open, if this page of the list has it.
    """

    empty: EmptyState | None
    table: pd.DataFrame
    formats: Formats = field(default_factory=dict)
    query_hashes: tuple[str, ...] = ()
    caption: str = ""
    recommendation_ids: tuple[str, ...] = ()
    page_count: int = 1
    export_label: str = ""
    alt: str = ""
    chosen_row: int | None = None


@dataclass(frozen=True, kw_only=True)
class EventLine:
    when: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What can be done with one recommendation now; `version` is the one that is on screen."""

    card: AdviceCard
    query_hash: str
    query_label: str
    version: int
    raised: str
    actions: tuple[TriageState, ...]
    events: tuple[EventLine, ...]


def recommendations_screen(
    rows: Sequence[TriagedRecommendation],
    total: int,
    wanted: RecommendationFilter,
    page_number: int,
    *,
    statements: Mapping[str, str] | None = None,
    chosen: str | None = None,
) -> RecommendationsScreen:
    """`statements` has the name of each row's pattern by its hash; `chosen` is an open id."""
    if not rows:
        narrowed = replace(wanted, is_still_raised=None) != RecommendationFilter()
        return RecommendationsScreen(
            empty=NO_ADVICE_MATCH if narrowed else NO_ADVICE_STORED, table=pd.DataFrame()
        )
    first = (page_number - 1) * ROWS_A_PAGE
    ids = tuple(row.recommendation.recommendation_id for row in rows)
    return RecommendationsScreen(
        empty=None,
        table=_table(rows, statements or {}),
        formats={"saving": saving_cell, "ceiling": duration},
        query_hashes=tuple(row.recommendation.query_hash for row in rows),
        caption=(
            f"{first + 1}–{first + len(rows)} of {count(total)}, most severe first, then by "
            "claimed saving"
        ),
        recommendation_ids=ids,
        chosen_row=ids.index(chosen) if chosen in ids else None,
        page_count=-(-total // ROWS_A_PAGE),
        export_label=f"Download all {count(total)} as CSV",
        alt=f"Recommendations, {len(rows)} of {total}",
    )


def export_name(today: date) -> str:
    return f"redshift-recommendations-{today.isoformat()}.csv"


def decision(
    triaged: TriagedRecommendation, case: CaseFile | None = None, statement: str = ""
) -> Decision:
    """`case` is that of the pattern's newest review: it says what stands behind the fact ids.

    Advice that is no longer raised cites an older case file, so its ids are not looked up.
    """
    advice = triaged.recommendation
    return Decision(
        card=advice_card(advice, triaged, case if triaged.is_still_raised else None),
        query_hash=advice.query_hash,
        query_label=f"Query: {statement}" if statement else "Open the query",
        version=triaged.version,
        raised=(
            f"Raised first {moment_text(triaged.raised_first)}, last "
            f"{moment_text(triaged.raised_last)}."
            + ("" if triaged.is_still_raised else " The newest review no longer raises it.")
        ),
        actions=tuple(state for state in NEXT_STATES[triaged.state] if state in ACTION_WORDS),
        events=tuple(
            EventLine(
                when=moment_text(event.at),
                what=f"{words(event.from_state.value)} → {words(event.to_state.value).lower()} "
                f"by {event.who}",
                why=event.why,
            )
            for event in reversed(triaged.events)
        ),
    )


def action_words(state: TriageState) -> str:
    return ACTION_WORDS[state]


def notice_text(notice: tuple[bool, str]) -> str:
    """What to say after a decision: done, or why it was refused."""
    is_done, told = notice
    return NOTICE_WORDS[TriageState(told)] if is_done else told


def saving_cell(seconds: float) -> str:
    return duration(seconds) if seconds > 0 else "–"


def _across(row: TriagedRecommendation) -> list[str]:
    return [words(row.across_patterns.standing.value)] if row.across_patterns else []


def _table(rows: Sequence[TriagedRecommendation], statements: Mapping[str, str]) -> pd.DataFrame:
    advice = [row.recommendation for row in rows]
    return pd.DataFrame(
        {
            "severity": [[words(one.severity.value)] for one in advice],
            "title": [titled(one) for one in advice],
            "query": [statements.get(one.query_hash) or one.query_hash for one in advice],
            "saving": [one.claimed_saving_seconds for one in advice],
            "ceiling": [one.ceiling_seconds for one in advice],
            "bucket": [BUCKET_WORDS[one.bucket] for one in advice],
            "state": [words(row.state.value) for row in rows],
            "across": [_across(row) for row in rows],
            "reviewer": [reviewer_words(one.reviewer) for one in advice],
            "category": [CATEGORY_WORDS[one.category] for one in advice],
            "raised": [row.raised_last for row in rows],
            "still": [row.is_still_raised for row in rows],
        }
    )
