"""Random databases in which the conditions of a statement hold for some rows and not for others."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.unit.rewrite.duck import NOW, TODAY, DuckTable, Rows

MOST_ROWS = 14
NULL_SHARE = 0.15
VALUES_A_DATABASE = 5
"""Few values of each type in one database, so that joins and groups find partners."""

_POOLS = {
    "timestamp": "timestamp",
    "date": "date",
    "numeric": "numeric",
    "decimal": "numeric",
    "double": "numeric",
    "char": "varchar",
    "varchar": "varchar",
    "boolean": "boolean",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")
_NUMBER = re.compile(r"(?<![\d-])\d{1,6}(?:\.\d+)?(?![\d-])")
_WORD = re.compile(r"'([A-Za-z]\w*)'")


def databases(
    tables: Sequence[DuckTable], sql: str, *, count: int, seed: int
) -> Iterator[dict[str, Rows]]:
    """`count` of them: the first with empty tables, the others with few rows and many ties."""
    chance = random.Random(seed)  # noqa: S311 - test data
    pools = _pools(sql)
    yield {table.name: [] for table in tables}
    for _ in range(count - 1):
        few = {
            family: chance.sample(values, min(len(values), VALUES_A_DATABASE))
            for family, values in pools.items()
        }
        yield {
            table.name: [
                tuple(_value(chance, table, name, kind, few) for name, kind in table.columns)
                for _ in range(chance.randint(0, MOST_ROWS))
            ]
            for table in tables
        }


def _value(
    chance: random.Random, table: DuckTable, name: str, kind: str, pools: dict[str, list[Any]]
) -> Any:
    if name not in table.not_null and chance.random() < NULL_SHARE:
        return None
    return _fitted(chance.choice(pools[_family(kind)]), kind)


def _fitted(value: Any, kind: str) -> Any:
    """Numbers without the digits that NUMERIC(p, s) has no room for, text cut to its length."""
    sizes = [int(size) for size in re.findall(r"\d+", kind.partition("(")[2])]
    if isinstance(value, Decimal) and sizes:
        return value % 10 ** (sizes[0] - sizes[-1] if len(sizes) > 1 else sizes[0])
    return value[: sizes[0]] if isinstance(value, str) and sizes else value


def _family(kind: str) -> str:
    """The pool of a type: NUMERIC and DOUBLE PRECISION take the same numbers, all text the same."""
    for start, pool in _POOLS.items():
        if kind.lower().startswith(start):
            return pool
    return "integer"


def _pools(sql: str) -> dict[str, list[Any]]:
    """Values on, just before and just after those that the statement compares with."""
    moments = [datetime.fromisoformat(text) for text in {*_DATE.findall(sql), NOW, TODAY}]
    numbers = sorted({Decimal(text) for text in _NUMBER.findall(_without_dates(sql))})
    around = sorted({moment for each in moments for moment in _around(each)})
    return {
        "timestamp": around,
        "date": sorted({moment.date() for moment in around}),
        "integer": sorted({int(n) + step for n in (*numbers, 0) for step in (-1, 0, 1)}),
        "numeric": sorted(
            {n + step for n in (*numbers, Decimal(1)) for step in (-1, 0, Decimal("0.5"), 1)}
        ),
        "varchar": sorted({*_WORD.findall(sql), "a", "B", ""}),
        "boolean": [True, False],
    }


def _without_dates(sql: str) -> str:
    return _DATE.sub(" ", sql)


def _around(moment: datetime) -> Iterable[datetime]:
    """The edges of its day, week, month and year, and a moment on each side of them."""
    day = datetime.combine(moment.date(), datetime.min.time())
    month = day.replace(day=1)
    edges = {
        moment,
        day,
        day + timedelta(days=1),
        day - timedelta(days=day.weekday()),
        day - timedelta(days=day.weekday()) + timedelta(days=7),
        month,
        (month + timedelta(days=32)).replace(day=1),
        day.replace(month=1, day=1),
        day.replace(year=day.year + 1, month=1, day=1),
    }
    for edge in edges:
        yield from (edge - timedelta(microseconds=1), edge, edge + timedelta(hours=5))
