"""Advice for a large table that a join throws most rows of away: let it skip blocks first."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.statement_joins import joins_on
from backend.panel.rules.table_design import sort_column, wants_a_range

REPEATED_CONDITION_FRACTION = 0.5
"""Blocks are skipped as far as the partners lie close together in the table's order."""


def advise_on_late_filter(case: CaseFile, finding: Finding) -> Advice | None:
    """Where the sort key is the join column, or a time that most questions are about."""
    fact = case.table(finding.subject) if finding.subject else None
    key = sort_column(fact.table) if fact else None
    if fact is None or key is None:
        return None
    is_join_column = joins_on(case, fact, key)
    if not is_join_column and not wants_a_range(fact.table, key):
        return None
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=f"Give {fact.table.full_name} a range of {key} to read",
        rationale=paragraph(
            finding.evidence,
            f"A condition on {key} would let its scan skip the blocks that have no partner anyway",
        ),
        action=_action(case, fact, key, is_join_column=is_join_column),
        expected_fraction=REPEATED_CONDITION_FRACTION,
        fact_ids=(fact.fact_id, *((case.statement.fact_id,) if case.statement else ())),
    )


def _action(case: CaseFile, fact: TableFact, key: str, *, is_join_column: bool) -> str:
    name = fact.table.full_name
    if is_join_column:
        return paragraph(
            f"Look up the least and the greatest {key} of the smaller side beforehand, and add "
            f"them as a range on {key} of {name}: what lies outside has no partner"
        )
    if case.query_type.upper() == "MERGE":
        return paragraph(
            f"If the rows to be merged are all of a known range of {key}, add that range to the ON "
            f"condition for {name}; a partner outside of it would be inserted a second time"
        )
    return paragraph(
        f"If the partners of the smaller side lie in a known range of {key}, add that range as a "
        f"condition on {name}"
    )
