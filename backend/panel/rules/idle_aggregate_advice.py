"""Advice for a GROUP BY or DISTINCT that combines next to no rows."""

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.sql.group_by import groupings

LEFT_OUT_FRACTION = 0.4
"""The rows then pass on as they come, but the steps around remain."""


def advise_on_idle_aggregate(case: CaseFile, finding: Finding) -> Advice | None:
    """Where the statement has one GROUP BY or DISTINCT, so that it is known which is meant."""
    found = groupings(case.scrubbed_sql) if case.scrubbed_sql else None
    if not found or len(found) > 1:
        return None
    columns = listed([column.column_name for column in found[0].columns])
    by = f" by {columns}" if columns else ""
    if found[0].is_distinct:
        title = "Leave out the DISTINCT, if the rows are unique"
        action = (
            f"Find out what makes the rows unique{by}; where a key does so for good, leave DISTINCT "
            "out. Redshift does not enforce keys, so count once: rows beside distinct rows"
        )
    else:
        title = "Group by less than a key"
        action = (
            f"See which column makes almost every group{by} a single row. If no reader needs it, "
            "drop it; if it is a key, aggregate before the join that brings the others in"
        )
    return advice_on(
        case,
        finding,
        category=Category.REWRITE,
        title=title,
        rationale=paragraph(
            finding.evidence, "All of these rows are kept in memory to look for their like"
        ),
        action=paragraph(action),
        expected_fraction=LEFT_OUT_FRACTION,
    )
