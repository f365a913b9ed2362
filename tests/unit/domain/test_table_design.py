"""How a table is laid out, as SVV_TABLE_INFO says it."""

import pytest

from backend.domain.evidence import Column, Table
from backend.domain.table_design import (
    ALL,
    EVEN,
    by_key,
    column_of,
    design_words,
    distribution_of,
    is_distribution_automatic,
    is_sort_automatic,
    key_of_table,
    piles_up,
    short_name,
    sort_columns,
)


def a_table(style: str = "", **changes) -> Table:
    return Table(
        database_name="Shop", schema_name="sales", table_name="Orders",
        distribution_style=style, **changes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("style", "distribution", "is_automatic"),
    [
        ("EVEN", EVEN, False),
        ("ALL", ALL, False),
        ("KEY(order_id)", by_key("order_id"), False),
        ('KEY("Order Id")', by_key("order id"), False),
        ("AUTO(EVEN)", EVEN, True),
        ("AUTO(ALL)", ALL, True),
        ("AUTO(KEY(order_id))", by_key("order_id"), True),
        ("KEY(overall)", by_key("overall"), False),
        ("", None, False),
        ("DS_UNKNOWN", None, False),
    ],
)
def test_a_style_is_read_also_where_redshift_chose_it(style, distribution, is_automatic):
    assert distribution_of(a_table(style)) == distribution
    assert is_distribution_automatic(a_table(style)) is is_automatic


def test_a_table_is_called_the_same_whatever_the_case():
    assert key_of_table(a_table()) == "shop.sales.orders"
    assert short_name("shop.sales.orders") == "sales.orders"
    assert short_name("orders") == "orders"


@pytest.mark.parametrize(
    ("first_sort_key", "columns", "is_automatic"),
    [
        ("sold_on", ("sold_on",), False),
        ('"Sold On"', ("sold on",), False),
        ("AUTO(SORTKEY)", (), True),
        ("AUTO(SORTKEY(sold_on))", ("sold_on",), True),
        ("INTERLEAVED", (), False),
        (None, (), False),
    ],
)
def test_the_leading_sort_column_is_read_from_the_view(first_sort_key, columns, is_automatic):
    table = a_table(first_sort_key=first_sort_key)

    assert sort_columns(table) == columns
    assert is_sort_automatic(table) is is_automatic


def test_the_columns_know_the_whole_sort_key_in_order():
    table = a_table(
        first_sort_key="a",
        columns=tuple(
            Column(name=name, data_type="int", sort_key_position=position)
            for name, position in (("C", 0), ("B", 2), ("A", 1))
        ),
    )

    assert sort_columns(table) == ("a", "b")
    assert column_of(table, "c") == table.columns[0]
    assert column_of(table, "d") is None


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (a_table("KEY(id)", first_sort_key="sold_on"), "KEY(id), sorted by sold_on"),
        (a_table("EVEN"), "EVEN, no sort key"),
        (a_table("AUTO(EVEN)", first_sort_key="AUTO(SORTKEY)"), "AUTO(EVEN), sort key AUTO"),
        (a_table("", first_sort_key="INTERLEAVED"), "distribution not known, interleaved"),
    ],
)
def test_a_design_in_words(table, words):
    assert design_words(table) == words


@pytest.mark.parametrize(
    ("data_type", "does"),
    [
        ("date", True),
        ("timestamp without time zone", True),
        ("boolean", True),
        ("char(1)", True),
        ("double precision", True),
        ("bigint", False),
        ("character varying(40)", False),
        ("char(32)", False),
        ("numeric(18,0)", False),
    ],
)
def test_types_of_few_values_pile_up(data_type, does):
    assert piles_up(Column(name="a", data_type=data_type)) is does
