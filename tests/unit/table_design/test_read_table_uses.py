"""What one pattern does with each of its tables, read off its case file."""

from dataclasses import replace

import pytest

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.case_file import CostFact
from backend.domain.money import Cost
from backend.domain.pattern import NameShare
from backend.domain.plan import Movement
from backend.domain.table_use import Arrival, FilterKind, JoinKind, TableUse, WriteKind
from backend.table_design.read_table_uses import read_table_uses
from tests.unit.checks.builder import a_case
from tests.unit.table_design.builder import AT

PLAN = """\
XN HashAggregate  (cost=100.00..1000.00 rows=10 width=8)
  ->  XN Hash Join DS_DIST_INNER  (cost=60.00..900.00 rows=4000000 width=8)
        Hash Cond: ("outer".order_id = "inner".order_id)
        ->  XN Seq Scan on orders  (cost=0.00..200.00 rows=9000000 width=8)
              Filter: (sold_on > '2026-01-01'::date)
        ->  XN Hash  (cost=50.00..50.00 rows=5000000 width=8)
              ->  XN Seq Scan on lines  (cost=0.00..100.00 rows=5000000 width=8)
"""
ORDERS = {
    "name": "sales.orders",
    "rows": 90_000_000,
    "style": "KEY(order_id)",
    "columns": {"order_id": 0, "sold_on": 1, "store_id": 0},
}
LINES = {
    "name": "sales.lines",
    "rows": 50_000_000,
    "style": "EVEN",
    "columns": {"order_id": 0, "amount": 0},
}
SQL = (
    "SELECT o.store_id, SUM(l.amount) FROM sales.orders o JOIN sales.lines l"
    " ON l.order_id = o.order_id WHERE o.sold_on > '2026-01-01' GROUP BY o.store_id"
)
SEGMENTS = [
    {"id": 0, "seconds": 10},
    {"id": 1, "seconds": 60},
    {"id": 2, "seconds": 30},
]
STEPS = [
    {"segment": 0, "name": "scan", "node": 3, "table": "orders", "in": 90_000_000, "out": 9_000_000,
     "rr": True, "skew": 20},
    {"segment": 1, "name": "scan", "node": 5, "table": "lines", "in": 50_000_000, "out": 5_000_000,
     "rr": False},
    {"segment": 1, "name": "distribute", "node": 4, "out": 5_000_000},
    {"segment": 2, "name": "hashjoin", "node": 2, "out": 4_500_000},
    {"segment": 2, "name": "aggregate", "node": 1, "out": 10},
]  # fmt: skip
MEASURED = {
    "sql": SQL, "plan": PLAN, "segments": SEGMENTS, "steps": STEPS, "tables": [ORDERS, LINES],
    "buckets": {"execution": 2000, "queue": 500},
}  # fmt: skip


def uses(described, days: float = 28.0, **changes) -> dict[str, TableUse]:
    case = replace(a_case(described), **changes)
    found = read_table_uses(case, analysis_timestamp=AT, observed_days=days)
    assert len({use.table_name for use in found}) == len(found)
    return {use.table_name.partition(".")[2]: use for use in found}


def test_execution_time_stands_on_segments_as_they_shared_the_recorded_run():
    found = uses(MEASURED)

    # 10 s of 100 s are the scan, 60 s the move and 30 s the join; the join stands on both.
    assert found["sales.orders"].seconds == pytest.approx(2000)
    assert found["sales.lines"].seconds == pytest.approx(2000 * 0.9)
    assert found["sales.orders"].scan.seconds == pytest.approx(2000 * 0.1)
    assert found["sales.lines"].scan.seconds == pytest.approx(2000 * 0.6)
    assert found["sales.lines"].is_measured
    assert found["sales.lines"].like_runs == pytest.approx(20)


def test_waits_do_not_stand_on_a_table():
    longer = uses(MEASURED | {"buckets": {"execution": 2000, "queue": 90_000}})

    assert longer["sales.lines"].seconds == pytest.approx(1800)


