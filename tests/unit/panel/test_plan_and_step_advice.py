"""What is advised on the findings of the plan and of its steps: names, figures, and when nothing."""

from dataclasses import replace

import pytest

from backend.domain.case_file import ColumnUse
from backend.domain.evidence import Column
from backend.domain.recommendation import Category
from backend.panel.rules.cost_review import COST_REVIEW
from backend.panel.rules.optimize import OPTIMIZE
from backend.panel.rules.schema_review import SCHEMA_REVIEW
from tests.builders import a_finding
from tests.unit.panel.cases import (
    CROSS_PLAN,
    JOIN_PLAN,
    a_case,
    advisor_row,
    of_join,
    of_table,
    order_lines,
    orders,
    shops,
)

SERIAL_PLAN = """
 XN Hash {side}Join DS_DIST_ALL_INNER  (cost=100.00..900000.00 rows=90000000 width=40)
   Hash Cond: ("outer".order_id = "inner".order_id)
   ->  XN Seq Scan on orders  (cost=0.00..9000.00 rows=2000 width=20)
   ->  XN Hash  (cost=100.00..100.00 rows=900000000 width=20)
         ->  XN Seq Scan on order_lines  (cost=0.00..100.00 rows=900000000 width=20)
"""


def the_one(answer):
    (advice,) = answer.advice
    return advice


def compared(column, expression):
    return ColumnUse(table_name="orders", column_name=column, expression=expression)


# Distribution


ONE_SIDE_PLAN = JOIN_PLAN.replace("DS_DIST_BOTH", "DS_DIST_INNER")


def one_side(case, subject="sales.orders"):
    return of_join(case, "redistributes_one_side", subject=subject)


def test_one_large_side_that_moves_gets_the_join_key():
    case = a_case(plan=ONE_SIDE_PLAN, tables=(orders(), order_lines()))

    advice = the_one(SCHEMA_REVIEW.review(case, [one_side(case)], []))

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    assert advice.check == "redistributes_one_side"


def test_only_the_side_that_moves_has_to_change():
    tables = (orders(), order_lines(distribution_style="AUTO(EVEN)"))
    case = a_case(plan=ONE_SIDE_PLAN, tables=tables)

    advice = the_one(SCHEMA_REVIEW.review(case, [one_side(case)], []))

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"


def test_a_moved_table_with_a_key_of_its_own_is_weighed_by_name():
    tables = (orders(distribution_style="KEY(shop_id)"), order_lines())
    case = a_case(plan=ONE_SIDE_PLAN, tables=tables)

    advice = the_one(SCHEMA_REVIEW.review(case, [one_side(case)], []))

    assert advice.title == "Weigh order_id as the DISTKEY of sales.orders"
    assert advice.action_sql is None


def test_an_intermediate_result_that_moves_asks_for_fewer_rows():
    case = a_case(plan=ONE_SIDE_PLAN, tables=(orders(), order_lines()))

    advice = the_one(SCHEMA_REVIEW.review(case, [one_side(case, subject="")], []))

    assert advice.title == "Send fewer rows across the network"
    assert "What moves is an intermediate result" in advice.rationale
    assert advice.action_sql is None


def test_a_small_partner_is_copied_rather_than_a_large_table_moved():
    plan = ONE_SIDE_PLAN.replace("DS_DIST_INNER", "DS_DIST_OUTER")
    plan = plan.replace("Seq Scan on orders", "Seq Scan on shops").replace("order_lines", "orders")
    case = a_case(plan=plan.replace("order_id", "shop_id"), tables=(orders(), shops()))

    advice = the_one(SCHEMA_REVIEW.review(case, [one_side(case)], []))

    assert advice.action_sql == "ALTER TABLE sales.shops ALTER DISTSTYLE ALL;"


def test_a_table_on_every_node_takes_the_key_of_what_it_is_joined_to_from_outside():
    plan = SERIAL_PLAN.format(side="Left ")
    case = a_case(plan=plan, tables=(orders(distribution_style="ALL"), order_lines()))
    finding = of_join(case, "serial_join", subject="sales.orders")

    advice = the_one(SCHEMA_REVIEW.review(case, [finding], []))

    assert advice.title == "Take sales.orders off DISTSTYLE ALL"
    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    assert advice.action.startswith("First see whether the rows of sales.orders without a partner")


