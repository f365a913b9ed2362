"""What the names in one SELECT mean, as far as statement and table facts leave no doubt."""

from dataclasses import dataclass, replace

from sqlglot import exp

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.evidence import Column
from backend.rewrite.places import (
    enclosing_select,
    has_grouping_sets,
    query_behind,
    select_of,
    with_query,
)

_JOIN_SIDES = ("", "LEFT", "RIGHT", "FULL")
_JOIN_KINDS = ("", "INNER", "OUTER", "CROSS")


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """Something in a FROM clause. `columns` are the names that it gives, None where not known;
    `query` is what stands behind a derived table or a WITH name, `fact` behind a base table."""

    alias: str
    node: exp.Expr
    join: exp.Join | None = None
    columns: tuple[str, ...] | None = None
    query: exp.Query | None = None
    fact: TableFact | None = None
    is_null_extended: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Sources:
    """The sources of one SELECT, in the order of its FROM clause, by alias in lower case."""

    select: exp.Select
    by_alias: dict[str, Source]
    merges_columns: bool = False

    @property
    def has_outer_join(self) -> bool:
        return any(source.is_null_extended for source in self.by_alias.values())


@dataclass(frozen=True, kw_only=True, eq=False)
class Owner:
    """The source that a column belongs to, in the SELECT `of` it or one around it."""

    source: Source
    of: exp.Select
    name: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Origin:
    """The column of a base table that a value comes from unchanged."""

    fact: TableFact
    column: Column
    is_null_extended: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.fact.table.full_name}.{self.column.name.lower()}"

    def is_same_column(self, other: "Origin") -> bool:
        """Of one table, so also of one type and one collation."""
        return (self.fact, self.column) == (other.fact, other.column)

    @property
    def why_nullable(self) -> str:
        """Empty where it can never be NULL: Redshift enforces NOT NULL, unlike keys."""
        if self.is_null_extended:
            return f"{self.full_name} is NULL where the outer join finds no row"
        return f"{self.full_name} may be NULL" if self.column.is_nullable else ""


class Reader:
    """Looks names up in one tree; what it finds is kept, so the tree must not change meanwhile."""

    def __init__(self, case: CaseFile) -> None:
        self.case = case
        self._sources: dict[int, Sources | None] = {}
        self._owners: dict[int, Owner | None] = {}

    def sources(self, select: exp.Select) -> Sources | None:
        """None where a source is of an odd kind: then nothing in the SELECT is certain."""
        if id(select) not in self._sources:
            self._sources[id(select)] = None  # for a query that reads itself
            self._sources[id(select)] = self._read_sources(select)
        return self._sources[id(select)]

    def owner(self, column: exp.Column) -> Owner | None:
        """None where it cannot be told."""
        if id(column) not in self._owners:
            select = select_of(column)
            found = self._owner(column, select) if select is not None else None
            self._owners[id(column)] = found
        return self._owners[id(column)]

    def origin(self, column: exp.Expr) -> Origin | None:
        """None unless the column leads, through whatever queries, to one of a known table."""
        if not isinstance(column, exp.Column):
            return None
        owner = self.owner(column)
        return self._origin_in(owner.source, owner.name) if owner else None

    def output_names(self, query: exp.Expr) -> tuple[str, ...] | None:
        """In lower case and in order; None where a `*` cannot be told or a column has no name."""
        if isinstance(query, exp.Subquery):
            return self.output_names(query.this)
        if isinstance(query, exp.SetOperation):
            return self.output_names(query.this)
        if not isinstance(query, exp.Select):
            return None
        names: list[str] = []
        for projection in query.expressions:
            if projection.is_star:
                starred = self.star_names(query, projection)
                if starred is None:
                    return None
                names += starred
            elif projection.output_name and not isinstance(projection, exp.Literal):
                names.append(projection.output_name.lower())
            else:
                return None
        return tuple(names)

    def starred(self, select: exp.Select, star: exp.Expr) -> list[Source] | None:
        """The sources that a `*` or `x.*` of the select list stands for, in order."""
        sources = self.sources(select)
        if sources is None or sources.merges_columns or _is_changed_star(star):
            return None
        if isinstance(star, exp.Column) and star.table:
            source = sources.by_alias.get(star.table.lower())
            return [source] if source else None
        return list(sources.by_alias.values())

    # Sources

    def _read_sources(self, select: exp.Select) -> Sources | None:
        first = select.args.get("from_")
        joins = select.args.get("joins") or []
        if select.args.get("laterals") or select.args.get("pivots"):
            return None
        if any(column.args.get("join_mark") for column in select.find_all(exp.Column)):
            return None
        entries: list[tuple[exp.Expr, exp.Join | None]] = [(first.this, None)] if first else []
        entries += [(join.this, join) for join in joins]
        found: dict[str, Source] = {}
        for node, join in entries:
            if not _is_plain(node) or (join is not None and not _is_plain_join(join)):
                return None
            source = self._read_source(node, join)
            is_nested_array = isinstance(node, exp.Table) and node.db.lower() in found
            if not source.alias or source.alias in found or is_nested_array:
                return None
            found[source.alias] = source
        merges = any(join.args.get("using") or join.method for join in joins)
        return Sources(
            select=select, by_alias=_null_extended(list(found.values())), merges_columns=merges
        )

    def _read_source(self, node: exp.Expr, join: exp.Join | None) -> Source:
        alias = node.alias_or_name.lower()
        query = query_behind(node)
        given = node.args["alias"].columns if node.args.get("alias") else []
        renamed = tuple(name.name.lower() for name in given or _cte_columns(node))
        if query is not None:
            names = self.output_names(query)
            if not renamed:
                return Source(alias=alias, node=node, join=join, columns=names, query=query)
            is_whole = names is not None and len(names) == len(renamed)
            return Source(alias=alias, node=node, join=join, columns=renamed if is_whole else None)
        fact = None
        if isinstance(node, exp.Table) and not renamed and with_query(node) is None:
            fact = self.case.table(".".join(part.name for part in node.parts))
        known = fact.table.columns if fact else ()
        return Source(
            alias=alias,
            node=node,
            join=join,
            columns=tuple(column.name.lower() for column in known) or None,
            fact=fact,
        )

    # Columns

    def _owner(self, column: exp.Column, select: exp.Select) -> Owner | None:
        sources = self.sources(select)
        if sources is None:
            return None
        if column.table:
            return self._named_owner(column, sources)
        return None if sources.merges_columns else self._bare_owner(column, sources)

    def _named_owner(self, column: exp.Column, sources: Sources) -> Owner | None:
        source = sources.by_alias.get(column.table.lower())
        if source is None:
            return self._outer_owner(column, sources.select)
        if _is_of_another_schema(column, source):
            return None
        return Owner(source=source, of=sources.select, name=column.name.lower())

    def _bare_owner(self, column: exp.Column, sources: Sources) -> Owner | None:
        name = column.name.lower()
        known = [each for each in sources.by_alias.values() if each.columns is not None]
        holders = [each for each in known if name in (each.columns or ())]
        if len(holders) == 1:
            # Had another source the column too, Redshift would have refused the statement.
            return Owner(source=holders[0], of=sources.select, name=name)
        is_elsewhere = not holders and len(known) == len(sources.by_alias)
        if not is_elsewhere or _is_output_name(name, sources.select):
            return None
        return self._outer_owner(column, sources.select)

    def _outer_owner(self, column: exp.Column, select: exp.Select) -> Owner | None:
        around = enclosing_select(select)
        return self._owner(column, around) if around is not None else None

    def _origin_in(self, source: Source, name: str) -> Origin | None:
        if source.fact is not None:
            for column in source.fact.table.columns:
                if column.name.lower() == name:
                    return Origin(
                        fact=source.fact, column=column, is_null_extended=source.is_null_extended
                    )
            return None
        query = source.query.unnest() if source.query is not None else None
        inner = self._output_origin(query, name) if isinstance(query, exp.Select) else None
        if inner is None or not source.is_null_extended:
            return inner
        return Origin(fact=inner.fact, column=inner.column, is_null_extended=True)

    def _output_origin(self, select: exp.Select, name: str) -> Origin | None:
        if has_grouping_sets(select) or (self.output_names(select) or ()).count(name) != 1:
            return None
        for projection in select.expressions:
            if projection.is_star:
                for source in self.starred(select, projection) or ():
                    if name in (source.columns or ()):
                        return self._origin_in(source, name)
            elif projection.output_name.lower() == name:
                return self.origin(projection.unalias())
        return None

    def star_names(self, select: exp.Select, star: exp.Expr) -> list[str] | None:
        starred = self.starred(select, star)
        if not starred or any(source.columns is None for source in starred):
            return None
        return [name for source in starred for name in source.columns or ()]


