"""EXPLAIN text of any tool becomes one typed tree, or is clearly not a plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.errors import NotAPlanError
from backend.domain.plan import Movement, Plan
from backend.sql.plan_text import parse_plan_text
from backend.sql.plan_tree import DEEPEST_LEVEL

JOIN = """\
 XN Hash Join DS_BCAST_INNER  (cost=0.20..7100300.50 rows=9100 width=72)
   Hash Cond: ("outer".shop_id = "inner".shop_id)
   ->  XN Seq Scan on retail.basket b  (cost=0.00..91.00 rows=9100 width=40)
         Filter: ((paid_on >= '2026-01-02'::date) AND (total > 99.50))
   ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)
         ->  XN Seq Scan on shop  (cost=0.00..0.16 rows=16 width=32)
"""


def operators(plan: Plan) -> list[str]:
    return [node.operator for node in plan.walk()]


def test_a_join_has_its_outer_and_its_hashed_inner_side_below_it() -> None:
    plan = parse_plan_text(JOIN)

    (join,) = plan.roots
    outer, hashed = join.children
    assert (join.operator, join.movement) == ("XN Hash Join", Movement.DS_BCAST_INNER)
    assert (outer.table_name, outer.alias, outer.rows) == ("retail.basket", "b", 9100)
    assert [node.table_name for node in hashed.walk()] == [None, "shop"]
    assert join.condition("Hash Cond") == '("outer".shop_id = "inner".shop_id)'


def test_own_cost_is_what_the_inputs_do_not_explain() -> None:
    plan = parse_plan_text(JOIN)

    assert plan.roots[0].self_cost == pytest.approx(7100300.50 - 91.00 - 0.16)
    assert all(node.self_cost >= 0 for node in plan.walk())


def test_literals_in_conditions_are_masked() -> None:
    plan = parse_plan_text(JOIN)

    condition = plan.roots[0].children[0].condition("Filter")
    assert condition is not None
    assert "2026-01-02" not in condition
    assert "99.50" not in condition


def test_the_sort_constant_comes_off_the_sort_and_all_above_it() -> None:
    plan = parse_plan_text(
        """\
XN Limit  (cost=1002815366604.92..1002815366604.95 rows=10 width=27)
  ->  XN Merge  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
        Merge Key: sum(sold)
        ->  XN Network  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
              Send to leader
              ->  XN Sort  (cost=1002815366604.92..1002815366606.36 rows=576 width=27)
                    Sort Key: sum(sold)
                    ->  XN HashAggregate  (cost=2815366577.07..2815366578.51 rows=576 width=27)
                          ->  XN Seq Scan on sale  (cost=0.00..2815000000.00 rows=1 width=27)
"""
    )

    costs = {node.operator: node.total_cost for node in plan.walk()}
    assert costs["XN Sort"] == pytest.approx(2815366606.36)
    assert costs["XN Limit"] == pytest.approx(2815366604.95)
    assert costs["XN HashAggregate"] == pytest.approx(2815366578.51)


def test_two_sorted_inputs_give_two_constants_to_the_join() -> None:
    plan = parse_plan_text(
        """\
XN Hash Join DS_DIST_NONE  (cost=2000000000050.00..2000000000900.00 rows=5 width=8)
  ->  XN Sort  (cost=1000000000100.00..1000000000101.00 rows=5 width=8)
        ->  XN Seq Scan on a  (cost=0.00..90.00 rows=5 width=8)
  ->  XN Hash  (cost=1000000000200.00..1000000000200.00 rows=5 width=8)
        ->  XN Sort  (cost=1000000000200.00..1000000000200.00 rows=5 width=8)
              ->  XN Seq Scan on b  (cost=0.00..80.00 rows=5 width=8)
"""
    )

    assert plan.roots[0].total_cost == pytest.approx(900.0)
    assert plan.roots[0].self_cost == pytest.approx(599.0)


def test_a_truly_dear_nested_loop_keeps_its_cost() -> None:
    plan = parse_plan_text(
        """\
XN Nested Loop DS_BCAST_INNER  (cost=0.00..80030000000000.00 rows=9 width=8)
  ->  XN Seq Scan on a  (cost=0.00..90.00 rows=5 width=8)
  ->  XN Seq Scan on b  (cost=0.00..80.00 rows=5 width=8)
