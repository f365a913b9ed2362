"""Which clauses a SELECT has, and how many rows that lets it give."""

from collections.abc import Collection

from sqlglot import exp

PLAIN = frozenset({"expressions", "from_", "joins", "where"})
"""Clauses that take rows together and let some through, one result row for each."""


def is_plain_select(select: exp.Select, also: Collection[str] = ()) -> bool:
    """Whether it has no other clause than SELECT, FROM, JOIN, WHERE and those named."""
    return all(name in PLAIN or name in also for name, value in select.args.items() if value)


def has_aggregate(select: exp.Select) -> bool:
    """In the select list or HAVING, of this SELECT itself."""
    places = [*select.expressions, select.args.get("having")]
    return any(
        _is_aggregate_of(node, select)
        for place in places
        if place is not None
        for node in place.find_all(exp.AggFunc)
    )


def _is_aggregate_of(node: exp.Expr, select: exp.Select) -> bool:
    return node.find_ancestor(exp.Select) is select and not is_windowed(node)


def is_windowed(node: exp.Expr) -> bool:
    """`sum(x) OVER (…)`: an aggregate right in a window, not one that a window works on."""
    parent = node.parent
    while isinstance(parent, exp.Filter | exp.WithinGroup | exp.IgnoreNulls | exp.RespectNulls):
        node, parent = parent, parent.parent
    return isinstance(parent, exp.Window) and parent.this is node


def has_window(select: exp.Select) -> bool:
    return any(node.find_ancestor(exp.Select) is select for node in select.find_all(exp.Window))


def is_one_row(select: exp.Select) -> bool:
    """At most one row: aggregates without GROUP BY."""
    return not select.args.get("group") and has_aggregate(select)
