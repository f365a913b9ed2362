"""Which columns a statement reads, and which of them go on from the scan."""

import pytest

from backend.sql.columns_read import columns_read


def names(sql: str, *, carried_only: bool = False) -> list[str]:
    read = columns_read(sql) or ()
    return [
        f"{column.table_name or '?'}.{column.name}"
        for column in sorted(read, key=lambda column: column.name)
        if column.is_carried or not carried_only
    ]


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("SELECT a.x FROM s.t AS a WHERE a.y = ?", ["s.t.x", "s.t.y"]),
        ("SELECT x FROM t", ["?.x"]),
        ("SELECT COUNT(*) FROM t", []),
        ("SELECT t.x, u.x FROM t, u", ["t.x", "u.x"]),
        ("UNLOAD ('SELECT x FROM t') TO ?", ["?.x"]),
        ("INSERT INTO w SELECT t.x FROM t", ["t.x"]),
        ("WITH c AS (SELECT t.k FROM t) SELECT c.k FROM c", ["t.k"]),
    ],
    ids=["alias", "unqualified", "star", "comma", "unload", "insert", "with"],
)
def test_columns_are_named_with_the_table_that_the_statement_tells(sql, read):
    assert names(sql) == read


@pytest.mark.parametrize(
    ("sql", "carried"),
    [
        ("SELECT t.x FROM t WHERE t.y = ?", {"t.x"}),
        ("SELECT t.x FROM t WHERE t.x = ?", {"t.x"}),
        ("SELECT t.x FROM t, u WHERE t.k = u.k AND t.y > ?", {"t.k", "u.k", "t.x"}),
        ("SELECT t.x FROM t JOIN u ON t.k = u.k", {"t.k", "u.k", "t.x"}),
        ("SELECT COUNT(*) FROM t GROUP BY t.g ORDER BY t.o", {"t.g", "t.o"}),
        ("SELECT t.x FROM t WHERE t.y LIKE ? OR t.z IS NULL", {"t.x"}),
        ("SELECT t.x FROM t WHERE t.y BETWEEN ? AND ?", {"t.x"}),
    ],
    ids=["filter", "both", "comma join", "join", "group and order", "like", "between"],
)
def test_what_is_only_compared_with_values_stays_behind(sql, carried):
    assert set(names(sql, carried_only=True)) == carried


def test_a_statement_that_does_not_parse_tells_nothing():
    assert columns_read("SELECT FROM WHERE (") is None
