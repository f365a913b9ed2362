"""Advice that would undo what is worth keeping, and advice that the table's state forbids."""

import pytest

from backend.domain.case_file import ColumnUse
from backend.domain.evidence import Column
from backend.domain.finding import GoodNews
from backend.panel.panel import Panel
from backend.panel.rules.validate import RulesValidator
from tests.unit.panel.cases import a_case, order_lines, orders, reasons, shops, titles
from tests.unit.panel.test_validate import Talker, saying

TOGETHER = """
 XN {join} DS_DIST_NONE  (cost=100.00..900000.00 rows=90000000 width=40)
   ->  XN Seq Scan on order_lines  (cost=0.00..9000.00 rows=900000000 width=20)
   ->  XN Hash  (cost=100.00..100.00 rows=200000000 width=20)
         ->  XN Seq Scan on orders  (cost=0.00..100.00 rows=200000000 width=20)
"""
COPIED = """
 XN Hash Join DS_DIST_ALL_NONE  (cost=100.00..900000.00 rows=90000000 width=40)
   ->  XN Seq Scan on order_lines  (cost=0.00..9000.00 rows=900000000 width=20)
   ->  XN Hash  (cost=100.00..100.00 rows=2000 width=20)
         ->  XN Seq Scan on shops  (cost=0.00..100.00 rows=2000 width=20)
"""
SORTED = {"distribution_style": "KEY(order_id)", "first_sort_key": "ordered_at"}


def told(case, check, *names, spared=100.0):
    """Good news about these tables, with the joins of the plan."""
    joins = [fact.fact_id for fact in case.plan_nodes if fact.node.is_join]
    tables = [case.table(name).fact_id for name in names]
    return GoodNews(
        check=check,
        sentence=f"All is well with {names[0]}: 1 join.",
        fact_ids=(*joins, *tables),
        spared_seconds=spared,
    )


def outcome_of(case, news, action_sql, saving=10.0):
    panel = Panel(
        reviewers=(Talker([saying(action_sql=action_sql, claimed_saving_seconds=saving)]),),
        validator=RulesValidator(),
    )
    return panel.review(case, [], [], good_news=[news] if news else [])


def collocated(join="Hash Join"):
    return a_case(plan=TOGETHER.format(join=join), tables=(orders(**SORTED), order_lines(**SORTED)))


@pytest.mark.parametrize(
    "action_sql",
    [
        "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY shop_id;",
        "ALTER TABLE sales.order_lines ALTER DISTSTYLE KEY DISTKEY article_id;",
        "ALTER TABLE sales.orders ALTER DISTSTYLE EVEN;",
    ],
)
def test_a_distkey_that_keeps_a_large_join_together_stays(action_sql):
    case = collocated()
    news = told(case, "collocated_join", "sales.orders", "sales.order_lines")

    outcome = outcome_of(case, news, action_sql)

    assert outcome.recommendations == ()
    assert reasons(outcome) == [
        "It would undo what is worth keeping and spares 100 s here, more than the 10 s that it may"
        " save: All is well with sales.orders: 1 join."
    ]


def test_a_larger_saving_stands_but_names_what_it_costs():
    case = collocated()
    news = told(case, "collocated_join", "sales.orders", "sales.order_lines")
    action_sql = "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY shop_id;"

    (kept,) = outcome_of(case, news, action_sql, saving=500.0).recommendations

    assert kept.rationale.endswith(
        "It gives up something that is worth keeping: All is well with sales.orders: 1 join."
    )
    assert set(news.fact_ids) <= set(kept.fact_ids)


@pytest.mark.parametrize(
    "action_sql",
    [
        "ALTER TABLE sales.orders ALTER DISTSTYLE ALL;",
        "ALTER TABLE sales.orders ALTER DISTSTYLE AUTO;",
        "ALTER TABLE sales.orders ALTER SORTKEY (shop_id);",
        None,
    ],
    ids=["copies", "left to Redshift", "another order", "no SQL"],
)
def test_what_does_not_part_the_tables_is_no_matter(action_sql):
    case = collocated()
    news = told(case, "collocated_join", "sales.orders", "sales.order_lines")

    assert titles(outcome_of(case, news, action_sql).recommendations) == ["Do it"]


def test_a_merge_join_needs_its_sort_keys_too():
    case = collocated("Merge Join")
    news = told(case, "collocated_join", "sales.orders", "sales.order_lines")

    outcome = outcome_of(case, news, "ALTER TABLE sales.orders ALTER SORTKEY (shop_id);")

    assert outcome.recommendations == ()


def test_the_copies_of_a_small_table_are_kept():
    case = a_case(plan=COPIED, tables=(shops(distribution_style="ALL"), order_lines()))
    news = told(case, "collocated_join", "sales.shops")

    by_key = outcome_of(case, news, "ALTER TABLE sales.shops ALTER DISTSTYLE KEY DISTKEY shop_id;")
    of_partner = outcome_of(
        case, news, "ALTER TABLE sales.order_lines ALTER DISTSTYLE KEY DISTKEY article_id;"
    )

    assert by_key.recommendations == ()
    assert titles(of_partner.recommendations) == ["Do it"]


