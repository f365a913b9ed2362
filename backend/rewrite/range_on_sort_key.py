"""A function around a sort-key column becomes a range of the bare column."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.evidence import Table
from backend.domain.rewrite import Precondition
from backend.rewrite.column_types import Family, family
from backend.rewrite.conditions import (
    COMPARISONS,
    MIRRORED,
    bracketed,
    is_constant,
    is_filter,
    joined_by_and,
    parts,
)
from backend.rewrite.recognise_wrapping import Recognised, recognise
from backend.rewrite.rule import Edit, Reading, Refusal, RewriteRule
from backend.rewrite.sources import Origin
from backend.rewrite.wrappings import Operator


@dataclass(frozen=True, kw_only=True)
class _Comparison:
    """What is compared, by what and with which values; two of them for BETWEEN."""

    side: exp.Expr
    bounds: tuple[tuple[Operator, exp.Expr], ...]


def find(reading: Reading) -> Iterator[Edit | Refusal]:
    for node in reading.tree.find_all(*COMPARISONS, exp.Between):
        compared = _read(node)
        recognised = recognise(compared.side) if compared else None
        if compared is None or recognised is None:
            continue
        origin = reading.reader.origin(recognised.column)
        if origin is None or not _is_sort_key(origin.fact.table, origin.column.name):
            continue
        if is_filter(node):
            yield from _judge(reading, node, compared, recognised, origin)


def _read(node: exp.Expr) -> _Comparison | None:
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        if node.args.get("symmetric") or not (is_constant(low) and is_constant(high)):
            return None
        return _Comparison(side=node.this, bounds=((exp.GTE, low), (exp.LTE, high)))
    left, right = node.this, node.expression
    if is_constant(right):
        return _Comparison(side=left, bounds=((type(node), right),))
    if is_constant(left):
        return _Comparison(side=right, bounds=((MIRRORED[type(node)], left),))
    return None


def _judge(
    reading: Reading,
    node: exp.Expr,
    compared: _Comparison,
    recognised: Recognised,
    origin: Origin,
) -> Iterator[Edit | Refusal]:
    kind = family(origin.column.data_type)
    refused = recognised.why_not or _why_not(kind, recognised, origin)
    wrapping = None if refused else recognised.wrapping(kind, bool(origin.why_nullable))
    conditions: list[exp.Expr] = []
    for operator, value in compared.bounds if wrapping else ():
        found = wrapping.bare(operator, value) if wrapping else None
        if found is None:
            refused = "the type of the value that it is compared with leaves doubt"
            break
        conditions += found
    if refused:
        yield reading.refusal(
            f"The condition on {origin.full_name} could not become a range: {refused}.",
            origin.full_name,
            origin,
        )
    elif not _stands_beside(node, conditions):
        drops = recognised.is_default and not origin.why_nullable
        yield Edit(
            subject=origin.full_name,
            replaced=((node, bracketed(joined_by_and(conditions))),),
            preconditions=_preconditions(reading, recognised, origin),
            drops=(node,) if drops else (),
        )


def _stands_beside(node: exp.Expr, conditions: list[exp.Expr]) -> bool:
    """Whether the condition is kept, and what bounds the bare column is there already."""
    chain = node
    while isinstance(chain.parent, exp.And | exp.Paren):
        chain = chain.parent
    there = list(parts(chain, exp.And))
    return all(condition in there for condition in conditions)


def _why_not(kind: Family, recognised: Recognised, origin: Origin) -> str:
    if kind in recognised.families:
        return ""
    if kind is Family.ZONED:
        return "its values have a time zone, so days and months depend on the session's zone"
    return f"the function is not known to be exact for {origin.column.data_type or 'its type'}"


def _preconditions(
    reading: Reading, recognised: Recognised, origin: Origin
) -> tuple[Precondition, ...]:
    found = [
        reading.by_column(
            f"{origin.full_name} is of type {origin.column.data_type}", origin, "data_type"
        ),
        reading.by_statement("The condition filters rows, so that NULL counts as false"),
        reading.by_statement("It compares with constants of the statement only"),
    ]
    if recognised.is_default and not origin.why_nullable:
        found.append(reading.by_column(f"{origin.full_name} is NOT NULL", origin, "is_nullable"))
    return tuple(found)


def _is_sort_key(table: Table, column_name: str) -> bool:
    name = column_name.lower()
    if any(each.sort_key_position and each.name.lower() == name for each in table.columns):
        return True
    first = (table.first_sort_key or "").strip().lower()
    return name in (first, first.removeprefix("auto(sortkey(").rstrip(")"))


RULE = RewriteRule(
    name="range_on_sort_key",
    check="function_on_sort_key",
    title="Compare {subject} bare, as a range",
    find=find,
)
