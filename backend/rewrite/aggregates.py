"""Aggregates that a rewrite may move or put a condition into."""

from sqlglot import exp

from backend.rewrite.conditions import is_repeatable
from backend.rewrite.select_shape import is_windowed

MOVABLE = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max)
"""NULL for no rows, COUNT 0; NULL values do not count."""


def aggregates_of(projection: exp.Expr) -> list[exp.AggFunc] | None:
    """Those of a column of the select list; None where it holds anything that cannot be moved:
    another aggregate, a window, a column outside the aggregates, a query, an unsteady call."""
    found: list[exp.AggFunc] = []
    pending = [projection]
    while pending:
        node = pending.pop()
        if isinstance(node, exp.AggFunc):
            if not _is_movable(node):
                return None
            found.append(node)
            continue
        if isinstance(node, exp.Column | exp.Query | exp.Window | exp.Filter | exp.Star):
            return None
        if not is_repeatable_call(node):
            return None
        pending += list(node.iter_expressions())
    return found


def is_repeatable_call(node: exp.Expr) -> bool:
    bare = node.copy()
    for child in list(bare.iter_expressions()):
        child.replace(exp.Null())
    return is_repeatable(bare)


def _is_movable(node: exp.AggFunc) -> bool:
    if not isinstance(node, MOVABLE) or is_windowed(node) or isinstance(node.parent, exp.Filter):
        return False
    arguments = argument_of(node)
    if len(arguments) != 1 or node.expressions:
        return False
    return isinstance(arguments[0], exp.Star) or is_repeatable(arguments[0])


def argument_of(node: exp.AggFunc) -> list[exp.Expr]:
    inner = node.this
    return list(inner.expressions) if isinstance(inner, exp.Distinct) else [inner]


def is_distinct(node: exp.AggFunc) -> bool:
    return isinstance(node.this, exp.Distinct)


def with_condition(node: exp.AggFunc, condition: exp.Expr) -> exp.AggFunc:
    """The aggregate over those rows only that meet the condition: a CASE without ELSE is NULL for
    the others, and NULL is left out of every movable aggregate."""
    narrowed = node.copy()
    (argument,) = argument_of(narrowed)
    value = exp.Literal.number(1) if isinstance(argument, exp.Star) else argument.copy()
    case = exp.Case(ifs=[exp.If(this=condition.copy(), true=value)])
    argument.replace(case)
    return narrowed
