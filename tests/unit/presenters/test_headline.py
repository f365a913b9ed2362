import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_pattern
from workbench.presenters.headline import CELL, headline, headlines


@pytest.mark.parametrize(
    ("sql", "tables", "named"),
    [
        (
            "SELECT region, sum(amount) FROM sales.orders o\n JOIN sales.stores s ON ?",
            ("sales.orders", "sales.stores"),
            "orders, stores: region, sum(amount)",
        ),
        (
            "select store_name, coalesce(region, ?), sum(net_amount * quantity) as revenue from x",
            ("public.sales",),
            "sales: store_name, coalesce(region, ?), sum(net_amount * quantity)",
        ),
        (
            "SELECT extract(year from sold_on), count(*) FROM sales",
            ("sales",),
            "sales: extract(year from sold_on), count(*)",
        ),
        ("SELECT DISTINCT a FROM t", ("t",), "t: DISTINCT a"),
        ("SELECT t.* FROM t", ("t",), "t: SELECT *"),
        ("SELECT ?", (), "SELECT ?"),
        (
            "WITH months (m) AS (SELECT a FROM t), best AS (SELECT ?) SELECT * FROM best",
            ("t",),
            "t: WITH months, best",
        ),
        (
            "INSERT INTO mart.daily SELECT a FROM sales",
            ("mart.daily", "public.sales"),
            "INSERT INTO daily FROM sales",
        ),
        ("CREATE TEMP TABLE stage AS SELECT ?", ("stage",), "CREATE TABLE stage"),
        ("DELETE FROM public.sales WHERE id = ?", ("public.sales",), "DELETE FROM sales"),
        ("UPDATE stock SET n = ?", ("stock",), "UPDATE stock"),
        ("COPY staging.clicks FROM ? IAM_ROLE ?", ("staging.clicks",), "COPY clicks"),
        ("VACUUM SORT ONLY sales TO ? PERCENT", (), "VACUUM sales"),
        ("UNLOAD (?) TO ?", ("sales",), "UNLOAD FROM sales"),
        ("CALL refresh_marts(?)", (), "CALL refresh_marts"),
        ("SHOW search_path", (), "SHOW search_path"),
        ("SELECT a FROM t", ("a", "b", "c", "d", "e"), "a, b, c, d +1: a"),
    ],
)
def test_a_statement_is_known_by_its_verb_and_tables(sql: str, tables: tuple, named: str):
    assert headline(a_pattern(scrubbed_sql=sql, table_names=tables)) == named


def test_a_table_cell_gets_a_shorter_name_without_aliases():
    sql = "SELECT p.category_code, d.iso_week AS week, count(*) FROM a JOIN b ON ? JOIN c ON ?"
    pattern = a_pattern(scrubbed_sql=sql, table_names=("shop.a", "shop.b", "shop.c"))

    assert headline(pattern, CELL) == "a, b +1: category_code, iso_week, count(*)"
    assert headline(pattern) == "a, b, c: category_code, iso_week, count(*)"


def test_a_long_name_is_cut_behind_its_tables():
    pattern = a_pattern(
        scrubbed_sql="SELECT SUM( l_extendedprice * ( ? - l_discount ) * (? + l_tax)) FROM lineitem",
        table_names=("public.lineitem", "part"),
    )

    assert headline(pattern, CELL) == "lineitem, part: SUM(l_extendedprice * (? - l_discount…"


def test_patterns_of_one_name_are_told_apart():
    sql = "SELECT a FROM sales"
    by_schema = [a_pattern(scrubbed_sql=sql, table_names=(f"{s}.sales",)) for s in ("x", "y")]
    by_hash = [
        a_pattern(f"f1-00{number}", scrubbed_sql=sql, table_names=("sales",)) for number in (1, 2)
    ]

    assert headlines(by_schema) == ["x.sales: a", "y.sales: a"]
    assert headlines(by_hash) == ["sales: a #-001", "sales: a #-002"]


def test_a_withheld_text_still_names_its_tables():
    pattern = a_pattern(scrubbed_sql=None, query_type="COPY", table_names=("sales",))

    assert headline(pattern) == "COPY (text withheld) on sales"


@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_text_gives_one_line_of_bounded_length(sql: str, tables: list[str]):
    named = headline(a_pattern(scrubbed_sql=sql, table_names=tuple(tables)))

    assert "\n" not in named
    assert len(named) <= 110
