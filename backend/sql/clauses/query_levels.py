"""The queries inside a statement, each with its own sources and conditions.

One walk over the tree gives every node to the query that it belongs to, so that a clause is read
in time proportional to its own query.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from sqlglot import exp

from backend.domain.case_file import ColumnUse
from backend.sql.expression_text import expression_text
from backend.sql.sources import READERS, base_name, query_behind, sources_of

LONGEST_CLAUSE = 160

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


class Place(StrEnum):
    """Where in the query around it a query stands; also where in a query a node stands."""

    MAIN = "main"
    SOURCE = "source"
    CONDITION = "condition"
    VALUE = "value"


@dataclass(frozen=True, kw_only=True, eq=False)
class Condition:
    """One condition that WHERE or an ON demands."""

    expression: exp.Expr
    join: exp.Join | None = None


@dataclass(kw_only=True, eq=False)
class QueryLevel:
    """`around` is the query that this one stands in; its columns can be read here only where
    `is_correlatable`. `nodes` are its own: those of queries inside it are theirs."""

    number: int
    node: exp.Expr
    place: Place
    around: "QueryLevel | None"
    sources: dict[str, exp.Expr] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)
    nodes: list[tuple[Place, exp.Expr]] = field(default_factory=list)

    @property
    def is_correlatable(self) -> bool:
        return self.around is not None and self.place in (Place.CONDITION, Place.VALUE)

    @property
    def joins(self) -> list[exp.Join]:
        return list(_joins(self.node))

    @cached_property
    def base_names(self) -> dict[str, str | None]:
        """By alias the base table; None for WITH queries, functions, subqueries."""
        return {alias: base_name(source) for alias, source in self.sources.items()}

    @property
    def derived(self) -> list[exp.Expr]:
        return [source for alias, source in self.sources.items() if not self.base_names[alias]]

    @property
    def table_names(self) -> tuple[str, ...]:
        """The base tables that it reads itself."""
        return tuple(dict.fromkeys(name for name in self.base_names.values() if name))

    def places_of(self, *kinds: type[exp.Expr]) -> Iterator[tuple[Place, exp.Expr]]:
        return ((place, node) for place, node in self.nodes if isinstance(node, kinds))

    def owner(self, column: exp.Column) -> "Owner | None":
        """None where the statement alone does not tell whose the column is."""
        if not column.table:
            is_only = len(self.sources) == 1 and not self.is_correlatable
            return Owner(level=self, alias=next(iter(self.sources))) if is_only else None
        level: QueryLevel | None = self
        alias = column.table.lower()
        while level is not None:
            if alias in level.sources:
                return Owner(level=level, alias=alias)
            level = level.around if level.is_correlatable else None
        return None

    def use(self, column: exp.Column, expression: exp.Expr | None = None) -> ColumnUse | None:
        """None where the column is, or may be, one that a derived table makes."""
        owner = self.owner(column)
        is_derived = self._may_be_derived(column) if owner is None else owner.table_name is None
        if is_derived:
            return None
        return ColumnUse(
            table_name=owner.table_name if owner else None,
            column_name=column.name.lower(),
            expression=expression_text(expression if expression is not None else column),
        )

    def uses(self, columns: Iterable[exp.Column]) -> tuple[ColumnUse, ...]:
        """Of those that are columns of base tables."""
        uses = (self.use(column) for column in columns)
        return tuple(dict.fromkeys(use for use in uses if use is not None))

    def _may_be_derived(self, column: exp.Column) -> bool:
        if column.table:
            return True
        level: QueryLevel | None = self
        while level is not None:
            if any(_may_make(source, column.name.lower()) for source in level.derived):
                return True
            level = level.around if level.is_correlatable else None
        return False


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The source that a column belongs to; `table_name` is None for derived tables."""

    level: QueryLevel
    alias: str

    @property
    def table_name(self) -> str | None:
        return self.level.base_names[self.alias]


def _may_make(source: exp.Expr, column_name: str) -> bool:
    query = query_behind(source)
    if not isinstance(query, exp.Query):
        return True
    alias = source.args.get("alias")
    renamed = [column.name for column in alias.columns] if alias is not None else []
    names = {name.lower() for name in (*renamed, *query.named_selects)}
    return "*" in names or column_name in names


def query_levels(tree: exp.Expr) -> list[QueryLevel]:
    """In the order in which they are written; empty where the statement has no query."""
    levels: list[QueryLevel] = []
    pending: list[tuple[exp.Expr, QueryLevel | None, Place]] = [(tree, None, Place.MAIN)]
    while pending:
        node, level, place = pending.pop()
        if isinstance(node, READERS):
            level = _new_level(node, level, place, number=len(levels))
            levels.append(level)
        elif level is not None:
            level.nodes.append((place, node))
        below = [(child, level, _place_below(node, key, place)) for key, child in _children(node)]
        pending.extend(reversed(below))
    return levels


def _new_level(
    node: exp.Expr, around: QueryLevel | None, place: Place, *, number: int
) -> QueryLevel:
    return QueryLevel(
        number=number,
        node=node,
        place=place,
        around=around,
        sources=sources_of(node),
        conditions=list(_conditions(node)),
    )


