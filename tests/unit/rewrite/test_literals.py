"""The harness of these tests puts the literals back where they were."""

import pytest

from backend.rewrite.statement import read_numbered
from backend.sql.scrub import scrub
from tests.unit.rewrite.databases import databases
from tests.unit.rewrite.duck import Duck, DuckTable, as_duckdb
from tests.unit.rewrite.literals import filled, literals_of


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a FROM t WHERE b = 'x' AND c > -3.5 AND d IN (1, 2, 3, 4, 5) AND e IN ('a', 'b')",
        "SELECT a FROM t WHERE b IN ('a', 'b', 'c', 'd') AND c = 7 LIMIT 10",
        "SELECT 'it''s' AS a, 5 AS b FROM t /* 9 */ WHERE c BETWEEN 1 AND 2 -- 3",
    ],
)
def test_filling_a_scrubbed_statement_gives_the_statement(sql: str) -> None:
    statement = read_numbered(scrub(sql).text)
    assert statement is not None

    again = filled(statement.text_of(statement.tree), literals_of(sql))

    assert as_duckdb(again) == as_duckdb(sql)


def test_databases_are_the_same_for_the_same_seed_and_start_empty() -> None:
    table = DuckTable(name="t", columns=(("a", "integer"), ("b", "date")), not_null=frozenset("a"))
    sql = "SELECT a FROM t WHERE a = 7 AND b < '2024-03-10'"

    first, again = (list(databases([table], sql, count=20, seed=3)) for _ in range(2))

    assert first == again
    assert first[0] == {"t": []}
    rows = [row for each in first for row in each["t"]]
    assert {None, 6, 7, 8} & {row[0] for row in rows} == {6, 7, 8}
    assert None in {row[1] for row in rows}


def test_rows_are_compared_as_bags() -> None:
    table = DuckTable(name="t", columns=(("a", "integer"),))
    with Duck([table]) as duck:
        duck.fill({"t": [[1], [1], [None]]})

        bag = duck.bag("SELECT a FROM t")

    assert bag == {(1,): 2, (None,): 1}