def qualified(column: exp.Column, owner: Owner) -> exp.Column:
    """The column with the alias of its source, for a place where more names are seen."""
    if column.table:
        return column.copy()
    node = owner.source.node
    alias = node.args.get("alias")
    name = alias.this if alias is not None and alias.this is not None else node.this
    return exp.Column(this=column.this.copy(), table=name.copy())


# Sources


def _cte_columns(source: exp.Expr) -> list[exp.Identifier]:
    """The names of `x (a, b) AS (…)`."""
    cte = with_query(source)
    return cte.args["alias"].columns if cte is not None else []


def _is_plain(source: exp.Expr) -> bool:
    """A table by its name, a WITH name or a derived table, with nothing around it."""
    if isinstance(source, exp.Table):
        is_named = isinstance(source.this, exp.Identifier)
        return is_named and not _extra_parts(source, {"this", "db", "catalog", "alias"})
    is_derived = isinstance(source, exp.Subquery) and isinstance(source.this, exp.Query)
    return is_derived and not _extra_parts(source, {"this", "alias"})


def _is_plain_join(join: exp.Join) -> bool:
    known = {"this", "on", "using", "side", "kind", "method"}
    is_known = join.side in _JOIN_SIDES and join.kind in _JOIN_KINDS
    return is_known and not _extra_parts(join, known)


def _extra_parts(node: exp.Expr, known: set[str]) -> bool:
    return any(value for name, value in node.args.items() if name not in known)


def _null_extended(sources: list[Source]) -> dict[str, Source]:
    """LEFT JOIN may leave the joined side empty, RIGHT JOIN all before it, FULL JOIN both."""
    extended: set[str] = set()
    for position, source in enumerate(sources):
        side = source.join.side if source.join is not None else ""
        if side in ("RIGHT", "FULL"):
            extended |= {each.alias for each in sources[:position]}
        if side in ("LEFT", "FULL"):
            extended.add(source.alias)
    return {each.alias: replace(each, is_null_extended=each.alias in extended) for each in sources}


def _is_of_another_schema(column: exp.Column, source: Source) -> bool:
    node = source.node
    return bool(column.db) and (
        not isinstance(node, exp.Table) or column.db.lower() != node.db.lower()
    )


def _is_output_name(name: str, select: exp.Select) -> bool:
    return any(
        isinstance(projection, exp.Alias) and projection.alias.lower() == name
        for projection in select.expressions
    )


def _is_changed_star(star: exp.Expr) -> bool:
    inner = star.this if isinstance(star, exp.Column) else star
    return _extra_parts(inner, set())
