"""A recorded plan as an indented table with its costly nodes marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.plan import Movement, Plan, PlanNode
from workbench.presenters.wording import number_of, per_cent

COSTLY_SHARE = 0.2
INDENT = "\u2003"
COSTLY = "costly"
BROADCAST = "broadcast"
BOTH_SIDES = "both sides move"
ONE_SLICE = "to one slice"
NESTED_LOOP = "nested loop"
MARKS = (COSTLY, BROADCAST, BOTH_SIDES, ONE_SLICE, NESTED_LOOP)
MARK_COLOURS = ("orange", "red", "red", "red", "red")
_MOVEMENT_MARKS = {
    Movement.DS_BCAST_INNER: BROADCAST,
    Movement.DS_DIST_BOTH: BOTH_SIDES,
    Movement.DS_DIST_ALL_INNER: ONE_SLICE,
}
MOVEMENT_WORDS = {
    Movement.DS_DIST_NONE: "none: both sides are in place",
    Movement.DS_DIST_ALL_NONE: "none: the inner table is on every node",
    Movement.DS_DIST_INNER: "inner side redistributed",
    Movement.DS_DIST_OUTER: "outer side redistributed",
    Movement.DS_DIST_ALL_INNER: "inner side to one slice",
    Movement.DS_DIST_BOTH: "both sides redistributed",
    Movement.DS_BCAST_INNER: "inner side broadcast to every node",
}


@dataclass(frozen=True, kw_only=True)
class PlanScreen:
    """`columns` are those with something in them; `conditions` has a (node, lines) pair for each
    node that has any."""

    table: pd.DataFrame
    columns: tuple[str, ...]
    marked_rows: frozenset[int]
    caption: str
    conditions: tuple[tuple[str, str], ...]
    notices: tuple[str, ...]
    alt: str


def plan_screen(case: CaseFile | None, findings: Sequence[Finding]) -> PlanScreen | None:
    """None where no plan was recorded."""
    if case is None or case.plan is None:
        return None
    nodes = list(_with_depth(case.plan))
    whole = sum(node.self_cost for _, node in nodes)
    cited = _cited(case, findings)
    rows = [_row(node, depth, whole, cited) for depth, node in nodes]
    marked = frozenset(place for place, row in enumerate(rows) if row["marks"])
    return PlanScreen(
        table=pd.DataFrame(rows),
        columns=tuple(
            name for name in rows[0] if name == "marks" or any(row[name] for row in rows)
        ),
        marked_rows=marked,
        caption=(
            f"Recorded for query {case.plan_query_id}. " if case.plan_query_id is not None else ""
        )
        + f"{number_of(len(nodes), 'node')}, {len(marked)} marked. Costs are the planner's own units, as shares; "
        f"costly is a node of its own {per_cent(COSTLY_SHARE)} or more.",
        conditions=tuple(
            (f"{node.node_id} {_operator(node)}", _condition_lines(node))
            for _, node in nodes
            if node.conditions
        ),
        notices=case.plan.notices,
        alt=f"Query plan with {number_of(len(nodes), 'node')}, {len(marked)} of them marked",
    )


def marks_of(node: PlanNode, whole_cost: float) -> list[str]:
    marks = []
    if whole_cost > 0 and node.self_cost / whole_cost >= COSTLY_SHARE:
        marks.append(COSTLY)
    if node.movement in _MOVEMENT_MARKS:
        marks.append(_MOVEMENT_MARKS[node.movement])
    if "Nested Loop" in node.operator:
        marks.append(NESTED_LOOP)
    return marks


def _row(
    node: PlanNode, depth: int, whole_cost: float, cited: Mapping[int, str]
) -> dict[str, object]:
    return {
        "operator": INDENT * depth + ("└ " if depth else "") + _operator(node),
        "table": node.table_name or "",
        "movement": node.movement.value if node.movement else "",
        "cost_share": node.self_cost / whole_cost * 100 if whole_cost > 0 else 0.0,
        "rows": node.rows,
        "marks": marks_of(node, whole_cost),
        "finding": cited.get(node.node_id, ""),
        "condition": _condition_lines(node).replace("\n", "; "),
    }


def _operator(node: PlanNode) -> str:
    return node.operator.removeprefix("XN ")


def _condition_lines(node: PlanNode) -> str:
    return "\n".join(
        f"{condition.name}: {condition.text}".strip(" :") for condition in node.conditions
    )


def _cited(case: CaseFile, findings: Sequence[Finding]) -> dict[int, str]:
    """Plan node id → the title of the first finding that cites it."""
    cited: dict[int, str] = {}
    for fact in case.plan_nodes:
        for finding in findings:
            if fact.fact_id in finding.fact_ids:
                cited.setdefault(fact.node.node_id, finding.title)
    return cited


def _with_depth(plan: Plan) -> Iterator[tuple[int, PlanNode]]:
    pending = [(0, root) for root in reversed(plan.roots)]
    while pending:
        depth, node = pending.pop()
        yield depth, node
        pending.extend((depth + 1, child) for child in reversed(node.children))
