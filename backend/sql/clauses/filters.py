"""Clauses that filter: by none at all, by patterns, by one column or another."""

from collections.abc import Iterator

from sqlglot import exp

from backend.domain.case_file import Clause, ClauseKind, ColumnUse
from backend.sql.clauses.query_levels import (
    Place,
    QueryLevel,
    clause_text,
    holds_query,
    is_filtered,
    own_columns,
    parts_of,
)
from backend.sql.values import is_value, listed_values

_LIKES = (exp.Like, exp.ILike)
_REGULAR_EXPRESSIONS = (
    exp.SimilarTo,
    exp.RegexpLike,
    exp.RegexpILike,
    exp.RegexpCount,
    exp.RegexpExtract,
    exp.RegexpInstr,
    exp.RegexpReplace,
)


def unfiltered_tables(level: QueryLevel) -> Iterator[Clause]:
    """Of a query that no condition restricts, nor one of the queries that read it."""
    if not isinstance(level.node, exp.Select) or is_filtered(level):
        return
    reader = level.around if level.place is Place.SOURCE else None
    while reader is not None:
        if is_filtered_by_reader(reader):
            return
        reader = reader.around if reader.place is Place.SOURCE else None
    for table_name in level.table_names:
        yield Clause(
            kind=ClauseKind.UNFILTERED_TABLE,
            text=f"FROM {table_name}",
            query_number=level.number,
            table_names=(table_name,),
        )


def is_filtered_by_reader(reader: QueryLevel) -> bool:
    """A condition on a derived table may be carried into it."""
    return reader.node.args.get("limit") is not None or bool(reader.conditions)


def text_patterns(level: QueryLevel) -> Iterator[Clause]:
    """LIKE with a wildcard in front, and regular expressions, where they filter."""
    for condition in level.conditions:
        for node in condition.expression.walk(bfs=False, prune=_is_no_filter):
            if isinstance(node, _LIKES) and begins_with_wildcard(node.expression):
                yield from _pattern(level, node, ClauseKind.LEADING_WILDCARD)
            elif isinstance(node, _REGULAR_EXPRESSIONS):
                yield from _pattern(level, node, ClauseKind.REGULAR_EXPRESSION)


def _pattern(level: QueryLevel, node: exp.Expr, kind: ClauseKind) -> Iterator[Clause]:
    columns = level.uses(own_columns(node.this))
    if columns:
        shown = node.parent if isinstance(node.parent, exp.Not) else node
        yield Clause(kind=kind, text=clause_text(shown), query_number=level.number, columns=columns)


def _is_no_filter(node: exp.Expr) -> bool:
    # A CASE compares to choose, not to filter.
    return isinstance(node, exp.Query | exp.Exists | exp.Case)


def begins_with_wildcard(pattern: exp.Expr) -> bool:
    """As the shape tells that scrubbing leaves of a pattern."""
    while True:
        if isinstance(pattern, exp.Literal):
            return pattern.is_string and pattern.name.startswith("%")
        if isinstance(pattern, exp.Paren | exp.Cast | exp.DPipe):
            pattern = pattern.this
        elif isinstance(pattern, exp.Concat) and pattern.expressions:
            pattern = pattern.expressions[0]
        else:
            return False


def or_across_columns(level: QueryLevel) -> Iterator[Clause]:
    """An OR whose branches have no column in common, so that no column alone restricts."""
    for condition in level.conditions:
        if not isinstance(condition.expression, exp.Or):
            continue
        branches = list(parts_of(condition.expression, exp.Or))
        touched = [_column_keys(branch) for branch in branches]
        is_doubtful = not all(touched) or holds_query(condition.expression)
        if is_doubtful or frozenset.intersection(*touched):
            continue
        uses = list(_branch_uses(level, branches))
        if None in uses:
            continue
        yield Clause(
            kind=ClauseKind.OR_ACROSS_COLUMNS,
            text=clause_text(condition.expression),
            query_number=level.number,
            columns=tuple(dict.fromkeys(use for use in uses if use is not None)),
            count=len(branches),
        )


def _column_keys(branch: exp.Expr) -> frozenset[tuple[str, str]]:
    return frozenset(_key(column) for column in own_columns(branch))


def _branch_uses(level: QueryLevel, branches: list[exp.Expr]) -> Iterator[ColumnUse | None]:
    for branch in branches:
        for part in parts_of(branch, exp.And):
            for column in own_columns(part):
                yield level.use(column, part)


def or_on_one_column(level: QueryLevel) -> Iterator[Clause]:
    """An OR of nothing but equalities and IN lists of one bare column, where it keeps rows out."""
    for condition in level.conditions:
        if not isinstance(condition.expression, exp.Or):
            continue
        if condition.join is not None and has_outer_join(level):
            continue
        branches = list(parts_of(condition.expression, exp.Or))
        compared = [listed_values(branch) for branch in branches]
        columns = {_key(each[0]) for each in compared if each}
        if None in compared or len(columns) != 1:
            continue
        uses = [
            level.use(each[0], branch)
            for branch, each in zip(branches, compared, strict=True)
            if each
        ]
        if None in uses:
            continue
        yield Clause(
            kind=ClauseKind.OR_ON_ONE_COLUMN,
            text=clause_text(condition.expression),
            query_number=level.number,
            columns=tuple(dict.fromkeys(use for use in uses if use is not None)),
            count=sum(len(each[1]) for each in compared if each),
        )


def has_outer_join(level: QueryLevel) -> bool:
    """Also by Oracle's mark: `a.x = b.x(+)`."""
    return any(join.side in ("LEFT", "RIGHT", "FULL") for join in level.joins) or any(
        column.args.get("join_mark")
        for condition in level.conditions
        for column in own_columns(condition.expression)
    )


def _key(column: exp.Column) -> tuple[str, str]:
    return column.table.lower(), column.name.lower()


def compares_with_values(comparison: exp.Expr) -> exp.Column | None:
    """The bare column that is compared with values only; None for any other comparison."""
    sides = [
        side
        for key in ("this", "expression", "low", "high", "expressions")
        for part in [comparison.args.get(key)]
        for side in (part if isinstance(part, list) else [part])
        if isinstance(side, exp.Expr)
    ]
    columns = [side.unnest() for side in sides if isinstance(side.unnest(), exp.Column)]
    others = [side for side in sides if not isinstance(side.unnest(), exp.Column)]
    is_plain = len(columns) == 1 and bool(others) and comparison.args.get("query") is None
    if is_plain and all(
        is_value(side) or side.find(exp.Column, exp.Query) is None for side in others
    ):
        column = columns[0]
        return column if isinstance(column, exp.Column) else None
    return None
