"""Advice for a join that one slice does alone, because a DISTSTYLE ALL table is its outer side."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import DDL_CAUTION
from backend.panel.rules.joins import Join, join_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_opinion,
    size_of,
    style_of,
    suits_distribution,
)
from backend.sql.action_sql import distribute, distribute_by_key
from backend.sql.plan_joins import JoinPair

ALL_SLICES_FRACTION = 0.5
"""All slices then join, but rows may have to move to them."""

LOOK_FRACTION = 0.1
"""Which table it is has to be found first."""


def advise_serial_join(case: CaseFile, finding: Finding) -> Advice:
    fact = case.table(finding.subject) if finding.subject else None
    join = join_of(case, finding)
    if fact is None:
        return _find_the_table(case, finding)
    pair = _pair_of(join, fact)
    table = fact.table
    key = _key_to_share(pair) if pair else None
    action_sql = distribute_by_key(table, key) if key else distribute(table, "EVEN")
    way = f"Distribute {table.full_name} by {key}" if key else "Set DISTSTYLE EVEN on it"
    opinion, opinion_facts = advisor_opinion(case, fact, kind="diststyle", proposed_sql=action_sql)
    return advice_on(
        case,
        finding,
        category=Category.TABLE_DESIGN,
        title=f"Take {table.full_name} off DISTSTYLE ALL",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}, which serves joins as the "
            "inner side only",
            opinion,
        ),
        action=paragraph(
            _without_ddl(join, table.full_name),
            f"{way}, if no other pattern profits more from a copy of it on every node",
            DDL_CAUTION,
        ),
        action_sql=action_sql,
        expected_fraction=ALL_SLICES_FRACTION,
        fact_ids=(fact.fact_id, *opinion_facts),
    )


def _pair_of(join: Join | None, fact: TableFact) -> JoinPair | None:
    pairs = join.pairs if join else ()
    return next((pair for pair in pairs if pair.outer.table == fact), None)


def _key_to_share(pair: JoinPair) -> str | None:
    """The join column, where the other table is distributed by it already."""
    table = pair.outer.table
    is_fit = table is not None and suits_distribution(table.table, pair.outer.column_name)
    return pair.outer.column_name if is_fit and pair.inner.is_distributed_by_it else None


def _without_ddl(join: Join | None, name: str) -> str:
    operator = join.fact.node.operator if join else ""
    if not any(side in operator for side in ("Left", "Right", "Full")):
        return ""
    return (
        f"First see whether the rows of {name} without a partner are needed: an inner join lets it "
        "be the inner side, and nothing has to be changed"
    )


def _find_the_table(case: CaseFile, finding: Finding) -> Advice:
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title="Find the table on every node that is joined from outside",
        rationale=paragraph(finding.evidence),
        action=paragraph(
            "Look for DS_DIST_ALL_INNER in the plan; give the outer table of that join a "
            "distribution key or EVEN, or write an inner join"
        ),
        expected_fraction=LOOK_FRACTION,
    )
