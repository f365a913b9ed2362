"""Advice for a GROUP BY whose groups do not stay on their slices."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.evidence import Column
from backend.domain.finding import Finding
from backend.domain.in_words import listed, paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    column_of,
    is_left_to_redshift,
    size_of,
    style_of,
    suits_distribution,
)
from backend.sql.action_sql import distribute_by_key
from backend.sql.group_by import groupings
from backend.sql.plan_joins import distribution_key
from backend.sql.statement_joins import statement_pairs

ONE_PHASE_FRACTION = 0.5
"""No row moves and none is aggregated twice; the first aggregation remains."""

WEIGH_KEYS_FRACTION = 0.1
"""The present key most likely serves joins, which cost more than a GROUP BY."""


def advise_group_key(case: CaseFile, finding: Finding) -> Advice | None:
    """Only where a column that is grouped by could be the table's DISTKEY."""
    fact = case.table(finding.subject) if finding.subject else None
    columns = _candidates(case, fact) if fact else []
    if fact is None or not columns:
        return None
    column = columns[0].name
    is_chosen = distribution_key(fact) is not None and not is_left_to_redshift(fact.table)
    if is_chosen or statement_pairs(case):
        return _weigh(case, finding, fact, column)
    return _distribute(case, finding, fact, column)


def _candidates(case: CaseFile, fact: TableFact) -> list[Column]:
    """Of whole numbers first: they are keys more often than texts are."""
    found = groupings(case.scrubbed_sql) if case.scrubbed_sql else None
    known = []
    for each in (column for grouping in found or () for column in grouping.columns):
        owner = case.table(each.table_name) if each.table_name else fact
        column = column_of(fact.table, each.column_name) if owner == fact else None
        is_key = each.column_name == distribution_key(fact)
        if column and suits_distribution(fact.table, column.name) and not is_key:
            known.append(column)
    ordered = sorted(known, key=lambda column: "int" not in column.data_type.lower())
    return list(dict.fromkeys(ordered))


def _distribute(case: CaseFile, finding: Finding, fact: TableFact, column: str) -> Advice:
    table = fact.table
    action_sql = distribute_by_key(table, column)
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Distribute {table.full_name} by {column}, which it is grouped by",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}, and this statement joins it "
            f"to no other table; by {column} every group lies on one slice",
            opinion,
        ),
        action=paragraph(
            f"Make {column} the DISTKEY of {table.full_name}, after a look at its joins in other "
            "patterns and at how evenly the values are spread",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=ONE_PHASE_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _weigh(case: CaseFile, finding: Finding, fact: TableFact, column: str) -> Advice:
    table = fact.table
    key = distribution_key(fact)
    names = [each.name for each in _candidates(case, fact)]
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Weigh {column} as the DISTKEY of {table.full_name}",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}; joins may need that more "
            "than this GROUP BY needs another key",
        ),
        action=paragraph(
            f"See whether the question can be grouped by {key} as well, or by fewer columns than "
            f"{listed(names)}"
            if key
            else "",
            f"Change the DISTKEY only if GROUP BYs on {column} take more time over all patterns "
            "than the joins that the present distribution serves",
        ),
        expected_fraction=WEIGH_KEYS_FRACTION,
        fact_ids=(fact.fact_id,),
    )
