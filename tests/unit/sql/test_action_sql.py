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
    encode_automatically,
    encode_column,
    longest_value,
    read_action_sql,
    sort_by,
    vacuum_delete,
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
        (vacuum_delete(orders()), ActionKind.VACUUM_DELETE),
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

    by_key = read_action_sql(distribute_by_key(odd_table, column))
    encoded = read_action_sql(encode_column(odd_table, column, "zstd"))

    for (read,) in (by_key, encoded):
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
        "VACUUM DELETE ONLY",
        "VACUUM DELETE ONLY sales.orders TO ten PERCENT",
        "VACUUM DELETE sales.orders",
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


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("VACUUM DELETE ONLY sales.orders TO 99 PERCENT;", [ActionKind.VACUUM_DELETE]),
        ("VACUUM REINDEX sales.orders;", [ActionKind.VACUUM_REINDEX]),
        ("ALTER TABLE sales.orders ALTER ENCODE AUTO;", [ActionKind.ENCODE_AUTO]),
        ("ALTER TABLE sales.orders ALTER DISTKEY order_id", [ActionKind.DISTRIBUTE_BY_KEY]),
        (
            "ALTER TABLE sales.orders ALTER COLUMN note ENCODE zstd, ALTER COLUMN shop_id ENCODE az64",
            [ActionKind.ENCODE_COLUMN, ActionKind.ENCODE_COLUMN],
        ),
        (
            'ALTER TABLE "sales"."orders" ALTER DISTSTYLE KEY DISTKEY "a", '
            'ALTER COMPOUND SORTKEY ("b","c")',
            [ActionKind.DISTRIBUTE_BY_KEY, ActionKind.SORT_KEY],
        ),
        (
            "ALTER TABLE sales.orders ALTER SORTKEY (b), ALTER DISTSTYLE ALL",
            [ActionKind.SORT_KEY, ActionKind.DISTRIBUTE],
        ),
    ],
)
def test_what_the_advisor_writes_is_read_clause_by_clause(text, kinds):
    read = read_action_sql(text)

    assert [each.kind for each in read] == kinds
    assert {each.table_names for each in read} == {("sales.orders",)}


@pytest.mark.parametrize(
    "text",
    [
        "VACUUM REINDEX",
        "VACUUM REINDEX sales.orders TO 75 PERCENT",
        "ALTER TABLE sales.orders ALTER COLUMN note TYPE varchar(10)",
        "ALTER TABLE sales.orders ALTER COLUMN note ENCODE gzip",
        "ALTER TABLE sales.orders ALTER COLUMN note ENCODE zstd,",
        "ALTER TABLE sales.orders ALTER COLUMN note ENCODE zstd, ALTER COLUMN note ENCODE lzo",
        "ALTER TABLE sales.orders ALTER ENCODE AUTO, ALTER DISTKEY order_id",
        "ALTER TABLE sales.orders ALTER SORTKEY (a), ALTER DISTSTYLE EVEN",
        "ALTER TABLE sales.orders ALTER DISTKEY order_id, DROP COLUMN note",
        "ALTER TABLE sales.orders ALTER ENCODE AUTOMATIC",
        "SELECT evil(OCTET_LENGTH(note)) FROM sales.orders",
        "WITH gone AS (DELETE FROM octet_length) SELECT 1",
    ],
)
def test_clauses_that_do_not_go_together_are_refused(text):
    with pytest.raises(NotActionSqlError):
        read_action_sql(text)


@pytest.mark.parametrize(
    ("statement", "kind", "argument"),
    [
        (encode_column(orders(), "note", "raw"), ActionKind.ENCODE_COLUMN, "RAW"),
        (encode_automatically(orders()), ActionKind.ENCODE_AUTO, ""),
        (longest_value(orders(), "note"), ActionKind.SELECT, ""),
    ],
)
def test_statements_about_columns_are_read_back(statement, kind, argument):
    (read,) = read_action_sql(statement)

    assert (read.kind, read.table_names, read.argument) == (kind, ("sales.orders",), argument)