"""
    )

    assert plan.roots[0].total_cost == 80030000000000.00


def test_notices_are_kept_and_name_the_tables_without_statistics() -> None:
    plan = parse_plan_text(
        JOIN
        + "----- Tables missing statistics: basket, employee1 -----\n"
        + "----- Update statistics by running the ANALYZE command on these tables -----\n"
    )

    assert plan.tables_missing_statistics == ("basket", "employee1")
    assert plan.notices[0] == "Tables missing statistics: basket, employee1"
    assert len(plan.notices) == 2


def framed(text: str) -> str:
    width = max(len(line) for line in text.splitlines()) + 1
    rows = [f"|{line:<{width}}|" for line in text.splitlines()]
    edge = "+" + "-" * width + "+"
    return "\n".join([edge, f"|{'QUERY PLAN':^{width}}|", edge, *rows, edge])


def csv_lines(text: str) -> str:
    quote = '"'
    return "\n".join(
        f"{quote}{line.replace(quote, quote * 2)}{quote}" for line in text.splitlines()
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"    QUERY PLAN\n-----------------\n{JOIN}(6 rows)\n\nTime: 12.345 ms\n", id="psql"
        ),
        pytest.param(framed(JOIN), id="psql with border 2"),
        pytest.param(JOIN.replace("\n", "\r\n"), id="windows line ends"),
        pytest.param(csv_lines(JOIN), id="csv lines"),
        pytest.param(JOIN.replace("  (cost", "(cost"), id="no space before the cost"),
        pytest.param("\n".join(line.strip() for line in JOIN.splitlines()), id="trimmed"),
        pytest.param("{ HASHJOIN\n  :startup_cost 0.20\n}\n" + JOIN, id="explain verbose"),
    ],
)
def test_every_way_of_printing_gives_the_same_tree(text: str) -> None:
    assert parse_plan_text(text) == parse_plan_text(JOIN)


def test_a_lake_table_keeps_its_name_and_format() -> None:
    plan = parse_plan_text(
        """\
XN S3 Query Scan orders  (cost=30.00..50.50 rows=20 width=31)
  ->  S3 Seq Scan lake.orders location:"s3://shop-lake/orders" format:PARQUET  (cost=0.00..21.50 rows=17 width=16)
        Filter: (price > 30.00)
"""
    )

    query_scan, seq_scan = plan.walk()
    assert (query_scan.operator, query_scan.table_name, query_scan.alias) == (
        "XN S3 Query Scan",
        None,
        "orders",
    )
    assert (seq_scan.operator, seq_scan.table_name) == ("S3 Seq Scan", "lake.orders")
    assert seq_scan.condition("Format") == "PARQUET"


def test_partition_info_names_its_table() -> None:
    plan = parse_plan_text(
        "XN Seq Scan PartitionInfo of lake.orders o  (cost=0.00..1.00 rows=4 width=8)"
    )

    (scan,) = plan.roots
    assert (scan.operator, scan.table_name) == ("XN Seq Scan PartitionInfo", "lake.orders")


def test_a_node_cut_before_its_cost_stays_in_the_tree() -> None:
    long_path = "s3://lake/" + "year=2026/" * 50
    plan = parse_plan_text(
        f"""\
XN HashAggregate  (cost=70.00..80.00 rows=1 width=8)
  ->  S3 Seq Scan lake.orders location:"{long_path}
        ->  XN Seq Scan on shop  (cost=0.00..60.00 rows=16 width=32)
"""
    )

    assert operators(plan) == ["XN HashAggregate", "S3 Seq Scan", "XN Seq Scan"]
    assert plan.roots[0].self_cost == pytest.approx(20.0)


def test_several_child_queries_give_several_trees() -> None:
    plan = parse_plan_text(JOIN + JOIN)

    assert len(plan.roots) == 2
    assert len({node.node_id for node in plan.walk()}) == 8


def test_temporary_tables_keep_their_name_and_quoted_aliases_are_dropped() -> None:
    plan = parse_plan_text(
        """\
XN Hash Join DS_DIST_NONE  (cost=0.00..9.00 rows=1 width=8)
  ->  XN Seq Scan on volt_tt_65f0c9f3b1 volt_tt_65f0c9f3b1  (cost=0.00..1.00 rows=1 width=8)
  ->  XN Seq Scan on shop "Ann Smith"  (cost=0.00..1.00 rows=1 width=8)
