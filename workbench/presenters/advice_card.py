"""One recommendation as a card."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from backend.domain.case_file import CaseFile
from backend.domain.finding import Severity
from backend.domain.recommendation import (
    AcrossPatterns,
    Category,
    Recommendation,
    ReviewerName,
    Standing,
    TriagedRecommendation,
    TriageState,
    Verdict,
)
from backend.domain.table_design import short_name
from workbench.presenters.bucket_bar import BUCKET_COLOUR_NAMES, BUCKET_WORDS
from workbench.presenters.facts import fact_table
from workbench.presenters.rewrite_view import RewriteView, rewrite_view
from workbench.presenters.wording import dollars, duration, full_day, per_cent, words

SEVERITY_COLOURS = {Severity.HIGH: "red", Severity.MEDIUM: "orange", Severity.LOW: "gray"}
STATE_COLOURS = {
    TriageState.OPEN: "blue",
    TriageState.ACCEPTED: "violet",
    TriageState.APPLIED: "green",
    TriageState.MEASURED: "green",
    TriageState.DISMISSED: "gray",
    TriageState.SNOOZED: "gray",
}
CATEGORY_WORDS = {
    Category.REWRITE: "Rewrite",
    Category.TABLE_DESIGN: "Table design",
    Category.MAINTENANCE: "Maintenance",
    Category.WORKLOAD: "Workload",
    Category.INVESTIGATE: "Investigate",
}
STANDING_WORDS = {
    Standing.AGREES: "Stands over all patterns",
    Standing.LOSES: "Loses over all patterns",
}
STANDING_COLOURS = {Standing.AGREES: "green", Standing.LOSES: "orange"}
VERDICT_WORDS = {
    Verdict.PROVEN: "Rewrite proven to give the same rows",
    Verdict.NO_COUNTEREXAMPLE: "No difference found in trials",
    Verdict.COUNTEREXAMPLE: "Rewrite gives other rows: do not use it",
    Verdict.UNKNOWN: "",
}


@dataclass(frozen=True, kw_only=True)
class Badge:
    text: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class AcrossNote:
    """What all patterns together mean for the advice; `sentence` is foreign text, `link_label` is
    safe where Markdown is read."""

    badge: Badge
    sentence: str
    table_name: str
    link_label: str


@dataclass(frozen=True, kw_only=True)
class AdviceCard:
    """`title` is safe where Markdown is read; rationale, action and SQL are foreign text."""

    recommendation_id: str
    title: str
    reviewer: str
    badges: tuple[Badge, ...]
    saving: str
    rationale: str
    action: str
    action_sql: str | None
    rewrite: RewriteView | None
    verdict: str
    why_label: str
    facts_label: str
    facts: pd.DataFrame
    across: AcrossNote | None = None


def advice_card(
    advice: Recommendation, triaged: TriagedRecommendation | None, case: CaseFile | None
) -> AdviceCard:
    return AdviceCard(
        recommendation_id=advice.recommendation_id,
        title=titled(advice),
        reviewer=words(advice.reviewer.value),
        badges=_badges(advice, triaged),
        saving=saving_text(advice),
        rationale=advice.rationale,
        action=advice.action,
        action_sql=advice.action_sql,
        rewrite=rewrite_view(advice, case.scrubbed_sql if case else None),
        verdict=VERDICT_WORDS[advice.verdict],
        why_label=f"Why · {facts_label(advice.fact_ids)}",
        facts_label=facts_label(advice.fact_ids),
        facts=fact_table(case, advice.fact_ids),
        across=_across(triaged.across_patterns) if triaged else None,
    )


def _across(across: AcrossPatterns | None) -> AcrossNote | None:
    if across is None:
        return None
    return AcrossNote(
        badge=Badge(text=STANDING_WORDS[across.standing], colour=STANDING_COLOURS[across.standing]),
        sentence=across.sentence,
        table_name=across.table_name,
        link_label=f"{short_name(across.table_name)} over all patterns",
    )


def titled(advice: Recommendation) -> str:
    """The title, with what it is about where the title does not say it."""
    names_it = advice.subject.lower() in advice.title.lower()
    return advice.title if names_it else f"{advice.title} · {advice.subject}"


def facts_label(fact_ids: Sequence[str]) -> str:
    return f"Evidence: {', '.join(fact_ids) or 'none cited'}"


def saving_text(advice: Recommendation) -> str:
    """`May save up to 3.2 h of the 12.4 h execution time of 28 days (26 %)`."""
    bucket = BUCKET_WORDS[advice.bucket].lower()
    window = f" of {advice.window_days:.0f} days" if advice.window_days >= 0.5 else ""
    if advice.claimed_saving_seconds <= 0:
        return f"No saving claimed; it attacks {bucket} time."
    share = advice.claimed_saving_seconds / max(advice.ceiling_seconds, 1e-9)
    return (
        f"May save up to {duration(advice.claimed_saving_seconds)} of the "
        f"{duration(advice.ceiling_seconds)} {bucket} time{window} ({per_cent(min(share, 1.0))})"
        f"{_worth(advice)}."
    )


def _worth(advice: Recommendation) -> str:
    """`, worth $ 12.40 of cluster time (prices of 1 Nov 2026)`; empty without prices."""
    if advice.claimed_saving_dollars is None or advice.prices_as_of is None:
        return ""
    return (
        f", worth {dollars(advice.claimed_saving_dollars)} of cluster time "
        f"(prices of {full_day(advice.prices_as_of)})"
    )


def reviewer_words(reviewer: ReviewerName) -> str:
    return words(reviewer.value)


def state_words(triaged: TriagedRecommendation) -> str:
    if triaged.state is TriageState.SNOOZED and triaged.snoozed_until:
        return f"Snoozed until {full_day(triaged.snoozed_until)}"
    return words(triaged.state.value)


def _badges(advice: Recommendation, triaged: TriagedRecommendation | None) -> tuple[Badge, ...]:
    badges = [
        Badge(text=words(advice.severity.value), colour=SEVERITY_COLOURS[advice.severity]),
        Badge(text=BUCKET_WORDS[advice.bucket], colour=BUCKET_COLOUR_NAMES[advice.bucket]),
        Badge(text=CATEGORY_WORDS[advice.category], colour="gray"),
        Badge(text=reviewer_words(advice.reviewer), colour="gray"),
    ]
    if advice.rewrite is not None and advice.rewrite.changes_result:
        badges.append(Badge(text="Changes the result", colour="orange"))
    if triaged is not None:
        badges.append(Badge(text=state_words(triaged), colour=STATE_COLOURS[triaged.state]))
        if not triaged.is_still_raised:
            badges.append(Badge(text="No longer raised", colour="gray"))
    return tuple(badges)
