"""The workload review as a page: findings, whom others waited for, what was ruled out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from backend.domain.finding import Finding
from backend.domain.workload import BlameFact, LockBlameFact, Victim, WindowFact, WorkloadReview
from workbench.presenters.advice_card import SEVERITY_COLOURS, Badge, facts_label
from workbench.presenters.bucket_bar import BUCKET_COLOUR_NAMES, BUCKET_WORDS
from workbench.presenters.figure import Figure
from workbench.presenters.review_screen import measure_row
from workbench.presenters.wording import (
    Formats,
    count,
    days_text,
    duration,
    moment_text,
    number_of,
    per_cent,
    shortened,
    words,
)
from workbench.presenters.workload_facts import workload_fact_table

BLAME_FORMATS: Formats = {"others": duration, "own": duration}
VICTIMS_NAMED = 2
MOST_ROWS = 10
LEAST_SHARE = 0.01
"""Of the waiting charged to all: who is charged with less is one of many."""

NAME_LENGTH = 60


@dataclass(frozen=True, kw_only=True)
class WorkloadCard:
    """`label` is safe where Markdown is read; evidence and remedy are foreign text or our own.
    `query_hash` is that of the pattern meant, None where none is."""

    label: str
    badges: tuple[Badge, ...]
    evidence: str
    remedy: str
    facts_label: str
    measures: pd.DataFrame
    facts: pd.DataFrame
    query_hash: str | None


@dataclass(frozen=True, kw_only=True)
class BlameBoard:
    """A row a pattern; `query_hashes` are those of the rows."""

    table: pd.DataFrame
    formats: Formats
    query_hashes: tuple[str, ...]
    caption: str


@dataclass(frozen=True, kw_only=True)
class WorkloadScreen:
    caption: str
    figures: tuple[Figure, ...]
    cards: tuple[WorkloadCard, ...]
    waiting: BlameBoard | None
    locks: BlameBoard | None
    worth_keeping: pd.DataFrame
    ruled_out: pd.DataFrame
    missing: pd.DataFrame
    facts: pd.DataFrame


def patterns_named(review: WorkloadReview) -> tuple[str, ...]:
    """The hashes whose statements the page shows."""
    hashes: dict[str, None] = {}
    for fact in review.facts:
        if isinstance(fact, BlameFact | LockBlameFact):
            hashes[fact.query_hash] = None
            hashes.update((victim.query_hash, None) for victim in fact.victims[:VICTIMS_NAMED])
    return tuple(hashes)


def workload_screen(review: WorkloadReview, statements: Mapping[str, str]) -> WorkloadScreen:
    """`statements` names each pattern, by hash; one that is not there goes by its hash."""
    blame = _worth_a_row([fact for fact in review.facts if isinstance(fact, BlameFact)])
    locks = [fact for fact in review.facts if isinstance(fact, LockBlameFact)]
    return WorkloadScreen(
        caption=_caption(review),
        figures=_figures(review),
        cards=tuple(_card(finding, review, statements) for finding in review.findings),
        waiting=_waiting(blame, statements),
        locks=_locks(locks, statements),
        worth_keeping=pd.DataFrame(
            {
                "what": [words(news.check) for news in review.good_news],
                "why": [news.sentence for news in review.good_news],
                "facts": [", ".join(news.fact_ids) for news in review.good_news],
            }
        ),
        ruled_out=pd.DataFrame(
            {
                "cause": [words(one.check) for one in review.ruled_out],
                "why": [one.sentence for one in review.ruled_out],
                "facts": [", ".join(one.fact_ids) for one in review.ruled_out],
            }
        ),
        missing=pd.DataFrame(
            {
                "what": [one.what for one in review.missing],
                "why": [one.why for one in review.missing],
                "how": [one.how_to_get for one in review.missing],
            }
        ),
        facts=workload_fact_table(review),
    )


def _caption(review: WorkloadReview) -> str:
    last_day = (review.window_end - timedelta(microseconds=1)).date()
    days = days_text(review.window_start.date(), last_day)
    return f"Reviewed {moment_text(review.analysis_timestamp)}, over {days}"


def _figures(review: WorkloadReview) -> tuple[Figure, ...]:
    window = next((fact for fact in review.facts if isinstance(fact, WindowFact)), None)
    if window is None:
        return ()
    elapsed = max(window.elapsed_seconds, 1e-9)
    severities = [finding.severity.value for finding in review.findings]
    return (
        Figure(
            label="Findings",
            value=count(len(severities)),
            help=", ".join(
                f"{severities.count(name)} {name}" for name in dict.fromkeys(severities)
            ),
        ),
        Figure(
            label="Queueing",
            value=duration(window.queue_seconds),
            help=f"{per_cent(window.queue_seconds / elapsed)} of the elapsed time of all runs.",
        ),
        Figure(
            label="Waiting for locks",
            value=duration(window.lock_wait_seconds),
            help=f"{per_cent(window.lock_wait_seconds / elapsed)} of the elapsed time of all runs.",
        ),
        Figure(
            label="Runs",
            value=count(window.runs),
            help="Without those answered from the result cache; failed ones count.",
        ),
        Figure(label="History", value=number_of(window.history_days, "day")),
    )


def _card(finding: Finding, review: WorkloadReview, statements: Mapping[str, str]) -> WorkloadCard:
    is_pattern = finding.subject in statements
    badges = [Badge(text=words(finding.severity.value), colour=SEVERITY_COLOURS[finding.severity])]
    if finding.affected_share > 0:
        badges.append(
            Badge(text=BUCKET_WORDS[finding.bucket], colour=BUCKET_COLOUR_NAMES[finding.bucket])
        )
    return WorkloadCard(
        label=finding.title,
        badges=tuple(badges),
        evidence=finding.evidence,
        remedy=review.remedy(finding.check),
        facts_label=facts_label(finding.fact_ids),
        measures=pd.DataFrame([measure_row(measure) for measure in finding.measures]),
        facts=workload_fact_table(review, finding.fact_ids),
        query_hash=finding.subject if is_pattern else None,
    )


def _worth_a_row(facts: Sequence[BlameFact]) -> Sequence[BlameFact]:
    charged = sum(fact.others_seconds for fact in facts)
    return [fact for fact in facts if fact.others_seconds >= LEAST_SHARE * charged][:MOST_ROWS]


def _waiting(facts: Sequence[BlameFact], statements: Mapping[str, str]) -> BlameBoard | None:
    if not facts:
        return None
    return BlameBoard(
        table=pd.DataFrame(
            {
                "statement": [_named(fact.query_hash, statements) for fact in facts],
                "others": [fact.others_seconds for fact in facts],
                "own": [fact.own_seconds for fact in facts],
                "runs": [fact.runs for fact in facts],
                "queue": [fact.queue_name for fact in facts],
                "victims": [_victims(fact.victims, statements) for fact in facts],
            }
        ),
        formats=BLAME_FORMATS,
        query_hashes=tuple(fact.query_hash for fact in facts),
        caption=(
            "Seconds that other patterns queued while runs of this one held slots, each moment "
            "divided among all that held one."
        ),
    )


def _locks(facts: Sequence[LockBlameFact], statements: Mapping[str, str]) -> BlameBoard | None:
    if not facts:
        return None
    return BlameBoard(
        table=pd.DataFrame(
            {
                "statement": [_named(fact.query_hash, statements) for fact in facts],
                "others": [fact.others_seconds for fact in facts],
                "table": [fact.table_name for fact in facts],
                "victims": [_victims(fact.victims, statements) for fact in facts],
            }
        ),
        formats=BLAME_FORMATS,
        query_hashes=tuple(fact.query_hash for fact in facts),
        caption=(
            "Candidates: they change a table that the waiting runs name, and were under way. "
            "Redshift keeps no record of who held a lock."
        ),
    )


def _victims(victims: Sequence[Victim], statements: Mapping[str, str]) -> str:
    named = [
        f"{_named(victim.query_hash, statements)} ({duration(victim.seconds)})"
        for victim in victims[:VICTIMS_NAMED]
    ]
    more = len(victims) - VICTIMS_NAMED
    return ", ".join(named) + (f" +{more}" if more > 0 else "")


def _named(query_hash: str, statements: Mapping[str, str]) -> str:
    return shortened(statements.get(query_hash) or query_hash, NAME_LENGTH)
