"""Advice on a table's order: a SORTKEY that serves the statement, or sorting what lies unsorted."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    column_of,
    filters_column,
    size_of,
    sort_column,
    sort_is_left_to_redshift,
    wants_a_range,
)
from backend.sql.action_sql import sort_by, vacuum_sort

SORT_KEY_FRACTION = 0.5
"""A filter on the leading sort column skips blocks, as far as the filter is narrow."""

UNCERTAIN_SORT_KEY_FRACTION = 0.1
"""The present order may be worth more to other patterns."""

GAIN_A_PERCENT_OF_BENEFIT = 0.01
"""SVV_TABLE_INFO gives vacuum_sort_benefit in per cent of the scans' time: taken as it stands."""


def advise_sort_order(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject) if finding.subject else None
    if fact is None:
        return None
    leading = sort_column(fact.table)
    if leading is None and fact.table.first_sort_key and not sort_is_left_to_redshift(fact.table):
        return None  # An interleaved key, of which nobody told the columns.
    if leading is None:
        return _give_a_sort_key(case, finding, fact)
    if case.statement is None or filters_column(case, fact, leading):
        has_benefit = (fact.table.vacuum_sort_benefit_percent or 0.0) > 0
        return _sort_the_rows(case, finding, fact) if has_benefit else None
    if wants_a_range(fact.table, leading):
        # The statement could use the order as it is: the optimizer's matter.
        return None
    return _weigh_the_sort_key(case, finding, fact, leading)


def _sort_the_rows(case: CaseFile, finding: Finding, fact: TableFact) -> Advice:
    table = fact.table
    benefit = table.vacuum_sort_benefit_percent or 0.0
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Sort {table.full_name} anew",
        rationale=paragraph(
            finding.evidence,
            f"The statement filters the sort key, and Redshift expects that sorting "
            f"{table.full_name} {size_of(table)} would speed its scans by up to {benefit:.0f} % "
            "(vacuum_sort_benefit)",
        ),
        action=paragraph(
            f"Run VACUUM SORT ONLY on {table.full_name} when the load is light, and look why "
            "automatic sorting does not keep up"
        ),
        action_sql=vacuum_sort(table),
        expected_fraction=min(benefit * GAIN_A_PERCENT_OF_BENEFIT, 1.0),
        fact_ids=(fact.fact_id,),
    )


def _weigh_the_sort_key(
    case: CaseFile, finding: Finding, fact: TableFact, leading: str
) -> Advice | None:
    columns = _filtered_columns(case, fact)
    if not columns:
        return None
    table = fact.table
    opinion, opinion_facts = advisor_opinion(case, fact, kind="sortkey")
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Weigh which column {table.full_name} should be sorted by",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is sorted by {leading}, and the statement filters "
            f"it on {listed(columns)}, so every block is read",
            opinion,
        ),
        action=paragraph(
            f"See which columns all patterns filter {table.full_name} on. If {leading} is seldom "
            f"among them, sort by {columns[0]}; else leave the order and read fewer columns"
        ),
        expected_fraction=UNCERTAIN_SORT_KEY_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _give_a_sort_key(case: CaseFile, finding: Finding, fact: TableFact) -> Advice | None:
    table = fact.table
    columns = _filtered_columns(case, fact)
    if not columns:
        return None
    leading = columns[0]
    action_sql = sort_by(table, (leading,))
    opinion, opinion_facts = advisor_opinion(case, fact, kind="sortkey", proposed_sql=action_sql)
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
            "filter on it too",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
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
