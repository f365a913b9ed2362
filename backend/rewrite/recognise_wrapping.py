"""Which function, cast or arithmetic stands around a column, and around nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from backend.rewrite.column_types import Family
from backend.rewrite.conditions import is_constant
from backend.rewrite.numbered import name_as_written
from backend.rewrite.time_values import FIXED_UNITS
from backend.rewrite.wrappings import (
    Day,
    DaysBetween,
    Defaulted,
    Moved,
    Shifted,
    Truncated,
    Wrapping,
    Year,
)

_TIMES = (Family.DATE, Family.TIMESTAMP)
_NUMBERS = (Family.INTEGER, Family.NUMERIC)
_EVERYWHERE = (*_TIMES, *_NUMBERS, Family.TEXT, Family.ZONED)

Maker = Callable[[Family, bool], Wrapping]


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """`why_not` is set where the form can never be undone, whatever the column is."""

    column: exp.Column
    families: tuple[Family, ...] = _TIMES
    make: Maker | None = None
    why_not: str = ""
    is_default: bool = False

    def wrapping(self, kind: Family, may_be_null: bool) -> Wrapping | None:
        return self.make(kind, may_be_null) if self.make else None


def recognise(side: exp.Expr) -> Recognised | None:
    """None for a bare column and for what is no form of one column alone."""
    side = side.unnest()
    for look in (_truncated, _day, _year, _shifted, _moved, _days_between, _default, _formatted):
        found = look(side)
        if found is not None:
            return found
    return None


def _truncated(side: exp.Expr) -> Recognised | None:
    if not isinstance(side, exp.TimestampTrunc) or not isinstance(side.this, exp.Column):
        return None
    column, unit = side.this, side.args["unit"]
    return Recognised(
        column=column, make=lambda kind, _: Truncated(column=column, family=kind, unit=unit)
    )


def _day(side: exp.Expr) -> Recognised | None:
    is_cast = isinstance(side, exp.Cast) and side.to.this == exp.DType.DATE
    is_call = isinstance(side, exp.Date | exp.Trunc) and not any(
        value for name, value in side.args.items() if name != "this"
    )
    if not (is_cast or is_call) or not isinstance(side.this, exp.Column):
        return None
    column = side.this
    return Recognised(column=column, make=lambda kind, _: Day(column=column, family=kind))


def _year(side: exp.Expr) -> Recognised | None:
    column: object = None
    if isinstance(side, exp.Extract) and side.this.name.upper() == "YEAR":
        column = side.expression
    elif isinstance(side, exp.Anonymous) and name_as_written(side) == "date_part_year":
        column = side.expressions[0] if len(side.expressions) == 1 else None
    elif isinstance(side, exp.Anonymous) and name_as_written(side) == "date_part":
        is_year = len(side.expressions) == 2 and side.expressions[0].name.lower() == "year"
        column = side.expressions[1] if is_year else None
    if not isinstance(column, exp.Column):
        return None
    inner = column
    return Recognised(column=inner, make=lambda kind, _: Year(column=inner, family=kind))


def _shifted(side: exp.Expr) -> Recognised | None:
    if not isinstance(side, exp.TsOrDsAdd) or not isinstance(side.this, exp.Column):
        return None
    column, amount, unit = side.this, side.expression, side.args["unit"]
    if not is_constant(amount):
        return None
    if unit.name.upper() not in FIXED_UNITS:
        is_masked = unit.name.startswith(":")
        why = "the date part is masked, and it may be" if is_masked else "it adds"
        return Recognised(
            column=column, why_not=f"{why} months or years, which cannot be taken back exactly"
        )
    return Recognised(
        column=column,
        make=lambda kind, _: Shifted(column=column, family=kind, amount=amount, unit=unit),
    )


def _moved(side: exp.Expr) -> Recognised | None:
    if not isinstance(side, exp.Add | exp.Sub):
        return None
    column, amount = side.this.unnest(), side.expression.unnest()
    is_added = isinstance(side, exp.Add)
    if is_added and isinstance(amount, exp.Column):
        column, amount = amount, column
    if not isinstance(column, exp.Column) or not isinstance(amount, exp.Literal | exp.Interval):
        return None
    if isinstance(amount, exp.Interval) and _unit_of(amount) not in FIXED_UNITS:
        return Recognised(
            column=column,
            why_not="the interval may be of months, which cannot be taken back exactly",
        )
    is_interval = isinstance(amount, exp.Interval)
    return Recognised(
        column=column,
        families=_TIMES if is_interval else (Family.DATE, *_NUMBERS),
        make=lambda kind, _: Moved(column=column, family=kind, amount=amount, is_added=is_added),
    )


def _unit_of(interval: exp.Interval) -> str:
    unit = interval.args.get("unit")
    return unit.name.upper().removesuffix("S") if unit is not None else ""


def _days_between(side: exp.Expr) -> Recognised | None:
    if not isinstance(side, exp.TsOrDsDiff) or side.args["unit"].name.upper() != "DAY":
        return None
    end, start = side.this.unnest(), side.expression.unnest()
    is_column_last = isinstance(end, exp.Column)
    column, other = (end, start) if is_column_last else (start, end)
    if not isinstance(column, exp.Column) or not is_constant(other):
        return None
    return Recognised(
        column=column,
        make=lambda kind, _: DaysBetween(
            column=column, family=kind, other=other, is_column_last=is_column_last
        ),
    )


def _default(side: exp.Expr) -> Recognised | None:
    if not isinstance(side, exp.Coalesce) or not isinstance(side.this, exp.Column):
        return None
    column, others = side.this, side.expressions
    if len(others) != 1 or not is_constant(others[0]):
        return None
    return Recognised(
        column=column,
        families=_EVERYWHERE,
        is_default=True,
        make=lambda kind, may_be_null: Defaulted(
            column=column, family=kind, default=others[0], may_be_null=may_be_null
        ),
    )


def _formatted(side: exp.Expr) -> Recognised | None:
    """Forms that are never exact, but worth saying why."""
    if isinstance(side, exp.TimeToStr | exp.ToChar) and isinstance(side.this, exp.Column):
        return Recognised(column=side.this, families=(), why_not="the format of TO_CHAR is masked")
    if isinstance(side, exp.Anonymous) and name_as_written(side) == "convert_timezone":
        columns = [each for each in side.expressions if isinstance(each, exp.Column)]
        if len(columns) == 1:
            return Recognised(
                column=columns[0], why_not="local time skips and repeats hours when clocks change"
            )
    return None
