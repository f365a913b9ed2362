"""Two plans of one statement, compared operator by operator."""

from collections.abc import Sequence
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.plan import Movement, Plan, PlanNode
from backend.domain.plan_difference import ChangeKind, PlanChange
from backend.sql.plan_difference import plan_differences
from backend.sql.plan_hash import plan_hash
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
  ->  XN Hash Join DS_DIST_NONE  (cost=0.20..7100300.50 rows=91000 width=72)
        Hash Cond: ("outer".shop_id = "inner".id)
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
              Filter: ((paid_on >= '2026-01-02'::date) AND (channel = 3))
        ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
              ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""
SWAPPED = """\
XN HashAggregate  (cost=7200300.50..7200301.00 rows=200 width=40)
  ->  XN Hash Join DS_DIST_NONE  (cost=0.20..7100300.50 rows=91000 width=72)
        Hash Cond: ("outer".id = "inner".shop_id)
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
        ->  XN Hash  (cost=0.16..0.16 rows=91000 width=32)
              ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
                    Filter: ((paid_on >= '2026-01-02'::date) AND (channel = 3))
"""


def differences(before: str, after: str) -> tuple[PlanChange, ...]:
    return plan_differences(parse_plan_text(before), parse_plan_text(after))


def the_change(before: str, after: str) -> PlanChange:
    (change,) = differences(before, after)
    return change


def kinds(changes: Sequence[PlanChange]) -> list[str]:
    return [change.kind.value for change in changes]


def test_another_movement_names_the_table_that_is_now_copied() -> None:
    change = the_change(JOIN, JOIN.replace("DS_DIST_NONE", "DS_BCAST_INNER"))

    assert change.kind is ChangeKind.MOVEMENT
    assert (change.before_node_id, change.after_node_id) == (2, 2)
    assert change.table_names == ("shop",)
    assert change.before == "no movement (DS_DIST_NONE)"
    assert change.after == "a broadcast of shop (DS_BCAST_INNER)"
    assert change.sentence == (
        "The join of sale with shop now needs a broadcast of shop (DS_BCAST_INNER) instead of"
        " no movement (DS_DIST_NONE)."
    )


@pytest.mark.parametrize(
    ("movement", "tables"),
    [
        ("DS_DIST_INNER", ("shop",)),
        ("DS_DIST_OUTER", ("sale",)),
        ("DS_DIST_BOTH", ("sale", "shop")),
        ("DS_DIST_ALL_INNER", ("shop",)),
        ("DS_DIST_ALL_NONE", ("sale", "shop")),
    ],
)
def test_each_movement_concerns_the_side_that_it_moves(
    movement: str, tables: tuple[str, ...]
) -> None:
    change = the_change(JOIN, JOIN.replace("DS_DIST_NONE", movement))

    assert (change.kind, change.table_names) == (ChangeKind.MOVEMENT, tables)
    assert movement in change.after


def test_a_merge_join_in_place_of_a_hash_join_is_one_change() -> None:
    merge = """\
XN HashAggregate  (cost=7200300.50..7200301.00 rows=200 width=40)
  ->  XN Merge Join DS_DIST_NONE  (cost=0.20..7100300.50 rows=91000 width=72)
        Merge Cond: ("outer".shop_id = "inner".id)
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
              Filter: ((paid_on >= '2025-01-02'::date) AND (channel = 3))
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""
    change = the_change(merge, JOIN)

    assert change.kind is ChangeKind.JOIN_TYPE
    assert (change.before, change.after) == ("a merge join", "a hash join")
    assert change.sentence == (
        "The join of sale with shop is now a hash join instead of a merge join."
    )


def test_a_nested_loop_in_place_of_a_hash_join_tells_of_its_broadcast_too() -> None:
    loop = """\
