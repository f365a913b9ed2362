"""How operators that were read line by line become a typed tree, with costs that can be compared.

Works without recursion and in time proportional to the number of operators.
"""

from collections.abc import Callable, Sequence

from backend.domain.plan import PlanNode
from backend.sql.plan_grammar import LARGEST_COUNT, DraftNode

SORT_CONSTANT = 1e12
"""XN Sort, and so every operator above it, carries about this much on top of its real cost: a
child of 2,815,366,578 has a Sort of 1,002,815,366,604 above it in every plan of the Redshift
Database Developer Guide (r_EXPLAIN, c-the-query-plan)."""

DEEPEST_LEVEL = 150
"""Operators below this level hang side by side under it: no real plan goes as deep, and whoever
stores or draws the tree may recurse."""

_HIDDEN_TABLE_ALIAS = "rls_table"


def nest_by_indent(nodes: Sequence[DraftNode]) -> list[DraftNode]:
    """Children by deeper indent. Where a tool has trimmed the indent away, by what operators
    take: a join two inputs, a table scan none, others one."""
    if nodes and any(node.has_arrow and node.indent <= nodes[0].indent for node in nodes[1:]):
        return _nest(nodes, _has_room)
    return _nest(nodes, lambda parent, node: parent.indent < node.indent)


def _nest(
    nodes: Sequence[DraftNode], may_hold: Callable[[DraftNode, DraftNode], bool]
) -> list[DraftNode]:
    roots: list[DraftNode] = []
    path: list[DraftNode] = []
    for node in nodes:
        while path and not may_hold(path[-1], node):
            path.pop()
        (path[-1].children if path else roots).append(node)
        path.append(node)
    return roots


def _has_room(parent: DraftNode, node: DraftNode) -> bool:
    if parent.operator.endswith("SecureScan") and node.alias == _HIDDEN_TABLE_ALIAS:
        return not parent.children
    return node.has_arrow and len(parent.children) < _inputs(parent.operator)


def _inputs(operator: str) -> int:
    if "Append" in operator:
        return LARGEST_COUNT
    if "Join" in operator or operator.endswith("Loop") or "Intersect" in operator:
        return 2
    is_derived = operator.endswith(("Query Scan", "Subquery Scan"))
    return 0 if "Scan" in operator and not is_derived else 1


def finish(roots: Sequence[DraftNode]) -> tuple[PlanNode, ...]:
    """The typed tree: sort constant taken off, own cost worked out."""
    printed = _in_print_order(roots)
    finished: dict[int, PlanNode] = {}
    constants: dict[int, int] = {}
    for draft in reversed(printed):
        children = tuple(finished.pop(id(child)) for child in draft.children)
        inherited = sum(constants[id(child)] for child in draft.children)
        below = sum(child.total_cost for child in children)
        total, taken = _without_sort_constant(draft, inherited, children)
        constants[id(draft)] = taken
        finished[id(draft)] = PlanNode(
            node_id=draft.node_id,
            operator=draft.operator,
            table_name=draft.table_name,
            alias=draft.alias,
            movement=draft.movement,
            startup_cost=_less(draft.startup_cost, taken),
            total_cost=total,
            self_cost=max(total - below, 0.0),
            rows=draft.rows,
            width_bytes=draft.width_bytes,
            conditions=tuple(draft.conditions),
            children=children,
            child_query_sequence=draft.child_query_sequence,
            recorded_node_id=draft.recorded_node_id,
        )
    return tuple(finished[id(root)] for root in roots)


def _in_print_order(roots: Sequence[DraftNode]) -> list[DraftNode]:
    """All nodes; those below the deepest level become children of the one that is there."""
    printed: list[DraftNode] = []
    pending = [(root, 1) for root in reversed(roots)]
    while pending:
        node, level = pending.pop()
        printed.append(node)
        if level == DEEPEST_LEVEL:
            node.children = _flattened(node)
        pending.extend((child, level + 1) for child in reversed(node.children))
    return printed


def _flattened(node: DraftNode) -> list[DraftNode]:
    flat: list[DraftNode] = []
    pending = list(reversed(node.children))
    while pending:
        below = pending.pop()
        flat.append(below)
        pending.extend(reversed(below.children))
        below.children = []
    return flat


def _without_sort_constant(
    draft: DraftNode, inherited: int, children: Sequence[PlanNode]
) -> tuple[float, int]:
    """The real cost, and how many constants were taken off.

    A Sort adds one to those of its inputs, others pass them on. A nested loop that repeats a
    sorted input multiplies them: then only the rest below one constant says anything.
    """
    if draft.total_cost is None:
        # The line was cut before its cost, which is at least that of its inputs.
        return sum(child.total_cost for child in children), inherited
    dearest = max((child.total_cost for child in children), default=0.0)
    taken = inherited
    if draft.operator.endswith("Sort") and draft.total_cost - (taken + 1) * SORT_CONSTANT >= (
        dearest * 0.999
    ):
        taken += 1
    taken = min(taken, int(draft.total_cost // SORT_CONSTANT))
    total = draft.total_cost - taken * SORT_CONSTANT
    if taken and total >= SORT_CONSTANT > dearest:
        taken = int(draft.total_cost // SORT_CONSTANT)
        total = draft.total_cost % SORT_CONSTANT
    return total, taken


def _less(startup_cost: float, taken: int) -> float:
    return startup_cost - min(taken, int(startup_cost // SORT_CONSTANT)) * SORT_CONSTANT
