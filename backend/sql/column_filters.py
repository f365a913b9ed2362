"""By which columns a statement restricts what it reads, and whether a sort order can serve that.

Only a condition that every row has to meet lets blocks be skipped: one branch of an OR does not,
unless all branches are about the same column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from backend.domain.table_use import FilterKind
from backend.sql.parse import NotParsedError, parse
from backend.sql.placeholders import with_stand_ins
from backend.sql.sources import READERS, base_name, sources_of
from backend.sql.values import is_value
from backend.sql.wrapped import read_wrapped

STATEMENTS_KEPT = 64

_RANGES = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_COMPARED_WITH_VALUES = (
    exp.EQ, exp.NullSafeEQ, exp.In, *_RANGES, exp.NEQ, exp.Like, exp.ILike, exp.SimilarTo,
    exp.RegexpLike,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ColumnFilter:
    """`table_name` is as the statement writes it, None where it does not tell whose it is."""

    table_name: str | None
    column_name: str
    kind: FilterKind


@lru_cache(maxsize=STATEMENTS_KEPT)
def column_filters(scrubbed_sql: str) -> tuple[ColumnFilter, ...]:
    """In the order of the text, each once; none where the statement does not parse."""
    wrapped = read_wrapped(scrubbed_sql)
    try:
        trees = parse(with_stand_ins(wrapped.query if wrapped else scrubbed_sql))
        found = [each for tree in trees for each in _filters(tree)]
    except (NotParsedError, ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(found))


def _filters(tree: exp.Expr) -> Iterator[ColumnFilter]:
    for reader in tree.find_all(*READERS, bfs=False):
        for condition, only_of in _demanded(reader):
            for column, kind in _restricted(condition):
                if only_of is None or column.table.lower() == only_of:
                    yield from _of_column(reader, column, kind)


def _demanded(reader: exp.Expr) -> Iterator[tuple[exp.Expr, str | None]]:
    """What each row has to meet. The ON of a LEFT JOIN is met by rows of the joined table only,
    that of a RIGHT or FULL JOIN by none."""
    where = reader.args.get("where")
    if isinstance(where, exp.Where):
        yield from ((part, None) for part in _parts(where.this))
    if isinstance(reader, exp.Merge) and isinstance(reader.args.get("on"), exp.Expr):
        yield from ((part, None) for part in _parts(reader.args["on"]))
    for join in reader.args.get("joins") or []:
        on = join.args.get("on")
        if isinstance(on, exp.Expr) and join.side in {"", "LEFT"}:
            only_of = join.this.alias_or_name.lower() if join.side else None
            yield from ((part, only_of) for part in _parts(on))


def _parts(
    condition: exp.Expr, connector: type[exp.And] | type[exp.Or] = exp.And
) -> list[exp.Expr]:
    pending, parts = [condition], []
    while pending:
        part = pending.pop().unnest()
        if isinstance(part, connector):
            pending += [part.expression, part.this]
        else:
            parts.append(part)
    return parts


def _restricted(condition: exp.Expr) -> Iterator[tuple[exp.Column, FilterKind]]:
    if isinstance(condition, exp.Or):
        yield from _of_branches(condition)
    elif isinstance(condition, exp.Not):
        yield from (
            (column, FilterKind.OTHER) for column, _ in _restricted(condition.this.unnest())
        )
    elif isinstance(condition, _COMPARED_WITH_VALUES):
        yield from _of_comparison(condition)


def _of_branches(condition: exp.Or) -> Iterator[tuple[exp.Column, FilterKind]]:
    branches = [
        [each for part in _parts(branch) for each in _restricted(part)]
        for branch in _parts(condition, exp.Or)
    ]
    found = [each for branch in branches for each in branch]
    names = {(column.table.lower(), column.name.lower()) for column, _ in found}
    kinds = {kind for _, kind in found}
    one_column = len(names) == 1 and all(branches)
    if one_column and all(kind.can_use_order for kind in kinds):
        kind = FilterKind.RANGE if FilterKind.RANGE in kinds else FilterKind.LIST
        yield found[0][0], kind
        return
    for column, kind in found:
        yield column, FilterKind.WRAPPED if kind is FilterKind.WRAPPED else FilterKind.OTHER


def _of_comparison(comparison: exp.Expr) -> Iterator[tuple[exp.Column, FilterKind]]:
    varying = [side for side in _sides(comparison) if not _is_constant(side)]
    if len(varying) != 1 or varying[0].find(exp.Query):
        return
    if isinstance(varying[0], exp.Column):
        yield varying[0], _kind(comparison)
        return
    for column in varying[0].find_all(exp.Column, bfs=False):
        yield column, FilterKind.WRAPPED


def _kind(comparison: exp.Expr) -> FilterKind:
    if isinstance(comparison, exp.EQ | exp.NullSafeEQ):
        return FilterKind.EQUALITY
    if isinstance(comparison, exp.In):
        return FilterKind.LIST
    return FilterKind.RANGE if isinstance(comparison, _RANGES) else FilterKind.OTHER


def _sides(comparison: exp.Expr) -> Iterator[exp.Expr]:
    for key in ("this", "expression", "low", "high", "expressions"):
        part = comparison.args.get(key) or []
        for side in part if isinstance(part, list) else [part]:
            yield side.unnest()
    query = comparison.args.get("query")
    if isinstance(query, exp.Expr):
        yield query


def _is_constant(side: exp.Expr) -> bool:
    return is_value(side) or side.find(exp.Column, exp.Query) is None


def _of_column(reader: exp.Expr, column: exp.Column, kind: FilterKind) -> Iterator[ColumnFilter]:
    """Nothing for a column of a subquery or WITH query: that is no table's own."""
    sources = sources_of(reader)
    name = column.name.lower()
    if not column.table:
        tables = [base_name(source) for source in sources.values()]
        if len(tables) > 1 and None not in tables:
            yield ColumnFilter(table_name=None, column_name=name, kind=kind)
        elif len(tables) == 1 and tables[0] is not None:
            yield ColumnFilter(table_name=tables[0], column_name=name, kind=kind)
        return
    around: exp.Expr | None = reader
    while around is not None:
        source = sources_of(around).get(column.table.lower())
        if source is not None:
            if table_name := base_name(source):
                yield ColumnFilter(table_name=table_name, column_name=name, kind=kind)
            return
        around = around.find_ancestor(*READERS)
