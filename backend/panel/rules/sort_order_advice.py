"""Advice on a table's order: a SORTKEY that serves the statement, or sorting what lies unsorted."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.recommendation import Category
from backend.panel.action_sql import sort_by, vacuum_sort
from backend.panel.reviewer import Advice
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    column_of,
    filters_column,
    size_of,
    sort_column,
    sort_is_left_to_redshift,
)
from backend.panel.rules.wording import listed, paragraph

SORT_KEY_FRACTION = 0.5
"""A filter on the leading sort column skips blocks, as far as the filter is narrow."""

SECONDS_GAINED_BY_ALL_OF_BENEFIT = 0.01
"""SVV_TABLE_INFO gives vacuum_sort_benefit in per cent of the scans' time: taken as it stands."""


def advise_sort_order(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject) if finding.subject else None
    if fact is None:
        return None
    if (fact.table.vacuum_sort_benefit_percent or 0.0) > 0:
        return _sort_the_rows(case, finding, fact)
    if sort_column(fact.table) is None:
        return _give_a_sort_key(case, finding, fact)
    return None


def _sort_the_rows(case: CaseFile, finding: Finding, fact: TableFact) -> Advice:
    table = fact.table
    benefit = table.vacuum_sort_benefit_percent or 0.0
    unsorted = (
        f"{table.unsorted_percent:.0f} % of its rows lie unsorted and "
        if table.unsorted_percent
        else ""
    )
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Sort {table.full_name} anew",
        rationale=paragraph(
            finding.evidence,
            f"For {table.full_name} {size_of(table)} {unsorted}SVV_TABLE_INFO puts the benefit of "
            f"sorting at {benefit:.0f} % of the time of its scans",
        ),
        action=paragraph(
            f"Run VACUUM SORT ONLY on {table.full_name} when the load is light, and look why "
            "automatic sorting does not keep up"
        ),
        action_sql=vacuum_sort(table),
        expected_fraction=min(benefit * SECONDS_GAINED_BY_ALL_OF_BENEFIT, 1.0),
        fact_ids=(fact.fact_id,),
    )


def _give_a_sort_key(case: CaseFile, finding: Finding, fact: TableFact) -> Advice | None:
    table = fact.table
    columns = _filtered_columns(case, fact)
    if not columns:
        return None
    leading = columns[0]
    opinion, opinion_facts = advisor_opinion(
        case, fact, kind="sortkey", proposed_columns=(leading,)
    )
    is_automatic = sort_is_left_to_redshift(table)
    state = (
        "leaves its sort key to Redshift, which has not chosen one yet"
        if is_automatic
        else "has no sort key"
    )
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Sort {table.full_name} by {leading}",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} {state}, and the statement filters it on "
            f"{listed(columns)}",
            opinion,
        ),
        action=paragraph(
            f"Make {leading} the leading sort column of {table.full_name} if other patterns "
            "filter on it too; it rewrites the table, so run it when the load is light"
        ),
        action_sql=sort_by(table, (leading,)),
        expected_fraction=SORT_KEY_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _filtered_columns(case: CaseFile, fact: TableFact) -> list[str]:
    """The table's own columns in the statement's conditions; dates and times first."""
    if case.statement is None:
        return []
    known = []
    for use in case.statement.filtered_columns:
        column = column_of(fact.table, use.column_name)
        if column and filters_column(case, fact, column.name):
            known.append(column)
    ordered = sorted(
        known, key=lambda column: not column.data_type.lower().startswith(("date", "time"))
    )
    return list(dict.fromkeys(column.name for column in ordered))
