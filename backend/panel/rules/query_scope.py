"""The sources of one SELECT and what its conditions link, as far as columns lead to sources."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from backend.domain.case_file import CaseFile

OUTER = "<outer>"
"""Stands for the query around, where a column belongs to none of the own sources."""


_AROUND = (exp.Select, exp.Update, exp.Delete, exp.Merge)


@dataclass(frozen=True, kw_only=True)
class QueryScope:
    """`sources` by alias in lower case: the columns that it is known to have, None where they are
    not known. `given_links` need no condition (USING, NATURAL, a table's own nested array)."""

    sources: dict[str, frozenset[str] | None]
    names: dict[str, str]
    one_row_sources: frozenset[str]
    given_links: frozenset[frozenset[str]]
    is_unsure: bool
    is_nested: bool

    @classmethod
    def of(cls, case: CaseFile, select: exp.Select) -> "QueryScope":
        sources: dict[str, frozenset[str] | None] = {}
        names: dict[str, str] = {}
        one_row: set[str] = set()
        links: set[frozenset[str]] = set()
        is_unsure = False
        for source, join in _joined(select):
            alias = source.alias_or_name.lower()
            is_unsure |= not isinstance(source, exp.Table | exp.Subquery) or alias in sources
            is_unsure |= bool(source.args.get("joins")) or isinstance(source.this, exp.Table)
            if join is not None and (join.args.get("using") or join.args.get("method")):
                links |= {frozenset((alias, other)) for other in sources}
            if isinstance(source, exp.Table) and source.db.lower() in sources:
                links.add(frozenset((alias, source.db.lower())))
            query = _query_behind(source)
            if query is not None and _gives_one_row(query):
                one_row.add(alias)
            sources[alias] = _columns(case, source, query)
            names[alias] = source.name or alias or "a subquery"
        return cls(
            sources=sources,
            names=names,
            one_row_sources=frozenset(one_row),
            given_links=frozenset(links),
            is_unsure=is_unsure,
            is_nested=select.find_ancestor(*_AROUND) is not None,
        )

    def name_of(self, alias: str) -> str:
        """As the statement names it, with the alias where it has one."""
        name = self.names[alias]
        return name if name.lower() == alias else f"{name} {alias}"

    def source_of(self, column: exp.Column) -> str | None:
        """An alias, OUTER, or None where the statement and the known columns do not tell."""
        if column.table:
            alias = column.table.lower()
            return alias if alias in self.sources else self._outside()
        name = column.name.lower()
        having = [alias for alias, columns in self.sources.items() if columns and name in columns]
        if having:
            return having[0] if len(having) == 1 else None
        return None if None in self.sources.values() else self._outside()

    def _outside(self) -> str | None:
        return OUTER if self.is_nested else None

    def touched(self, condition: exp.Expr) -> frozenset[str] | None:
        """The sources of the condition's own columns; None where one is not known."""
        found = [self.source_of(node) for node in own_columns(condition)]
        known = frozenset(source for source in found if source is not None)
        return known if None not in found else None

    def equalities(self, condition: exp.Expr) -> set[frozenset[str]]:
        """The pairs of sources that the condition sets equal, in each branch of an OR."""
        return set(self._links_by_equality(condition.unnest()).values())

    def _links_by_equality(self, condition: exp.Expr) -> dict[frozenset[str], frozenset[str]]:
        """By the texts of both sides, so that an OR keeps only what all its branches demand."""
        if isinstance(condition, exp.Or):
            first, *others = [
                {
                    sides: link
                    for part in _parts(branch, exp.And)
                    for sides, link in self._links_by_equality(part).items()
                }
                for branch in _parts(condition, exp.Or)
            ]
            return {
                sides: link
                for sides, link in first.items()
                if all(sides in other for other in others)
            }
        if not isinstance(condition, exp.EQ):
            return {}
        left, right = self.touched(condition.this), self.touched(condition.expression)
        if left and right and len(left) == len(right) == 1 and left != right:
            return {frozenset((condition.this.sql(), condition.expression.sql())): left | right}
        return {}


def conjuncts(select: exp.Select, *, with_having: bool = False) -> Iterator[exp.Expr]:
    """What WHERE and each ON demand, one condition at a time; HAVING filters what is joined."""
    places = [select.args.get("where"), select.args.get("having") if with_having else None]
    conditions = [place.this for place in places if place is not None]
    conditions += [on for join in select.args.get("joins") or [] if (on := join.args.get("on"))]
    for condition in conditions:
        yield from _parts(condition, exp.And)


def own_columns(condition: exp.Expr) -> Iterator[exp.Column]:
    """The columns of a condition, without those of the queries in it."""
    for node in condition.walk(prune=lambda node: isinstance(node, exp.Query | exp.Exists)):
        if isinstance(node, exp.Column):
            yield node


def _parts(condition: exp.Expr, connector: type[exp.And] | type[exp.Or]) -> Iterator[exp.Expr]:
    pending = [condition]
    while pending:
        part = pending.pop().unnest()
        if isinstance(part, connector):
            pending += [part.expression, part.this]
        else:
            yield part


def _joined(select: exp.Select) -> Iterator[tuple[exp.Expr, exp.Join | None]]:
    first = select.args.get("from_")
    if first is not None:
        yield first.this, None
    for join in select.args.get("joins") or []:
        yield join.this, join
    for lateral in select.args.get("laterals") or []:
        yield lateral, None


def _query_behind(source: exp.Expr) -> exp.Query | None:
    """The query of a derived table or a WITH name."""
    if isinstance(source, exp.Subquery):
        return source.this if isinstance(source.this, exp.Query) else None
    if not isinstance(source, exp.Table) or source.db:
        return None
    for cte in source.root().find_all(exp.CTE):
        if cte.alias.lower() == source.name.lower():
            return cte.this if isinstance(cte.this, exp.Query) else None
    return None


def _gives_one_row(query: exp.Query) -> bool:
    if not isinstance(query, exp.Select):
        return False
    if query.args.get("from_") is None:
        return True
    return not query.args.get("group") and any(
        projection.find(exp.AggFunc) and not projection.find(exp.Window)
        for projection in query.expressions
    )


def _columns(case: CaseFile, source: exp.Expr, query: exp.Query | None) -> frozenset[str] | None:
    if query is not None:
        alias = source.args.get("alias")
        renamed = [column.name for column in alias.columns] if alias is not None else []
        names = renamed or query.named_selects
        return None if "*" in names else frozenset(name.lower() for name in names)
    if not isinstance(source, exp.Table):
        return None
    fact = case.table(".".join(part.name for part in source.parts))
    columns = fact.table.columns if fact else ()
    return frozenset(column.name.lower() for column in columns) or None