def test_seconds_a_week_count_the_days_that_were_observed():
    use = uses(MEASURED, days=14.0)["sales.lines"]

    assert use.seconds_a_week == pytest.approx(900)
    assert uses(MEASURED, days=0.2)["sales.lines"].seconds_a_week == pytest.approx(1800 * 7)


def test_a_join_tells_columns_rows_and_what_moved_for_it():
    (join,) = uses(MEASURED)["sales.lines"].joins

    assert (join.movement, join.kind) == (Movement.DS_DIST_INNER, JoinKind.INNER)
    outer, inner = join.pairs[0]
    assert (outer.table_name, outer.column_name) == ("shop.sales.orders", "order_id")
    assert (inner.table_name, inner.column_name) == ("shop.sales.lines", "order_id")
    assert (join.outer.rows, join.inner.rows, join.rows_out) == (9_000_000, 5_000_000, 4_500_000)
    assert (join.outer.arrival, join.inner.arrival) == (Arrival.SCAN, Arrival.SCAN)
    assert join.rows_moved == 5_000_000
    assert join.moving_seconds == pytest.approx(1200)
    assert join.join_seconds == pytest.approx(600)
    assert join.is_measured


def test_a_scan_tells_how_much_it_keeps_and_whether_it_skipped_blocks():
    found = uses(MEASURED)

    orders, lines = found["sales.orders"].scan, found["sales.lines"].scan
    assert (orders.kept_share, orders.is_range_restricted) == (pytest.approx(0.1), True)
    assert (lines.kept_share, lines.is_range_restricted) == (pytest.approx(0.1), False)
    assert orders.skewed_seconds == pytest.approx(200 * 0.2)


def test_two_scans_of_a_table_count_together_and_each_segment_once():
    again = [*STEPS, STEPS[0] | {"in": 10, "out": 10}]

    scan = uses(MEASURED | {"steps": again})["sales.orders"].scan

    assert (scan.rows_read, scan.rows_kept) == (90_000_010, 9_000_010)
    assert scan.seconds == pytest.approx(200)


def test_filters_and_group_columns_go_to_their_table():
    found = uses(MEASURED)

    assert [(each.column_name, each.kind) for each in found["sales.orders"].filters] == [
        ("sold_on", FilterKind.RANGE)
    ]
    assert found["sales.orders"].grouped_by == ("store_id",)
    assert (found["sales.lines"].filters, found["sales.lines"].grouped_by) == ((), ())


def test_segments_of_another_child_query_are_other_segments():
    segments = [*SEGMENTS, {"id": 0, "seconds": 100, "child": 2}]
    steps = [
        *STEPS,
        {"segment": 0, "child": 2, "name": "scan", "table": "lines", "in": 5, "out": 5},
    ]

    found = uses(MEASURED | {"segments": segments, "steps": steps})

    assert found["sales.orders"].scan.seconds == pytest.approx(2000 * 10 / 200)
    assert found["sales.lines"].scan.seconds == pytest.approx(2000 * 160 / 200)


def test_without_steps_the_plans_costs_tell_capped_and_marked():
    found = uses(
        {key: value for key, value in MEASURED.items() if key not in {"segments", "steps"}}
    )

    lines = found["sales.lines"]
    assert lines.is_measured is False
    assert lines.scan.seconds == pytest.approx(2000 * 100 / 1000)
    assert lines.joins[0].is_measured is False
    assert lines.joins[0].moving_seconds <= 2000 * 0.5
    assert lines.joins[0].rows_moved == 5_000_000
    assert lines.scan.rows_read is None


def test_steps_of_another_run_than_the_plan_are_not_put_to_its_operators():
    (join,) = uses(MEASURED, steps_query_id=2)["sales.lines"].joins

    # The only join that moves rows still owns what was moved.
    assert join.moving_seconds == pytest.approx(1200)
    assert join.outer.rows == 9_000_000  # as the planner estimated


def test_without_a_plan_the_statement_tells_the_joins():
    found = uses({key: value for key, value in MEASURED.items() if key != "plan"})

    (join,) = found["sales.lines"].joins
    assert join.movement is None
    assert {column.column_name for pair in join.pairs for column in pair} == {"order_id"}
    assert join.moving_seconds == pytest.approx(1200)
    assert join.is_measured is False


