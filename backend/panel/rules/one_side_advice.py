"""Advice for a join that sends one large input across the network: only that side has to change."""

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding
from backend.domain.in_words import paragraph
from backend.domain.plan import Movement
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.distribution_advice import (
    COLLOCATION_FRACTION,
    TRADE_OFF_FRACTION,
    advise_distribution,
    copy_to_every_node,
    is_small_and_spread,
    send_fewer_rows,
    share_the_key,
)
from backend.panel.rules.joins import Join, join_of
from backend.panel.rules.rules_reviewer import advice_on
from backend.panel.rules.table_design import (
    advisor_agrees,
    is_left_to_redshift,
    size_of,
    style_of,
    suits_distribution,
)
from backend.sql.action_sql import distribute_by_key
from backend.sql.plan_joins import JoinPair, JoinSide, distribution_key

INTERMEDIATE = (
    "What moves is an intermediate result, so no table's design alone keeps it where it is"
)


def advise_one_side(case: CaseFile, finding: Finding) -> Advice:
    """By the join that the plan blames; where no plan was recorded, by the statement's joins."""
    join = join_of(case, finding)
    if join is None:
        return advise_distribution(case, finding)
    fact = case.table(finding.subject) if finding.subject else None
    found = _side_of(join, fact) if fact else None
    if fact is None or found is None:
        is_outer = join.fact.node.movement is Movement.DS_DIST_OUTER
        moved = join.outer_tables if is_outer else join.inner_tables
        return send_fewer_rows(case, finding, join, reason=INTERMEDIATE, moved_tables=moved)
    pair, side = found
    other = pair.inner if side is pair.outer else pair.outer
    if other.table and _may_be_copied(join, pair, other) and is_small_and_spread(case, other.table):
        return copy_to_every_node(case, finding, other.table, other.column_name)
    if _may_be_moved(case, fact, side):
        return share_the_key(
            case,
            finding,
            pair,
            [(side, fact)],
            known="The plan joins",
            expected_fraction=COLLOCATION_FRACTION,
        )
    return _weigh(case, finding, fact, side)


def _side_of(join: Join, fact: TableFact) -> tuple[JoinPair, JoinSide] | None:
    for pair in join.pairs:
        for side in (pair.outer, pair.inner):
            if side.table == fact and not side.is_distributed_by_it:
                return pair, side
    return None


def _may_be_copied(join: Join, pair: JoinPair, other: JoinSide) -> bool:
    """Not a table whose rows an outer join keeps: it would be joined on one slice."""
    operator = join.fact.node.operator
    if "Right" in operator or "Full" in operator:
        return False
    return other is pair.inner or "Left" not in operator


def _may_be_moved(case: CaseFile, fact: TableFact, side: JoinSide) -> bool:
    """A DISTKEY that someone chose stays, unless Redshift's Advisor proposes this one."""
    if not suits_distribution(fact.table, side.column_name):
        return False
    is_chosen = distribution_key(fact) is not None and not is_left_to_redshift(fact.table)
    ours = distribute_by_key(fact.table, side.column_name)
    return not is_chosen or advisor_agrees(case, fact, kind="diststyle", proposed_sql=ours)


def _weigh(case: CaseFile, finding: Finding, fact: TableFact, side: JoinSide) -> Advice:
    table, column = fact.table, side.column_name
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Weigh {column} as the DISTKEY of {table.full_name}",
        rationale=paragraph(
            finding.evidence,
            f"{table.full_name} {size_of(table)} is {style_of(fact)}. A table has one DISTKEY, and "
            "the present one may serve other joins",
        ),
        action=paragraph(
            f"Filter or aggregate {table.full_name} before this join; make {column} its DISTKEY "
            "only if joins on it take more time over all patterns than those that the present key "
            "serves"
        ),
        expected_fraction=TRADE_OFF_FRACTION,
        fact_ids=(fact.fact_id,),
    )
