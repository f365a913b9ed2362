"""From rows of SYS_QUERY_EXPLAIN to a plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from backend.domain.errors import NotAPlanError
from backend.domain.plan import Condition, Plan
from backend.sql.plan_grammar import (
    DraftNode,
    Notices,
    is_notice,
    read_conditions,
    read_node,
)
from backend.sql.plan_tree import finish, nest_by_indent


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRow:
    """One row of the view; a root has the parent 0."""

    child_query_sequence: int
    plan_node_id: int
    plan_parent_id: int
    plan_node: str
    plan_info: str = ""


@dataclass(slots=True, kw_only=True, eq=False)
class _RowNode:
    row: PlanRow
    node: DraftNode


def plan_from_rows(rows: Sequence[PlanRow]) -> Plan:
    """One tree a child query, in the order of the child queries.

    Nodes keep their plan_node_id; ids of later child queries are moved past those before, so
    that an id names one node of the plan. Where ids of a child query contradict each other, the
    order and indent of its rows decide. Raises NotAPlanError where no row is an operator.
    """
    notices = Notices()
    operators: list[_RowNode] = []
    for row in dict.fromkeys(rows):
        if is_notice(row.plan_node):
            notices.add(row.plan_node)
            continue
        first_line, _, more = row.plan_node.strip("\r\n").partition("\n")
        node = read_node(first_line, is_known_node=True)
        if node:
            node.conditions.extend(_conditions(f"{more}\n{row.plan_info}"))
            operators.append(_RowNode(row=row, node=node))
    if not any(found.node.total_cost is not None for found in operators):
        raise NotAPlanError("No row of SYS_QUERY_EXPLAIN holds an operator with its cost.")
    return Plan(
        roots=finish(list(_all_roots(operators))),
        notices=notices.texts,
        tables_missing_statistics=notices.tables_missing_statistics,
    )


def _conditions(plan_info: str) -> Iterator[Condition]:
    # EXPLAIN VERBOSE leaves the dump of its inner tree here: `{HASHJOIN :startup_cost …`.
    if not plan_info.lstrip().startswith("{"):
        yield from read_conditions(plan_info)


def _all_roots(operators: Sequence[_RowNode]) -> Iterator[DraftNode]:
    ids_before = 0
    by_child = sorted(operators, key=lambda found: found.row.child_query_sequence)
    for sequence, group in groupby(by_child, key=lambda found: found.row.child_query_sequence):
        members = list(group)
        has_own_ids = len({found.row.plan_node_id for found in members}) == len(members)
        roots = _roots_by_id(members)
        if roots is None:
            roots = _roots_by_order(members)
        for found in members:
            found.node.node_id += ids_before
            found.node.child_query_sequence = sequence
            found.node.recorded_node_id = found.row.plan_node_id if has_own_ids else None
        ids_before = max(found.node.node_id for found in members) + 1
        yield from roots


def _roots_by_id(members: Sequence[_RowNode]) -> list[DraftNode] | None:
    """None where ids occur twice, parents are not there, or nodes are their own ancestors."""
    node_of = {found.row.plan_node_id: found.node for found in members}
    if len(node_of) < len(members) or min(node_of) < 0:
        return None
    ordered = sorted(members, key=lambda found: found.row.plan_node_id)
    children_of: dict[int, list[DraftNode]] = {node_id: [] for node_id in node_of}
    roots: list[DraftNode] = []
    for found in ordered:
        found.node.node_id = found.row.plan_node_id
        parent_id = found.row.plan_parent_id
        if parent_id <= 0 and not (found.node.has_arrow and roots):
            roots.append(found.node)
        elif parent_id not in node_of:
            return None
        else:
            children_of[parent_id].append(found.node)
    if _reachable(roots, children_of) < len(members):
        return None
    for node_id, node in node_of.items():
        node.children = children_of[node_id]
    return roots


def _reachable(roots: Sequence[DraftNode], children_of: dict[int, list[DraftNode]]) -> int:
    pending, count = list(roots), 0
    while pending:
        count += 1
        pending.extend(children_of[pending.pop().node_id])
    return count


def _roots_by_order(members: Sequence[_RowNode]) -> list[DraftNode]:
    ids = [found.row.plan_node_id for found in members]
    if len(set(ids)) == len(ids) and min(ids) > 0:
        ordered = sorted(members, key=lambda found: found.row.plan_node_id)
        for found in ordered:
            found.node.node_id = found.row.plan_node_id
    else:
        ordered = list(members)
        for position, found in enumerate(ordered, start=1):
            found.node.node_id = position
    return nest_by_indent([found.node for found in ordered])
