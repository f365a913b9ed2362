"""What a statement itself shows: its tables, its joins, how it filters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp

from backend.domain.case_file import Clause, ColumnUse
from backend.sql.clauses.read_clauses import read_clauses
from backend.sql.expression_text import expression_text
from backend.sql.parse import parse
from backend.sql.placeholders import with_stand_ins
from backend.sql.sources import READERS, base_name, query_behind, sources_of
from backend.sql.values import is_value
from backend.sql.wrapped import read_wrapped

_COMPARISONS = (
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Between,
    exp.In,
    exp.Like,
    exp.ILike,
    exp.SimilarTo,
    exp.RegexpLike,
)

__all__ = ["StatementReading", "expression_text", "read_statement"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StatementReading:
    """`table_names` are `schema.table` in lower case where the schema is given; `starred_tables`
    are those of which a `*` takes every column to the reader, so not `count(*)`, EXISTS, or a
    subquery of which the query around it names the columns; `wrapped_columns` stand inside a
    function, cast or arithmetic that is compared with a value in WHERE or ON, so that their sort
    key and zone maps are no help; `filtered_columns` are compared in the same way, but bare;
    `query_count` counts the queries in it, the outermost too."""

    table_names: tuple[str, ...] = ()
    starred_tables: tuple[str, ...] = ()
    join_count: int = 0
    wrapped_columns: tuple[ColumnUse, ...] = ()
    filtered_columns: tuple[ColumnUse, ...] = ()
    query_count: int = 0
    clauses: tuple[Clause, ...] = ()

    @property
    def selects_star(self) -> bool:
        return bool(self.starred_tables)


def read_statement(scrubbed_sql: str) -> StatementReading | None:
    """None if the statement does not parse."""
    try:
        trees = parse(with_stand_ins(_innermost(scrubbed_sql)))
        return _reading(trees)
    except Exception:  # noqa: BLE001 - not parsed, too deep or an odd tree
        return None


def _innermost(scrubbed_sql: str) -> str:
    wrapped = read_wrapped(scrubbed_sql)
    return wrapped.query if wrapped else scrubbed_sql


def _reading(trees: list[exp.Expr]) -> StatementReading:
    owners = _Owners()
    joins = (join for tree in trees for join in tree.find_all(exp.Join))
    queries = (query for tree in trees for query in tree.find_all(exp.Select))
    return StatementReading(
        table_names=_unique(name for tree in trees for name in _table_names(tree)),
        starred_tables=_unique(name for tree in trees for name in _starred_tables(tree)),
        join_count=sum(not isinstance(join.this, exp.Unnest) for join in joins),
        wrapped_columns=_unique(use for tree in trees for use in _wrapped_columns(tree, owners)),
        filtered_columns=_unique(use for tree in trees for use in _filtered_columns(tree, owners)),
        query_count=sum(1 for _ in queries),
        clauses=read_clauses(trees),
    )


def _unique(entries: Iterator[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(entries))


# Tables


def _table_names(tree: exp.Expr) -> Iterator[str]:
    for table in tree.find_all(exp.Table, bfs=False):
        name = base_name(table)
        if name:
            yield name


def _starred_tables(tree: exp.Expr) -> Iterator[str]:
    """From the outermost query inwards, as long as each level hands on every column."""
    pending: list[object] = [tree if isinstance(tree, exp.Query) else tree.args.get("expression")]
    seen: set[int] = set()
    while pending:
        query = pending.pop()
        if not isinstance(query, exp.Query) or id(query) in seen:
            continue
        seen.add(id(query))
        if isinstance(query, exp.SetOperation):
            pending += [query.expression, query.this]
        elif isinstance(query, exp.Subquery):
            pending.append(query.this)
        for source in _starred_sources(query):
            name = base_name(source)
            if name:
                yield name
            else:
                pending.append(query_behind(source))


def _starred_sources(query: exp.Expr) -> Iterator[exp.Expr]:
    stars = [star for star in query.expressions if star.is_star]
    sources = sources_of(query) if stars else {}
    for star in stars:
        table = star.table.lower() if isinstance(star, exp.Column) else ""
        yield from (source for name, source in sources.items() if table in ("", name))


# Columns


class _Owners:
    """The base tables of columns, where the statement tells; a reader's sources are found once."""

    def __init__(self) -> None:
        self._sources_of: dict[int, dict[str, exp.Expr]] = {}

    def use(self, column: exp.Column, reader: exp.Expr | None, expression: exp.Expr) -> ColumnUse:
        return ColumnUse(
            table_name=self._table_name(column, reader),
            column_name=column.name.lower(),
            expression=expression_text(expression),
        )

    def _table_name(self, column: exp.Column, reader: exp.Expr | None) -> str | None:
        if not column.table:
            sources = self._sources(reader) if reader else {}
            return base_name(next(iter(sources.values()))) if len(sources) == 1 else None
        while reader is not None:
            source = self._sources(reader).get(column.table.lower())
            if source is not None:
                return base_name(source)
            reader = reader.find_ancestor(*READERS)
        return None

    def _sources(self, reader: exp.Expr) -> dict[str, exp.Expr]:
        known = self._sources_of.get(id(reader))
        if known is None:
            known = self._sources_of[id(reader)] = sources_of(reader)
        return known


