"""The joins of the plan: their two sides, the columns that they join on, their steps."""

from collections import defaultdict

from backend.checks.check import base_tables, full_name, plan_nodes, step_name
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.in_words import listed
from backend.domain.plan import Movement, PlanNode
from backend.sql.join_condition import Equality, equalities
from backend.sql.nearest_joins import nearest_joins

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


class JoinSteps:
    """Which steps work for which join of the plan, looked up once for all of them.

    A step leads to the nearest join at or above the operator that it names; one that names none
    works for the only join, if the plan has but one.
    """

    def __init__(self, case: CaseFile) -> None:
        joins = {
            node.node_id: (node, fact_id) for node, fact_id in plan_nodes(case) if node.is_join
        }
        is_same_run = case.plan_query_id == case.steps_query_id
        only = next(iter(joins)) if len(joins) == 1 and is_same_run else None
        node_ids = nearest_joins(case)
        self._join_of: dict[str, Join] = {}
        self._steps_of: dict[int, list[StepFact]] = defaultdict(list)
        for fact in case.steps:
            key = (fact.step.child_query_sequence, fact.step.plan_node_id)
            node_id = node_ids.get(key) if node_ids and fact.step.plan_node_id else only
            if node_id in joins:
                self._join_of[fact.fact_id] = joins[node_id]
                self._steps_of[node_id].append(fact)

    def join_of(self, fact: StepFact) -> Join | None:
        return self._join_of.get(fact.fact_id)

    def of(self, join: PlanNode, *names: str) -> list[StepFact]:
        """The join's steps with these names."""
        return [fact for fact in self._steps_of.get(join.node_id, ()) if step_name(fact) in names]