def test_a_table_on_every_node_is_spread_evenly_where_the_other_has_another_key():
    other = order_lines(distribution_style="KEY(article_id)")
    case = a_case(
        plan=SERIAL_PLAN.format(side=""), tables=(orders(distribution_style="ALL"), other)
    )
    finding = of_join(case, "serial_join", subject="sales.orders")

    advice = the_one(SCHEMA_REVIEW.review(case, [finding], []))

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE EVEN;"
    assert "inner join" not in advice.action


def test_an_alert_about_one_slice_asks_to_look_for_the_table():
    advice = the_one(SCHEMA_REVIEW.review(a_case(), [a_finding("serial_join")], []))

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is None


GROUPED = "SELECT shop_id, note, COUNT(*) FROM sales.orders GROUP BY shop_id, note"


def test_an_evenly_spread_table_is_distributed_by_what_it_is_grouped_by():
    case = a_case(tables=(orders(),), scrubbed_sql=GROUPED)

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "two_phase_aggregation")], []))

    assert advice.title == "Distribute sales.orders by shop_id, which it is grouped by"
    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY shop_id;"


def test_a_distribution_key_is_not_given_up_for_a_group_by():
    case = a_case(tables=(orders(distribution_style="KEY(order_id)"),), scrubbed_sql=GROUPED)

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "two_phase_aggregation")], []))

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is None
    assert "grouped by order_id as well" in advice.action


def test_a_table_that_the_statement_joins_keeps_its_distribution():
    sql = (
        "SELECT o.shop_id, COUNT(*) FROM sales.orders o JOIN sales.order_lines l"
        " ON l.order_id = o.order_id GROUP BY o.shop_id"
    )
    case = a_case(tables=(orders(), order_lines()), scrubbed_sql=sql)

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "two_phase_aggregation")], []))

    assert advice.category is Category.INVESTIGATE


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT ordered_at, COUNT(*) FROM sales.orders GROUP BY ordered_at",
        "SELECT DATE_TRUNC('month', ordered_at) FROM sales.orders GROUP BY 1",
        None,
    ],
    ids=["a date crowds slices", "an expression is no column", "not read"],
)
def test_a_group_by_without_a_fit_column_is_left_alone(sql):
    case = a_case(tables=(orders(),), scrubbed_sql=sql)

    assert SCHEMA_REVIEW.review(case, [of_table(case, "two_phase_aggregation")], []).advice == ()


# Order


@pytest.mark.parametrize("check", ["hash_join_could_merge", "merges_unsorted_region"])
def test_lost_order_is_sorted_where_that_is_known_to_pay(check):
    case = a_case(tables=(orders(first_sort_key="order_id", vacuum_sort_benefit_percent=31.0),))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, check)], []))

    assert advice.action_sql == "VACUUM SORT ONLY sales.orders;"
    assert advice.claimed_saving_seconds == pytest.approx(310)


@pytest.mark.parametrize("benefit", [None, 0.0])
@pytest.mark.parametrize("check", ["hash_join_could_merge", "merges_unsorted_region"])
def test_lost_order_is_left_where_sorting_is_not_known_to_pay(check, benefit):
    case = a_case(tables=(orders(first_sort_key="order_id", vacuum_sort_benefit_percent=benefit),))

    assert SCHEMA_REVIEW.review(case, [of_table(case, check)], []).advice == ()


def test_a_filter_beside_single_values_of_the_sort_key_becomes_its_second_column():
    case = a_case(
        tables=(orders(first_sort_key="ordered_at"),),
        filtered=(compared("ordered_at", "ordered_at = ?"), compared("shop_id", "shop_id = ?")),
    )

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "selective_filter")], []))

    assert advice.title == "Sort sales.orders by ordered_at, shop_id"
    assert advice.action_sql == (
        "ALTER TABLE sales.orders ALTER COMPOUND SORTKEY (ordered_at, shop_id);"
    )


@pytest.mark.parametrize("expression", ["ordered_at >= ?", "ordered_at BETWEEN ? AND ?"])
def test_a_filter_beside_a_range_of_the_sort_key_is_only_weighed(expression):
    case = a_case(
        tables=(orders(first_sort_key="ordered_at"),),
        filtered=(compared("ordered_at", expression), compared("shop_id", "shop_id = ?")),
    )

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "selective_filter")], []))

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is None
    assert advice.title == "Weigh sorting sales.orders by ordered_at, shop_id"


