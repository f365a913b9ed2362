"""What ties a subquery to the query around it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.rewrite.column_types import Family, family, has_exact_order, is_same_type
from backend.rewrite.conditions import is_repeatable, own_columns, parts
from backend.rewrite.rule import Reading
from backend.rewrite.sources import Origin, qualified


@dataclass(frozen=True, kw_only=True, eq=False)
class Key:
    """`inner = outer`, both plain columns of known tables."""

    inner: exp.Column
    outer: exp.Column
    inner_origin: Origin
    outer_origin: Origin


@dataclass(frozen=True, kw_only=True, eq=False)
class Correlation:
    """`others` are the conditions of the subquery alone. `why_not` says what a join by the keys
    could not take over; empty where it can take over all."""

    keys: tuple[Key, ...] = ()
    others: tuple[exp.Expr, ...] = ()
    why_not: str = ""


def is_correlated(reading: Reading, inner: exp.Select) -> bool:
    return any(
        (owner := reading.reader.owner(column)) is not None and not _is_within(owner.of, inner)
        for column in own_columns(inner)
    )


def read_correlation(reading: Reading, inner: exp.Select, around: exp.Select) -> Correlation:
    keys: list[Key] = []
    others: list[exp.Expr] = []
    where = inner.args.get("where")
    for condition in parts(where.this, exp.And) if where is not None else ():
        why = _why_unclear(reading, condition)
        if not why and _is_own(reading, condition, inner):
            others.append(condition)
            continue
        key = why or _key(reading, condition, inner, around)
        if isinstance(key, str):
            return Correlation(keys=tuple(keys), others=tuple(others), why_not=key)
        keys.append(key)
    why = "" if keys else "no equality of two plain columns ties it to the query around it"
    if not all(_is_own(reading, part, inner) for part in _outside_where(inner)):
        why = "a column of its select list or ON is, or may be, of the query around it"
    return Correlation(keys=tuple(keys), others=tuple(others), why_not=why)


def _outside_where(inner: exp.Select) -> Iterator[exp.Expr]:
    yield from inner.expressions
    yield from inner.args.get("joins") or []


def _why_unclear(reading: Reading, condition: exp.Expr) -> str:
    if any(reading.reader.owner(column) is None for column in own_columns(condition)):
        return "it cannot be told which query a column is of"
    if not is_repeatable(condition):
        return "a condition of it holds a query, or a function that may change its value"
    return ""


def _is_own(reading: Reading, part: exp.Expr, inner: exp.Select) -> bool:
    """Whether every column in it is surely of the subquery, or of a query inside it."""
    owners = [reading.reader.owner(column) for column in own_columns(part)]
    return all(owner is not None and _is_within(owner.of, inner) for owner in owners)


def _is_within(select: exp.Select, inner: exp.Select) -> bool:
    node: exp.Expr | None = select
    while node is not None and node is not inner:
        node = node.parent
    return node is inner


def _key(reading: Reading, condition: exp.Expr, inner: exp.Select, around: exp.Select) -> Key | str:
    """The correlation, or why it is none that a join can take over."""
    left, right = condition.args.get("this"), condition.args.get("expression")
    columns = [side.unnest() for side in (left, right) if isinstance(side, exp.Expr)]
    plain = [column for column in columns if isinstance(column, exp.Column)]
    if not isinstance(condition, exp.EQ) or len(plain) != 2:
        return "it is tied to the query around it by something else than column = column"
    mine = [each for each in plain if _owning_select(reading, each) is inner]
    theirs = [each for each in plain if _owning_select(reading, each) is around]
    if len(mine) != 1 or len(theirs) != 1:
        return "it is tied to a query further out"
    return _key_of(reading, mine[0], theirs[0])


def _owning_select(reading: Reading, column: exp.Column) -> exp.Select | None:
    owner = reading.reader.owner(column)
    return owner.of if owner is not None else None


def _key_of(reading: Reading, mine: exp.Column, theirs: exp.Column) -> Key | str:
    inner_origin, outer_origin = reading.reader.origin(mine), reading.reader.origin(theirs)
    owners = reading.reader.owner(mine), reading.reader.owner(theirs)
    if inner_origin is None or outer_origin is None or owners[0] is None or owners[1] is None:
        return "the types of the columns that tie it are not known"
    if not _group_alike(inner_origin, outer_origin):
        return (
            f"{inner_origin.full_name} and {outer_origin.full_name} differ in type, or are of one "
            "in which equal values may form several groups"
        )
    return Key(
        inner=qualified(mine, owners[0]),
        outer=qualified(theirs, owners[1]),
        inner_origin=inner_origin,
        outer_origin=outer_origin,
    )


def _group_alike(one: Origin, other: Origin) -> bool:
    """Whether at most one group of the inner column can equal a value of the outer one."""
    if one.is_same_column(other):
        return True
    types = one.column.data_type, other.column.data_type
    both_whole = family(types[0]) is family(types[1]) is Family.INTEGER
    return has_exact_order(types[0]) and (both_whole or is_same_type(*types))
