"""A review as cards: what each reviewer advises, what was found, struck and ruled out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from backend.domain.diagnosis import STAGE_WORDS
from backend.domain.finding import Finding, GoodNews, Measure
from backend.domain.recommendation import ReviewerName, TriagedRecommendation
from backend.domain.review import Review
from workbench.presenters.advice_card import (
    SEVERITY_COLOURS,
    AdviceCard,
    Badge,
    advice_card,
    facts_label,
)
from workbench.presenters.bucket_bar import BUCKET_COLOUR_NAMES, BUCKET_WORDS
from workbench.presenters.facts import fact_table
from workbench.presenters.wording import (
    days_text,
    duration,
    moment_text,
    number_of,
    words,
)

REVIEWER_WORDS = {
    ReviewerName.OPTIMIZE: "Optimize",
    ReviewerName.SCHEMA_REVIEW: "Schema review",
    ReviewerName.COST_REVIEW: "Cost review",
    ReviewerName.VALIDATE: "Validate",
}
EVERYBODY = "all"


@dataclass(frozen=True, kw_only=True)
class FindingCard:
    """`label` is safe where Markdown is read; `evidence` is foreign text."""

    label: str
    badges: tuple[Badge, ...]
    facts_label: str
    evidence: str
    measures: pd.DataFrame
    facts: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class GoodNewsLine:
    """`sentence` is foreign text; `facts_label` is safe where Markdown is read."""

    sentence: str
    facts_label: str
    facts: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class ReviewerTab:
    """`label` stands in links, so it holds no number that changes."""

    name: str
    label: str
    summary: str
    cards: tuple[AdviceCard, ...]


@dataclass(frozen=True, kw_only=True)
class DiagnosisLine:
    """One step of the order of thought; `text` is foreign text."""

    title: str
    text: str
    facts: str


@dataclass(frozen=True, kw_only=True)
class ReviewScreen:
    caption: str
    diagnosis: tuple[DiagnosisLine, ...]
    tabs: tuple[ReviewerTab, ...]
    findings: tuple[FindingCard, ...]
    good_news: tuple[GoodNewsLine, ...]
    good_news_label: str
    struck: pd.DataFrame
    struck_label: str
    ruled_out: pd.DataFrame
    ruled_out_label: str
    missing: pd.DataFrame
    missing_label: str
    failed_reviewers: str | None

    def tab(self, name: str | None) -> ReviewerTab:
        return next((tab for tab in self.tabs if tab.name == name), self.tabs[0])


def review_screen(review: Review, advice: Sequence[TriagedRecommendation] = ()) -> ReviewScreen:
    """`advice` adds the triage state to the review's own recommendations."""
    triaged = {known.recommendation.recommendation_id: known for known in advice}
    struck = [struck for answer in review.agent_responses for struck in answer.struck]
    missing = review.case_file.missing if review.case_file else ()
    failed = [answer for answer in review.agent_responses if answer.error]
    return ReviewScreen(
        caption=_caption(review),
        diagnosis=_diagnosis(review),
        tabs=_tabs(review, triaged),
        findings=tuple(_finding_card(finding, review) for finding in review.findings),
        good_news=tuple(_good_news_line(news, review) for news in review.good_news),
        good_news_label=f"Worth keeping ({len(review.good_news)})",
        struck=pd.DataFrame(
            {
                "reviewer": [REVIEWER_WORDS[one.reviewer] for one in struck],
                "statement": [one.statement for one in struck],
                "reason": [one.reason for one in struck],
                "facts": [", ".join(one.fact_ids) for one in struck],
            }
        ),
        struck_label=f"Struck by validate ({len(struck)})",
        ruled_out=pd.DataFrame(
            {
                "cause": [words(one.check) for one in review.ruled_out],
                "why": [one.sentence for one in review.ruled_out],
                "facts": [", ".join(one.fact_ids) for one in review.ruled_out],
            }
        ),
        ruled_out_label=f"Ruled out ({len(review.ruled_out)})",
        missing=pd.DataFrame(
            {
                "what": [one.what for one in missing],
                "why": [one.why for one in missing],
                "how": [one.how_to_get for one in missing],
            }
        ),
        missing_label=f"Missing evidence ({len(missing)})",
        failed_reviewers=_failed([REVIEWER_WORDS[answer.reviewer] for answer in failed]),
    )


