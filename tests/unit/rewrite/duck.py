"""Redshift statements run in DuckDB, on databases small enough to read.

DuckDB is not Redshift. Test statements keep away from what differs: division of integers, CHAR
padding, trailing blanks, `IS` behind a comparison. What can be bridged is bridged here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
from sqlglot import exp, parse_one

TODAY = "2024-03-15"
NOW = "2024-03-15 10:30:00"

Rows = Sequence[Sequence[Any]]
Bag = Counter[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class DuckTable:
    """`columns` are name and Redshift type; `not_null` are those that DuckDB holds to it."""

    name: str
    columns: tuple[tuple[str, str], ...]
    not_null: frozenset[str] = frozenset()


class Duck:
    """A database in memory whose rows can be changed; statements are in Redshift's dialect."""

    def __init__(self, tables: Iterable[DuckTable]) -> None:
        self._tables = tuple(tables)
        self._connection = duckdb.connect(":memory:")
        self._run("SET threads = 1")
        self._run("CREATE MACRO date_part_year(moment) AS EXTRACT(YEAR FROM moment)")
        for table in self._tables:
            schema = table.name.rpartition(".")[0]
            if schema:
                self._run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            columns = ", ".join(
                f'"{name}" {_type(kind)}{" NOT NULL" if name in table.not_null else ""}'
                for name, kind in table.columns
            )
            self._run(f"CREATE TABLE {table.name} ({columns})")

    def __enter__(self) -> "Duck":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def fill(self, rows: Mapping[str, Rows]) -> None:
        """These rows and no others."""
        for table in self._tables:
            self._run(f"TRUNCATE {table.name}")
            values = ", ".join(
                f"({', '.join(map(_literal, row))})" for row in rows.get(table.name, ())
            )
            if values:
                self._run(f"INSERT INTO {table.name} VALUES {values}")  # noqa: S608 - test data

    def bag(self, duckdb_sql: str) -> Bag:
        """The rows that a statement gives, whatever their order."""
        return bag_of(self._run(duckdb_sql))

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql)


def bag_of(answer: duckdb.DuckDBPyConnection) -> Bag:
    return Counter(tuple(map(_plain, row)) for row in answer.fetchall())


def as_duckdb(redshift_sql: str) -> str:
    """With a fixed today and now, and TRUNC of a moment as its day (of numbers it is not used).

    DATE_TRUNC takes timestamps in Redshift; of an hour of a date column DuckDB 1.5.5 finds none.
    """
    tree = parse_one(redshift_sql, read="redshift")
    for node in list(tree.find_all(exp.TimestampTrunc)):
        node.set("this", exp.cast(node.this.copy(), "timestamp"))
    for node in list(tree.find_all(exp.CurrentDate, exp.CurrentTimestamp, exp.Trunc)):
        if isinstance(node, exp.CurrentDate):
            node.replace(exp.cast(exp.Literal.string(TODAY), "date"))
        elif isinstance(node, exp.CurrentTimestamp):
            node.replace(exp.cast(exp.Literal.string(NOW), "timestamp"))
        else:
            node.replace(exp.cast(node.this.copy(), "date"))
    return tree.sql("duckdb", comments=False)


def _type(redshift_type: str) -> str:
    return exp.DataType.build(redshift_type, dialect="redshift").sql("duckdb")


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime | date | str):
        return f"'{value}'"
    return str(value)


def _plain(value: object) -> object:
    """Sums of floats depend on the order of the rows in the last digits; NaN equals nothing."""
    if isinstance(value, float):
        return f"{value:.9g}"
    return value.normalize() if isinstance(value, Decimal) else value