"""
    )

    _, temporary, shop = plan.walk()
    assert temporary.table_name == "volt_tt_65f0c9f3b1"
    assert (shop.table_name, shop.alias) == ("shop", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "select 1",
        "QUERY PLAN\n----------\n(0 rows)",
        "-> -> ->",
        "XN Seq Scan on a (cost=..",
        "----- Tables missing statistics: a -----",
    ],
)
def test_other_text_is_not_a_plan(text: str) -> None:
    with pytest.raises(NotAPlanError):
        parse_plan_text(text)


def nested_plan(levels: int) -> str:
    return "\n".join(
        f"{' ' * level}->  XN Materialize  (cost=0.00..{levels - level}.00 rows=1 width=1)"
        for level in range(levels)
    )


def test_thousands_of_levels_neither_overflow_the_stack_nor_go_beyond_the_deepest() -> None:
    plan = parse_plan_text(nested_plan(5_000))

    assert len(list(plan.walk())) == 5_000
    assert level_count(plan) == DEEPEST_LEVEL + 1
    assert repr(plan) == repr(parse_plan_text(nested_plan(5_000)))


def level_count(plan: Plan) -> int:
    level, nodes = 0, list(plan.roots)
    while nodes:
        level, nodes = level + 1, [child for node in nodes for child in node.children]
    return level


def test_figures_of_any_length_stay_within_what_can_be_stored() -> None:
    plan = parse_plan_text(
        f"XN Seq Scan on a  (cost=0.00..{'9' * 299}.00 rows={'9' * 59} width={'9' * 59})"
    )

    (scan,) = plan.roots
    assert scan.rows == scan.width_bytes == 2**63 - 1
    assert scan.total_cost < float("inf")


PIECES = st.sampled_from(
    [
        *JOIN.splitlines(),
        "  ->  ",
        "(cost=",
        "(cost=1.0..2.0 rows=3 width=4)",
        "XN Sort  (cost=1000000000001.00..1000000000002.00 rows=1 width=1)",
        "----- Tables missing statistics: a, , b",
        '"',
        "|",
        "'",
        " on ",
        " location:",
        "\x00",
        "\u2028",
    ]
)


@given(st.text(max_size=400))
def test_any_text_gives_a_tree_or_is_not_a_plan(text: str) -> None:
    check_tree_or_error(text)


@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=30), st.sampled_from(["", "\n"]))
def test_any_mix_of_plan_pieces_gives_a_tree_or_is_not_a_plan(
    pieces: list[str], joint: str
) -> None:
    check_tree_or_error(joint.join(pieces))


@given(st.data())
def test_a_plan_cut_or_changed_anywhere_gives_a_tree_or_is_not_a_plan(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(JOIN)))
    end = data.draw(st.integers(start, len(JOIN)))
    check_tree_or_error(JOIN[:start] + data.draw(st.text(max_size=5)) + JOIN[end:])


def check_tree_or_error(text: str) -> None:
    try:
        plan = parse_plan_text(text)
    except NotAPlanError:
        return
    nodes = list(plan.walk())
    assert len({node.node_id for node in nodes}) == len(nodes) > 0
    assert all(node.operator and node.self_cost >= 0 for node in nodes)
    assert all(0 <= node.startup_cost < float("inf") for node in nodes)


def test_a_join_filter_is_no_filter() -> None:
    plan = parse_plan_text(
        """\
XN Hash Join DS_DIST_NONE  (cost=9.00..900.00 rows=90 width=8)
  Hash Cond: ("outer".shop_id = "inner".shop_id)
  Join Filter: ("outer".paid_on >= "inner".opened_on)
  Filter: ("outer".total > 10.00)
  ->  XN Seq Scan on basket  (cost=0.00..91.00 rows=9100 width=40)
  ->  XN Hash  (cost=9.00..9.00 rows=16 width=32)
        ->  XN Seq Scan on shop  (cost=0.00..9.00 rows=16 width=32)
"""
    )

    assert plan.roots[0].condition("Join Filter") == '("outer".paid_on >= "inner".opened_on)'
    assert plan.roots[0].condition("Filter") == '("outer".total > ?)'


@pytest.mark.parametrize("name", ["Join Filter", "One-Time Filter", "Filter"])
def test_conditions_on_one_line_keep_their_whole_names(name: str) -> None:
    plan = parse_plan_text(
        "XN Merge Join DS_DIST_NONE  (cost=9.00..900.00 rows=90 width=8)\n"
        f'      Merge Cond: ("outer".a = "inner".a)   {name}: ("outer".b < "inner".b)\n'
    )

    assert [condition.name for condition in plan.roots[0].conditions] == ["Merge Cond", name]
    assert plan.roots[0].condition(name) == '("outer".b < "inner".b)'