def _children(node: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
    for key, part in node.args.items():
        for child in part if isinstance(part, list) else [part]:
            if isinstance(child, exp.Expr):
                yield key, child


_PLACES = {
    "with_": Place.SOURCE,
    "from_": Place.SOURCE,
    "using": Place.SOURCE,
    "joins": Place.SOURCE,
    "laterals": Place.SOURCE,
    "on": Place.CONDITION,
    "where": Place.CONDITION,
    "having": Place.CONDITION,
    "qualify": Place.CONDITION,
}


def _place_below(node: exp.Expr, key: str, place: Place) -> Place:
    if isinstance(node, READERS):
        return _PLACES.get(key, Place.VALUE)
    if isinstance(node, exp.Join) and key == "on":
        return Place.CONDITION
    return Place.SOURCE if key == "with_" else place


def _joins(node: exp.Expr) -> Iterator[exp.Join]:
    """Also those in brackets: `FROM a JOIN (b JOIN c ON …) ON …`."""
    first = node.args.get("from_")
    pending: list[exp.Expr] = [first.this] if first is not None else []
    joins = list(node.args.get("joins") or [])
    yield from joins
    pending += [join.this for join in joins]
    while pending:
        source = pending.pop()
        inner = list(source.args.get("joins") or [])
        if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Table):
            pending.append(source.this)
        yield from inner
        pending += [join.this for join in inner]


def _conditions(node: exp.Expr) -> Iterator[Condition]:
    where = node.args.get("where")
    if where is not None:
        yield from (Condition(expression=part) for part in parts_of(where.this, exp.And))
    for join in _joins(node):
        on = join.args.get("on")
        if isinstance(on, exp.Expr):
            yield from (Condition(expression=part, join=join) for part in parts_of(on, exp.And))


def parts_of(condition: exp.Expr, connector: type[exp.And] | type[exp.Or]) -> Iterator[exp.Expr]:
    """What an AND or OR connects, without brackets, in the order written."""
    pending = [condition]
    while pending:
        part = pending.pop().unnest()
        if isinstance(part, connector):
            pending += [part.expression, part.this]
        else:
            yield part


def own_columns(expression: exp.Expr) -> Iterator[exp.Column]:
    """Without those of queries inside it."""
    for node in expression.walk(bfs=False, prune=lambda n: isinstance(n, exp.Query | exp.Exists)):
        if isinstance(node, exp.Column):
            yield node


def holds_query(expression: exp.Expr) -> bool:
    return expression.find(exp.Query) is not None


def is_filtered(level: QueryLevel) -> bool:
    """Whether anything keeps rows of its sources out: a condition, a LIMIT, a filtered source.
    Doubt counts as a filter."""
    if any(not only_joins(level, condition.expression) for condition in level.conditions):
        return True
    return _stops_early(level.node) or any(
        _is_filtered_query(query_behind(source)) for source in level.derived
    )


def only_joins(level: QueryLevel, condition: exp.Expr) -> bool:
    """Compares columns of two of the level's own sources."""
    if len(level.sources) < 2 or not isinstance(condition, _COMPARISONS) or holds_query(condition):
        return False
    left, right = list(own_columns(condition.this)), list(own_columns(condition.expression))
    qualifiers = {column.table.lower() for column in (*left, *right)}
    if not left or not right:
        return False
    if "" in qualifiers:
        return isinstance(condition, exp.EQ) and len(left) == len(right) == 1
    return len(qualifiers) > 1 and qualifiers <= set(level.sources)


def _stops_early(node: exp.Expr) -> bool:
    has_limit = node.args.get("limit") is not None or node.args.get("sample") is not None
    reads_all = any(node.args.get(key) is not None for key in ("group", "order", "distinct"))
    return has_limit and not reads_all


def _is_filtered_query(query: exp.Expr | None) -> bool:
    """Of a derived table; one that is not known counts as filtered."""
    if query is None:
        return True
    return query.find(exp.Where, exp.Limit, exp.Having, exp.Intersect, exp.Except) is not None


def clause_text(expression: exp.Expr) -> str:
    """On one line, queries inside it left out."""
    shown = expression
    if holds_query(expression):
        shown = expression.copy()
        for query in list(shown.find_all(exp.Subquery, exp.Select)):
            if query.parent is not None and not isinstance(query.parent, exp.Subquery):
                is_bracketed = isinstance(query, exp.Select)
                query.replace(exp.var("SELECT …" if is_bracketed else "(SELECT …)"))
    return cut(expression_text(shown))


def query_text(query: exp.Expr, table_names: tuple[str, ...]) -> str:
    """`(SELECT max(a) FROM t …)`: enough to find it."""
    selected = ", ".join(clause_text(each) for each in query.expressions)
    read = f" FROM {', '.join(table_names)}" if table_names else ""
    return f"(SELECT {cut(selected)}{read} …)"


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_CLAUSE else text[: LONGEST_CLAUSE - 1].rstrip() + "…"
