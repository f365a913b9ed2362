"""What the three advising reviewers say to each finding."""

import pytest

from backend.domain.case_file import ColumnUse
from backend.domain.evidence import Segment, Step
from backend.domain.finding import Severity
from backend.domain.recommendation import Category
from backend.domain.time_buckets import Bucket
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
    sql_of,
)


def the_one(answer):
    (advice,) = answer.advice
    return advice


def test_a_join_without_a_condition_is_to_be_linked():
    case = a_case(plan=CROSS_PLAN, tables=(orders(), shops()))

    advice = the_one(OPTIMIZE.review(case, [of_join(case, "nested_loop")], []))

    assert advice.title == "Link the join of orders with shops"
    assert advice.category is Category.REWRITE
    assert advice.claimed_saving_seconds == pytest.approx(600)


def test_a_join_with_a_range_condition_gets_an_equality_beside_it():
    plan = CROSS_PLAN.replace(
        "   ->  XN Seq Scan on orders",
        '   Join Filter: ("outer".ordered_at >= "inner".opened_at)\n   ->  XN Seq Scan on orders',
    )
    case = a_case(plan=plan, tables=(orders(), shops()))

    advice = the_one(OPTIMIZE.review(case, [of_join(case, "nested_loop")], []))

    assert "Add an equality" in advice.action


def test_a_wrapped_sort_key_is_shown_as_it_stands_in_the_statement():
    use = ColumnUse(
        table_name="orders", column_name="ordered_at", expression="DATE_TRUNC(?, ordered_at)"
    )
    case = a_case(tables=(orders(),), wrapped=(use,))
    finding = a_finding("function_on_sort_key", subject="sales.orders.ordered_at")

    advice = the_one(OPTIMIZE.review(case, [finding], []))

    assert "DATE_TRUNC(?, ordered_at)" in advice.action


def test_a_missing_predicate_on_the_sort_key_is_the_statements_matter():
    case = a_case(tables=(orders(first_sort_key="ordered_at"),))
    finding = of_table(case, "unsorted_scan")

    advice = the_one(OPTIMIZE.review(case, [finding], []))

    assert advice.title == "Restrict sales.orders on its sort key ordered_at"
    assert SCHEMA_REVIEW.review(case, [finding], []).advice == ()


def test_a_filtered_sort_key_is_not_asked_for_again():
    use = ColumnUse(table_name="orders", column_name="ordered_at", expression="ordered_at > ?")
    case = a_case(tables=(orders(first_sort_key="ordered_at"),), filtered=(use,))

    assert OPTIMIZE.review(case, [of_table(case, "unsorted_scan")], []).advice == ()


def test_a_spill_names_the_steps_that_keep_rows():
    case = a_case(
        segments=(
            Segment(
                child_query_sequence=1,
                stream_id=1,
                segment_id=2,
                duration_seconds=50,
                spilled_local_blocks=4000,
            ),
        ),
        steps=(
            Step(child_query_sequence=1, segment_id=2, step_id=1, step_name="sort"),
            Step(child_query_sequence=1, segment_id=3, step_id=1, step_name="aggregate"),
        ),
    )
    finding = a_finding("spill_to_disk", fact_ids=(case.segments[0].fact_id,))

    statement_side = the_one(OPTIMIZE.review(case, [finding], []))
    workload_side = COST_REVIEW.review(case, [finding], [])

    assert "needed to the sort:" in statement_side.action
    assert "aggregation" not in statement_side.action
    assert workload_side.advice == ()


def test_a_large_spill_also_asks_for_memory():
    segment = Segment(
        child_query_sequence=1,
        stream_id=1,
        segment_id=2,
        duration_seconds=50,
        spilled_local_blocks=20 * 1024,
        spilled_remote_blocks=1024,
    )
    case = a_case(segments=(segment,))
    finding = a_finding("spill_to_disk", fact_ids=(case.segments[0].fact_id,))

    advice = the_one(COST_REVIEW.review(case, [finding], []))

    assert "At 21.5 GB a run" in advice.rationale


def test_stale_statistics_are_refreshed():
    case = a_case(tables=(orders(statistics_off_percent=42.0),))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "missing_statistics")], []))

    assert advice.action_sql == "ANALYZE sales.orders;"
    assert advice.category is Category.MAINTENANCE


def test_statistics_of_a_tiny_table_are_left_alone():
    case = a_case(tables=(shops(statistics_off_percent=42.0),))
    finding = of_table(case, "missing_statistics", "sales.shops")

    assert SCHEMA_REVIEW.review(case, [finding], []).advice == ()


