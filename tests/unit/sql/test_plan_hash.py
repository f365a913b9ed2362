"""One plan has one hash, whatever its costs and values; another way of working has another."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.plan import Movement, Plan, PlanNode
from backend.sql.plan_hash import plan_hash
from backend.sql.plan_rows import PlanRow, plan_from_rows
from backend.sql.plan_text import parse_plan_text
from tests.unit.sql.plan_strategies import (
    MOVEMENTS,
    changed,
    numbered,
    plans,
    recosted,
    with_other_values,
)

JOIN = """\
XN HashAggregate  (cost=7200300.50..7200301.00 rows=200 width=40)
  ->  XN Hash Join DS_BCAST_INNER  (cost=0.20..7100300.50 rows=9100 width=72)
        Hash Cond: ("outer".shop_id = "inner".shop_id)
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=9100 width=40)
              Filter: ((paid_on >= '2026-01-02'::date) AND (channel = ANY ('{1,2}'::integer[])))
        ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)
              ->  XN Seq Scan on volt_tt_65f0c9f3b1  (cost=0.00..0.16 rows=16 width=32)
                    Filter: ((volt_tt_65f0c9f3b1.name)::text = 'Ann'::text)
"""


def hash_of(text: str) -> str:
    return plan_hash(parse_plan_text(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("cost=0.20..7100300.50 rows=9100", "cost=9.00..12.00 rows=1", id="costs"),
        pytest.param("2026-01-02", "2025-12-31", id="a value"),
        pytest.param("'2026-01-02'::date", "'2026-01-02 00:00:00'::timestamp", id="its type"),
        pytest.param("{1,2}", "{1,2,3,4,5,6,7,8,9}", id="a longer IN list"),
        pytest.param(
            "channel = ANY ('{1,2}'::integer[])", "channel = -4", id="an IN list of one"
        ),
        pytest.param(
            "(channel = ANY ('{1,2}'::integer[]))",
            "((channel = 1) OR (channel = 2))",
            id="an IN list of two",
        ),
        pytest.param("volt_tt_65f0c9f3b1", "volt_tt_7a", id="a temporary table"),
        pytest.param("sale s ", "sale s2 ", id="an alias"),
        pytest.param("'Ann'::text)\n", "'Ann'::text)\n----- Tables missing statistics: sale -----\n",
                     id="a notice"),
        pytest.param(
            "((paid_on >= '2026-01-02'::date) AND (channel = ANY ('{1,2}'::integer[])))",
            "((channel = ANY ('{1,2}'::integer[])) AND (paid_on >= '2026-01-02'::date))",
            id="the order of tests",
        ),
    ],
)  # fmt: skip
def test_the_same_work_has_the_same_hash(old: str, new: str) -> None:
    assert old in JOIN

    assert hash_of(JOIN.replace(old, new)) == hash_of(JOIN)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("DS_BCAST_INNER", "DS_DIST_NONE", id="movement"),
        pytest.param("Hash Join", "Hash Left Join", id="join type"),
        pytest.param("Hash Cond", "Merge Cond", id="kind of condition"),
        pytest.param("HashAggregate", "GroupAggregate", id="aggregate"),
        pytest.param("on sale s", "on sale_archive s", id="table"),
        pytest.param("paid_on >=", "booked_on >=", id="column of a filter"),
        pytest.param("paid_on >=", "paid_on >", id="operator of a filter"),
        pytest.param("(paid_on >=", "(trunc(paid_on) >=", id="function around a column"),
        pytest.param('"outer".shop_id =', '"outer".branch_id =', id="column of a join"),
        pytest.param("channel = ANY", "channel <> ALL", id="IN or NOT IN"),
    ],
)
def test_other_work_has_another_hash(old: str, new: str) -> None:
    assert old in JOIN

    assert hash_of(JOIN.replace(old, new)) != hash_of(JOIN)


def test_which_table_is_hashed_counts() -> None:
    swapped = JOIN.replace("sale s", "x").replace("volt_tt_65f0c9f3b1  (", "sale s  (")

    assert hash_of(swapped.replace("on x", "on volt_tt_65f0c9f3b1")) != hash_of(JOIN)


def test_what_hangs_below_what_counts() -> None:
    chain = [("XN Append", 0), ("XN Seq Scan on a", 1), ("XN Seq Scan on b", 1)]
    deeper = [("XN Append", 0), ("XN Seq Scan on a", 1), ("XN Seq Scan on b", 2)]

    def of(rows: list[tuple[str, int]]) -> str:
        return plan_hash(
            plan_from_rows(
                [
                    PlanRow(
                        child_query_sequence=1,
                        plan_node_id=position,
                        plan_parent_id=parent,
                        plan_node=f"{text}  (cost=0.00..1.00 rows=1 width=4)",
                    )
                    for position, (text, parent) in enumerate(rows, start=1)
                ]
            )
        )

    assert of(chain) != of(deeper)


def test_the_order_of_child_queries_counts() -> None:
    other = "XN Seq Scan on shop  (cost=0.00..0.16 rows=16 width=32)\n"

    assert hash_of(JOIN + other) != hash_of(other + JOIN)


def test_a_hash_names_its_version_and_is_short() -> None:
    version, _, digest = hash_of(JOIN).partition("-")

    assert version == "p1"
    assert len(digest) == 24


def test_a_hash_stays_what_it_is_until_its_version_rises() -> None:
    assert hash_of(JOIN) == "p1-ec17d13cd5c794b39b496a3e"


@given(plans, st.floats(0.001, 1000), st.sampled_from(["7", "'Quill'", "-0.5"]))
def test_costs_values_and_ids_change_nothing(plan: Plan, factor: float, value: str) -> None:
    other = numbered(with_other_values(recosted(plan, factor), value), start=50, step=3)

    assert plan_hash(other) == plan_hash(plan)


@given(plans, st.data())
def test_another_movement_changes_the_hash(plan: Plan, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([node.node_id for node in plan.walk()]))

    def moved(node: PlanNode) -> PlanNode:
        others: list[Movement] = [m for m in MOVEMENTS if m is not node.movement]
        is_chosen = node.node_id == chosen
        return replace(node, movement=data.draw(st.sampled_from(others))) if is_chosen else node

    assert plan_hash(changed(plan, moved)) != plan_hash(plan)


def test_a_plan_deeper_than_the_stack_has_a_hash() -> None:
    node = PlanNode(node_id=1, operator="XN Seq Scan", table_name="sale")
    for level in range(2, 20_000):
        node = PlanNode(node_id=level, operator="XN Materialize", children=(node,))

    assert plan_hash(Plan(roots=(node,))).startswith("p1-")