@pytest.mark.parametrize(
    ("action_sql", "stands"),
    [
        ("ALTER TABLE sales.orders ALTER SORTKEY (shop_id);", False),
        ("ALTER TABLE sales.orders ALTER SORTKEY NONE;", False),
        ("ALTER TABLE sales.orders ALTER SORTKEY (ordered_at, shop_id);", True),
        ("ALTER TABLE sales.orders ALTER SORTKEY AUTO;", True),
        ("ALTER TABLE sales.orders ALTER SORTKEY (order_id);", True),
    ],
    ids=["another", "none", "longer", "auto", "one that is filtered as well"],
)
def test_a_sort_key_that_skips_blocks_stays(action_sql, stands):
    also = ColumnUse(table_name="orders", column_name="order_id", expression="order_id = ?")
    case = a_case(tables=(orders(**SORTED),), filtered=(also,))

    outcome = outcome_of(case, told(case, "sort_key_pruned", "sales.orders"), action_sql)

    assert bool(outcome.recommendations) is stands


def test_good_news_about_another_table_is_no_matter():
    case = a_case(tables=(orders(**SORTED), order_lines(**SORTED)))
    news = told(case, "sort_key_pruned", "sales.order_lines")

    outcome = outcome_of(case, news, "ALTER TABLE sales.orders ALTER SORTKEY (shop_id);")

    assert titles(outcome.recommendations) == ["Do it"]


def one_reason(table, action_sql):
    outcome = outcome_of(a_case(tables=(table,)), None, action_sql)
    assert bool(reasons(outcome)) is not bool(outcome.recommendations)
    return next(iter(reasons(outcome)), "")


@pytest.mark.parametrize("rows", [2_000, 5_000_000])
def test_a_small_table_gets_no_sort_key(rows):
    reason = one_reason(shops(row_count=rows), "ALTER TABLE sales.shops ALTER SORTKEY (shop_id);")

    assert "too small for a sort key to help" in reason
    assert "(large above 5 million rows)" in reason


@pytest.mark.parametrize("rows", [5_000_001, None])
def test_a_large_table_or_one_of_unknown_size_may_get_one(rows):
    table = shops(row_count=rows)

    assert one_reason(table, "ALTER TABLE sales.shops ALTER SORTKEY (shop_id);") == ""


def test_taking_the_sort_key_from_a_small_table_is_no_matter():
    assert one_reason(shops(), "ALTER TABLE sales.shops ALTER SORTKEY NONE;") == ""


@pytest.mark.parametrize(
    "action_sql",
    [
        "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;",
        "ALTER TABLE sales.orders ALTER DISTSTYLE ALL;",
        "ALTER TABLE sales.orders ALTER COLUMN note ENCODE zstd;",
    ],
)
def test_what_redshift_refuses_of_an_interleaved_table_is_struck(action_sql):
    table = orders(first_sort_key="INTERLEAVED")

    assert "is interleaved" in one_reason(table, action_sql)


@pytest.mark.parametrize(
    "action_sql",
    [
        "ALTER TABLE sales.orders ALTER SORTKEY (ordered_at);\n"
        "ALTER TABLE sales.orders ALTER DISTSTYLE ALL;",
        "ALTER TABLE sales.orders ALTER DISTSTYLE AUTO;",
        "VACUUM REINDEX sales.orders;",
    ],
    ids=["resorted first", "left to Redshift", "reindexed"],
)
def test_what_redshift_allows_of_an_interleaved_table_stands(action_sql):
    assert one_reason(orders(first_sort_key="INTERLEAVED"), action_sql) == ""


def test_reindex_is_for_interleaved_keys():
    assert "has none" in one_reason(orders(), "VACUUM REINDEX sales.orders;")


@pytest.mark.parametrize(
    ("visible", "is_struck"), [(200_000_000, True), (150_000_000, False), (None, True)]
)
def test_deleted_rows_are_reclaimed_only_where_there_are_enough(visible, is_struck):
    reason = one_reason(orders(visible_rows=visible), "VACUUM DELETE ONLY sales.orders;")

    assert ("VACUUM DELETE will not help" in reason) is is_struck


@pytest.mark.parametrize(
    ("encoded", "encoding", "action_sql"),
    [
        ("Y, AUTO(ENCODE)", "az64", "ALTER TABLE sales.orders ALTER ENCODE AUTO;"),
        ("Y", "zstd", "ALTER TABLE sales.orders ALTER COLUMN note ENCODE zstd;"),
        ("Y", "none", "ALTER TABLE sales.orders ALTER COLUMN note ENCODE raw;"),
    ],
)
def test_an_encoding_that_is_there_already_is_struck(encoded, encoding, action_sql):
    columns = (Column(name="note", data_type="varchar(20)", encoding=encoding),)

    assert "is already" in one_reason(orders(encoded=encoded, columns=columns), action_sql)