XN HashAggregate  (cost=7200300.50..7200301.00 rows=200 width=40)
  ->  XN Nested Loop DS_BCAST_INNER  (cost=0.20..7100300.50 rows=91000 width=72)
        Join Filter: ("outer".shop_id = "inner".id)
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
              Filter: ((paid_on >= '2026-01-02'::date) AND (channel = 3))
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""
    changes = differences(JOIN, loop)

    assert kinds(changes) == ["join_type", "movement"]
    assert changes[0].after == "a nested loop"


def test_swapped_sides_are_one_change_that_names_what_is_hashed_now() -> None:
    change = the_change(JOIN, SWAPPED)

    assert change.kind is ChangeKind.JOIN_TYPE
    assert change.table_names == ("sale",)
    assert change.before == "a hash join with shop as its inner side"
    assert change.after == "a hash join with sale as its inner side"


def test_a_left_join_that_becomes_a_right_join_of_swapped_sides_is_one_change() -> None:
    change = the_change(
        JOIN.replace("Hash Join", "Hash Left Join"), SWAPPED.replace("Hash Join", "Hash Right Join")
    )

    assert change.kind is ChangeKind.JOIN_TYPE
    assert change.before.startswith("a left hash join with shop")
    assert change.after.startswith("a right hash join with sale")


def test_the_same_table_moved_from_the_other_side_is_no_other_movement() -> None:
    changes = differences(
        JOIN.replace("DS_DIST_NONE", "DS_DIST_INNER"),
        SWAPPED.replace("DS_DIST_NONE", "DS_DIST_OUTER"),
    )

    assert kinds(changes) == ["join_type"]


def test_a_broadcast_of_the_other_side_is_another_movement_under_the_same_name() -> None:
    changes = differences(
        JOIN.replace("DS_DIST_NONE", "DS_BCAST_INNER"),
        SWAPPED.replace("DS_DIST_NONE", "DS_BCAST_INNER"),
    )

    assert kinds(changes) == ["join_type", "movement"]
    assert changes[1].before == "a broadcast of shop (DS_BCAST_INNER)"
    assert changes[1].after == "a broadcast of sale (DS_BCAST_INNER)"


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (
            "((paid_on >= '2026-01-02'::date) AND (channel = 3))",
            "(paid_on >= '2026-01-02'::date)",
            "channel = ? and paid_on >= ?",
            "paid_on >= ?",
        ),
        ("(paid_on >=", "(trunc(paid_on) >=", "channel = ? and paid_on >= ?",
         "channel = ? and trunc(paid_on) >= ?"),
    ],
)  # fmt: skip
def test_a_scan_that_tests_other_columns_or_in_another_way_is_named(
    old: str, new: str, before: str, after: str
) -> None:
    change = the_change(JOIN, JOIN.replace(old, new))

    assert (change.kind, change.table_names) == (ChangeKind.SCAN_PREDICATE, ("sale",))
    assert (change.before, change.after) == (before, after)
    assert change.sentence == f"The scan of sale now tests {after} instead of {before}."


def test_a_long_condition_is_told_by_what_is_different_in_it() -> None:
    many = " AND ".join(f"(column_number_{n} = 3)" for n in range(40))
    change = the_change(
        JOIN.replace("(channel = 3)", f"{many} AND (channel = 3)"),
        JOIN.replace("(channel = 3)", f"{many} AND (region < 3)"),
    )

    assert (change.before, change.after) == ("channel = ?", "region < ?")


def test_a_condition_that_the_view_cut_is_no_other_condition() -> None:
    cut = JOIN.replace(") AND (channel = 3))", ") AND (chan")

    assert differences(JOIN, cut) == ()
    assert differences(cut, JOIN) == ()
    assert plan_hash(parse_plan_text(cut)) != plan_hash(parse_plan_text(JOIN))


def test_another_join_condition_is_named() -> None:
    change = the_change(JOIN, JOIN.replace('"inner".id', '"inner".old_id'))

    assert change.kind is ChangeKind.JOIN_PREDICATE
    assert (change.before, change.after) == ("id = shop_id", "old_id = shop_id")