def test_a_table_without_known_schema_gets_no_sql():
    case = a_case()
    finding = a_finding("missing_statistics", subject="mystery")

    advice = the_one(SCHEMA_REVIEW.review(case, [finding], []))

    assert advice.action_sql is None


def test_the_side_that_does_not_share_the_join_key_is_distributed_by_it():
    case = a_case(plan=JOIN_PLAN, tables=(orders(), order_lines()))

    answer = SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], [])

    assert sql_of(answer) == [
        "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;",
    ]


def test_both_sides_are_distributed_by_the_join_key_where_neither_is():
    case = a_case(plan=JOIN_PLAN, tables=(orders(), order_lines(distribution_style="AUTO(EVEN)")))

    answer = SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], [])

    assert sql_of(answer) == [
        "ALTER TABLE sales.order_lines ALTER DISTSTYLE KEY DISTKEY order_id;\n"
        "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    ]


def test_a_key_that_serves_other_joins_is_weighed_not_replaced():
    case = a_case(plan=JOIN_PLAN, tables=(orders(distribution_style="KEY(shop_id)"), order_lines()))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], []))

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is None
    assert "DISTSTYLE KEY(shop_id)" in advice.rationale


@pytest.mark.parametrize("kind", ["Left", "Right", "Full"])
def test_a_small_side_whose_rows_an_outer_join_keeps_is_not_copied_to_every_node(kind):
    plan = JOIN_PLAN.replace("Hash Join", f"Hash {kind} Join").replace("order_lines", "shops")
    case = a_case(plan=plan.replace("order_id", "shop_id"), tables=(orders(), shops()))

    answer = SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], [])

    assert len(answer.advice) == 1
    assert "DISTSTYLE ALL" not in (answer.advice[0].action_sql or "")


def test_a_small_side_is_copied_to_every_node():
    plan = JOIN_PLAN.replace("order_lines", "orders").replace("on orders  (cost=0.00..100.00", "on shops  (cost=0.00..100.00")  # fmt: skip
    plan = plan.replace("order_id", "shop_id")
    case = a_case(plan=plan, tables=(orders(), shops()))

    answer = SCHEMA_REVIEW.review(case, [of_join(case, "large_broadcast")], [])

    assert sql_of(answer) == ["ALTER TABLE sales.shops ALTER DISTSTYLE ALL;"]


@pytest.mark.parametrize(
    ("ddl", "opinion"),
    [
        ('ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "order_id"', "agrees"),
        ('ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "shop_id"', "disagrees"),
    ],
    ids=["the same", "another"],
)
def test_redshifts_own_advisor_is_heard(ddl, opinion):
    case = a_case(
        plan=JOIN_PLAN,
        tables=(orders(), order_lines()),
        advisor=(advisor_row("diststyle", ddl),),
    )

    advice = the_one(SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], []))

    assert f"Redshift's own Advisor {opinion}" in advice.rationale
    assert case.advisor[0].fact_id in advice.fact_ids


def test_columns_of_unknown_tables_get_no_distribution_key():
    case = a_case(plan=JOIN_PLAN)

    advice = the_one(SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], []))

    assert advice.action_sql is None


def test_a_date_is_no_distribution_key():
    plan = JOIN_PLAN.replace("order_id", "ordered_at")
    dated = order_lines(distribution_style="EVEN", columns=orders().columns)
    case = a_case(plan=plan, tables=(orders(), dated))

    answer = SCHEMA_REVIEW.review(case, [of_join(case, "redistributes_both_sides")], [])

    assert sql_of(answer) == [None]


def test_skew_on_a_key_that_no_join_uses_is_spread_evenly():
    case = a_case(
        plan=CROSS_PLAN, tables=(orders(distribution_style="KEY(note)", row_skew_ratio=9.0),)
    )

    answer = SCHEMA_REVIEW.review(case, [of_table(case, "data_skew")], [])

    assert sql_of(answer) == ["ALTER TABLE sales.orders ALTER DISTSTYLE EVEN;"]


def test_skew_on_a_key_that_a_join_uses_is_looked_into_first():
    case = a_case(plan=JOIN_PLAN, tables=(orders(), order_lines(row_skew_ratio=9.0)))

    advice = the_one(
        SCHEMA_REVIEW.review(case, [of_table(case, "data_skew", "sales.order_lines")], [])
    )

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is not None
    assert advice.action_sql.startswith("SELECT order_id, COUNT(*)")


