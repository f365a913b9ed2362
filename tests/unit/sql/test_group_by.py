"""What a statement groups by."""

import pytest

from backend.sql.group_by import groupings


def grouped(sql):
    """Each grouping's columns as `table.column`, or `column` where the table is not told."""
    found = groupings(sql)
    assert found is not None
    return [
        [f"{each.table_name}.{each.column_name}".lstrip(".") for each in one.columns]
        for one in found
    ]


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("SELECT a, count(*) FROM t GROUP BY a", [["a"]]),
        ("SELECT s.a, count(*) FROM x.t s GROUP BY s.a", [["x.t.a"]]),
        ("SELECT a, b, count(*) FROM t GROUP BY ?, ?", [["a", "b"]]),
        ("SELECT a AS kind, count(*) FROM t GROUP BY kind", [["a"]]),
        ("SELECT date_trunc(?, d) m, count(*) FROM t GROUP BY m", [[]]),
        ("SELECT a, count(DISTINCT s.b) FROM t s GROUP BY a", [["a", "t.b"]]),
        ("SELECT DISTINCT a, b FROM t", [["a", "b"]]),
        ("SELECT a FROM (SELECT a, b FROM t GROUP BY a, b) GROUP BY a", [["a"], ["a", "b"]]),
        ("UNLOAD ('SELECT a FROM t GROUP BY a') TO ? IAM_ROLE ?", [["a"]]),
        ("SELECT a FROM t", []),
        ("SELECT count(*) FROM t", []),
    ],
)
def test_the_bare_columns_of_each_group_by(sql, columns):
    assert sorted(grouped(sql)) == sorted(columns)


def test_a_name_that_means_two_tables_tells_none():
    sql = "SELECT s.a FROM t s GROUP BY s.a UNION ALL SELECT s.a FROM u s GROUP BY s.a"

    assert grouped(sql) == [["a"], ["a"]]


def test_what_is_distinct_is_told_apart():
    found = groupings("SELECT DISTINCT a FROM (SELECT a FROM t GROUP BY a)")

    assert found is not None
    assert sorted(each.is_distinct for each in found) == [False, True]


@pytest.mark.parametrize("sql", ["", "SELECT (", "no statement at all", "(" * 500])
def test_a_text_that_is_no_statement_has_none(sql):
    assert groupings(sql) is None
