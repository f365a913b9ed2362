"""A reviewer that answers each finding by the rule for its check."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import BUCKET_NOUNS, counted, titled
from backend.domain.recommendation import Category, ReviewerName
from backend.domain.time_buckets import Bucket
from backend.panel.ceilings import bucket_seconds
from backend.panel.reviewer import RULES_ENGINE, Advice, ReviewerAnswer
from backend.sql.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)

MOST_ADVICE = 3
"""More than a handful for one pattern is a list to skip, not advice."""

SAVING_WORTH_READING_SECONDS = 10.0
SAVING_WORTH_READING_SHARE = 0.01
"""Advice that promises less than both, over the whole window, is left out."""

SHARE_WORTH_MORE_THAN_LOW = 0.05
"""Below this part of the pattern's elapsed time even a grave cause is a small gain."""

LEAD_FRACTION = 0.1
"""Advice that promises no more than this is a lead to follow, not a cure to hurry for."""

Adviser = Callable[[CaseFile, Finding], Advice | None]
Completer = Callable[[Finding, Advice | None], Advice | None]
"""Adds to the advice on a finding, or gives advice where no adviser did."""

Summariser = Callable[[CaseFile, Sequence[Advice], Sequence[RuledOut]], str]


def nothing_to_add(case: CaseFile, findings: Sequence[Finding]) -> Completer:  # noqa: ARG001
    return lambda _, advice: advice


@dataclass(frozen=True, kw_only=True)
class RulesReviewer:
    """`advisers` are by check; `completes` is asked once a review, its completer once a finding."""

    name: ReviewerName
    advisers: Mapping[str, Adviser]
    summarise: Summariser
    completes: Callable[[CaseFile, Sequence[Finding]], Completer] = nothing_to_add
    engine: str = RULES_ENGINE

    def review(
        self, case: CaseFile, findings: Sequence[Finding], ruled_out: Sequence[RuledOut]
    ) -> ReviewerAnswer:
        told = _one_each_subject(findings)
        complete = self.completes(case, told)
        answers = [complete(finding, self._advice_on(case, finding)) for finding in told]
        by_saving = sorted(
            (each for each in answers if each and _is_worth_reading(each, case)),
            key=lambda each: (-each.claimed_saving_seconds, each.check, each.subject),
        )
        distinct = _one_each_action(_one_each_title(by_saving))
        advice = _without_faint_leads(distinct)[:MOST_ADVICE]
        if not advice and any(answers):
            return ReviewerAnswer(
                summary="What was found would save too little to be worth a change."
            )
        return ReviewerAnswer(
            summary=self.summarise(case, advice, self._own(ruled_out)), advice=tuple(advice)
        )

    def _advice_on(self, case: CaseFile, finding: Finding) -> Advice | None:
        adviser = self.advisers.get(finding.check)
        return adviser(case, finding) if adviser else None

    def _own(self, ruled_out: Sequence[RuledOut]) -> Sequence[RuledOut]:
        return [cause for cause in ruled_out if cause.check in self.advisers]


def advice_on(
    case: CaseFile,
    finding: Finding,
    *,
    category: Category,
    title: str,
    rationale: str,
    action: str,
    expected_fraction: float,
    action_sql: str | None = None,
    fact_ids: Sequence[str] = (),
) -> Advice:
    """Advice that answers a finding.

    `expected_fraction` (0..1) is the part of the time that the finding touches which the rule
    dares to promise.
    """
    reachable = bucket_seconds(case, finding.bucket) * finding.affected_share
    return Advice(
        category=category,
        severity=_tempered(finding.severity, reachable, expected_fraction, case),
        bucket=finding.bucket,
        title=titled(title),
        rationale=rationale,
        fact_ids=tuple(dict.fromkeys((*finding.fact_ids, *fact_ids))),
        check=finding.check,
        subject=finding.subject,
        action=action,
        action_sql=action_sql,
        claimed_saving_seconds=reachable * expected_fraction,
    )


def _tempered(
    severity: Severity, reachable_seconds: float, expected_fraction: float, case: CaseFile
) -> Severity:
    elapsed = case.statistics.total_elapsed_seconds
    if reachable_seconds < SHARE_WORTH_MORE_THAN_LOW * elapsed:
        return Severity.LOW
    if expected_fraction <= LEAD_FRACTION and severity is Severity.HIGH:
        return Severity.MEDIUM
    return severity


def _one_each_subject(findings: Sequence[Finding]) -> list[Finding]:
    """The largest finding of each check and subject, citing the facts of all of them."""

    def identity(finding: Finding) -> tuple[str, str]:
        return finding.check, finding.subject

    merged = []
    for _, group in groupby(sorted(findings, key=identity), key=identity):
        same = sorted(group, key=lambda finding: -finding.affected_share)
        cited = dict.fromkeys(fact_id for finding in same for fact_id in finding.fact_ids)
        merged.append(replace(same[0], fact_ids=tuple(cited)))
    return merged


def _is_worth_reading(advice: Advice, case: CaseFile) -> bool:
    return (
        advice.claimed_saving_seconds >= SAVING_WORTH_READING_SECONDS
        or advice.claimed_saving_seconds
        >= SAVING_WORTH_READING_SHARE * case.statistics.total_elapsed_seconds
    )


def _without_faint_leads(advice: list[Advice]) -> list[Advice]:
    """A small matter that has yet to be looked into is left out beside anything better."""
    firm = [
        each
        for each in advice
        if each.severity is not Severity.LOW or each.category is not Category.INVESTIGATE
    ]
    return firm or advice


def _one_each_title(by_saving: Sequence[Advice]) -> list[Advice]:
    """Two findings may end in the same advice: the larger saving stands for both."""
    first: dict[str, Advice] = {}
    for advice in by_saving:
        first.setdefault(advice.title, advice)
    return list(first.values())


def _one_each_action(by_saving: Sequence[Advice]) -> list[Advice]:
    """The same change of a table once, however it is written."""
    first: dict[object, Advice] = {}
    for advice in by_saving:
        first.setdefault(_changes(advice) or advice.title, advice)
    return list(first.values())


def _changes(advice: Advice) -> tuple[ActionStatement, ...]:
    try:
        statements = read_action_sql(advice.action_sql or "")
    except NotActionSqlError:
        return ()
    return () if any(each.kind is ActionKind.SELECT for each in statements) else statements


def excluded_text(ruled_out: Sequence[RuledOut]) -> str:
    if not ruled_out:
        return "no check found a cause"
    return f"{counted(len(ruled_out), 'cause')} looked at and ruled out"


def dominant_bucket_text(case: CaseFile) -> str:
    dominant: Bucket | None = case.buckets.buckets.dominant
    return BUCKET_NOUNS[dominant] if dominant else "unknown"
