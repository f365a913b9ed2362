"""A parsed statement written so that only differences that matter are left.

Names that the writer of a statement chose and that change nothing are replaced by their place:
table aliases, names of subqueries and of WITH queries, names of output columns. A reference
follows its name. Output names are kept where they become columns of a table (CREATE … AS).
Where it cannot be told which column a name means, the name is kept: two patterns that could have
been one are better than one pattern that should have been two.
"""

from collections.abc import Iterable

from sqlglot import exp

from backend.sql.scope import BASE_TABLE, Columns, Scope, Source, renamed_columns
from backend.sql.tree_writer import TreeWriter


def canonical(statements: Iterable[exp.Expr]) -> str:
    """One string for all statements of a text. Raises TooDeepError."""
    writer = _Writer()
    for statement in statements:
        writer.write(statement, Scope())
        writer.out.append(";")
    return " ".join(writer.out)


class _Writer(TreeWriter):
    def __init__(self) -> None:
        super().__init__()
        self._source_count = 0
        self.special_nodes |= {
            exp.Column: self._column,
            exp.Table: self._source,
            exp.Select: self._expression_query,
            exp.Union: self._expression_query,
            exp.Intersect: self._expression_query,
            exp.Except: self._expression_query,
            exp.Subquery: self._expression_query,
            exp.Create: self._create,
            exp.Insert: self._insert,
            exp.Update: self._change,
            exp.Delete: self._change,
            exp.Merge: self._change,
        }

    # Names

    def _column(self, node: exp.Expr, scope: Scope) -> None:
        parts = _name_parts(node)
        star = node.this if isinstance(node.this, exp.Star) else None
        if len(parts) == 1 and not star:
            self.out.append(scope.column(parts[0]))
            return
        source = scope.source(parts[0]) or (scope.source(parts[-2]) if len(parts) > 1 else None)
        if source is None:
            self.out.append(".".join(parts))
        elif scope.source(parts[0]) is source:
            self.out.append(".".join([source.name, *self._places(parts[1:], source)]))
        else:  # schema.table.column of a table without an alias
            self.out.append(".".join([source.name, *self._places(parts[-1:], source)]))
        if star:
            self.write(star, scope)

    @staticmethod
    def _places(names: list[str], source: Source) -> list[str]:
        return [source.columns.places.get(name, name) for name in names[:1]] + names[1:]

    # Sources

    def _source(self, node: exp.Expr, scope: Scope) -> None:
        """Writes what stands in a FROM or JOIN, and makes its names known to the scope."""
        alias = node.args.get("alias")
        named = alias.this.name if isinstance(alias, exp.TableAlias) and alias.this else ""
        renamed = [name.name for name in alias.columns] if isinstance(alias, exp.TableAlias) else []
        columns: Columns | None = BASE_TABLE
        if isinstance(node, exp.Table):
            columns = self._table_name(node, scope)
            key = named or node.name
        elif isinstance(node, exp.Subquery):
            columns = self._derived(node, scope)
            key = named
        else:  # UNNEST, LATERAL, VALUES and functions; `c.orders o` names its entries
            self._plain(node, scope, without=("alias",))
            key = named or (renamed.pop(0) if renamed else "")
        if renamed:
            columns = renamed_columns(columns, renamed)
        if columns is not None:
            source = self._new_source("a", columns)
            scope.sources[key or source.name] = source
        for name in ("joins", "laterals"):
            self._joins(node.args.get(name) or [], scope)

    def _table_name(self, node: exp.Expr, scope: Scope) -> Columns:
        parts = _name_parts(node)
        is_function = not isinstance(node.this, exp.Identifier)
        known = scope.withs.get(parts[0]) if len(parts) == 1 and not is_function else None
        if known:
            self.out.append(f"with {known.name}")
        elif not is_function:
            self.out.append("table " + ".".join(parts))
        names = () if is_function else ("this", "db", "catalog")
        self._plain(node, scope, without=("alias", "joins", "laterals", *names))
        return known.columns if known else BASE_TABLE

    def _derived(self, node: exp.Expr, scope: Scope) -> Columns | None:
        """A subquery of a FROM; None for a bracketed join, whose tables are the scope's own."""
        inner = node.this
        if not isinstance(inner, exp.Query):
            self._source(inner, scope)
            return None
        columns = self._query(node, scope.detached())
        self._plain(
            node, scope, without=("this", "alias", "joins", "laterals", "with_", "order", "limit")
        )
        return columns

    def _joins(self, joins: list[exp.Expr], scope: Scope) -> None:
        conditions = []
        for join in joins:
            if not isinstance(join, exp.Join):
                self._source(join, scope)
                continue
            side, kind = str(join.side).lower(), str(join.kind).lower()
            # INNER JOIN is JOIN, LEFT OUTER JOIN is LEFT JOIN.
            kind = "" if kind == "inner" or (side and kind == "outer") else kind
            self.out.append(f"join {join.method.lower()} {side} {kind}")
            self._source(join.this, scope)
            conditions.append(join)
        for join in conditions:
            self._plain(join, scope, without=("this", "side", "kind", "method"))

    def _new_source(self, letter: str, columns: Columns) -> Source:
        self._source_count += 1
        return Source(f"{letter}{self._source_count}", columns)

    # Queries

    def _expression_query(self, node: exp.Expr, scope: Scope) -> None:
        if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Query):
            self.write(node.this, scope)
            return
        self._query(node, scope.inside())

    def _query(self, node: exp.Expr, scope: Scope, *, keeps_names: bool = False) -> Columns:
        self._withs(node.args.get("with_"), scope)
        if isinstance(node, exp.Subquery):
            columns = self._query(node.this, scope, keeps_names=keeps_names)
        elif isinstance(node, exp.SetOperation):
            self.out.append(f"{node.key} {'distinct' if node.args.get('distinct') else 'all'}(")
            columns = self._query(node.this, scope.beside(), keeps_names=keeps_names)
            self._query(node.args["expression"], scope.beside())
            self.out.append(")")
        else:
            return self._select(node, scope, keeps_names=keeps_names)
        scope.aliases, scope.are_aliases_first = columns.places, True
        for name in ("order", "limit", "offset"):
            self._argument(name, node.args.get(name), scope)
        return columns

    def _withs(self, with_: exp.Expr | None, scope: Scope) -> None:
        if with_ is None:
            return
        for query in with_.expressions:
            renamed = [name.name for name in query.args["alias"].columns]
            itself = self._new_source("w", renamed_columns(BASE_TABLE, renamed))
            inner = scope.detached()
            if with_.args.get("recursive"):
                inner.withs[query.alias] = itself
            self.out.append(f"with {itself.name} as(")
            if isinstance(query.this, exp.Query):
                columns = self._query(query.this, inner)
            else:
                self.write(query.this, inner)
                columns = BASE_TABLE
            self.out.append(")")
            columns = renamed_columns(columns, renamed) if renamed else columns
            scope.withs[query.alias] = Source(itself.name, columns)

    def _select(self, node: exp.Expr, scope: Scope, *, keeps_names: bool) -> Columns:
        self.out.append("select(")
        for name in ("from_", "laterals", "joins"):
            part = node.args.get(name)
            if isinstance(part, exp.From):
                self._source(part.this, scope)
            elif part:
                self._joins(part, scope)
        self._argument("distinct", node.args.get("distinct"), scope)
        columns = self._projections(node, scope, keeps_names=keeps_names)
        self._argument("where", node.args.get("where"), scope)
        scope.aliases = _groupable_aliases(node, columns)
        self._argument("group", node.args.get("group"), scope)
        scope.aliases = columns.places
        first = ("having", "qualify", "windows")
        for name in first:
            self._argument(name, node.args.get(name), scope)
        scope.are_aliases_first = True
        self._argument("order", node.args.get("order"), scope)
        done = {"with_", "from_", "laterals", "joins", "distinct", "expressions", "where", "group"}
        for name in sorted(node.args.keys() - done - set(first) - {"order"}):
            self._argument(name, node.args[name], scope)
        self.out.append(")")
        return columns

    def _projections(self, node: exp.Expr, scope: Scope, *, keeps_names: bool) -> Columns:
        places: dict[str, str] = {}
        is_open = False
        for number, projection in enumerate(node.expressions, start=1):
            is_alias = isinstance(projection, exp.Alias)
            self.write(projection.this if is_alias else projection, scope)
            if projection.is_star:
                passed = _passed_through(projection, scope)
                places |= passed.places
                is_open = is_open or passed.is_open
            elif projection.output_name:
                places[projection.output_name] = f"o{number}"
                if keeps_names:
                    self.out.append(f"as {projection.output_name}")
            self.out.append(",")
        return Columns(places, is_open)

    # Statements that change something

    def _create(self, node: exp.Expr, scope: Scope) -> None:
        self._withs(node.args.get("with_"), scope)
        self._fill(node, scope, keeps_names=True)

    def _insert(self, node: exp.Expr, scope: Scope) -> None:
        self._withs(node.args.get("with_"), scope)
        self._fill(node, scope, keeps_names=False)

    def _fill(self, node: exp.Expr, scope: Scope, *, keeps_names: bool) -> None:
        """A table and what is put into it; the table is no source of the query."""
        self._plain(node, Scope(), without=("expression", "with_"))
        query = node.args.get("expression")
        if isinstance(query, exp.Query):
            self._query(query, scope.detached(), keeps_names=keeps_names)
        else:
            self._argument("expression", query, scope.detached())

    def _change(self, node: exp.Expr, scope: Scope) -> None:
        self._withs(node.args.get("with_"), scope)
        self.out.append(node.key)
        if isinstance(node.this, exp.Expr):
            self._source(node.this, scope)
        for name in ("from_", "using"):
            part = node.args.get(name) or []
            for source in part if isinstance(part, list) else [part]:
                self.out.append(name)
                self._source(source.this if isinstance(source, exp.From) else source, scope)
        self._plain(node, scope, without=("with_", "this", "from_", "using"))


def _name_parts(node: exp.Expr) -> list[str]:
    """The written parts of a column's or table's name, the widest first."""
    parts = (node.args.get(key) for key in ("catalog", "db", "table", "this"))
    return [part.name for part in parts if isinstance(part, exp.Identifier)]


def _passed_through(star: exp.Expr, scope: Scope) -> Columns:
    """The names that `*` or `x.*` hands on."""
    table = star.args.get("table") if isinstance(star, exp.Column) else None
    source = scope.source(table.name) if table else None
    sources = [source] if source else list(scope.sources.values())
    places: dict[str, str] = {}
    for each in reversed(sources):
        places |= {name: f"{each.name}.{place}" for name, place in each.columns.places.items()}
    return Columns(places, is_open=any(each.columns.is_open for each in sources) or not sources)


def _groupable_aliases(node: exp.Expr, columns: Columns) -> dict[str, str]:
    # A name in GROUP BY cannot mean an aggregate, so there it is the column of that name.
    return {
        projection.alias: columns.places[projection.alias]
        for projection in node.expressions
        if isinstance(projection, exp.Alias)
        and projection.alias in columns.places
        and not projection.find(exp.AggFunc)
    }