def test_rows_are_sorted_only_where_redshift_sees_a_benefit():
    use = ColumnUse(table_name="orders", column_name="ordered_at", expression="ordered_at > ?")
    case = a_case(
        tables=(orders(vacuum_sort_benefit_percent=30.0, first_sort_key="ordered_at"),),
        filtered=(use,),
    )

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "unsorted_scan")], []))

    assert advice.action_sql == "VACUUM SORT ONLY sales.orders;"
    assert advice.claimed_saving_seconds == pytest.approx(300)


def test_a_table_without_order_gets_the_column_that_the_statement_filters():
    uses = (
        ColumnUse(table_name="orders", column_name="shop_id", expression="shop_id = ?"),
        ColumnUse(table_name="orders", column_name="ordered_at", expression="ordered_at > ?"),
    )
    case = a_case(tables=(orders(),), filtered=uses)

    answer = SCHEMA_REVIEW.review(case, [of_table(case, "unsorted_scan")], [])

    assert sql_of(answer) == ["ALTER TABLE sales.orders ALTER COMPOUND SORTKEY (ordered_at);"]


def test_a_short_query_that_waits_is_a_case_for_acceleration():
    case = a_case(queue_seconds=900.0, execution_seconds=100.0)
    finding = a_finding("queue_dominated", bucket=Bucket.QUEUE)

    advice = the_one(COST_REVIEW.review(case, [finding], []))

    assert "short query acceleration" in advice.action
    assert advice.claimed_saving_seconds == pytest.approx(450)


def test_a_long_labelled_job_that_waits_is_to_be_moved():
    case = a_case(queue_seconds=9000.0, execution_seconds=1000.0, labels=("nightly",))
    finding = a_finding("queue_dominated", bucket=Bucket.QUEUE)

    advice = the_one(COST_REVIEW.review(case, [finding], []))

    assert "Move the job labelled nightly" in advice.action


@pytest.mark.parametrize("check", ["queue_dominated", "lock_dominated"])
def test_a_little_waiting_is_no_reason_to_change_queues(check):
    finding = a_finding(check, bucket=Bucket.QUEUE, severity=Severity.LOW)

    assert COST_REVIEW.review(a_case(queue_seconds=100.0), [finding], []).advice == ()


def test_an_alert_that_names_no_table_is_looked_into():
    advice = the_one(SCHEMA_REVIEW.review(a_case(), [a_finding("missing_statistics")], []))

    assert advice.category is Category.INVESTIGATE
    assert advice.action_sql is not None
    assert "svv_table_info" in advice.action_sql


def test_a_grave_cause_of_little_time_is_a_small_matter():
    case = a_case(tables=(orders(statistics_off_percent=90.0),), execution_seconds=100_000.0)
    finding = of_table(case, "missing_statistics", severity=Severity.HIGH, affected_share=0.04)

    assert the_one(SCHEMA_REVIEW.review(case, [finding], [])).severity is Severity.LOW


def test_a_reviewer_gives_a_handful_of_advice_at_most():
    tables = [orders(statistics_off_percent=50.0)]
    case = a_case(tables=tables)
    findings = [
        of_table(case, "missing_statistics", affected_share=number / 10, title=f"{number}")
        for number in range(1, 9)
    ]
    many = [
        type(each)(**{**vars(each), "subject": f"table_{number}"})
        for number, each in enumerate(findings)
    ]

    answer = SCHEMA_REVIEW.review(case, many, [])

    assert len(answer.advice) == 3


def test_without_findings_the_reviewers_say_so():
    case = a_case(tables=(orders(),))

    summaries = [
        reviewer.review(case, [], []).summary for reviewer in (OPTIMIZE, SCHEMA_REVIEW, COST_REVIEW)
    ]

    assert summaries[0].startswith("Nothing to change in the statement")
    assert summaries[1].startswith("Nothing to change in sales.orders")
    assert summaries[2] == (
        "10 runs in 28 days took 17 min, 25 % of the time of all patterns; 100 % of it is "
        "execution."
    )


JOINED_SQL = (
    "SELECT ? FROM sales.orders o, sales.order_lines l WHERE o.{} = l.{} AND l.day > date ?"
)


def a_case_without_plan(left="order_id", right="order_id", **changes):
    return a_case(scrubbed_sql=JOINED_SQL.format(left, right), steps_query_id=4711, **changes)


def test_without_a_plan_the_statements_own_join_names_the_key():
    case = a_case_without_plan(tables=(orders(), order_lines()))

    advice = the_one(SCHEMA_REVIEW.review(case, [a_finding("large_broadcast")], []))

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    assert "No plan was recorded" in advice.rationale
    assert advice.claimed_saving_seconds == pytest.approx(200)