def test_without_plan_and_steps_tables_share_the_time_by_their_size():
    described = {"sql": SQL, "tables": [ORDERS | {"size_mb": 3000}, LINES | {"size_mb": 1000}]}

    found = uses(described)

    assert {name: use.seconds for name, use in found.items()} == {
        "sales.orders": pytest.approx(1500),
        "sales.lines": pytest.approx(500),
    }


def test_where_a_size_is_not_known_they_share_it_evenly():
    described = {"sql": SQL, "tables": [ORDERS, LINES]}

    found = uses(described)

    assert [use.seconds for use in found.values()] == [pytest.approx(1000)] * 2
    assert not any(use.is_measured for use in found.values())


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("INSERT INTO sales.lines SELECT order_id, 1 FROM sales.orders", WriteKind.INSERT),
        ("UPDATE sales.lines SET amount = 1 WHERE order_id = 4", WriteKind.UPDATE),
        ("DELETE FROM sales.lines WHERE order_id = 4", WriteKind.DELETE),
        (
            "MERGE INTO sales.lines USING sales.orders ON lines.order_id = orders.order_id"
            " WHEN MATCHED THEN UPDATE SET amount = 1"
            " WHEN NOT MATCHED THEN INSERT (order_id) VALUES (orders.order_id)",
            WriteKind.MERGE,
        ),
        ("COPY sales.lines FROM 's3://x/' IAM_ROLE default", WriteKind.COPY),
    ],
)
def test_a_table_that_is_written_is_marked(sql, kind):
    found = uses({"sql": sql, "tables": [ORDERS, LINES]})

    assert found["sales.lines"].write is kind
    assert found["sales.orders"].write is None


def test_writing_is_measured_by_the_steps_that_write():
    described = {
        "sql": "INSERT INTO sales.lines SELECT order_id, 1 FROM sales.orders",
        "segments": [{"id": 0, "seconds": 30}, {"id": 1, "seconds": 70}],
        "steps": [
            {"segment": 0, "name": "scan", "table": "orders", "in": 9, "out": 9},
            {"segment": 1, "name": "insert", "out": 9},
        ],
        "tables": [ORDERS, LINES],
    }

    found = uses(described)

    assert found["sales.lines"].write_seconds == pytest.approx(1400)
    assert found["sales.orders"].seconds == pytest.approx(600)


def test_a_load_takes_all_its_time_to_write_and_half_where_it_reads_as_well():
    load = uses({"sql": "COPY sales.lines FROM 's3://x/' IAM_ROLE default", "tables": [LINES]})
    insert = uses({"sql": "INSERT INTO sales.lines SELECT 1, 2", "tables": [LINES]})

    assert load["sales.lines"].write_seconds == pytest.approx(2000)
    assert insert["sales.lines"].write_seconds == pytest.approx(1000)


@pytest.mark.parametrize(
    ("made", "key"),
    [
        ("mart.facts", "shop.mart.facts"),
        ("mart.facts__dbt_tmp", "shop.mart.facts"),
        ("lake.mart.facts", "lake.mart.facts"),
    ],
)
def test_a_statement_that_makes_a_table_anew_is_known_at_that_table(made, key):
    sql = f"CREATE TABLE {made} AS SELECT order_id FROM sales.orders"  # noqa: S608
    case = a_case({"sql": sql, "tables": [ORDERS]})
    databases = (NameShare(name="shop", runs=1, total_elapsed_seconds=1.0),)
    case = replace(case, statistics=replace(case.statistics, databases=databases))

    found = read_table_uses(case, analysis_timestamp=AT, observed_days=28.0)

    (anew,) = [use for use in found if use.write is WriteKind.CREATE]
    assert (anew.table_name, anew.seconds) == (key, 0.0)


