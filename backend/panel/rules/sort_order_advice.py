"""Advice on a table's order: a SORTKEY that serves the statement, or sorting what lies unsorted."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.domain.threshold import VACUUM_SORT_BENEFIT
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

REINDEX_FRACTION = 0.1
"""Whether the key has lost its order is told by a view that was not exported."""

REORDER_FRACTION = 0.4
"""The new key skips blocks for this pattern; others may have used the columns given up."""

EXPECTED_OF_BENEFIT = 0.5
"""vacuum_sort_benefit is what Redshift expects at most, and a finding counts all of it."""

SORT_KEY_FRACTION = 0.5
"""A filter on the leading sort column skips blocks, as far as the filter is narrow."""

UNCERTAIN_SORT_KEY_FRACTION = 0.1
"""The present order may be worth more to other patterns."""

INTERLEAVED_SKEW_QUERY = (
    "SELECT tbl, col, interleaved_skew, last_reindex FROM svv_interleaved_columns "
    "WHERE interleaved_skew IS NOT NULL ORDER BY interleaved_skew DESC;"
)
"""1.4 is the Redshift guide's figure, "Deciding whether to reindex"."""

GAIN_A_PERCENT_OF_BENEFIT = 0.01
"""SVV_TABLE_INFO gives vacuum_sort_benefit in per cent of the scans' time: taken as it stands."""


def advise_sort_order(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject) if finding.subject else None
    if fact is None:
        return None
    if fact.table.has_interleaved_sort_key:
        return None  # The finding about that key is answered instead.
    leading = sort_column(fact.table)
    if leading is None:
        return _give_a_sort_key(case, finding, fact)
    if case.statement is None or filters_column(case, fact, leading):
        has_benefit = (fact.table.vacuum_sort_benefit_percent or 0.0) > 0
        return _sort_the_rows(case, finding, fact) if has_benefit else None
    if wants_a_range(fact.table, leading):
        # The statement could use the order as it is: the optimizer's matter.
        return None
    return _weigh_the_sort_key(case, finding, fact, leading)


def advise_sorting(case: CaseFile, finding: Finding) -> Advice | None:
    """For rows that lost the table's order, where sorting them is known to pay."""
    fact = case.table(finding.subject) if finding.subject else None
    benefit = fact.table.vacuum_sort_benefit_percent if fact else None
    if fact is None or benefit is None or benefit <= case.limit(VACUUM_SORT_BENEFIT):
        return None
    return _sort_the_rows(case, finding, fact)


def advise_vacuum_sort(case: CaseFile, finding: Finding) -> Advice | None:
    """For scans that do skip blocks; the finding's share holds the benefit already."""
    fact = case.table(finding.subject)
    if fact is None:
        return None
    name = fact.table.full_name
    return advice_on(
        case,
        finding,
        category=Category.MAINTENANCE,
        title=f"Sort {name} anew",
        rationale=paragraph(
            finding.evidence,
            f"{name} {size_of(fact.table)} is scanned in the order of its sort key as far as its "
            "rows still lie in it",
        ),
        action=paragraph(
            f"Run VACUUM SORT ONLY on {name} when the load is light, and look why automatic "
            "sorting does not keep up; load new rows in the order of the sort key"
        ),
        action_sql=vacuum_sort(fact.table),
        expected_fraction=EXPECTED_OF_BENEFIT,
        fact_ids=(fact.fact_id,),
    )


def advise_on_interleaved_key(case: CaseFile, finding: Finding) -> Advice | None:
    """A compound key by what the statement filters; a look at the key where it filters nothing."""
    fact = case.table(finding.subject)
    if fact is None:
        return None
    columns = _filtered_columns(case, fact)
    if not columns:
        return _look_at_the_interleaved_key(case, finding, fact)
    table, leading = fact.table, columns[0]
    action_sql = sort_by(table, (leading,))
    opinion, opinion_facts = advisor_opinion(case, fact, kind="sortkey", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Sort {table.full_name} by {leading} instead of interleaved",
        rationale=paragraph(
            finding.evidence,
            f"The statement filters {table.full_name} {size_of(table)} on {listed(columns)}; a "
            f"compound key that begins with {leading} skips blocks for that, and needs no REINDEX",
            opinion,
        ),
        action=paragraph(
            "First see interleaved_skew of SVV_INTERLEAVED_COLUMNS: above 1.4 VACUUM REINDEX "
            "usually helps and keeps the key",
            f"Else make {leading} the leading sort column, if the other patterns that read "
            f"{table.full_name} filter on it too; a table cannot be altered back to interleaved",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=REORDER_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _look_at_the_interleaved_key(case: CaseFile, finding: Finding, fact: TableFact) -> Advice:
    name = fact.table.full_name
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"See whether the interleaved key of {name} has lost its order",
        rationale=paragraph(
            finding.evidence,
            "The statement filters no column that is known to be of the table, so no other sort "
            "key can be named for it",
        ),
        action=paragraph(
            f"Look up interleaved_skew of {name}: above 1.4 VACUUM REINDEX usually helps; if it is "
            "lower, a filter on a column of the key would"
        ),
        action_sql=INTERLEAVED_SKEW_QUERY,
        expected_fraction=REINDEX_FRACTION,
        fact_ids=(fact.fact_id,),
    )


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
