"""What a statement itself shows: its tables, its joins, how it filters."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel, SqlglotError

from backend.domain.case_file import ColumnUse
from backend.sql.parse import parse
from backend.sql.placeholders import with_placeholders, with_stand_ins
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
# What names tables for the columns in it.
_READERS = (exp.Select, exp.Update, exp.Delete, exp.Merge)
LONGEST_EXPRESSION = 200

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class StatementReading:
    """`table_names` are `schema.table` in lower case where the schema is given; `selects_star`
    is a `*` over a table's columns that reaches a reader, so not `count(*)` or EXISTS;
    `wrapped_columns` stand inside a function, cast or arithmetic in a comparison of WHERE or ON,
    so that their sort key and zone maps are no help; `filtered_columns` are bare and compared
    with a value in WHERE."""

    table_names: tuple[str, ...] = ()
    selects_star: bool = False
    join_count: int = 0
    wrapped_columns: tuple[ColumnUse, ...] = ()
    filtered_columns: tuple[ColumnUse, ...] = ()


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
    joins = (join for tree in trees for join in tree.find_all(exp.Join))
    return StatementReading(
        table_names=_unique(name for tree in trees for name in _table_names(tree)),
        selects_star=any(_selects_star(tree) for tree in trees),
        join_count=sum(not isinstance(join.this, exp.Unnest) for join in joins),
        wrapped_columns=_unique(use for tree in trees for use in _wrapped_columns(tree)),
        filtered_columns=_unique(use for tree in trees for use in _filtered_columns(tree)),
    )


def _unique(entries: Iterator[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(entries))


# Tables


def _table_names(tree: exp.Expr) -> Iterator[str]:
    for table in tree.find_all(exp.Table, bfs=False):
        name = _base_name(table)
        if name:
            yield name


def _base_name(source: exp.Expr) -> str | None:
    """None for WITH queries, functions, subqueries."""
    if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
        return None
    parts = [part for part in (source.catalog, source.db, source.name) if part]
    if len(parts) == 1 and parts[0].lower() in _with_names(source):
        return None
    return ".".join(parts).lower()


def _with_names(node: exp.Expr) -> set[str]:
    names: set[str] = set()
    ancestor: exp.Expr | None = node
    while ancestor is not None:
        with_ = ancestor.args.get("with_")
        if isinstance(with_, exp.With):
            names |= {query.alias.lower() for query in with_.expressions}
        ancestor = ancestor.parent
    return names


def _sources(reader: exp.Expr) -> dict[str, str | None]:
    """Alias or name of each source in lower case, and the base table behind it if it is one."""
    named: list[exp.Expr] = []
    if not isinstance(reader, exp.Select) and isinstance(reader.this, exp.Expr):
        named.append(reader.this)
    for key in ("from_", "using", "joins", "laterals"):
        part = reader.args.get(key) or []
        entries = part if isinstance(part, list) else [part]
        named += [e.this if isinstance(e, exp.From | exp.Join) else e for e in entries]
    found: dict[str, str | None] = {}
    for source in named:
        for inner in _unbracketed(source):
            found[inner.alias_or_name.lower()] = _base_name(inner)
    return found


def _unbracketed(source: exp.Expr) -> Iterator[exp.Expr]:
    """`(a JOIN b)` gives its tables."""
    if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Table):
        yield from _unbracketed(source.this)
    else:
        yield source
    for join in source.args.get("joins") or []:
        yield from _unbracketed(join.this)


def _selects_star(tree: exp.Expr) -> bool:
    return any(
        any(projection.is_star for projection in select.expressions)
        and any(_sources(select).values())
        for select in tree.find_all(exp.Select)
        if _hands_rows_on(select)
    )


def _hands_rows_on(select: exp.Expr) -> bool:
    """The outermost select, a derived table or a WITH query; not EXISTS, IN or a scalar."""
    parent = select.parent
    while isinstance(parent, exp.SetOperation | exp.Subquery):
        parent = parent.parent
    outer = (exp.From, exp.Join, exp.CTE, exp.Create, exp.Insert, exp.Merge, exp.Lateral)
    return parent is None or isinstance(parent, outer)


# Columns


def _wrapped_columns(tree: exp.Expr) -> Iterator[ColumnUse]:
    for comparison in _comparisons(tree, (exp.Where, exp.Join)):
        for side in _sides(comparison):
            if isinstance(side, exp.Column):
                continue
            for column in _columns(side):
                yield _use(column, side)


def _filtered_columns(tree: exp.Expr) -> Iterator[ColumnUse]:
    for comparison in _comparisons(tree, (exp.Where,)):
        sides = list(_sides(comparison))
        columns = [side for side in sides if isinstance(side, exp.Column)]
        if len(columns) == 1 and all(
            _is_constant(side) for side in sides if side is not columns[0]
        ):
            yield _use(columns[0], comparison)


def _comparisons(tree: exp.Expr, places: tuple[type[exp.Expr], ...]) -> Iterator[exp.Expr]:
    for node in tree.find_all(*_COMPARISONS, bfs=False):
        # A CASE compares to choose, not to filter.
        if isinstance(node.find_ancestor(exp.Select, exp.Case, *places), places):
            yield node


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


def _use(column: exp.Column, expression: exp.Expr) -> ColumnUse:
    return ColumnUse(
        table_name=_table_of(column),
        column_name=column.name.lower(),
        expression=expression_text(expression),
    )


def _table_of(column: exp.Column) -> str | None:
    """The base table, where the statement tells."""
    reader = column.find_ancestor(*_READERS)
    if not column.table:
        sources = _sources(reader) if reader else {}
        return next(iter(sources.values())) if len(sources) == 1 else None
    while reader is not None:
        sources = _sources(reader)
        if column.table.lower() in sources:
            return sources[column.table.lower()]
        reader = reader.find_ancestor(*_READERS)
    return None


def expression_text(expression: exp.Expr) -> str:
    """As scrubbed SQL on one line; empty where it cannot be written."""
    try:
        sql = Redshift().generate(
            expression, normalize_functions=False, unsupported_level=ErrorLevel.IGNORE
        )
    except (SqlglotError, ValueError, TypeError, AttributeError):
        return ""
    return with_placeholders(sql)[:LONGEST_EXPRESSION]
