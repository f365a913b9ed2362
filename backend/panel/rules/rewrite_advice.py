"""Advice that carries the statement as a rule writes it, where a finding calls for that.

A rewrite that no finding calls for is shown nowhere: what costs nothing need not be changed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import counted, paragraph
from backend.domain.recommendation import Category
from backend.domain.rewrite import NO_REWRITES, RefusedRewrite, Rewrite, RewriteOutcome
from backend.panel.reviewer import Advice
from backend.panel.rules.loop_clauses import LoopKind, likely_loop
from backend.panel.rules.rules_reviewer import Completer, advice_on
from backend.rewrite.find_rewrites import find_rewrites
from backend.rewrite.rules import RULES

REWRITE_FRACTIONS = {
    "repeated_scan": 0.4,
    "scalar_subquery_to_join": 0.3,
    "not_in_to_not_exists": 0.3,
    "filter_both_sides": 0.3,
    "redundant_distinct": 0.3,
    "union_to_union_all": 0.3,
    "common_condition_of_or": 0.4,
    "or_to_union_all": 0.3,
    "approximate_count": 0.5,
}
"""Our own: of the time that the finding touches. One scan in the place of several saves most."""

OTHER_REWRITE_FRACTION = 0.1
"""The same work in another form: a small gain, if any."""

ANSWERED_CHECKS = frozenset((*(rule.check for rule in RULES), "nested_loop"))


def completed_by_rewrites(case: CaseFile, findings: Sequence[Finding]) -> Completer:
    is_wanted = any(finding.check in ANSWERED_CHECKS for finding in findings)
    outcome = find_rewrites(case) if is_wanted else NO_REWRITES
    counts = Counter(finding.check for finding in findings)

    def complete(finding: Finding, advice: Advice | None) -> Advice | None:
        is_only = counts[finding.check] == 1
        check = _answered_check(case, finding)
        rewrite = _answering(outcome, finding, check, is_only=is_only)
        if rewrite is not None:
            return _with_rewrite(advice or _advice_by_rewrite(case, finding, rewrite), rewrite)
        refused = _refusing(outcome, finding, check, is_only=is_only)
        return _with_refusal(advice, refused) if advice and refused else advice

    return complete


def _answered_check(case: CaseFile, finding: Finding) -> str:
    """The check whose rules answer: a subquery compared a row at a time loops without its own."""
    if finding.check == "nested_loop" and case.plan is None:
        clause = likely_loop(case)
        if clause and clause.kind is LoopKind.CORRELATED_INEQUALITY:
            return "scalar_subquery"
    return finding.check


def _answering(
    outcome: RewriteOutcome, finding: Finding, check: str, *, is_only: bool
) -> Rewrite | None:
    """The rewrite of the finding's check that is about the same thing."""
    own = [each for each in outcome.rewrites if each.check == check]
    same = [each for each in own if _is_about(each.subject, finding.subject)]
    return next(iter(same or (own if is_only and len(own) == 1 else [])), None)


def _refusing(
    outcome: RewriteOutcome, finding: Finding, check: str, *, is_only: bool
) -> RefusedRewrite | None:
    own = [each for each in outcome.refused if each.check == check]
    same = [each for each in own if _is_about(each.subject, finding.subject)]
    return next(iter(same or (own if is_only else [])), None)


def _is_about(subject: str, other: str) -> bool:
    """The same name, or a table and one of its columns; no name is about all of the statement."""
    one, two = subject.lower(), other.lower()
    return not one or not two or f"{one}.".startswith(f"{two}.") or f"{two}.".startswith(f"{one}.")


def _advice_by_rewrite(case: CaseFile, finding: Finding, rewrite: Rewrite) -> Advice:
    """For a check that no adviser answers: the rule's own title and what it changes."""
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=rewrite.title,
        rationale=paragraph(finding.evidence),
        action=paragraph(
            f"Use the statement below, which changes {counted(len(rewrite.clauses), 'clause')}"
        ),
        expected_fraction=REWRITE_FRACTIONS.get(rewrite.rule, OTHER_REWRITE_FRACTION),
    )


def _with_rewrite(advice: Advice, rewrite: Rewrite) -> Advice:
    return replace(
        advice,
        rewrite=rewrite,
        fact_ids=tuple(dict.fromkeys((*advice.fact_ids, *rewrite.fact_ids))),
    )


def _with_refusal(advice: Advice, refused: RefusedRewrite) -> Advice:
    """Why the statement is not written out: the analyst then need not look for it."""
    return replace(
        advice,
        action=paragraph(advice.action, refused.sentence),
        fact_ids=tuple(dict.fromkeys((*advice.fact_ids, *refused.fact_ids))),
    )