def _wrapped_columns(tree: exp.Expr, owners: _Owners) -> Iterator[ColumnUse]:
    for comparison, reader in _comparisons(tree):
        side = _compared_with_values(comparison)
        if side is not None and not isinstance(side, exp.Column):
            for column in _columns(side):
                yield owners.use(column, reader, side)


def _filtered_columns(tree: exp.Expr, owners: _Owners) -> Iterator[ColumnUse]:
    for comparison, reader in _comparisons(tree):
        side = _compared_with_values(comparison)
        if isinstance(side, exp.Column):
            yield owners.use(side, reader, comparison)


def _compared_with_values(comparison: exp.Expr) -> exp.Expr | None:
    """The one side that is no value; None where two sides vary, as in the condition of a join."""
    varying = [side for side in _sides(comparison) if not _is_constant(side)]
    return varying[0] if len(varying) == 1 else None


def _comparisons(tree: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr | None]]:
    """Those that keep rows of a table from being read on, and what reads that table."""
    for place in tree.find_all(exp.Where, exp.Join, bfs=False):
        condition = place.args.get("on") if isinstance(place, exp.Join) else place.this
        if not isinstance(condition, exp.Expr):
            continue
        reader = place.find_ancestor(*READERS)
        # A CASE compares to choose, not to filter.
        for node in condition.walk(bfs=False, prune=lambda n: isinstance(n, exp.Query | exp.Case)):
            if isinstance(node, _COMPARISONS) and _filters(place, node):
                yield node, reader


def _filters(place: exp.Expr, comparison: exp.Expr) -> bool:
    """The ON of an outer join keeps the rows of the table that it is joined to."""
    side = place.side if isinstance(place, exp.Join) else ""
    if side != "LEFT":
        return not side
    joined = place.this.alias_or_name.lower()
    return all(column.table.lower() == joined for column in _columns(comparison))


def _sides(comparison: exp.Expr) -> Iterator[exp.Expr]:
    for key in ("this", "expression", "low", "high", "expressions"):
        part = comparison.args.get(key) or []
        for side in part if isinstance(part, list) else [part]:
            yield side.unnest() if isinstance(side, exp.Paren) else side
    query = comparison.args.get("query")
    if query is not None:
        yield query


def _is_constant(side: exp.Expr) -> bool:
    return is_value(side) or side.find(exp.Column, exp.Query) is None


def _columns(side: exp.Expr) -> Iterator[exp.Column]:
    """Columns of this side itself, not of a query in it."""
    if side.find(exp.Query):
        return
    yield from side.find_all(exp.Column, bfs=False)