def test_a_sort_key_of_two_columns_gets_no_third():
    keyed = (
        Column(name="ordered_at", data_type="timestamp", sort_key_position=1),
        Column(name="shop_id", data_type="int", sort_key_position=2),
        Column(name="note", data_type="varchar(20)"),
    )
    case = a_case(tables=(orders(columns=keyed),), filtered=(compared("note", "note = ?"),))

    assert SCHEMA_REVIEW.review(case, [of_table(case, "selective_filter")], []).advice == ()


# Deleted rows and slow slices


def test_deleted_rows_are_vacuumed_away_without_sorting():
    case = a_case(tables=(orders(visible_rows=100_000_000),))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "ghost_rows")], []))

    assert advice.action_sql == "VACUUM DELETE ONLY sales.orders;"
    assert advice.category is Category.MAINTENANCE
    assert "transaction has been open for long" in advice.action


def test_an_alert_about_deleted_rows_alone_is_no_reason_to_vacuum():
    case = a_case(tables=(orders(),))

    assert SCHEMA_REVIEW.review(case, [of_table(case, "ghost_rows")], []).advice == ()
    assert SCHEMA_REVIEW.review(case, [a_finding("ghost_rows")], []).advice == ()


def test_a_slow_slice_is_no_reason_for_more_nodes_or_another_key():
    advice = the_one(SCHEMA_REVIEW.review(a_case(), [a_finding("time_skew")], []))

    assert advice.category is Category.INVESTIGATE
    assert "More nodes would wait for it" in advice.rationale
    assert advice.action_sql is None


# The statement


def test_a_join_that_multiplies_counts_the_values_of_its_smaller_side():
    case = a_case(plan=JOIN_PLAN, tables=(orders(), order_lines()))

    advice = the_one(OPTIMIZE.review(case, [of_join(case, "join_fan_out")], []))

    assert advice.title == "Join sales.orders by a key that does not repeat"
    assert advice.action_sql is not None
    assert advice.action_sql.startswith("SELECT order_id, COUNT(*) AS row_count FROM sales.orders")
    assert "aggregate sales.orders to one row per order_id" in advice.action


def test_without_a_plan_the_only_join_of_the_statement_is_meant():
    sql = "SELECT 1 FROM sales.orders o JOIN sales.order_lines l ON l.order_id = o.order_id"
    case = a_case(tables=(orders(), order_lines()), scrubbed_sql=sql)

    advice = the_one(OPTIMIZE.review(case, [a_finding("join_fan_out")], []))

    assert advice.title == "Join sales.orders by a key that does not repeat"


def test_a_join_that_nothing_names_has_to_be_found():
    advice = the_one(OPTIMIZE.review(a_case(), [a_finding("join_fan_out")], []))

    assert advice.category is Category.INVESTIGATE


def test_a_sort_key_that_is_joined_on_takes_the_range_of_the_other_side():
    sql = "SELECT 1 FROM sales.orders o JOIN sales.shops s ON o.shop_id = s.shop_id"
    case = a_case(tables=(orders(first_sort_key="shop_id"), shops()), scrubbed_sql=sql)

    advice = the_one(OPTIMIZE.review(case, [of_table(case, "late_filter")], []))

    assert advice.title == "Give sales.orders a range of shop_id to read"
    assert "least and the greatest shop_id of the smaller side" in advice.action


def test_a_merge_is_warned_of_rows_that_it_would_insert_twice():
    case = a_case(tables=(orders(first_sort_key="ordered_at"),), query_type="MERGE")

    advice = the_one(OPTIMIZE.review(case, [of_table(case, "late_filter")], []))

    assert "inserted a second time" in advice.action


def test_a_sort_key_that_is_neither_a_time_nor_joined_on_is_left_alone():
    case = a_case(tables=(orders(first_sort_key="shop_id"),))

    assert OPTIMIZE.review(case, [of_table(case, "late_filter")], []).advice == ()


def test_the_longest_column_that_the_statement_names_is_to_come_last():
    wide = (
        Column(name="order_id", data_type="bigint"),
        Column(name="note", data_type="character varying(4000)"),
        Column(name="remark", data_type="varchar(9000)"),
    )
    case = a_case(
        tables=(orders(columns=wide),),
        scrubbed_sql="SELECT order_id, note FROM sales.orders GROUP BY order_id, note",
    )

    advice = the_one(OPTIMIZE.review(case, [a_finding("wide_rows")], []))

    assert advice.title == "Bring in sales.orders.note at the end"
    assert "remark" not in advice.action


