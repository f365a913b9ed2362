"""Random statements about the shop: valid SQL, full of what rules look for and stumble over."""

# ruff: noqa: S608 - statements for a database in memory

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeVar

COLUMNS = {
    "retail.orders": {
        "whole": ("order_id", "customer_id", "store_id"),
        "day": ("order_date",),
        "moment": ("ordered_at",),
        "number": ("total",),
        "text": ("status",),
        "flag": ("is_paid",),
    },
    "retail.lines": {
        "whole": ("order_id", "product_id", "quantity"),
        "day": ("line_date",),
        "number": ("amount",),
    },
    "retail.returns": {"whole": ("order_id", "store_id"), "day": ("returned_on",)},
    "retail.stores": {"whole": ("store_id",), "day": ("opened_on",), "text": ("name",)},
}
VALUES = {
    "whole": ("0", "1", "2", "3"),
    "day": ("'2024-03-01'", "'2024-03-10'", "CURRENT_DATE", "DATE '2024-03-15'"),
    "moment": ("'2024-03-01'", "'2024-03-10 05:00'", "GETDATE()", "CURRENT_DATE"),
    "number": ("0", "1", "1.5"),
    "text": ("'a'", "'B'"),
}
T = TypeVar("T")
OPERATORS = ("=", "<", "<=", ">", ">=", "<>")


@dataclass(frozen=True)
class Source:
    table: str
    alias: str

    def columns(self, kind: str) -> list[str]:
        return [f"{self.alias}.{name}" for name in COLUMNS[self.table].get(kind, ())]


