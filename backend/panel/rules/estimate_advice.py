"""Advice for a plan that a wrong estimate led to, where fresh statistics would not help."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.domain.threshold import STATISTICS_OFF_PERCENT
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on

STAGED_FRACTION = 0.3
"""The planner then knows the size; which plan it takes cannot be foreseen."""


def advise_on_estimate(case: CaseFile, finding: Finding) -> Advice | None:
    """Stale or missing statistics are schema_review's, by the check that finds them."""
    fact = case.table(finding.subject) if finding.subject else None
    if fact is not None and _may_be_stale(case, fact):
        return None
    name = fact.table.full_name if fact else finding.subject
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Let the planner know how many rows of {name} come"
        if name
        else "Let the planner know how many rows come",
        rationale=paragraph(
            finding.evidence,
            "Conditions that hang together, functions around columns and keys that repeat on both "
            "sides are guessed at, however fresh the statistics are",
        ),
        action=paragraph(
            f"Write the filtered rows{f' of {name}' if name else ''} into a temporary table with "
            "CREATE TEMP TABLE … AS, which is analyzed at once, and join that; or compare plain "
            "columns, so that the planner can look their values up"
        ),
        expected_fraction=STAGED_FRACTION,
        fact_ids=(fact.fact_id,) if fact else (),
    )


def _may_be_stale(case: CaseFile, fact: TableFact) -> bool:
    off = fact.table.statistics_off_percent
    noticed = (name for notice in case.plan_notices for name in notice.tables_missing_statistics)
    is_noticed = any(case.table(name) == fact for name in noticed)
    return is_noticed or off is None or off > case.limit(STATISTICS_OFF_PERCENT)
