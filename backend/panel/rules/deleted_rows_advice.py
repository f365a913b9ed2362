"""Advice on deleted rows that every scan still reads."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import size_of
from backend.sql.action_sql import vacuum_delete

VACUUMED_FRACTION = 0.8
"""VACUUM stops when 95 % of the rows that are left are not deleted (guide, VACUUM)."""


def advise_vacuum_delete(case: CaseFile, finding: Finding) -> Advice | None:
    """Not on the word of an alert alone: how much there is to vacuum away must be known."""
    fact = case.table(finding.subject) if finding.subject else None
    if fact is None or fact.table.deleted_share is None:
        return None
    table = fact.table
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Vacuum the deleted rows of {table.full_name} away",
        rationale=paragraph(
            finding.evidence,
            "Redshift vacuums deleted rows away by itself while the load is low; here it has not "
            "kept up, or a transaction that is open since before keeps it from doing so",
        ),
        action=paragraph(
            "See whether a transaction has been open for long, and end it",
            f"Then run VACUUM DELETE ONLY on {table.full_name} {size_of(table)} when the load is "
            "light, and look which job updates or deletes so many of its rows",
        ),
        action_sql=vacuum_delete(table),
        expected_fraction=VACUUMED_FRACTION,
        fact_ids=(fact.fact_id,),
    )
