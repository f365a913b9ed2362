"""What may stand around a column in a condition, and the same condition on the bare column.

Each kind answers `c_wrapped <op> value` by conditions that hold together for the same rows; None
where no exact answer is known. Values may be NULL on neither side for the answers to hold as
three-valued logic, so they are for filters, where NULL means the same as false.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlglot import exp

from backend.rewrite.column_types import Family
from backend.rewrite.conditions import is_constant
from backend.rewrite.time_values import (
    DAY,
    ONE,
    TimeType,
    as_date,
    as_time,
    negated,
    shifted,
    time_type,
    truncated,
)

Operator = type[exp.Expr]

FIRST_YEAR = 1900
_ROUNDED_UP = (exp.GT, exp.LTE)
"""`trunc(c) > v` and `trunc(c) <= v` part at the end of the period that v lies in."""


class Wrapping(Protocol):
    """Knows the column inside and the family of its type."""

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None: ...


def compared(operator: Operator, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return operator(this=left.copy(), expression=right.copy())


@dataclass(frozen=True, kw_only=True)
class Truncated:
    """DATE_TRUNC(unit, c): the unit may be masked, so values that start no period are provided
    for: an equality with one is never true."""

    column: exp.Column
    family: Family
    unit: exp.Expr

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        if time_type(value) is None:
            return None
        if operator is exp.EQ:
            return self._equal(value)
        end = shifted(truncated(as_time(value), self.unit), ONE, self.unit)
        if operator is exp.GT:
            return [compared(exp.GTE, self.column, end)]
        if operator is exp.LTE:
            return [compared(exp.LT, self.column, end)]
        # The bare column bounds what is read; the old condition decides.
        kept = compared(operator, truncated(self.column, self.unit), value)
        if operator is exp.GTE:
            return [compared(exp.GTE, self.column, self._first(value)), kept]
        return [compared(exp.LT, self.column, end), kept]

    def _equal(self, value: exp.Expr) -> list[exp.Expr]:
        start = as_date(value) if self._is_date_literal(value) else as_time(value)
        return [
            compared(exp.GTE, self.column, self._first(value)),
            compared(exp.LT, self.column, shifted(start, ONE, self.unit)),
            compared(exp.EQ, truncated(start, self.unit), value),
        ]

    def _first(self, value: exp.Expr) -> exp.Expr:
        return as_date(value) if self._is_date_literal(value) else value

    def _is_date_literal(self, value: exp.Expr) -> bool:
        return self.family is Family.DATE and time_type(value) is TimeType.LITERAL


@dataclass(frozen=True, kw_only=True)
class Day:
    """c::date, CAST(c AS DATE), DATE(c) and TRUNC(c) of a timestamp or a date."""

    column: exp.Column
    family: Family

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        kind = time_type(value)
        if self.family is Family.DATE:
            return [compared(operator, self.column, value)] if kind else None
        if kind not in (TimeType.LITERAL, TimeType.DATE):
            return None  # it may carry a time of day
        day = as_date(value)
        next_day = shifted(day, ONE, DAY)
        if operator is exp.EQ:
            return [
                compared(exp.GTE, self.column, day),
                compared(exp.LT, self.column, next_day),
            ]
        if operator in _ROUNDED_UP:
            bound = exp.GTE if operator is exp.GT else exp.LT
            return [compared(bound, self.column, next_day)]
        return [compared(operator, self.column, day)]


@dataclass(frozen=True, kw_only=True)
class Year:
    """EXTRACT(YEAR FROM c), DATE_PART(year, c) and DATE_PART_YEAR(c), for years from 1 on."""

    column: exp.Column
    family: Family

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        if not is_constant(value) or isinstance(value.unnest(), exp.Neg):
            return None
        start, end = _new_year(value, 0), _new_year(value, 1)
        if operator is exp.EQ:
            return [compared(exp.GTE, self.column, start), compared(exp.LT, self.column, end)]
        if operator in _ROUNDED_UP:
            bound = exp.GTE if operator is exp.GT else exp.LT
            return [compared(bound, self.column, end)]
        return [compared(operator, self.column, start)]


def _new_year(value: exp.Expr, later: int) -> exp.Expr:
    """1 January of the year of the value, or of the next: DATEADD(YEAR, v - 1900, …)."""
    inner = value.unnest().copy()
    if not isinstance(inner, exp.Literal | exp.Func):
        inner = exp.Paren(this=inner)
    years = exp.Sub(this=inner, expression=exp.Literal.number(FIRST_YEAR - later))
    first = exp.cast(exp.Literal.string(f"{FIRST_YEAR}-01-01"), exp.DType.DATE)
    return shifted(first, years, exp.var("YEAR"))


@dataclass(frozen=True, kw_only=True)
class Shifted:
    """DATEADD(unit, amount, c) with a unit of fixed length."""

    column: exp.Column
    family: Family
    amount: exp.Expr
    unit: exp.Expr

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        if time_type(value) is None:
            return None
        back = shifted(as_time(value), negated(self.amount), self.unit)
        return [compared(operator, self.column, back)]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """c + k, c - k: of a date by days, of a date or timestamp by an interval of fixed length, or
    of an exact number."""

    column: exp.Column
    family: Family
    amount: exp.Expr
    is_added: bool

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        start = self._start(value)
        if start is None:
            return None
        back = exp.Sub if self.is_added else exp.Add
        moved = back(this=start.copy(), expression=self.amount.copy())
        return [compared(operator, self.column, moved)]

    def _start(self, value: exp.Expr) -> exp.Expr | None:
        if self.family in (Family.INTEGER, Family.NUMERIC):
            return value if isinstance(value.unnest(), exp.Literal | exp.Neg) else None
        if isinstance(self.amount, exp.Interval):
            return as_time(value) if time_type(value) else None
        is_day = time_type(value) in (TimeType.LITERAL, TimeType.DATE)
        return as_date(value) if is_day and self.family is Family.DATE else None


@dataclass(frozen=True, kw_only=True)
class DaysBetween:
    """DATEDIFF(DAY, c, other), or with the column last."""

    column: exp.Column
    family: Family
    other: exp.Expr
    is_column_last: bool

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        if time_type(self.other) is None or not isinstance(value.unnest(), exp.Literal | exp.Neg):
            return None
        amount = value.unnest() if self.is_column_last else negated(value)
        day = shifted(as_date(self.other), amount, DAY)
        # Counted from the column's side: the later the column, the fewer days are left.
        turned = operator if self.is_column_last else _TURNED[operator]
        next_day = shifted(day, ONE, DAY)
        if turned is exp.EQ:
            return [
                compared(exp.GTE, self.column, day),
                compared(exp.LT, self.column, next_day),
            ]
        if turned in _ROUNDED_UP:
            bound = exp.GTE if turned is exp.GT else exp.LT
            return [compared(bound, self.column, next_day)]
        return [compared(turned, self.column, day)]


_TURNED: dict[Operator, Operator] = {
    exp.EQ: exp.EQ,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}


@dataclass(frozen=True, kw_only=True)
class Defaulted:
    """COALESCE(c, d) and NVL(c, d); of a NOT NULL column it is the column itself."""

    column: exp.Column
    family: Family
    default: exp.Expr
    may_be_null: bool

    def bare(self, operator: Operator, value: exp.Expr) -> list[exp.Expr] | None:
        if not isinstance(value.unnest(), exp.Literal):
            return None
        if not self.may_be_null:
            return [compared(operator, self.column, value)]
        cast = _CASTS.get(self.family)
        if cast is None or not isinstance(self.default.unnest(), exp.Literal):
            return None  # which of two bare values is larger depends on their type
        missing = exp.Is(this=self.column.copy(), expression=exp.Null())
        instead = compared(operator, cast(self.default), cast(value))
        given = compared(operator, self.column, value)
        return [exp.Or(this=given, expression=exp.And(this=missing, expression=instead))]


_CASTS: dict[Family, Callable[[exp.Expr], exp.Expr]] = {
    Family.DATE: as_date,
    Family.TIMESTAMP: as_time,
}