def test_the_kind_of_an_aggregate_is_named_with_the_sort_that_it_takes() -> None:
    sorted_first = """\
XN GroupAggregate  (cost=7200300.50..7200301.00 rows=200 width=40)
  ->  XN Sort  (cost=1000000000001.00..1000000000002.00 rows=91000 width=72)
        Sort Key: s.region
        ->  XN Hash Join DS_DIST_NONE  (cost=0.20..7100300.50 rows=91000 width=72)
              Hash Cond: ("outer".shop_id = "inner".id)
              ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
                    Filter: ((paid_on >= '2026-01-02'::date) AND (channel = 3))
              ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
                    ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""
    aggregate, sort = differences(JOIN, sorted_first)

    assert aggregate.kind is ChangeKind.AGGREGATE
    assert (aggregate.before, aggregate.after) == ("a HashAggregate", "a GroupAggregate")
    assert (sort.kind, sort.before_node_id, sort.after_node_id) == (ChangeKind.SHAPE, None, 2)
    assert sort.sentence == "The plan now has a Sort over sale and shop."
    assert kinds(differences(sorted_first, JOIN)) == ["aggregate", "shape"]


ORDERED = """\
XN Merge  (cost=1000000000001.00..1000000000002.00 rows=9 width=8)
  Merge Key: paid_on
  ->  XN Network  (cost=1000000000001.00..1000000000002.00 rows=9 width=8)
        Send to leader
        ->  XN Sort  (cost=1000000000001.00..1000000000002.00 rows=9 width=8)
              Sort Key: paid_on
              ->  XN Seq Scan on sale  (cost=0.00..1.00 rows=9 width=8)
"""


def test_another_sort_key_is_told_once_although_the_merge_repeats_it() -> None:
    change = the_change(ORDERED, ORDERED.replace("paid_on", "paid_on, shop_id"))

    assert (change.kind, change.after_node_id) == (ChangeKind.SORT, 3)
    assert change.after == "Sort Key paid_on, shop_id"


def test_another_way_over_the_network_is_a_movement() -> None:
    change = the_change(ORDERED, ORDERED.replace("Send to leader", "Distribute"))

    assert change.kind is ChangeKind.MOVEMENT
    assert (change.before, change.after) == ("Send to leader", "Distribute")


def test_a_table_read_instead_of_another_is_one_change() -> None:
    change = the_change(JOIN, JOIN.replace("on sale s", "on sale_archive s"))

    assert change.kind is ChangeKind.TABLE
    assert change.table_names == ("sale", "sale_archive")
    assert change.sentence == "The plan now reads sale_archive instead of sale."


def test_a_lake_table_in_another_format_is_named() -> None:
    lake = 'S3 Seq Scan lake.sale location:"s3://x/y" format:TEXT  (cost=0.00..1.00 rows=9 width=8)'

    change = the_change(lake, lake.replace("TEXT", "PARQUET"))

    assert change.kind is ChangeKind.TABLE
    assert (change.before, change.after) == ("TEXT", "PARQUET")


THREE = """\
XN Hash Join DS_BCAST_INNER  (cost=0.20..90.00 rows=91000 width=72)
  Hash Cond: ("outer".customer_id = "inner".customer_key)
  ->  XN Hash Join DS_DIST_NONE  (cost=0.20..80.00 rows=91000 width=72)
        Hash Cond: ("outer".shop_id = "inner".shop_key)
        ->  XN Seq Scan on sale  (cost=0.00..9.00 rows=91000 width=40)
        ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
              ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
  ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
        ->  XN Seq Scan on customer  (cost=0.00..0.16 rows=16000 width=32)
