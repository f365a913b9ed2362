"""The joins of the plan: their two sides, the columns that they join on, their steps."""

from backend.checks.check import base_tables, full_name, nearest_joins, plan_nodes, steps_named
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.in_words import listed
from backend.domain.plan import Movement, PlanNode
from backend.sql.join_condition import Equality, equalities

Join = tuple[PlanNode, str]
"""An operator of the plan with its fact id."""

_EQUATED = ("Hash Cond", "Merge Cond")


def joins_moving(case: CaseFile, *movements: Movement) -> list[Join]:
    """Those with two sides, the largest first."""
    found = [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.movement in movements and len(node.children) > 1
    ]
    return sorted(found, key=lambda join: -most_rows(join[0]))


def most_rows(join: PlanNode) -> int:
    return max(child.rows for child in join.children[:2])


def outer_side(join: PlanNode) -> PlanNode:
    return join.children[0]


def inner_side(join: PlanNode) -> PlanNode:
    """The side that is hashed, or read again for every outer row."""
    return join.children[1]


def joined_columns(join: PlanNode) -> tuple[Equality, ...]:
    text = next((text for name in _EQUATED if (text := join.condition(name))), "")
    return equalities(text)


def equalities_in_words(join: PlanNode) -> str:
    """`order_id`, or `item_id = id` where the two sides name it differently; empty if unknown."""
    words = [
        pair.outer if pair.outer == pair.inner else f"{pair.outer} = {pair.inner}"
        for pair in joined_columns(join)
    ]
    return listed(words, 2)


def own_table(case: CaseFile, side: PlanNode) -> str:
    """The table whose rows a side is, filtered at most; empty for an intermediate result."""
    if any(node.is_join or "Aggregate" in node.operator for node in side.walk()):
        return ""
    tables = base_tables(side)
    return full_name(case, tables.pop()) if len(tables) == 1 else ""


def side_in_words(case: CaseFile, side: PlanNode) -> str:
    """`retail.orders`, or `an intermediate result of retail.orders and retail.stores`"""
    if table := own_table(case, side):
        return table
    names = sorted(full_name(case, name) for name in base_tables(side))
    return f"an intermediate result of {listed(names, 3)}" if names else "an intermediate result"


def steps_of_join(case: CaseFile, join: PlanNode, *names: str) -> list[StepFact]:
    """The steps with these names that work for the join.

    Steps that name no operator work for it only if the plan has no other join.
    """
    steps = steps_named(case, *names)
    join_of = nearest_joins(case)
    if join_of and any(fact.step.plan_node_id for fact in steps):
        return [
            fact
            for fact in steps
            if join_of.get((fact.step.child_query_sequence, fact.step.plan_node_id)) == join.node_id
        ]
    joins = [node for node, _ in plan_nodes(case) if node.is_join]
    is_same_run = case.plan_query_id == case.steps_query_id
    return steps if is_same_run and len(joins) == 1 else []