def _caption(review: Review) -> str:
    meta = review.workload_metadata
    engines = sorted({answer.engine for answer in review.agent_responses})
    # The window ends before its end moment: one that ends at midnight has no run of that day.
    last_day = (meta.window_end - timedelta(microseconds=1)).date()
    days = days_text(meta.window_start.date(), max(last_day, meta.window_start.date()))
    return (
        f"Reviewed {moment_text(review.analysis_timestamp)} by {' and '.join(engines) or 'rules'}, "
        f"over {number_of(meta.runs, 'run')} of {days}"
    )


def _diagnosis(review: Review) -> tuple[DiagnosisLine, ...]:
    return tuple(
        DiagnosisLine(
            title=f"{step.number} · {STAGE_WORDS[step.stage]}",
            text=step.sentence,
            facts=", ".join(step.fact_ids),
        )
        for step in (review.diagnosis.steps if review.diagnosis else ())
    )


def _tabs(review: Review, triaged: Mapping[str, TriagedRecommendation]) -> tuple[ReviewerTab, ...]:
    cards = [
        advice_card(one, triaged.get(one.recommendation_id), review.case_file)
        for one in review.recommendations
    ]
    tabs = [
        ReviewerTab(
            name=EVERYBODY,
            label="All",
            summary=number_of(len(cards), "recommendation"),
            cards=tuple(cards),
        )
    ]
    for answer in review.agent_responses:
        own = tuple(card for card in cards if card.reviewer == REVIEWER_WORDS[answer.reviewer])
        tabs.append(
            ReviewerTab(
                name=answer.reviewer.value,
                label=REVIEWER_WORDS[answer.reviewer],
                summary=answer.summary,
                cards=own,
            )
        )
    return tuple(tabs)


def _finding_card(finding: Finding, review: Review) -> FindingCard:
    names_it = finding.subject.lower() in finding.title.lower()
    subject = "" if names_it else f" · {finding.subject}"
    return FindingCard(
        label=finding.title + subject,
        badges=(
            Badge(text=words(finding.severity.value), colour=SEVERITY_COLOURS[finding.severity]),
            Badge(text=BUCKET_WORDS[finding.bucket], colour=BUCKET_COLOUR_NAMES[finding.bucket]),
        ),
        facts_label=facts_label(finding.fact_ids),
        evidence=finding.evidence,
        measures=pd.DataFrame([measure_row(measure) for measure in finding.measures]),
        facts=fact_table(review.case_file, finding.fact_ids),
    )


def _good_news_line(news: GoodNews, review: Review) -> GoodNewsLine:
    spared = news.spared_seconds
    worth = f"Spares an estimated {duration(spared)} · " if spared > 0 else ""
    return GoodNewsLine(
        sentence=news.sentence,
        facts_label=worth + facts_label(news.fact_ids),
        facts=fact_table(review.case_file, news.fact_ids),
    )


def measure_row(measure: Measure) -> dict[str, str]:
    unit = f" {measure.unit}" if measure.unit else ""
    threshold = "–" if measure.threshold is None else f"{_number(measure.threshold)}{unit}"
    return {
        "measure": words(measure.name),
        "value": f"{_number(measure.value)}{unit}",
        "threshold": threshold,
    }


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


def _failed(names: Sequence[str]) -> str | None:
    if not names:
        return None
    return (
        f"{', '.join(names)} could not answer; the others' advice stands. "
        "Review again to give it another chance."
    )