"""
THREE_IN_ANOTHER_ORDER = """\
XN Hash Join DS_DIST_NONE  (cost=0.20..90.00 rows=91000 width=72)
  Hash Cond: ("outer".shop_id = "inner".shop_key)
  ->  XN Hash Join DS_BCAST_INNER  (cost=0.20..80.00 rows=91000 width=72)
        Hash Cond: ("outer".customer_id = "inner".customer_key)
        ->  XN Seq Scan on sale  (cost=0.00..9.00 rows=91000 width=40)
        ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
              ->  XN Seq Scan on customer  (cost=0.00..0.16 rows=16000 width=32)
  ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""


def test_another_order_of_joins_is_one_change_and_each_join_keeps_its_movement() -> None:
    change = the_change(THREE, THREE_IN_ANOTHER_ORDER)

    assert change.kind is ChangeKind.JOIN_ORDER
    assert change.before == "sale, shop and customer"
    assert change.after == "sale, customer and shop"
    assert set(change.table_names) == {"sale", "shop", "customer"}


def test_a_movement_that_changes_with_the_order_of_joins_is_named_for_its_own_join() -> None:
    dearer = THREE_IN_ANOTHER_ORDER.replace("DS_DIST_NONE", "DS_DIST_BOTH", 1)

    movement, order = differences(THREE, dearer)

    assert (movement.kind, order.kind) == (ChangeKind.MOVEMENT, ChangeKind.JOIN_ORDER)
    assert movement.before == "no movement (DS_DIST_NONE)"
    assert "redistribution of both sale and customer and shop" in movement.after


def test_joins_that_compare_something_else_tell_what_they_move() -> None:
    by_customer = THREE_IN_ANOTHER_ORDER.replace(
        '"outer".customer_id = "inner".customer_key', '"outer".a = "inner".b'
    ).replace('"outer".shop_id = "inner".shop_key', '"outer".c = "inner".d')

    changes = differences(THREE, by_customer)

    assert {"join_order", "movement"} <= set(kinds(changes))
    moved = [change for change in changes if change.kind is ChangeKind.MOVEMENT]
    assert any("broadcast of customer" in change.after for change in moved)


def test_what_is_put_in_between_disturbs_nothing_above_or_below() -> None:
    between = JOIN.replace(
        """\
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
""",
        """\
        ->  XN Network  (cost=0.00..91.00 rows=91000 width=40)
              Distribute
              ->  XN Materialize  (cost=0.00..91.00 rows=91000 width=40)
                    ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
""",
    )
    changes = differences(JOIN, between)

    assert [change.sentence for change in changes] == [
        "The plan now has a Network over sale.",
        "The plan now has a Materialize over sale.",
    ]
    assert len(differences(between, JOIN)) == 2


def test_a_join_that_comes_in_tells_of_its_table_and_its_movement() -> None:
    one = "XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)\n"
    two = """\
XN Hash Join DS_BCAST_INNER  (cost=0.20..7100300.50 rows=91000 width=72)
  Hash Cond: ("outer".shop_id = "inner".id)
  ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
  ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16 width=32)
"""
    assert [change.sentence for change in differences(one, two)] == [
        "The plan now also reads shop.",
        "The join of sale with shop, which has come in, needs a broadcast of shop"
        " (DS_BCAST_INNER).",
        "The join of sale with shop has come in, a hash join.",
    ]
    assert [change.sentence for change in differences(two, one)] == [
        "The plan no longer reads shop.",
        "The join of sale with shop is gone, and with it a broadcast of shop (DS_BCAST_INNER).",
    ]


def test_an_aggregate_that_moves_below_a_join_is_named() -> None:
    pushed_down = """\
XN Hash Join DS_DIST_NONE  (cost=0.20..7100300.50 rows=91000 width=72)
  Hash Cond: ("outer".shop_id = "inner".id)
  ->  XN HashAggregate  (cost=0.00..91.00 rows=91000 width=40)
        ->  XN Seq Scan on sale s  (cost=0.00..91.00 rows=91000 width=40)
              Filter: ((paid_on >= '2026-01-02'::date) AND (channel = 3))
  ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
        ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16000 width=32)
"""
    change = the_change(JOIN, pushed_down)

    assert change.kind is ChangeKind.SHAPE
    assert change.sentence == (
        "The HashAggregate now works over sale instead of over sale and shop."
    )