def test_without_a_plan_a_collocated_join_is_not_blamed():
    case = a_case_without_plan(tables=(orders(distribution_style="KEY(order_id)"), order_lines()))

    advice = the_one(SCHEMA_REVIEW.review(case, [a_finding("large_broadcast")], []))

    assert advice.title == "Send fewer rows across the network"
    assert "on their DISTKEYs" in advice.rationale
    assert "query_id = 4711" in advice.action_sql


def test_two_findings_that_end_in_the_same_advice_give_it_once():
    findings = [a_finding("large_broadcast"), a_finding("redistributes_both_sides")]

    answer = SCHEMA_REVIEW.review(a_case_without_plan(), findings, [])

    assert [advice.title for advice in answer.advice] == ["Send fewer rows across the network"]


def test_a_loop_that_no_plan_names_is_to_be_found_first():
    advice = the_one(OPTIMIZE.review(a_case_without_plan(), [a_finding("nested_loop")], []))

    assert advice.category is Category.INVESTIGATE
    assert "query_id = 4711" in advice.action_sql


def test_skew_on_a_key_that_only_the_statement_joins_on_is_looked_into_first():
    case = a_case_without_plan(tables=(orders(), order_lines(row_skew_ratio=9.0)))

    advice = the_one(
        SCHEMA_REVIEW.review(case, [of_table(case, "data_skew", "sales.order_lines")], [])
    )

    assert advice.category is Category.INVESTIGATE


def test_skew_is_looked_into_first_where_neither_plan_nor_statement_can_be_read():
    case = a_case(scrubbed_sql=None, tables=(orders(distribution_style="KEY(shop_id)"),))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_table(case, "data_skew")], []))

    assert advice.category is Category.INVESTIGATE


def test_a_saving_of_seconds_in_a_month_is_not_worth_reading():
    case = a_case(execution_seconds=2000.0)
    finding = a_finding("spill_to_disk", affected_share=0.01)

    answer = OPTIMIZE.review(case, [finding], [])

    assert answer.advice == ()
    assert answer.summary == "What was found would save too little to be worth a change."


def test_sorting_does_not_help_a_statement_that_does_not_filter_the_sort_key():
    case = a_case(tables=(orders(vacuum_sort_benefit_percent=30.0, first_sort_key="ordered_at"),))

    assert SCHEMA_REVIEW.review(case, [of_table(case, "unsorted_scan")], []).advice == ()


def test_a_range_on_an_identifier_is_not_asked_for():
    use = ColumnUse(table_name="orders", column_name="note", expression="note = ?")
    case = a_case(tables=(orders(first_sort_key="order_id"),), filtered=(use,))
    finding = of_table(case, "unsorted_scan")

    advice = the_one(SCHEMA_REVIEW.review(case, [finding], []))

    assert OPTIMIZE.review(case, [finding], []).advice == ()
    assert advice.title == "Weigh which column sales.orders should be sorted by"
    assert "filters it on note" in advice.rationale


@pytest.mark.parametrize(
    ("check", "changes", "ddl"),
    [
        (
            "redistributes_both_sides",
            {"distribution_style": "KEY(shop_id)"},
            "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id",
        ),
        (
            "data_skew",
            {"distribution_style": "KEY(order_id)"},
            "ALTER TABLE sales.orders ALTER DISTSTYLE EVEN",
        ),
    ],
)
def test_a_chosen_key_is_replaced_where_redshifts_advisor_says_so_too(check, changes, ddl):
    case = a_case(
        plan=JOIN_PLAN,
        tables=(orders(**changes), order_lines()),
        advisor=(advisor_row("diststyle", ddl),),
    )
    finding = of_join(case, check, subject="sales.orders")

    assert sql_of(SCHEMA_REVIEW.review(case, [finding], [])) == [f"{ddl};"]


def test_before_a_huge_table_is_rewritten_its_small_partner_is_to_be_filtered():
    huge = order_lines(distribution_style="EVEN", row_count=90_000_000_000)
    case = a_case(plan=JOIN_PLAN, tables=(orders(distribution_style="KEY(order_id)"), huge))

    advice = the_one(SCHEMA_REVIEW.review(case, [of_join(case, "large_broadcast")], []))

    assert advice.action.startswith("First see whether sales.orders, the much smaller side,")


def test_a_table_with_an_interleaved_key_is_not_told_to_take_its_first_one():
    case = a_case(
        tables=(orders(first_sort_key="INTERLEAVED"),),
        filtered=(ColumnUse(table_name="orders", column_name="shop_id", expression="shop_id = ?"),),
    )

    assert SCHEMA_REVIEW.review(case, [of_table(case, "unsorted_scan")], []).advice == ()
