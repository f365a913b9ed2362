import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sql.action_sql import (
    ActionKind,
    NotActionSqlError,
    analyze,
    count_by_value,
    distribute,
    distribute_by_key,
    read_action_sql,
    sort_by,
    vacuum_sort,
)
from tests.builders import a_table
from tests.unit.panel.cases import orders

NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=12
).filter(lambda name: "." not in name)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (analyze(orders()), ActionKind.ANALYZE),
        (vacuum_sort(orders()), ActionKind.VACUUM_SORT),
        (distribute(orders(), "ALL"), ActionKind.DISTRIBUTE),
        (distribute_by_key(orders(), "order_id"), ActionKind.DISTRIBUTE_BY_KEY),
        (sort_by(orders(), ("ordered_at", "shop_id")), ActionKind.SORT_KEY),
        (count_by_value(orders(), "shop_id"), ActionKind.SELECT),
    ],
    ids=lambda value: value if isinstance(value, ActionKind) else "",
)
def test_every_statement_that_is_written_is_read_back(statement, kind):
    read = read_action_sql(statement)

    assert [(each.kind, each.table_names) for each in read] == [(kind, ("sales.orders",))]


@given(schema=NAMES, table=NAMES, column=NAMES)
def test_no_name_breaks_out_of_its_quotes(schema, table, column):
    odd_table = a_table("a.b", columns=())
    odd_table = type(odd_table)(database_name="d", schema_name=schema, table_name=table)

    (read,) = read_action_sql(distribute_by_key(odd_table, column))

    assert read.table_names == (f"{schema}.{table}",)
    assert read.column_names == (column,)


def test_a_reserved_word_is_put_in_quotes():
    assert analyze(a_table("public.order")) == 'ANALYZE public."order";'


def test_a_name_with_a_line_break_is_refused():
    with pytest.raises(NotActionSqlError):
        analyze(a_table("public.or\nders"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "DROP TABLE sales.orders",
        "ANALYZE sales.orders; DROP TABLE sales.orders",
        "CREATE INDEX on_shop ON sales.orders (shop_id)",
        "SELECT 1 INTO sales.copy",
        "SELECT 'open",
        'ANALYZE "sales',
        "VACUUM FULL",
        "ALTER TABLE sales.orders DROP COLUMN note",
        "WITH gone AS (SELECT 1) DELETE FROM sales.orders",
        "UNLOAD ('SELECT 1') TO 's3://bucket'",
        "SELECT pg_terminate_backend(pid) FROM stv_sessions",
        "SELECT * FROM sales.orders FOR UPDATE",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(NotActionSqlError):
        read_action_sql(text)
