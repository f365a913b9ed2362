"""What schema_review says to findings about a table's state or design."""

import pytest

from backend.domain.case_file import ColumnUse
from backend.domain.evidence import Column
from backend.domain.recommendation import Category
from backend.panel.rules.optimize import OPTIMIZE
from backend.panel.rules.schema_review import SCHEMA_REVIEW
from tests.builders import a_finding
from tests.unit.panel.cases import a_case, advisor_row, of_table, order_lines, orders, shops

JOIN_SQL = (
    "SELECT SUM(l.amount) FROM sales.order_lines l JOIN sales.orders o ON o.order_id = l.order_id"
)
BY_DAY = ColumnUse(table_name="orders", column_name="ordered_at", expression="ordered_at > ?")
INTERLEAVED = {
    "first_sort_key": "INTERLEAVED",
    "columns": (
        Column(name="shop_id", data_type="int", sort_key_position=1),
        Column(name="ordered_at", data_type="timestamp", sort_key_position=-2),
    ),
}


def advice_to(case, check, name="sales.orders", **changes):
    finding = of_table(case, check, name, affected_share=0.5, **changes)
    (advice,) = SCHEMA_REVIEW.review(case, [finding], []).advice
    return advice


def pending(case):
    """The finding that cites all rows of the Advisor."""
    fact_ids = tuple(fact.fact_id for fact in case.advisor)
    return a_finding("pending_advisor", fact_ids=fact_ids, subject="sales.orders")


def test_range_restricted_scans_are_promised_half_of_what_redshift_expects():
    case = a_case(tables=(orders(vacuum_sort_benefit_percent=30.0),))

    advice = advice_to(case, "stale_vacuum")

    assert advice.action_sql == "VACUUM SORT ONLY sales.orders;"
    assert advice.claimed_saving_seconds == pytest.approx(250)
    assert advice.category is Category.MAINTENANCE


def test_an_interleaved_key_gives_way_to_what_the_statement_filters():
    case = a_case(tables=(orders(**INTERLEAVED),), filtered=(BY_DAY,))

    advice = advice_to(case, "interleaved_sort_key")

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER COMPOUND SORTKEY (ordered_at);"
    assert "interleaved_skew" in advice.action
    assert "cannot be altered back" in advice.action


def test_an_interleaved_key_that_nothing_filters_is_looked_at_first():
    advice = advice_to(a_case(tables=(orders(**INTERLEAVED),)), "interleaved_sort_key")

    assert advice.category is Category.INVESTIGATE
    assert "svv_interleaved_columns" in (advice.action_sql or "")


@pytest.mark.parametrize("reviewer", [SCHEMA_REVIEW, OPTIMIZE], ids=["schema", "optimize"])
def test_a_whole_scan_of_an_interleaved_table_is_answered_once(reviewer):
    case = a_case(tables=(orders(**INTERLEAVED),))

    assert reviewer.review(case, [of_table(case, "unsorted_scan")], []).advice == ()


def test_a_compressed_sort_column_is_stored_raw():
    case = a_case(tables=(orders(first_sort_key="ordered_at"),))

    advice = advice_to(case, "encoded_sort_key")

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER COLUMN ordered_at ENCODE raw;"


def test_encodings_are_left_to_redshift_and_named_for_who_will_not_wait():
    raw = (
        Column(name="note", data_type="varchar(200)", encoding="none"),
        Column(name="shop_id", data_type="int4", encoding="none"),
        Column(name="is_gift", data_type="boolean", encoding="none"),
    )
    case = a_case(tables=(orders(columns=raw),))

    advice = advice_to(case, "low_encoding")

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER ENCODE AUTO;"
    assert "zstd for note and az64 for shop_id" in advice.action


def test_the_advisor_is_heard_on_encodings():
    ddl = 'ALTER TABLE "sales"."orders" ALTER COLUMN "note" ENCODE zstd'
    case = a_case(tables=(orders(),), advisor=(advisor_row("encode", ddl),))

    advice = advice_to(case, "low_encoding")

    assert "Advisor disagrees: it proposes ENCODE zstd for note" in advice.rationale