def test_operators_that_only_follow_each_other_in_another_way_are_a_change() -> None:
    one = """\
XN Unique  (cost=0.00..9.00 rows=5 width=4)
  ->  XN Materialize  (cost=0.00..9.00 rows=5 width=4)
        ->  XN Seq Scan on sale  (cost=0.00..9.00 rows=5 width=4)
"""
    other = (
        one.replace("Unique", "X").replace("Materialize", "Unique").replace("X ", "Materialize ")
    )

    assert kinds(differences(one, other)) == ["shape"]


def test_child_queries_are_compared_each_with_its_own() -> None:
    first = "XN Seq Scan on shop  (cost=0.00..9.00 rows=5 width=4)\n  Filter: (id = 3)\n"
    moved = JOIN.replace("DS_DIST_NONE", "DS_DIST_BOTH")

    change = the_change(first + JOIN, first + moved)

    assert (change.kind, change.before_node_id, change.after_node_id) == (
        ChangeKind.MOVEMENT,
        3,
        3,
    )


def test_another_child_query_is_counted() -> None:
    temporary = "XN Seq Scan on volt_tt_65f0  (cost=0.00..9.00 rows=5 width=4)\n"

    changes = differences(JOIN, temporary + JOIN)

    assert "The statement now runs as 2 child queries instead of 1 child query." in [
        change.sentence for change in changes
    ]
    assert "The plan now also reads a temporary table." in [change.sentence for change in changes]


def test_a_self_join_is_told_apart_by_its_aliases() -> None:
    itself = """\
XN Hash Join DS_DIST_NONE  (cost=0.20..90.00 rows=91000 width=72)
  Hash Cond: ("outer".parent_id = "inner".id)
  ->  XN Seq Scan on item child  (cost=0.00..9.00 rows=91000 width=40)
        Filter: (state = 3)
  ->  XN Hash  (cost=0.16..0.16 rows=16000 width=32)
        ->  XN Seq Scan on item parent  (cost=0.00..0.16 rows=16000 width=32)
"""
    swapped = """\
XN Hash Join DS_DIST_NONE  (cost=0.20..90.00 rows=91000 width=72)
  Hash Cond: ("outer".id = "inner".parent_id)
  ->  XN Seq Scan on item parent  (cost=0.00..0.16 rows=16000 width=32)
  ->  XN Hash  (cost=0.16..0.16 rows=91000 width=32)
        ->  XN Seq Scan on item child  (cost=0.00..9.00 rows=91000 width=40)
              Filter: (state = 3)
"""
    assert kinds(differences(itself, swapped)) == ["join_type"]


# Estimates


def test_an_estimate_is_named_at_the_operator_that_it_begins_with() -> None:
    many = JOIN.replace("rows=91000", "rows=910").replace("rows=200 ", "rows=2 ")

    change = the_change(many, JOIN)

    assert (change.kind, change.after_node_id) == (ChangeKind.ESTIMATE, 3)
    assert change.sentence == (
        "The planner now expects 91,000 rows of the scan of sale instead of 910 rows,"
        " 100 times higher."
    )
    assert the_change(JOIN, many).sentence.endswith("100 times lower.")


@pytest.mark.parametrize(("factor", "count"), [(99.0, 1), (100.0, 1), (101.0, 0)])
def test_the_factor_decides_whether_an_estimate_is_named(factor: float, count: int) -> None:
    fewer = parse_plan_text(JOIN.replace("rows=91000", "rows=910"))

    changes = plan_differences(fewer, parse_plan_text(JOIN), estimate_factor=factor)

    assert len(changes) == count