class Writer:
    """Writes one statement after the other from the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - test data
        self._numbers = count(1)

    def statement(self) -> str:
        kinds = (
            self._plain,
            self._plain,
            self._grouped,
            self._union,
            self._derived,
            self._with_query,
            self._scalars,
            self._crossed,
        )
        return self._one_of(kinds)()

    # Queries

    def _plain(self) -> str:
        sources, from_clause = self._from()
        columns = self._shown(sources)
        distinct = "DISTINCT " if self._happens(0.25) else ""
        if self._happens(0.12):
            columns = "*"
        elif self._happens(0.25):
            columns += f", {self._scalar(sources[0])} AS value"
        return f"SELECT {distinct}{columns} FROM {from_clause}{self._where(sources)}"

    def _grouped(self) -> str:
        sources, from_clause = self._from()
        keys = self._some(self._all(sources, ("whole", "text")), 1, 3)
        shown = keys if self._happens(0.6) else keys[:1]
        aggregate = self._aggregate(sources)
        distinct = "DISTINCT " if self._happens(0.6) else ""
        by = ", ".join(keys)
        if self._happens(0.15):
            by = f"ROLLUP ({by})"
        elif shown == keys and self._happens(0.3):
            by = ", ".join(str(place) for place in range(1, len(keys) + 1))
        having = " HAVING COUNT(*) > 1" if self._happens(0.2) else ""
        names = ", ".join(f"{key} AS k{place}" for place, key in enumerate(shown))
        return (
            f"SELECT {distinct}{names}, {aggregate} AS figure FROM {from_clause}"
            f"{self._where(sources)} GROUP BY {by}{having}"
        )

    def _union(self) -> str:
        operator = self._one_of(("UNION", "UNION", "UNION ALL", "EXCEPT", "INTERSECT"))
        branches = [self._branch() for _ in range(self._chance.randint(2, 3))]
        joined = f" {operator} ".join(branches)
        if self._happens(0.4):
            outer = self._one_of(("SELECT DISTINCT u.a", "SELECT u.a, u.b", "SELECT SUM(u.a) AS s",
                                  "SELECT DISTINCT u.a, u.b", "SELECT MAX(u.a) AS m"))  # fmt: skip
            return f"{outer} FROM ({joined}) u"
        return joined

    def _branch(self) -> str:
        source = self._source()
        column = self._one_of(source.columns("whole"))
        other = self._one_of(("TRUE", "FALSE", "NULL", *source.columns("whole")))
        distinct = "DISTINCT " if self._happens(0.5) else ""
        where = self._one_of(
            (f" WHERE {column} IS NULL", f" WHERE {column} IS NOT NULL", self._where([source]))
        )
        return f"SELECT {distinct}{column} AS a, {other} AS b FROM {self._named(source)}{where}"

    def _derived(self) -> str:
        source = self._source()
        inner = "*" if self._happens(0.5) else ", ".join(COLUMNS[source.table]["whole"])
        distinct = "DISTINCT " if self._happens(0.4) else ""
        names = COLUMNS[source.table]["whole"]
        outer = self._one_of(
            ("SELECT COUNT(*) AS n", f"SELECT DISTINCT d.{names[0]}", f"SELECT d.{names[-1]}",
             "SELECT DISTINCT *", f"SELECT DISTINCT d.{', d.'.join(names)}")
        )  # fmt: skip
        return (
            f"{outer} FROM (SELECT {distinct}{inner} FROM {self._named(source)}"
            f"{self._where([source])}) d WHERE d.{names[0]} > {self._value('whole')}"
        )

    def _with_query(self) -> str:
        source = self._source()
        names = COLUMNS[source.table]["whole"]
        return (
            f"WITH w AS (SELECT * FROM {self._named(source)}{self._where([source])}) "
            f"SELECT x.{names[0]}, (SELECT {self._one_of(('MAX', 'COUNT', 'SUM'))}(y.{names[-1]}) "
            f"FROM w y WHERE y.{names[0]} = x.{names[0]}) AS figure FROM w x"
        )

    def _scalars(self) -> str:
        source = Source(self._one_of(tuple(COLUMNS)), "t")
        subqueries = [
            f"(SELECT {self._aggregate([source])} FROM {self._named(source)}"
            f"{self._where([source], simple=True)}) AS v{number}"
            for number in range(self._chance.randint(2, 3))
        ]
        if self._happens(0.4):
            queries = [each.rpartition(" AS ")[0][1:-1] for each in subqueries]
            return " UNION ALL ".join(queries)
        tail = " FROM retail.stores z" if self._happens(0.4) else ""
        return f"SELECT {', '.join(subqueries)}{tail}"

    def _crossed(self) -> str:
        source = Source(self._one_of(tuple(COLUMNS)), "t")
        derived = [
            f"(SELECT {self._aggregate([source])} AS f{number} FROM {self._named(source)}"
            f"{self._where([source], simple=True)}) d{number}"
            for number in range(2)
        ]
        columns = self._one_of(("*", "d0.f0, d1.f1", "d1.f1 AS x, f0"))
        return f"SELECT {columns} FROM {', '.join(derived)}"

    # Clauses

    def _from(self) -> tuple[list[Source], str]:
        first = self._source()
        sources, every, text = [first], [first], self._named(first)
        for _ in range(self._chance.choice((0, 0, 1, 1, 2))):
            other = self._source()
            if self._happens(0.2):
                text += f", {self._named(other)}"
                sources = [other]  # ON sees nothing before the comma
                every.append(other)
                continue
            side = self._one_of(("JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"))
            link = f"{self._link(sources, other)}"
            if self._happens(0.3):
                link += f" AND {self._predicate([*sources, other], simple=True)}"
            text += f" {side} {self._named(other)} ON {link}"
            sources.append(other)
            every.append(other)
        return every, text

    def _link(self, sources: list[Source], other: Source) -> str:
        kind = self._one_of(("whole", "whole", "day"))
        left = self._all(sources, (kind,))
        return f"{self._one_of(left)} = {self._one_of(other.columns(kind))}"

    def _where(self, sources: list[Source], *, simple: bool = False) -> str:
        conditions = [
            self._predicate(sources, simple=simple) for _ in range(self._chance.randint(0, 3))
        ]
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _predicate(self, sources: list[Source], *, simple: bool = False) -> str:
        easy = (
            self._comparison,
            self._either,
            self._comparison,
            self._wrapped,
            self._listed,
            self._missing,
        )
        hard = (self._not_in, self._exists, self._any_of, self._negated, self._compared_with_query)
        return self._one_of(easy if simple else (*easy, *hard))(sources)

    def _comparison(self, sources: list[Source]) -> str:
        kind = self._one_of(("whole", "day", "number", "text", "moment"))
        columns = self._all(sources, (kind,)) or self._all(sources, ("whole",))
        kind = kind if self._all(sources, (kind,)) else "whole"
        column = self._one_of(columns)
        if self._happens(0.2):
            return f"{column} BETWEEN {self._value(kind)} AND {self._value(kind)}"
        sides = [column, self._value(kind)]
        self._chance.shuffle(sides)
        return f"{sides[0]} {self._one_of(OPERATORS)} {sides[1]}"

    def _either(self, sources: list[Source]) -> str:
        return f"({self._comparison(sources)} OR {self._comparison(sources)})"

    def _wrapped(self, sources: list[Source]) -> str:
        column = self._one_of(self._all(sources, ("day", "moment")))
        unit = self._one_of(("day", "week", "month", "quarter", "year", "hour"))
        day, moment = self._value("day"), self._value("moment")
        operator = self._one_of(OPERATORS)
        return self._one_of(
            (
                f"DATE_TRUNC('{unit}', {column}) {operator} {moment}",
                f"CAST({column} AS DATE) {operator} {day}",
                f"TRUNC({column}) BETWEEN {day} AND {self._value('day')}",
                f"EXTRACT(year FROM {column}) {operator} 2024",
                f"DATEADD(day, 3, {column}) {operator} {moment}",
                f"DATEDIFF(day, {column}, {moment}) {operator} {self._value('whole')}",
                f"COALESCE({column}, {self._one_of(VALUES['day'][:2])}) {operator} '2024-03-10'",
            )
        )

    def _listed(self, sources: list[Source]) -> str:
        column = self._one_of(self._all(sources, ("whole",)))
        many = " OR ".join(f"{column} = {value}" for value in range(2, 10))
        parts = [f"{column} = {self._value('whole')}", f"{column} IN (0, 1, 2, 3, 4) OR {many}",
                 f"{self._value('whole')} = {column}",
                 self._comparison(sources)]  # fmt: skip
        return f"({' OR '.join(self._some(parts, 2, 4))})"

    def _missing(self, sources: list[Source]) -> str:
        column = self._one_of(self._all(sources, ("whole", "day", "text")))
        return f"{column} IS {self._one_of(('', 'NOT '))}NULL"

    def _not_in(self, sources: list[Source]) -> str:
        inner = self._source()
        column = self._one_of(self._all(sources, ("whole",)))
        chosen = self._one_of(inner.columns("whole"))
        distinct = self._one_of(("", "DISTINCT "))
        query = f"SELECT {distinct}{chosen} FROM {self._named(inner)}"
        query += self._where([inner], simple=True)
        if self._happens(0.3):
            other = self._source()
            operator = self._one_of(("UNION", "EXCEPT"))
            query += f" {operator} SELECT {self._one_of(other.columns('whole'))}"
            query += f" FROM {self._named(other)}"
        return f"{column} {self._one_of(('NOT IN', 'IN'))} ({query})"

    def _exists(self, sources: list[Source]) -> str:
        inner = self._source()
        shown = self._one_of(("*", "DISTINCT " + inner.columns("whole")[0], "1"))
        return (
            f"{self._one_of(('', 'NOT '))}EXISTS (SELECT {shown} FROM {self._named(inner)} "
            f"WHERE {self._link(sources, inner)} AND {self._predicate([inner], simple=True)})"
        )

    def _any_of(self, sources: list[Source]) -> str:
        common = self._link(sources[:1], sources[-1])
        branches = [
            f"({common} AND {self._predicate(sources, simple=True)})"
            for _ in range(self._chance.randint(1, 2))
        ]
        return f"({' OR '.join([*branches, self._one_of((f'({common})', branches[0]))])})"

    def _negated(self, sources: list[Source]) -> str:
        return f"NOT ({self._predicate(sources, simple=True)})"

    def _compared_with_query(self, sources: list[Source]) -> str:
        column = self._one_of(self._all(sources, ("whole",)))
        return f"{column} {self._one_of(OPERATORS)} {self._scalar(self._one_of(sources))}"

    def _scalar(self, outer: Source) -> str:
        inner = self._source()
        link = self._link([outer], inner) if self._happens(0.8) else "1 = 1"
        also = f" AND {self._predicate([inner], simple=True)}" if self._happens(0.5) else ""
        column = self._one_of(inner.columns("whole"))
        figure = self._one_of(
            (f"MAX({column})", f"COUNT({column})", "COUNT(*)", f"COALESCE(SUM({column}), 0)",
             f"COUNT(DISTINCT {column}) + MIN({column})")
        )  # fmt: skip
        return f"(SELECT {figure} FROM {self._named(inner)} WHERE {link}{also})"

    def _aggregate(self, sources: list[Source]) -> str:
        column = self._one_of(self._all(sources, ("whole", "number")))
        return self._one_of(
            ("COUNT(*)", f"COUNT({column})", f"SUM({column})", f"MIN({column})", f"MAX({column})",
             f"COUNT(DISTINCT {column})", f"SUM({column}) + COUNT(*)")
        )  # fmt: skip

    # Parts

    def _shown(self, sources: list[Source]) -> str:
        columns = self._some(self._all(sources, ("whole", "day", "text")), 1, 3)
        return ", ".join(f"{column} AS c{place}" for place, column in enumerate(columns))

    def _source(self) -> Source:
        return Source(self._one_of(tuple(COLUMNS)), f"t{next(self._numbers)}")

    def _named(self, source: Source) -> str:
        return f"{source.table} {source.alias}"

    def _all(self, sources: list[Source], kinds: tuple[str, ...]) -> list[str]:
        return [column for source in sources for kind in kinds for column in source.columns(kind)]

    def _value(self, kind: str) -> str:
        return self._one_of(VALUES[kind])

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _one_of(self, choices: Sequence[T]) -> T:
        return self._chance.choice(choices)

    def _some(self, choices: list[str], least: int, most: int) -> list[str]:
        return self._chance.sample(choices, min(len(choices), self._chance.randint(least, most)))
