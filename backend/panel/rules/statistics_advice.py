"""Advice on the planner's statistics: ANALYZE, and only where it can help."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.domain.threshold import STATISTICS_OFF_PERCENT
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.action_sql import analyze

ANALYZE_FRACTION = 0.2
"""Fresh statistics pay only if the planner then chooses another plan, which nobody can know."""

WORTH_STATISTICS_ROWS = 10_000
"""The planner cannot go far wrong about a table of fewer rows."""

STALE_TABLES_QUERY = (
    'SELECT "schema", "table", stats_off, tbl_rows FROM svv_table_info '
    "WHERE stats_off > 10 ORDER BY tbl_rows DESC;"
)


def advise_analyze(case: CaseFile, finding: Finding) -> Advice | None:
    if not finding.subject:
        return _find_the_table(case, finding)
    fact = case.table(finding.subject)
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
            "By these the planner chooses the order of joins and what it broadcasts; whether "
            "fresh ones change the plan can only be tried",
        ),
        action=paragraph(
            f"Run ANALYZE on {table.full_name} when the load is light, and after each large load "
            "into it"
        ),
        action_sql=analyze(table),
        expected_fraction=ANALYZE_FRACTION,
        fact_ids=(fact.fact_id,),
    )


def _find_the_table(case: CaseFile, finding: Finding) -> Advice:
    """An alert speaks of missing statistics, but not of which table."""
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Find the tables whose statistics are stale",
        rationale=paragraph(finding.evidence),
        action=paragraph(
            f"List the tables with stats_off above {case.limit(STATISTICS_OFF_PERCENT):g} and run ANALYZE on "
            "those that this statement reads"
        ),
        action_sql=STALE_TABLES_QUERY,
        expected_fraction=ANALYZE_FRACTION,
    )


def _without_known_table(case: CaseFile, finding: Finding) -> Advice:
    """The plan names a table of which neither schema nor figures are known."""
    name = finding.subject
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Refresh the statistics of {name}",
        rationale=paragraph(
            finding.evidence,
            f"{name} has no row in the collected SVV_TABLE_INFO, so its schema and size are not "
            "known",
        ),
        action=paragraph(f"Run ANALYZE on {name}"),
        expected_fraction=ANALYZE_FRACTION,
    )
