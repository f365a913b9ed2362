"""Statements come back from the tree word for word, or are left alone."""

import pytest

from backend.rewrite.statement import read_numbered
from backend.sql.scrub import scrub


def written(sql: str) -> str | None:
    statement = read_numbered(scrub(sql).text)
    return " ".join(statement.text_of(statement.tree).split()) if statement else None


def test_each_place_of_a_value_has_its_number() -> None:
    text = written("SELECT a FROM t WHERE b = 'x' AND c IN (1, 2, 3, 4, 5) LIMIT 10")

    assert text == "SELECT a FROM t WHERE b = :p1 AND c IN (:p2, :p3, :p4) LIMIT :p5"


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("SELECT a FROM t WHERE d > CURRENT_DATE - INTERVAL '90' day", "INTERVAL :p1 DAY"),
        ("SELECT a FROM t WHERE d > CURRENT_DATE - INTERVAL '90 days'", "INTERVAL :p1"),
        ("SELECT a FROM t WHERE d = DATE '2024-01-01'", "CAST(:p1 AS DATE)"),
        ("SELECT DATE_TRUNC('month', d) AS m FROM t", "DATE_TRUNC(:p1, d)"),
        ("SELECT DATEDIFF('month', d, e) AS m FROM t", "DATEDIFF(:p1, d, e)"),
        ("SELECT NVL(a, 0) AS a FROM t", "COALESCE(a, :p1)"),
        ("SELECT a FROM t WHERE NOT b IN (SELECT c FROM u)", "NOT b IN (SELECT c FROM u)"),
    ],
)
def test_other_spellings_of_the_same_come_back(sql: str, kept: str) -> None:
    assert kept in (written(sql) or "").replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        # ADD_MONTHS ends on the last day of a month where DATEADD does not.
        ("SELECT ADD_MONTHS(d, 1) AS next FROM t", "ADD_MONTHS(d, :p1)"),
        # DATE_PART of seconds has decimals where EXTRACT has none.
        ("SELECT DATE_PART(second, d) AS s FROM t", "DATE_PART(second, d)"),
        ("SELECT CONVERT_TIMEZONE('CET', d) AS d FROM t", "CONVERT_TIMEZONE(:p1, d)"),
    ],
)
def test_calls_that_sqlglot_would_exchange_for_others_stay_as_written(sql: str, kept: str) -> None:
    assert kept in (written(sql) or "")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a::text AS a FROM t",  # TEXT is VARCHAR(256), sqlglot writes VARCHAR(MAX)
        "SELECT DATEADD(m, 1, d) AS d FROM t",  # m are minutes
        "SELECT TOP 10 a FROM t",
        "SELECT a FROM t ORDER BY a OFFSET 5 LIMIT 10",  # comes back as LIMIT and OFFSET
        "SELECT a FROM t; SELECT b FROM t",
        "SELECT a FROM t WHERE",
        "CALL nightly_load(7)",
    ],
)
def test_a_statement_that_would_come_back_otherwise_is_left_alone(sql: str) -> None:
    assert written(sql) is None


def test_a_withheld_statement_has_no_tree() -> None:
    assert read_numbered(None) is None


def test_numbers_go_on_from_what_stands_around_the_query_to_what_follows() -> None:
    unload = written("UNLOAD ('SELECT a FROM t WHERE b = 5') TO 's3://x/' IAM_ROLE 'arn'")

    assert unload == "unload (' SELECT a FROM t WHERE b = :p1 ') TO :p2 IAM_ROLE :p3".replace(
        "unload", "UNLOAD"
    )
