"""Advice on how a table's rows are spread: by a date, copied too widely, or not widely enough."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION, copy_to_every_node
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    size_of,
    sort_column,
    style_of,
    suits_distribution,
)
from backend.sql.action_sql import distribute, distribute_by_key
from backend.sql.plan_joins import distribution_key
from backend.sql.statement_joins import statement_pairs

SPREAD_FRACTION = 0.4
"""The slowest slice sets the time; spreading helps until the next uneven step."""

FEWER_COPIES_FRACTION = 0.3
"""One copy is still to be written or read, and how many nodes there are is not known."""


def advise_on_date_key(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    if fact is None:
        return None
    table, column_name = fact.table, _join_column(case, fact)
    action_sql = distribute_by_key(table, column_name) if column_name else distribute(table, "EVEN")
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    instead = f"by {column_name}" if column_name else "evenly"
    key, sorted_by = distribution_key(fact), sort_column(table)
    order = (
        ""
        if sorted_by and sorted_by.lower() == key
        else f", and have {key} lead the sort key: that skips blocks on every slice"
    )
    reason = (
        f"The statement joins it on {column_name}, whose values spread over all slices"
        if column_name
        else "No join of the statement asks for another key"
    )
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Distribute {table.full_name} {instead}, not by date",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}. {reason}",
            opinion,
        ),
        action=paragraph(
            f"Distribute {table.full_name} {instead}, after a look at what other patterns join it "
            f"on{order}",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=SPREAD_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def advise_on_large_copies(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    if fact is None:
        return None
    table, column_name = fact.table, _join_column(case, fact)
    action_sql = distribute_by_key(table, column_name) if column_name else distribute(table, "AUTO")
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    style = f"DISTKEY {column_name}, on which the statement joins it" if column_name else "AUTO"
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Keep one copy of {table.full_name}, not one a node",
        rationale=paragraph(
            finding.evidence,
            "DISTSTYLE ALL is for tables that are small or change slowly; of a large one Redshift "
            "makes EVEN when the style is left to it",
            opinion,
        ),
        action=paragraph(
            f"Look which patterns join {table.full_name} {size_of(table)}: each of them would move "
            "rows again. If this pattern takes more time than they would lose, set its DISTSTYLE "
            f"to {style}",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=FEWER_COPIES_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def advise_copies(case: CaseFile, finding: Finding) -> Advice | None:
    fact = case.table(finding.subject)
    return copy_to_every_node(case, finding, fact) if fact else None


def _join_column(case: CaseFile, fact: TableFact) -> str | None:
    """The first column that the statement joins the table on and that spreads its rows well."""
    present = distribution_key(fact)
    for pair in statement_pairs(case):
        for side in (pair.outer, pair.inner):
            is_new = side.column_name.lower() != present
            if side.table == fact and is_new and suits_distribution(fact.table, side.column_name):
                return side.column_name
    return None