def with_cost(dollars: float):
    """A statement that reads one table and makes another, with what its time costs."""
    sql = "CREATE TABLE mart.facts AS SELECT order_id FROM sales.orders"
    case = a_case({"sql": sql, "tables": [ORDERS], "buckets": {"execution": 2000, "queue": 500}})
    databases = (NameShare(name="shop", runs=1, total_elapsed_seconds=1.0),)
    cluster = ClusterTime(
        days=28, patterns=1, busy_seconds=1000.0, idle_seconds=0.0, minimum_seconds=0.0
    )
    cost = CostFact(
        fact_id="F99",
        busy=BusyTime(busy_seconds=1000.0),
        cluster=cluster,
        cost=Cost(dollars=dollars, prices_as_of=AT.date()),
    )
    return replace(
        case,
        statistics=replace(case.statistics, databases=databases, total_elapsed_seconds=2500.0),
        cost=cost,
    )


def test_every_use_of_a_pattern_has_its_price_also_of_a_table_that_it_makes():
    read, made = read_table_uses(with_cost(20.0), analysis_timestamp=AT, observed_days=28.0)

    assert made.write is WriteKind.CREATE
    assert [use.dollars_a_second for use in (read, made)] == [pytest.approx(0.01)] * 2
    assert {use.prices_as_of for use in (read, made)} == {AT.date()}


def test_a_second_that_costs_nothing_has_no_price():
    found = read_table_uses(with_cost(0.0), analysis_timestamp=AT, observed_days=28.0)

    assert {use.dollars_a_second for use in found} == {None}


def test_every_use_rests_on_facts_of_its_case_file():
    case = a_case(MEASURED)
    known = {fact.fact_id for fact in case.facts()}

    for use in read_table_uses(case, analysis_timestamp=AT, observed_days=28.0):
        assert use.fact_ids
        cited = {*use.fact_ids, *(each for join in use.joins for each in join.fact_ids)}
        assert cited <= known


def test_a_join_of_a_joins_result_knows_the_join_below():
    plan = """\
XN Hash Join DS_BCAST_INNER  (cost=60.00..900.00 rows=4000000 width=8)
  Hash Cond: ("outer".store_id = "inner".store_id)
  ->  XN Hash Join DS_DIST_NONE  (cost=60.00..500.00 rows=4000000 width=8)
        Hash Cond: ("outer".order_id = "inner".order_id)
        ->  XN Seq Scan on orders  (cost=0.00..200.00 rows=9000000 width=8)
        ->  XN Hash  (cost=50.00..50.00 rows=5000000 width=8)
              ->  XN Seq Scan on lines  (cost=0.00..100.00 rows=5000000 width=8)
  ->  XN Hash  (cost=5.00..5.00 rows=50 width=8)
        ->  XN Seq Scan on stores  (cost=0.00..1.00 rows=50 width=8)
"""
    stores = {"name": "sales.stores", "rows": 50, "style": "ALL", "columns": {"store_id": 0}}
    found = uses({"plan": plan, "tables": [ORDERS, LINES, stores]})

    (above,) = found["sales.stores"].joins
    assert (above.outer.arrival, above.outer.join_below) == (Arrival.JOIN, 2)
    assert above.pairs[0][0].table_name == "shop.sales.orders"
    # Orders are joined twice: by order_id with the lines, by store_id with the stores.
    assert len(found["sales.orders"].joins) == 2
    assert len(found["sales.lines"].joins) == 1


def test_an_aggregation_below_a_join_lies_where_the_plan_needed_no_move():
    plan = """\
XN Hash Join DS_DIST_NONE  (cost=60.00..900.00 rows=4000000 width=8)
  Hash Cond: ("outer".order_id = "inner".order_id)
  ->  XN Seq Scan on orders  (cost=0.00..200.00 rows=9000000 width=8)
  ->  XN Hash  (cost=50.00..50.00 rows=5000000 width=8)
        ->  XN Subquery Scan volt_dt_0  (cost=50.00..50.00 rows=5000000 width=8)
              ->  XN HashAggregate  (cost=40.00..40.00 rows=5000000 width=8)
                    ->  XN Seq Scan on lines  (cost=0.00..10.00 rows=5000000 width=8)
"""
    found = uses({"plan": plan, "tables": [ORDERS, LINES]})

    (join,) = found["sales.orders"].joins
    assert join.inner.arrival is Arrival.ON_KEY


def test_without_a_known_table_there_is_no_use():
    assert uses({"sql": SQL, "plan": PLAN}) == {}
