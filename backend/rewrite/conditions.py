"""Conditions of a statement: their parts, where they stand, and what their values rest on."""

from collections.abc import Iterable, Iterator

from sqlglot import exp

from backend.rewrite.numbered import is_date_part, name_as_written
from backend.sql.values import is_value

COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE)

MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.EQ,
    exp.GT: exp.LT,
    exp.GTE: exp.LTE,
    exp.LT: exp.GT,
    exp.LTE: exp.GTE,
}
"""`5 < c` is `c > 5`."""

# Give the same value whenever they are worked out within one statement.
_REPEATABLE = (
    exp.Abs,
    exp.And,
    exp.Case,
    exp.Cast,
    exp.Ceil,
    exp.Coalesce,
    exp.Concat,
    exp.CurrentDate,
    exp.CurrentTimestamp,
    exp.Date,
    exp.Exists,
    exp.Extract,
    exp.Floor,
    exp.If,
    exp.Length,
    exp.Lower,
    exp.Mod,
    exp.Nullif,
    exp.Or,
    exp.Round,
    exp.Substring,
    exp.TimestampTrunc,
    exp.Trim,
    exp.Trunc,
    exp.TsOrDsAdd,
    exp.TsOrDsDiff,
    exp.Upper,
)
_REPEATABLE_NAMES = frozenset(
    {"add_months", "date_part", "date_part_year", "isnull", "left", "right"}
)


def parts(condition: exp.Expr, connector: type[exp.And] | type[exp.Or]) -> Iterator[exp.Expr]:
    """The operands of a chain of AND or of OR, in order, without brackets."""
    pending = [condition]
    while pending:
        part = pending.pop().unnest()
        if isinstance(part, connector):
            pending += [part.expression, part.this]
        else:
            yield part


def is_filter(condition: exp.Expr) -> bool:
    """Whether it lets rows through or not, so that NULL means the same as false.

    So it is in WHERE, HAVING, QUALIFY and ON, under nothing but AND, OR and brackets.
    """
    child, parent = condition, condition.parent
    while isinstance(parent, exp.And | exp.Or | exp.Paren):
        child, parent = parent, parent.parent
    if isinstance(parent, exp.Join):
        return parent.args.get("on") is child
    return isinstance(parent, exp.Where | exp.Having | exp.Qualify)


def is_conjunct(condition: exp.Expr, place: exp.Expr | None) -> bool:
    """Whether every row that passes the place (WHERE, ON) has to meet the condition."""
    parent = condition.parent
    while isinstance(parent, exp.And | exp.Paren):
        parent = parent.parent
    return place is not None and parent is place


def joined_by_and(conditions: Iterable[exp.Expr]) -> exp.Expr:
    """One condition of copies, each OR in brackets."""
    whole: exp.Expr | None = None
    for condition in conditions:
        part = bracketed(condition.copy())
        whole = part if whole is None else exp.And(this=whole, expression=part)
    if whole is None:
        raise ValueError("no condition to join")
    return whole


def joined_by_or(conditions: Iterable[exp.Expr]) -> exp.Expr:
    whole: exp.Expr | None = None
    for condition in conditions:
        part = condition.copy()
        whole = part if whole is None else exp.Or(this=whole, expression=part)
    if whole is None:
        raise ValueError("no condition to join")
    return whole


def bracketed(condition: exp.Expr) -> exp.Expr:
    return exp.Paren(this=condition) if isinstance(condition, exp.Or) else condition


def own_columns(node: exp.Expr) -> Iterator[exp.Column]:
    """All columns in it, also those of queries in it; `year` in DATE_PART(year, c) is none."""
    for column in node.find_all(exp.Column):
        if not is_date_part(column):
            yield column


def is_constant(node: exp.Expr) -> bool:
    """The same value for every row of the statement."""
    if node.find(exp.Query) is not None or next(own_columns(node), None) is not None:
        return False
    return is_value(node) or is_repeatable(node)


def is_repeatable(node: exp.Expr) -> bool:
    """Whether it may be worked out more or less often, or elsewhere, with the same outcome.

    Functions that are not known to be so count as not so: RANDOM(), a UDF.
    """
    return not any(
        isinstance(inner, exp.Query | exp.AggFunc | exp.Window) or is_unsteady(inner)
        for inner in node.walk()
    )


def is_unsteady(node: exp.Expr) -> bool:
    """Whether the node itself is a call that may give another value each time."""
    if isinstance(node, exp.Anonymous):
        return name_as_written(node) not in _REPEATABLE_NAMES
    return isinstance(node, exp.Func) and not isinstance(node, (*_REPEATABLE, exp.AggFunc))