def test_estimates_of_few_rows_are_not_named() -> None:
    few = "XN Seq Scan on shop  (cost=0.00..0.16 rows={} width=32)"

    assert differences(few.format(2), few.format(900)) == ()
    assert kinds(differences(few.format(2), few.format(90_000))) == ["estimate"]


def test_a_line_that_the_view_cut_has_no_estimate_to_compare() -> None:
    whole = "XN Seq Scan on shop  (cost=0.00..0.16 rows=90000 width=32)"

    assert differences(whole, whole.replace(" rows=90000 width=32)", " rows=9")) == ()


# Properties


def structural(changes: Sequence[PlanChange]) -> list[PlanChange]:
    return [change for change in changes if change.kind is not ChangeKind.ESTIMATE]


@given(plans)
def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    assert plan_differences(plan, plan) == ()


@given(plans, st.floats(0.1, 9.9), st.sampled_from(["7", "'Quill'", "-0.5"]))
def test_costs_values_and_ids_are_no_difference(plan: Plan, factor: float, value: str) -> None:
    other = numbered(with_other_values(recosted(plan, factor), value), start=50, step=3)

    assert structural(plan_differences(plan, other)) == []


@given(plans, plans)
def test_plans_differ_exactly_where_their_hashes_do(one: Plan, other: Plan) -> None:
    changes = structural(plan_differences(one, other))

    assert bool(changes) == (plan_hash(one) != plan_hash(other))


@given(plans, plans)
def test_every_change_names_operators_of_the_plans_and_says_so_in_a_sentence(
    one: Plan, other: Plan
) -> None:
    old_ids = {node.node_id for node in one.walk()}
    new_ids = {node.node_id for node in other.walk()}

    for change in plan_differences(one, other):
        assert {change.before_node_id, change.after_node_id} != {None}
        assert change.before_node_id in {None, *old_ids}
        assert change.after_node_id in {None, *new_ids}
        assert change.sentence[0].isupper()
        assert change.sentence.endswith(".")
        assert not any(name.startswith("volt_tt") for name in change.table_names)


@given(plans, st.data())
def test_one_movement_changed_is_one_difference_at_its_operator(
    plan: Plan, data: st.DataObject
) -> None:
    joins = [node.node_id for node in plan.walk() if node.is_join]
    if not joins:
        return
    chosen = data.draw(st.sampled_from(joins))

    def moved(node: PlanNode) -> PlanNode:
        if node.node_id != chosen:
            return node
        others: list[Movement] = [m for m in MOVEMENTS if m is not node.movement]
        return replace(node, movement=data.draw(st.sampled_from(others)))

    (change,) = plan_differences(plan, changed(plan, moved))

    assert (change.kind, change.before_node_id, change.after_node_id) == (
        ChangeKind.MOVEMENT,
        chosen,
        chosen,
    )


def left_deep(joins: int, movement: Movement, names: Sequence[str]) -> Plan:
    node = PlanNode(node_id=0, operator="XN Seq Scan", table_name="sale", rows=10_000)
    for name in names[:joins]:
        scan = PlanNode(node_id=0, operator="XN Seq Scan", table_name=name, rows=5_000)
        hashed = PlanNode(node_id=0, operator="XN Hash", children=(scan,))
        node = PlanNode(
            node_id=0, operator="XN Hash Join", movement=movement, rows=10_000,
            children=(node, hashed),
        )  # fmt: skip
    return Plan(roots=(node,))


@pytest.mark.parametrize("tables", [[f"t{n}" for n in range(666)], ["same"] * 666])
def test_a_plan_of_two_thousand_operators_takes_well_under_a_second(tables: list[str]) -> None:
    before = left_deep(666, Movement.DS_DIST_NONE, tables)
    after = left_deep(666, Movement.DS_BCAST_INNER, tables[::-1])
    assert len(list(before.walk())) == 1999

    started = process_time()
    changes = plan_differences(before, after)

    assert process_time() - started < 1.0
    assert changes