def test_wide_rows_of_unknown_columns_get_no_advice():
    assert OPTIMIZE.review(a_case(), [a_finding("wide_rows")], []).advice == ()


def test_a_distinct_over_unique_rows_is_to_be_left_out_once_that_is_sure():
    sql = "SELECT DISTINCT order_id, shop_id FROM sales.orders"
    case = a_case(tables=(orders(),), scrubbed_sql=sql)

    advice = the_one(OPTIMIZE.review(case, [a_finding("idle_aggregate")], []))

    assert advice.title == "Leave out the DISTINCT, if the rows are unique"
    assert "by order_id and shop_id" in advice.action
    assert "does not enforce keys" in advice.action


def test_of_two_group_bys_neither_is_blamed():
    sql = "SELECT a FROM (SELECT a, b FROM t GROUP BY a, b) GROUP BY a"
    case = a_case(scrubbed_sql=sql)

    assert OPTIMIZE.review(case, [a_finding("idle_aggregate")], []).advice == ()


def test_a_wrong_estimate_in_spite_of_fresh_statistics_is_staged():
    case = a_case(tables=(orders(statistics_off_percent=1.0),))

    advice = the_one(OPTIMIZE.review(case, [of_table(case, "estimate_off")], []))

    assert advice.title == "Let the planner know how many rows of sales.orders come"
    assert "CREATE TEMP TABLE" in advice.action


@pytest.mark.parametrize("off", [None, 62.0])
def test_a_wrong_estimate_by_stale_statistics_is_left_to_analyze(off):
    case = a_case(tables=(orders(statistics_off_percent=off),))

    assert OPTIMIZE.review(case, [of_table(case, "estimate_off")], []).advice == ()


def loop_with(condition):
    return CROSS_PLAN.replace(
        "   ->  XN Seq Scan on orders",
        f"   Join Filter: {condition}\n   ->  XN Seq Scan on orders",
    )


@pytest.mark.parametrize(
    ("condition", "title"),
    [
        (
            '(("outer".a = "inner".b) OR ("outer".c = "inner".b))',
            "Split the OR of the join of orders with shops",
        ),
        (
            '(("outer".a + 1) = ("inner".b + 2))',
            "Make the equality of the join of orders with shops hashable",
        ),
        ('("outer".a >= "inner".b)', "Give the join of orders with shops an equality"),
    ],
    ids=["or", "expressions", "range"],
)
def test_a_loop_is_cured_by_what_its_condition_lacks(condition, title):
    case = a_case(plan=loop_with(condition), tables=(orders(), shops()))

    advice = the_one(OPTIMIZE.review(case, [of_join(case, "nested_loop")], []))

    assert advice.title == title


# The workload


def test_an_export_names_who_runs_it():
    case = a_case(users=("analyst_7",), labels=("jupyter",))

    advice = the_one(COST_REVIEW.review(case, [a_finding("large_result")], []))

    assert "the job labelled jupyter" in advice.rationale
    assert "UNLOAD to S3 as Parquet" in advice.action


def test_what_the_advisor_thinks_of_the_distribution_is_told():
    ddl = 'ALTER TABLE "sales"."orders" ALTER DISTSTYLE EVEN'
    case = a_case(
        plan=SERIAL_PLAN.format(side=""),
        tables=(orders(distribution_style="ALL"), order_lines()),
        advisor=(advisor_row("diststyle", ddl),),
    )
    finding = of_join(case, "serial_join", subject="sales.orders")

    advice = the_one(SCHEMA_REVIEW.review(case, [finding], []))

    assert "Advisor disagrees: it proposes DISTSTYLE EVEN" in advice.rationale


def test_no_advice_is_given_twice_for_two_tables_of_one_check():
    case = a_case(tables=(orders(visible_rows=1), order_lines(visible_rows=1)))
    findings = [
        of_table(case, "ghost_rows"),
        of_table(case, "ghost_rows", "sales.order_lines"),
        replace(of_table(case, "ghost_rows"), affected_share=0.1),
    ]

    answer = SCHEMA_REVIEW.review(case, findings, [])

    assert sorted(advice.action_sql or "" for advice in answer.advice) == [
        "VACUUM DELETE ONLY sales.order_lines;",
        "VACUUM DELETE ONLY sales.orders;",
    ]
