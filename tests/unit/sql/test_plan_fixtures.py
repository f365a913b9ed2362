"""Every kind of plan that Redshift prints, each line with a cost as exactly one operator.

plans/<what it is>.txt holds the text, <the same>.tree what must become of it: an operator a line,
indented below its parent, with movement, `on` its table, `as` its alias, its costs without the
sort constant, rows, width and the names of its conditions; then tables without statistics.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.domain.plan import Movement, Plan, PlanNode
from backend.sql.plan_hash import plan_hash
from backend.sql.plan_rows import PlanRow, plan_from_rows
from backend.sql.plan_text import parse_plan_text
from backend.sql.plan_tree import SORT_CONSTANT

PLANS = Path(__file__).parent / "plans"
TEXTS = [pytest.param(file, id=file.stem) for file in sorted(PLANS.glob("*.txt"))]
# What a tool has done to these keeps their lines from being rows of the view.
MANGLED = {"lines_broken_by_a_console", "lines_without_indent", "notices_in_between"}
AS_ROWS = [param for param in TEXTS if param.id not in MANGLED]

# Those that the guide lists (r_EXPLAIN, c-spectrum-external-performance), as plans print them.
OPERATORS = (
    "Seq Scan", "Hash Join", "Merge Join", "Nested Loop", "XN Aggregate", "HashAggregate",
    "GroupAggregate", "Sort", "Merge ", "SetOp Except", "Hash Intersect", "Append", "XN Hash ",
    "Limit", "Materialize", "Result", "SubPlan", "InitPlan", "Unique", "Window", "Network",
    "Subquery Scan", "S3 Query Scan", "S3 Seq Scan", "S3 HashAggregate", "S3 Aggregate",
    "PartitionInfo", "Partition Loop", "RLS SecureScan", "LF SecureScan", "Hash Left Join",
    "Hash Right Join", "Hash Full Join", "NOT IN Join", "LD ", "Send to leader", "Distribute",
    "Broadcast",
)  # fmt: skip
A_MOVEMENT = re.compile(r"\bDS_[A-Z_]+")
A_WHOLE_COST = re.compile(r"\(cost=([\d.]+)\.\.([\d.]+)\s+rows=(\d+)\s+width=(\d+)\)")


def in_lines(plan: Plan) -> Iterator[str]:
    pending = [(root, 0) for root in reversed(plan.roots)]
    while pending:
        node, depth = pending.pop()
        yield "  " * depth + in_words(node)
        pending.extend((child, depth + 1) for child in reversed(node.children))
    if plan.tables_missing_statistics:
        yield f"without statistics: {', '.join(plan.tables_missing_statistics)}"


def in_words(node: PlanNode) -> str:
    words = [
        node.operator,
        node.movement or "",
        f"on {node.table_name}" if node.table_name else "",
        f"as {node.alias}" if node.alias else "",
        f"{node.startup_cost:.2f}..{node.total_cost:.2f} {node.rows} rows of {node.width_bytes}",
        "[" + ", ".join(line.name for line in node.conditions) + "]" if node.conditions else "",
    ]
    return " ".join(filter(None, words))


@pytest.mark.parametrize("file", TEXTS)
def test_a_plan_becomes_the_tree_that_it_prints(file: Path) -> None:
    expected = file.with_suffix(".tree").read_text().splitlines()

    assert list(in_lines(parse_plan_text(file.read_text()))) == expected


@pytest.mark.parametrize("file", TEXTS)
def test_each_cost_row_count_and_movement_of_a_text_stands_at_exactly_one_operator(
    file: Path,
) -> None:
    lines = [line for line in whole_lines(file.read_text()) if is_node(line)]

    nodes = sorted(parse_plan_text(file.read_text()).walk(), key=lambda node: node.node_id)

    assert len(nodes) == len(lines)
    for line, node in zip(lines, nodes, strict=True):
        figures = A_WHOLE_COST.search(line)
        if figures:
            start, total, rows, width = figures.groups()
            assert node.startup_cost == pytest.approx(float(start) % SORT_CONSTANT, abs=0.01)
            assert node.total_cost == pytest.approx(float(total) % SORT_CONSTANT, abs=0.01)
            assert (node.rows, node.width_bytes) == (int(rows), int(width))
        movement = A_MOVEMENT.search(line)
        named = node.movement or node.condition("Movement")
        assert named == (movement.group() if movement else None)


def whole_lines(text: str) -> list[str]:
    return re.sub(
        r"\n\s*(?=(?:rows=\d+ )?width=\d+\)$)", " ", text, flags=re.MULTILINE
    ).splitlines()


def is_node(line: str) -> bool:
    return "(cost=" in line or line.lstrip().startswith("->")


@pytest.mark.parametrize("file", AS_ROWS)
def test_rows_of_the_view_give_the_same_tree_as_the_text(file: Path) -> None:
    text = file.read_text()

    from_rows = plan_from_rows(list(as_rows(text)))

    assert list(in_lines(from_rows)) == list(in_lines(parse_plan_text(text)))
    assert plan_hash(from_rows) == plan_hash(parse_plan_text(text))


def as_rows(text: str) -> Iterator[PlanRow]:
    """As SYS_QUERY_EXPLAIN holds it: a row a node and a notice, conditions beside their node."""
    rows: list[PlanRow] = []
    path: list[tuple[int, int]] = []
    child, number = 0, 0
    for line in text.splitlines():
        body = line.lstrip()
        if is_node(line):
            is_root = not body.startswith("->")
            child, number = (child + 1, 1) if is_root else (child, number + 1)
            indent = len(line) - len(body)
            path = [] if is_root else [above for above in path if above[0] < indent]
            parent = path[-1][1] if path else 0
            path.append((indent, number))
            rows.append(a_row(child, number, parent, line[:400]))
        elif body.startswith("-----"):
            rows.append(a_row(max(child, 1), 0, 0, body))
        elif rows and line.startswith(" "):
            rows[-1] = replace(rows[-1], plan_info=f"{rows[-1].plan_info}\n{body}")
    return iter(rows)


def a_row(child: int, number: int, parent: int, text: str) -> PlanRow:
    return PlanRow(
        child_query_sequence=child,
        plan_node_id=number,
        plan_parent_id=parent,
        plan_node=text,
    )


def test_every_movement_and_every_kind_of_operator_occurs() -> None:
    text = "".join(file.read_text() for file in PLANS.glob("*.txt"))

    assert all(movement in text for movement in Movement)
    for operator in OPERATORS:
        assert operator in text
