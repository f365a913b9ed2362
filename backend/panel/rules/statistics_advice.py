"""Advice on the planner's statistics: ANALYZE, and only where it can help."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.recommendation import Category
from backend.panel.action_sql import analyze
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import size_of
from backend.panel.rules.wording import paragraph

ANALYZE_FRACTION = 0.2
"""Fresh statistics pay only if the planner then chooses another plan, which nobody can know."""

WORTH_STATISTICS_ROWS = 10_000
"""The planner cannot go far wrong about a table of fewer rows."""


def advise_analyze(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject) if finding.subject else None
    if fact is None:
        return _without_known_table(case, finding)
    table = fact.table
    if table.row_count is not None and table.row_count < WORTH_STATISTICS_ROWS:
        return None
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Refresh the statistics of {table.full_name}",
        rationale=paragraph(
            finding.evidence,
            f"The planner picks the join order and what to broadcast from the row counts that "
            f"ANALYZE leaves; for {table.full_name} {size_of(table)} they are not to be trusted",
        ),
        action=paragraph(
            f"Run ANALYZE on {table.full_name} when the load is light, and after each large load "
            "into it"
        ),
        action_sql=analyze(table),
        expected_fraction=ANALYZE_FRACTION,
        fact_ids=(fact.fact_id,),
    )


def _without_known_table(case: CaseFile, finding: Finding) -> Advice:
    """The plan names a table of which neither schema nor figures are known."""
    name = finding.subject or "the tables that the plan names"
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Refresh the statistics of {name}",
        rationale=paragraph(
            finding.evidence,
            "Its row in SVV_TABLE_INFO was not collected, so its schema and size are not known",
        ),
        action=paragraph(f"Run ANALYZE on {name}; for an external table set numRows instead"),
        expected_fraction=ANALYZE_FRACTION,
    )
