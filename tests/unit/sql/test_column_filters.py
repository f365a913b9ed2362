"""By which columns a statement restricts what it reads, and whether an order can serve that."""

# ruff: noqa: S608 - statements are read here, not run

import pytest

from backend.domain.table_use import FilterKind
from backend.sql.column_filters import column_filters
from backend.sql.scrub import scrub


def filters(sql: str) -> dict[tuple[str | None, str], FilterKind]:
    found = column_filters(scrub(sql).text or "")
    assert len({(each.table_name, each.column_name) for each in found}) == len(found)
    return {(each.table_name, each.column_name): each.kind for each in found}


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        ("day = '2026-11-01'", FilterKind.EQUALITY),
        ("'2026-11-01' = day", FilterKind.EQUALITY),
        ("day IN ('a', 'b')", FilterKind.LIST),
        ("day BETWEEN '2026-11-01' AND '2026-11-30'", FilterKind.RANGE),
        ("day >= dateadd(day, -7, current_date)", FilterKind.RANGE),
        ("(day > 1 AND day > 2)", FilterKind.RANGE),
        ("day = 1 OR day = 2", FilterKind.LIST),
        ("day = 1 OR day > 2", FilterKind.RANGE),
        ("date_trunc('month', day) = '2026-11-01'", FilterKind.WRAPPED),
        ("day::date = '2026-11-01'", FilterKind.WRAPPED),
        ("day <> 5", FilterKind.OTHER),
        ("day LIKE '%x'", FilterKind.OTHER),
        ("NOT day = 5", FilterKind.OTHER),
        ("day NOT IN (1, 2)", FilterKind.OTHER),
    ],
)
def test_a_comparison_with_values_is_of_a_kind(condition, kind):
    assert filters(f"SELECT 1 FROM sale WHERE {condition}") == {("sale", "day"): kind}


@pytest.mark.parametrize(
    "condition",
    ["day = other", "day IN (SELECT day FROM calendar)", "EXISTS (SELECT 1)", "day IS NULL"],
)
def test_what_compares_with_no_value_is_no_filter(condition):
    assert ("sale", "day") not in filters(f"SELECT 1 FROM sale WHERE {condition}")


def test_one_branch_of_an_or_lets_no_block_be_skipped():
    assert filters("SELECT 1 FROM sale WHERE day = 1 OR store = 2") == {
        ("sale", "day"): FilterKind.OTHER,
        ("sale", "store"): FilterKind.OTHER,
    }


def test_all_parts_of_an_and_count():
    found = filters("SELECT 1 FROM sale s WHERE s.day >= 1 AND s.day < 9 AND s.store = 2")

    assert found == {("sale", "day"): FilterKind.RANGE, ("sale", "store"): FilterKind.EQUALITY}


def test_columns_go_to_the_table_of_their_alias():
    found = filters(
        "SELECT 1 FROM shop.sale s JOIN shop.store t ON t.id = s.store_id AND t.kind = 'x'"
        " WHERE s.day > 1"
    )

    assert found == {
        ("shop.sale", "day"): FilterKind.RANGE,
        ("shop.store", "kind"): FilterKind.EQUALITY,
    }


def test_a_column_without_alias_among_several_tables_is_nobodys_yet():
    assert filters("SELECT 1 FROM sale JOIN store ON store.id = sale.id WHERE day > 1") == {
        (None, "day"): FilterKind.RANGE
    }


@pytest.mark.parametrize(
    ("join", "found"),
    [
        ("LEFT JOIN", {("store", "kind")}),
        ("JOIN", {("sale", "day"), ("store", "kind")}),
        ("RIGHT JOIN", set()),
        ("FULL JOIN", set()),
    ],
)
def test_the_on_of_an_outer_join_restricts_only_what_it_may_leave_out(join, found):
    sql = f"SELECT 1 FROM sale {join} store ON store.id = sale.id AND store.kind = 'x' AND sale.day = 1"

    assert set(filters(sql)) == found


def test_the_columns_of_a_subquery_are_no_tables_own():
    found = filters(
        "WITH s AS (SELECT day FROM sale WHERE store = 2) SELECT 1 FROM s WHERE s.day > 1"
    )

    assert found == {("sale", "store"): FilterKind.EQUALITY}


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM sale WHERE day < '2020-01-01'",
        "UPDATE sale SET x = 1 WHERE day < '2020-01-01'",
        "INSERT INTO t SELECT 1 FROM sale WHERE day < '2020-01-01'",
        "CREATE TABLE t AS SELECT 1 FROM sale WHERE day < '2020-01-01'",
        "DECLARE c CURSOR FOR SELECT 1 FROM sale WHERE day < '2020-01-01'",
        "UNLOAD ('SELECT 1 FROM sale WHERE day < 5') TO 's3://x/' IAM_ROLE default",
    ],
)
def test_statements_that_write_are_read_as_well(sql):
    assert filters(sql) == {("sale", "day"): FilterKind.RANGE}


@pytest.mark.parametrize("text", ["", "SELEC oops FROM", "VACUUM sale", "SELECT 1 WHERE (" * 500])
def test_what_does_not_parse_has_no_filters(text):
    assert column_filters(text) == ()
