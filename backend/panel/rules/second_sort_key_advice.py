"""Advice for a filter that the sort key leaves out: a second sort column, where it can help."""

import re

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
)
from backend.sql.action_sql import sort_by

SECOND_COLUMN_FRACTION = 0.3
"""Rows with one value of the first column are in order of the second."""

WEIGH_FRACTION = 0.1
"""Over a range of the first column the second one is in order within each of its values only."""

_SINGLE_VALUE = re.compile(r"(?<![<>!])=(?!=)|\bIN\b", re.IGNORECASE)


def advise_second_sort_column(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject) if finding.subject else None
    leading = sort_column(fact.table) if fact else None
    if fact is None or leading is None or _has_second_key(fact):
        return None
    columns = [name for name in _filtered(case, fact) if name.lower() != leading.lower()]
    if not columns:
        return None
    table, second = fact.table, columns[0]
    is_sure = _is_single_value(case, fact, leading)
    action_sql = sort_by(table, (leading, second)) if is_sure else None
    opinion, opinion_facts = advisor_opinion(case, fact, kind="sortkey")
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN if is_sure else Category.INVESTIGATE,
        title=f"{'Sort' if is_sure else 'Weigh sorting'} {table.full_name} by {leading}, {second}",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is sorted by {leading}, and the statement filters "
            f"it on {listed(columns)} as well",
            f"It compares {leading} with single values, so within each of them {second} would be in "
            "order"
            if is_sure
            else f"It reads a range of {leading}: {second} would be in order only within each value "
            "of that, which helps where a value has many rows",
            opinion,
        ),
        action=paragraph(
            f"If other patterns filter on {second} too, make it the second column of the sort key",
            DDL_CAUTION if is_sure else "",
        ),
        action_sql=action_sql,
        expected_fraction=SECOND_COLUMN_FRACTION if is_sure else WEIGH_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _has_second_key(fact: TableFact) -> bool:
    return sum(column.sort_key_position != 0 for column in fact.table.columns) > 1


def _filtered(case: CaseFile, fact: TableFact) -> list[str]:
    uses = case.statement.filtered_columns if case.statement else ()
    known = (column_of(fact.table, use.column_name) for use in uses)
    names = [column.name for column in known if column and filters_column(case, fact, column.name)]
    return list(dict.fromkeys(names))


def _is_single_value(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    uses = case.statement.filtered_columns if case.statement else ()
    own = [
        use.expression
        for use in uses
        if use.column_name.lower() == column_name.lower()
        and (use.table_name is None or case.table(use.table_name) == fact)
    ]
    return bool(own) and all(_SINGLE_VALUE.search(expression) for expression in own)
