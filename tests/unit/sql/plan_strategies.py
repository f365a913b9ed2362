"""Plans that hypothesis makes up, and what happens to one between two runs of its statement."""

import re
from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from backend.domain.plan import Condition, Movement, Plan, PlanNode

TABLES = ("sale", "shop", "customer", "retail.basket", "volt_tt_65f0c9f3b1")
COLUMNS = ("shop_id", "paid_on", "total", "name")
MOVEMENTS = tuple(Movement)

tables = st.sampled_from(TABLES)
columns = st.sampled_from(COLUMNS)
operators = st.sampled_from(["=", "<>", ">=", "<", "~~"])
values = st.sampled_from(
    ["3", "-7", "99.50", "'2026-01-02'::date", "'Ann''s'::text", "?", "'x'::character varying(20)"]
)
comparisons = st.builds("({} {} {})".format, columns, operators, values)
filters = st.lists(comparisons, min_size=1, max_size=3).map(
    lambda tests: tests[0] if len(tests) == 1 else f"({' AND '.join(tests)})"
)
figures = st.integers(0, 10**9)


@st.composite
def scans(draw: st.DrawFn) -> PlanNode:
    text = draw(st.none() | filters)
    return PlanNode(
        node_id=0,
        operator=draw(st.sampled_from(["XN Seq Scan", "S3 Seq Scan"])),
        table_name=draw(tables),
        rows=draw(figures),
        conditions=(Condition(name="Filter", text=text),) if text else (),
    )


@st.composite
def joins(draw: st.DrawFn, sides: st.SearchStrategy[PlanNode]) -> PlanNode:
    operator, condition = draw(
        st.sampled_from(
            [
                ("XN Hash Join", "Hash Cond"),
                ("XN Hash Left Join", "Hash Cond"),
                ("XN Merge Join", "Merge Cond"),
            ]
        )
    )
    outer, inner = draw(sides), draw(sides)
    if condition == "Hash Cond":
        inner = PlanNode(node_id=0, operator="XN Hash", rows=inner.rows, children=(inner,))
    text = f'("outer".{draw(columns)} = "inner".{draw(columns)})'
    movement = draw(st.sampled_from(MOVEMENTS))
    conditions = [Condition(name=condition, text=text)]
    if movement is Movement.DS_DIST_INNER:
        conditions.append(Condition(name="Inner Dist Key", text=draw(columns)))
    return PlanNode(
        node_id=0,
        operator=operator,
        movement=movement,
        rows=draw(figures),
        conditions=tuple(conditions),
        children=(outer, inner),
    )


def above(child: st.SearchStrategy[PlanNode]) -> st.SearchStrategy[PlanNode]:
    kinds = st.sampled_from(
        [
            ("XN HashAggregate", ()),
            ("XN GroupAggregate", ()),
            ("XN Materialize", ()),
            ("XN Network", (Condition(name="Send to leader", text=""),)),
            ("XN Sort", (Condition(name="Sort Key", text="sum(total), paid_on"),)),
        ]
    )
    return st.builds(
        lambda kind, below, rows: PlanNode(
            node_id=0, operator=kind[0], conditions=kind[1], rows=rows, children=(below,)
        ),
        kinds,
        child,
        figures,
    )


trees = st.recursive(scans(), lambda below: st.one_of(joins(below), above(below)), max_leaves=6)
plans = st.lists(trees, min_size=1, max_size=3).map(
    lambda roots: numbered(Plan(roots=tuple(roots)))
)


def changed(plan: Plan, change: Callable[[PlanNode], PlanNode]) -> Plan:
    def of(node: PlanNode) -> PlanNode:
        return change(replace(node, children=tuple(map(of, node.children))))

    return replace(plan, roots=tuple(map(of, plan.roots)))


def numbered(plan: Plan, start: int = 1, step: int = 1) -> Plan:
    """The nodes get the ids of their place in the print, as the parser gives them."""
    numbers = iter(range(start, start + step * 10_000, step))

    def of(node: PlanNode) -> PlanNode:
        number = next(numbers)
        return replace(
            node,
            node_id=number,
            child_query_sequence=1,
            recorded_node_id=number,
            children=tuple(map(of, node.children)),
        )

    return replace(plan, roots=tuple(map(of, plan.roots)))


def recosted(plan: Plan, factor: float) -> Plan:
    return changed(
        plan,
        lambda node: replace(
            node,
            startup_cost=node.startup_cost * factor + 1,
            total_cost=node.total_cost * factor + 2,
            self_cost=node.self_cost * factor + 3,
            rows=int(node.rows * factor) + 1,
            width_bytes=node.width_bytes + 8,
        ),
    )


_VALUE = re.compile(r"-?\d+(?:\.\d+)?|'(?:[^']|'')*'|\?")


def with_other_values(plan: Plan, value: str) -> Plan:
    """And another temporary table, and an IN list that is longer by one."""

    def rewritten(text: str) -> str:
        text = _VALUE.sub(lambda _: value, text)
        return re.sub(r"\((\w+) = [^()]*\)", r"(\1 = ANY ('{1,2,3}'::integer[]))", text)

    return changed(
        plan,
        lambda node: replace(
            node,
            table_name=re.sub("volt_tt_.*", "volt_tt_0a1b2c", node.table_name or "") or None,
            alias="someone",
            conditions=tuple(
                line if "outer" in line.text else replace(line, text=rewritten(line.text))
                for line in node.conditions
            ),
        ),
    )
