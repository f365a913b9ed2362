"""What a statement groups its rows by, with what it counts distinct and what DISTINCT keeps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from backend.sql.parse import NotParsedError, parse
from backend.sql.placeholders import with_stand_ins
from backend.sql.wrapped import read_wrapped

STATEMENTS_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class GroupedColumn:
    """`table_name` is empty where the statement does not tell which table the column is of."""

    column_name: str
    table_name: str = ""


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """One GROUP BY or DISTINCT: its bare columns, and what it is in words."""

    columns: tuple[GroupedColumn, ...]
    is_distinct: bool = False


@lru_cache(maxsize=STATEMENTS_KEPT)
def groupings(scrubbed_sql: str) -> tuple[Grouping, ...] | None:
    """Of the whole statement, in no special order; None where it does not parse.

    A column inside an expression is no grouped column: rows with the same month of a day lie on
    many slices.
    """
    wrapped = read_wrapped(scrubbed_sql)
    try:
        trees = parse(with_stand_ins(wrapped.query if wrapped else scrubbed_sql))
    except (NotParsedError, ValueError):
        return None
    return tuple(
        Grouping(columns=tuple(dict.fromkeys(_columns(select, tables))), is_distinct=is_distinct)
        for tree in trees
        for tables in (_tables(tree),)
        for select in tree.find_all(exp.Select)
        for is_distinct in (not select.args.get("group"),)
        if select.args.get("group") or select.args.get("distinct")
    )


def _columns(select: exp.Select, tables: dict[str, str]) -> Iterator[GroupedColumn]:
    for expression in (*_grouped(select), *_counted_distinct(select)):
        if isinstance(expression, exp.Column):
            qualifier = expression.table.lower()
            yield GroupedColumn(
                column_name=expression.name.lower(),
                table_name=tables.get(qualifier, "") if qualifier else "",
            )


def _grouped(select: exp.Select) -> Iterator[exp.Expr]:
    group = select.args.get("group")
    named = {each.alias.lower(): each.unalias() for each in select.selects if each.alias}
    plain = [each.unalias() for each in select.selects if not each.find(exp.AggFunc)]
    expressions = group.expressions if group else plain
    for expression in expressions:
        if isinstance(expression, exp.Literal):
            # `GROUP BY 1, 2`: the positions are masked, so all that is no aggregate.
            yield from plain
        elif isinstance(expression, exp.Column) and not expression.table:
            yield named.get(expression.name.lower(), expression)
        else:
            yield expression


def _counted_distinct(select: exp.Select) -> Iterator[exp.Expr]:
    for projection in select.selects:
        for distinct in projection.find_all(exp.Distinct):
            yield from distinct.expressions


def _tables(tree: exp.Expr) -> dict[str, str]:
    """By alias or name, where it means one table only."""
    meanings: dict[str, set[str]] = {}
    for table in tree.find_all(exp.Table):
        full_name = ".".join(part.name for part in table.parts).lower()
        meanings.setdefault(table.alias_or_name.lower(), set()).add(full_name)
    return {name: next(iter(found)) for name, found in meanings.items() if len(found) == 1}
