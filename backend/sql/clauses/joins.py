"""Clauses that join: by columns, by expressions, or by nothing at all."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.case_file import Clause, ClauseKind
from backend.sql.clauses.filters import compares_with_values, has_outer_join
from backend.sql.clauses.query_levels import (
    Condition,
    Owner,
    QueryLevel,
    clause_text,
    holds_query,
    own_columns,
)
from backend.sql.sources import query_behind

_RANGES = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class _Side:
    """One side of an equality: the columns of one source and what is around them."""

    expression: exp.Expr
    columns: tuple[exp.Column, ...]
    owner: Owner | None

    @property
    def is_bare(self) -> bool:
        return isinstance(self.expression, exp.Column)


def equalities(level: QueryLevel) -> Iterator[Clause]:
    for condition in level.conditions:
        sides = _joined_sides(level, condition.expression)
        if sides is None:
            continue
        wrapped_first = sorted(sides, key=lambda side: side.is_bare)
        uses = [
            level.use(column, side.expression) for side in wrapped_first for column in side.columns
        ]
        columns = tuple(use for use in uses if use is not None)
        if len(columns) < len(uses):
            continue
        are_bare = all(side.is_bare for side in sides)
        yield Clause(
            kind=ClauseKind.JOIN_EQUALITY if are_bare else ClauseKind.JOIN_ON_EXPRESSION,
            text=clause_text(condition.expression),
            query_number=level.number,
            columns=columns,
            count=sum(len(side.columns) for side in sides if not side.is_bare) or 1,
        )


def _joined_sides(level: QueryLevel, condition: exp.Expr) -> tuple[_Side, _Side] | None:
    """Of an equality between two of the level's own sources, as far as that can be told."""
    if not isinstance(condition, exp.EQ) or holds_query(condition) or len(level.sources) < 2:
        return None
    left, right = _side(level, condition.this), _side(level, condition.expression)
    if left is None or right is None:
        return None
    owners = [side.owner for side in (left, right) if side.owner]
    is_outer = any(owner.level is not level for owner in owners)
    is_same = len(owners) == 2 and owners[0].alias == owners[1].alias
    return None if is_outer or is_same else (left, right)


def _side(level: QueryLevel, expression: exp.Expr) -> _Side | None:
    """None where it is a value, or has columns of several sources."""
    expression = expression.unnest()
    columns = tuple(dict.fromkeys(own_columns(expression)))
    qualifiers = {column.table.lower() for column in columns}
    if not columns or len(qualifiers) > 1 or ("" in qualifiers and len(columns) > 1):
        return None
    return _Side(expression=expression, columns=columns, owner=level.owner(columns[0]))


def one_sided_filters(level: QueryLevel) -> Iterator[Clause]:
    """A condition on one of two columns that an inner join sets equal, and none on the other."""
    if has_outer_join(level):
        return
    filtered: dict[_Key, exp.Expr] = {}
    for condition in level.conditions:
        column = _filtered_column(condition)
        if column is not None:
            filtered.setdefault(_key(column), condition.expression)
    for condition in level.conditions if filtered else ():
        sides = _joined_sides(level, condition.expression)
        if sides is None or not all(side.is_bare for side in sides):
            continue
        left, right = (side.columns[0] for side in sides)
        for known, twin in ((left, right), (right, left)):
            if _key(known) not in filtered or _key(twin) in filtered:
                continue
            filter_ = filtered[_key(known)]
            uses = level.use(known, filter_), level.use(twin)
            columns = tuple(use for use in uses if use is not None)
            if len(columns) == len(uses):
                yield Clause(
                    kind=ClauseKind.ONE_SIDED_FILTER,
                    text=clause_text(filter_),
                    query_number=level.number,
                    columns=columns,
                )


def _filtered_column(condition: Condition) -> exp.Column | None:
    if not isinstance(condition.expression, _RANGES):
        return None
    return compares_with_values(condition.expression)


def _key(column: exp.Column) -> _Key:
    return column.table.lower(), column.name.lower()


def cross_joins(level: QueryLevel) -> Iterator[Clause]:
    """Sources that no condition links with the others. Any doubt counts as a link."""
    is_plain = all(isinstance(each, exp.Table | exp.Subquery) for each in level.sources.values())
    if not is_plain or not isinstance(level.node, exp.Select):
        return
    linkable = [alias for alias, source in level.sources.items() if not _gives_one_row(source)]
    if len(linkable) < 2:
        return
    links = _links(level)
    if links is None:
        return
    parts = _components(linkable, links)
    if len(parts) < 2:
        return
    smallest, *others = sorted(parts, key=lambda part: (len(part), linkable.index(part[0])))
    rest = [alias for part in others for alias in part]
    named = [Owner(level=level, alias=alias) for alias in (*smallest, *rest)]
    yield Clause(
        kind=ClauseKind.CROSS_JOIN,
        text=f"{', '.join(_shown(level, smallest))} and {', '.join(_shown(level, rest))}",
        query_number=level.number,
        table_names=tuple(owner.table_name or "" for owner in named),
        count=len(smallest),
    )


def _links(level: QueryLevel) -> list[frozenset[str]] | None:
    """The groups of sources that a condition each links; None where that cannot be told."""
    links = []
    for condition in level.conditions:
        columns = list(own_columns(condition.expression))
        if condition.expression.find(exp.Query, exp.Dot, exp.Anonymous) is not None:
            return None
        owners = [level.owner(column) for column in columns]
        if len(columns) > 1 and None in owners:
            return None
        links.append(
            frozenset(
                owner.alias if owner.level is level else "" for owner in owners if owner is not None
            )
        )
    aliases = list(level.sources)
    for join in level.joins:
        source = join.this.alias_or_name.lower()
        if source not in level.sources:
            return None
        if join.args.get("using") or join.args.get("method"):
            links.append(frozenset(aliases[: aliases.index(source) + 1]))
        if isinstance(join.this, exp.Table) and join.this.db.lower() in level.sources:
            links.append(frozenset((source, join.this.db.lower())))
    return links


def _components(aliases: list[str], links: list[frozenset[str]]) -> list[list[str]]:
    parts = [{alias} for alias in aliases]
    for link in links:
        joined = [part for part in parts if part & link]
        if len(joined) > 1:
            parts = [part for part in parts if not part & link]
            parts.append(set().union(*joined))
    return [sorted(part, key=aliases.index) for part in parts]


def _gives_one_row(source: exp.Expr) -> bool:
    query = query_behind(source)
    if not isinstance(query, exp.Select):
        return False
    if query.args.get("from_") is None:
        return True
    return not query.args.get("group") and any(
        each.find(exp.AggFunc) is not None and each.find(exp.Window) is None
        for each in query.expressions
    )


def _shown(level: QueryLevel, aliases: list[str]) -> list[str]:
    names = [(level.sources[alias].name.lower(), alias) for alias in aliases]
    return [alias if name in ("", alias) else f"{name} {alias}" for name, alias in names]
