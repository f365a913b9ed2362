"""The joins of the plan that one table takes part in, and the steps that move its rows for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.checks.check import base_tables, plan_nodes, steps_named, working_for
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.plan import Movement, PlanNode

MOVING_STEPS = ("broadcast", "bcast", "distribute", "dist")
STAYING = {Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE}


@dataclass(frozen=True, kw_only=True)
class JoinOfTable:
    """`is_inner` tells on which side the table is; `is_moved` whether that side travels."""

    node: PlanNode
    fact_id: str
    is_inner: bool

    @property
    def is_moved(self) -> bool:
        if self.is_inner:
            return self.node.movement in {
                Movement.DS_BCAST_INNER,
                Movement.DS_DIST_INNER,
                Movement.DS_DIST_ALL_INNER,
                Movement.DS_DIST_BOTH,
            }
        return self.node.movement in {Movement.DS_DIST_OUTER, Movement.DS_DIST_BOTH}

    @property
    def side(self) -> PlanNode:
        return self.node.children[1 if self.is_inner else 0]


def joins_of_table(case: CaseFile, fact: TableFact) -> Iterator[JoinOfTable]:
    """Where the table alone makes up a side: of a side that is a join itself other tables move."""
    for node, fact_id in plan_nodes(case):
        if not node.is_join or node.movement is None or len(node.children) < 2:
            continue
        for is_inner in (False, True):
            names = base_tables(node.children[1 if is_inner else 0])
            if len(names) == 1 and case.table(next(iter(names))) == fact:
                yield JoinOfTable(node=node, fact_id=fact_id, is_inner=is_inner)


def moving_steps(case: CaseFile, joins: Sequence[JoinOfTable]) -> list[StepFact]:
    """The recorded steps that move rows for these joins, as far as that is sure."""
    moving = [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.is_join and node.movement not in STAYING
    ]
    wanted = {join.node.node_id for join in joins}
    return working_for(case, steps_named(case, *MOVING_STEPS), moving, wanted)
