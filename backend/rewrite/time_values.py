"""Constant dates and times in a statement: their type, and the calls that work on them.

Redshift guide: DATEADD takes a whole number and gives a timestamp; DATE_TRUNC gives a timestamp;
a date next to a timestamp counts as its midnight.
"""

from enum import StrEnum

from sqlglot import exp

from backend.rewrite.conditions import is_constant

FIXED_UNITS = frozenset({"WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND", "MICROSECOND"})
"""Always equally long in a timestamp without time zone, unlike months."""


class TimeType(StrEnum):
    """LITERAL takes the type of what it is compared with."""

    LITERAL = "literal"
    DATE = "date"
    TIMESTAMP = "timestamp"


def time_type(value: exp.Expr) -> TimeType | None:
    """None where the value is no constant, of another type, or depends on the session's zone."""
    if not is_constant(value):
        return None
    value = value.unnest()
    if isinstance(value, exp.Add | exp.Sub):
        return _shifted_type(value)
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain
    inner = value.args.get("this")
    given = time_type(inner) if isinstance(inner, exp.Expr) else None
    if isinstance(value, exp.Cast):
        return _CAST_TO.get(value.to.this) if given is not None else None
    is_moment = given in (TimeType.DATE, TimeType.TIMESTAMP)
    return _CALLS.get(type(value)) if is_moment else None


_PLAIN: dict[type[exp.Expr], TimeType] = {
    exp.Literal: TimeType.LITERAL,
    exp.CurrentDate: TimeType.DATE,
    exp.CurrentTimestamp: TimeType.TIMESTAMP,
}
_CAST_TO = {
    exp.DType.DATE: TimeType.DATE,
    exp.DType.TIMESTAMP: TimeType.TIMESTAMP,
}
_CALLS: dict[type[exp.Expr], TimeType] = {
    exp.Date: TimeType.DATE,
    exp.Trunc: TimeType.DATE,
    exp.TimestampTrunc: TimeType.TIMESTAMP,
    exp.TsOrDsAdd: TimeType.TIMESTAMP,
}


def _shifted_type(value: exp.Expr) -> TimeType | None:
    """A date plus days is a date, plus an interval a timestamp."""
    start, shift = time_type(value.this), value.expression.unnest()
    if start not in (TimeType.DATE, TimeType.TIMESTAMP):
        return None
    if isinstance(shift, exp.Interval):
        return TimeType.TIMESTAMP
    return start if isinstance(shift, exp.Literal) else None


def as_date(value: exp.Expr) -> exp.Expr:
    if time_type(value) is TimeType.DATE:
        return value.copy()
    return exp.cast(value.unnest().copy(), exp.DType.DATE)


def as_time(value: exp.Expr) -> exp.Expr:
    """A date or a timestamp: what has no type of its own becomes a timestamp."""
    if time_type(value) is TimeType.LITERAL:
        return exp.cast(value.unnest().copy(), exp.DType.TIMESTAMP)
    return value.copy()


def shifted(value: exp.Expr, amount: exp.Expr, unit: exp.Expr) -> exp.Expr:
    """DATEADD(unit, amount, value)"""
    return exp.TsOrDsAdd(
        this=value.copy(),
        expression=amount.copy(),
        unit=unit.copy(),
        return_type=exp.DataType.build("timestamp"),
    )


def truncated(value: exp.Expr, unit: exp.Expr) -> exp.Expr:
    """DATE_TRUNC(unit, value)"""
    return exp.TimestampTrunc(this=value.copy(), unit=unit.copy())


def negated(amount: exp.Expr) -> exp.Expr:
    amount = amount.unnest()
    return amount.this.copy() if isinstance(amount, exp.Neg) else exp.Neg(this=amount.copy())


ONE = exp.Literal.number(1)
DAY = exp.var("DAY")
