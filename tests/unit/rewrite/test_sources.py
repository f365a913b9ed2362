"""Which source and which column of a table a name means, and when that cannot be told."""

import pytest
from sqlglot import exp

from tests.unit.rewrite.trees import a_reading, column_named


def origin_of(sql: str, name: str, table: str = "") -> str | None:
    reading = a_reading(sql)
    origin = reading.reader.origin(column_named(reading.tree, name, table))
    return origin.full_name if origin else None


@pytest.mark.parametrize(
    ("sql", "name", "origin"),
    [
        ("SELECT total FROM retail.orders", "total", "retail.orders.total"),
        ("SELECT o.total FROM retail.orders o", "total", "retail.orders.total"),
        ("SELECT orders.total FROM retail.orders", "total", "retail.orders.total"),
        (
            "SELECT amount FROM retail.orders o JOIN retail.lines l ON o.order_id = l.order_id",
            "amount",
            "retail.lines.amount",
        ),
        ("SELECT d.x FROM (SELECT total AS x FROM retail.orders) d", "x", "retail.orders.total"),
        ("SELECT d.x FROM (SELECT total FROM retail.orders) d (x)", "x", None),
        ("WITH w AS (SELECT * FROM retail.orders) SELECT total FROM w", "total",
         "retail.orders.total"),
        ("WITH w (t) AS (SELECT total FROM retail.orders) SELECT t FROM w", "t", None),
        ("SELECT s.name FROM retail.stores s WHERE EXISTS (SELECT 1 FROM retail.orders o WHERE "
         "o.store_id = s.store_id AND opened_on > 1)", "opened_on", "retail.stores.opened_on"),
        ("SELECT total + 1 AS d, d FROM retail.orders", "d", None),
        ("SELECT order_id FROM retail.orders o JOIN retail.lines l USING (order_id)", "order_id",
         None),
        ("SELECT total FROM retail.unknown u JOIN retail.other x ON u.a = x.b", "total", None),
        ("SELECT d.x FROM (SELECT customer_id AS x FROM retail.orders GROUP BY ROLLUP "
         "(customer_id)) d", "x", None),
        ("SELECT d.x FROM (SELECT store_id AS x FROM retail.orders UNION ALL SELECT store_id FROM "
         "retail.stores) d", "x", None),
        ("WITH RECURSIVE orders AS (SELECT store_id FROM retail.stores UNION ALL SELECT store_id "
         "FROM orders) SELECT o.store_id FROM orders o", "store_id", None),
    ],
)  # fmt: skip
def test_a_name_leads_to_its_table_or_nowhere(sql: str, name: str, origin: str | None) -> None:
    assert origin_of(sql, name) == origin


def test_the_name_of_a_with_query_hides_a_table() -> None:
    sql = "WITH stores AS (SELECT total AS name FROM retail.orders) SELECT name FROM stores"

    assert origin_of(sql, "name") == "retail.orders.total"


def test_inside_itself_a_with_query_means_the_table() -> None:
    sql = (
        "WITH stores AS (SELECT name FROM retail.stores) "
        "SELECT s.name FROM stores s JOIN stores t ON s.name = t.name"
    )

    assert origin_of(sql, "name", "t") == "retail.stores.name"


@pytest.mark.parametrize(
    ("joins", "extended"),
    [
        ("retail.orders o JOIN retail.stores s ON o.store_id = s.store_id", set()),
        ("retail.orders o LEFT JOIN retail.stores s ON o.store_id = s.store_id", {"s"}),
        ("retail.orders o RIGHT JOIN retail.stores s ON o.store_id = s.store_id", {"o"}),
        ("retail.orders o FULL JOIN retail.stores s ON o.store_id = s.store_id", {"o", "s"}),
        (
            "retail.lines l, retail.orders o LEFT JOIN retail.stores s ON o.store_id = s.store_id",
            {"s"},
        ),
    ],
)
def test_outer_joins_leave_a_side_empty(joins: str, extended: set[str]) -> None:
    reading = a_reading(" ".join(("SELECT o.total FROM", joins)))
    select = next(reading.selects())

    sources = reading.reader.sources(select)

    assert sources is not None
    assert {name for name, each in sources.by_alias.items() if each.is_null_extended} == extended


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT o.total FROM retail.orders o, o.items i",
        "SELECT a.x FROM generate_series(1, 2) a",
        "SELECT o.total FROM (retail.orders o JOIN retail.stores s ON o.store_id = s.store_id)",
        "SELECT o.total FROM retail.orders o, retail.stores s WHERE o.store_id = s.store_id (+)",
        "SELECT orders.total FROM retail.orders, staging.orders",
    ],
)
def test_nothing_is_certain_about_an_odd_from_clause(sql: str) -> None:
    reading = a_reading(sql)

    assert reading.reader.sources(next(reading.selects())) is None


def test_a_column_of_another_schema_is_not_that_of_the_table() -> None:
    assert origin_of("SELECT retail.orders.total FROM retail.orders", "total") is not None
    assert origin_of("SELECT staging.orders.total FROM retail.orders", "total") is None


def test_names_in_the_order_of_a_union_are_those_of_no_select() -> None:
    sql = "SELECT total FROM retail.orders UNION ALL SELECT amount FROM retail.lines ORDER BY total"
    reading = a_reading(sql)
    order = reading.tree.args["order"]

    assert isinstance(reading.tree, exp.Union)
    assert reading.reader.origin(order.find(exp.Column)) is None