def test_a_wide_column_is_measured_before_it_is_narrowed():
    wide = (Column(name="payload", data_type="varchar(65535)"),)
    case = a_case(tables=(orders(columns=wide),))

    advice = advice_to(
        case, "wide_varchar", evidence="The statement carries payload varchar(65535) of it."
    )

    assert advice.title == "Declare payload of sales.orders no wider than it is"
    assert advice.action_sql == (
        "SELECT MAX(OCTET_LENGTH(payload)) AS longest_bytes FROM sales.orders;"
    )


def test_what_analyze_can_mend_is_not_narrowed():
    columns = (Column(name="url", data_type="varchar(4000)"),)
    case = a_case(tables=(orders(columns=columns),))
    finding = of_table(case, "wide_varchar", evidence="It carries url varchar(4000) of it.")

    assert SCHEMA_REVIEW.review(case, [finding], []).advice == ()


def test_the_same_change_is_advised_once_however_it_is_written():
    ddl = 'ALTER TABLE "sales"."orders" ALTER DISTSTYLE EVEN'
    case = a_case(
        tables=(orders(distribution_style="KEY(shop_id)", row_skew_ratio=6.0),),
        advisor=(advisor_row("diststyle", ddl),),
        scrubbed_sql="SELECT COUNT(*) FROM sales.orders",
    )
    findings = [of_table(case, "data_skew"), pending(case)]

    (advice,) = SCHEMA_REVIEW.review(case, findings, []).advice

    assert advice.check == "data_skew"
    assert "Advisor agrees" in advice.rationale


def test_a_date_key_gives_way_to_the_column_that_is_joined_on():
    case = a_case(
        tables=(orders(distribution_style="KEY(ordered_at)"), order_lines()),
        scrubbed_sql=JOIN_SQL,
    )

    advice = advice_to(case, "date_distribution_key")

    assert advice.action_sql == ("ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;")
    assert "have ordered_at lead the sort key" in advice.action


def test_a_date_key_without_a_join_gives_way_to_even():
    case = a_case(
        tables=(orders(distribution_style="KEY(ordered_at)", first_sort_key="ordered_at"),),
        scrubbed_sql="SELECT COUNT(*) FROM sales.orders",
    )

    advice = advice_to(case, "date_distribution_key")

    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE EVEN;"
    assert "lead the sort key" not in advice.action


def test_a_copied_large_table_is_left_to_redshift_or_to_its_join():
    alone = a_case(tables=(orders(distribution_style="ALL"),), scrubbed_sql="SELECT 1")
    joined = a_case(tables=(orders(distribution_style="ALL"), order_lines()), scrubbed_sql=JOIN_SQL)

    assert advice_to(alone, "all_too_large").action_sql == (
        "ALTER TABLE sales.orders ALTER DISTSTYLE AUTO;"
    )
    assert "DISTKEY order_id" in (advice_to(joined, "all_too_large").action_sql or "")


def test_a_small_table_that_is_moved_gets_its_copies():
    case = a_case(tables=(shops(),))

    advice = advice_to(case, "small_not_all", "sales.shops")

    assert advice.action_sql == "ALTER TABLE sales.shops ALTER DISTSTYLE ALL;"


def test_what_the_advisor_proposes_is_passed_on_with_its_group():
    ddl = 'ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "order_id"'
    case = a_case(tables=(orders(),), advisor=(advisor_row("diststyle", ddl),))

    (advice,) = SCHEMA_REVIEW.review(case, [pending(case)], []).advice

    assert advice.action_sql == f"{ddl};"
    assert "group 1 of the Advisor's rows" in advice.action


def test_a_proposal_of_another_kind_is_not_passed_on():
    ddl = 'ALTER TABLE "sales"."orders" ADD COLUMN "ordered_on" date'
    case = a_case(tables=(orders(),), advisor=(advisor_row("datatype", ddl),))

    assert SCHEMA_REVIEW.review(case, [pending(case)], []).advice == ()
