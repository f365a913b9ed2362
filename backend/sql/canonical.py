"""A parsed statement written so that only differences that matter are left.

Names that the writer of a statement chose and that change nothing are replaced by their place:
table aliases, names of subqueries and of WITH queries, names of output columns. A reference
follows its name. Output names are kept where they become columns of a table (CREATE … AS).
Where it cannot be told which column a name means, the name is kept: two patterns that could have
been one are better than one pattern that should have been two.
"""

from collections.abc import Callable, Iterable

from sqlglot import exp

from backend.sql.scope import BASE_TABLE, Columns, Scope, Source

VALUE = "?"
# Deeper trees are left to the fingerprint over tokens: a fixed bound, so that the answer does
# not hang on how deep the caller stands.
DEEPEST_TREE = 150


class TooDeepError(Exception):
    """The tree is deeper than is worth following."""


def canonical(statements: Iterable[exp.Expr]) -> str:
    """One string for all statements of a text. Raises TooDeepError."""
    writer = _Writer()
    for statement in statements:
        writer.write(statement, Scope())
        writer.out.append(";")
    return " ".join(writer.out)


def is_value(node: object) -> bool:
    """A literal or placeholder, whatever sign, cast, unit or bracket it wears."""
    while isinstance(node, exp.Neg | exp.Paren | exp.Cast | exp.Interval):
        node = node.this
    if isinstance(node, exp.Concat):  # 'a' 'b'
        return all(is_value(part) for part in node.expressions)
    return isinstance(node, exp.Literal | exp.Placeholder | exp.Parameter | exp.Boolean)


def _is_all_values(nodes: list[exp.Expr]) -> bool:
    return bool(nodes) and all(is_value(node) for node in nodes)


def _is_value_list(node: object) -> bool:
    """ANY over values, a bind variable or an array of values."""
    if not isinstance(node, exp.Any):
        return False
    inside = node.this.unnest() if isinstance(node.this, exp.Paren) else node.this
    if isinstance(inside, exp.Array | exp.Tuple):
        return all(is_value(entry) for entry in inside.expressions)
    return is_value(inside)


def _is_row_entry(node: exp.Expr) -> bool:
    """In VALUES also NULL and DEFAULT stand for a value of that row."""
    is_default = isinstance(node, exp.Var | exp.Column) and node.name.lower() == "default"
    return is_value(node) or isinstance(node, exp.Null) or is_default


class _Writer:
    def __init__(self) -> None:
        self.out: list[str] = []
        self._source_count = 0
        self._depth = 0
        self._special: dict[type, Callable[[exp.Expr, Scope], None]] = {
            exp.Column: self._column,
            exp.Table: self._table,
            exp.Paren: lambda node, scope: self.write(node.this, scope),
            exp.And: self._chain,
            exp.Or: self._chain,
            exp.In: self._in,
            exp.EQ: self._equal,
            exp.Not: self._not,
            exp.Is: self._is,
            exp.Values: self._values,
            exp.Identifier: lambda node, _: self.out.append(node.name),
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

    def write(self, node: exp.Expr, scope: Scope) -> None:
        self._depth += 1
        if self._depth > DEEPEST_TREE:
            raise TooDeepError
        if is_value(node):
            self.out.append(VALUE)
        else:
            special = self._special.get(type(node))
            if special:
                special(node, scope)
            else:
                self._plain(node, scope)
        self._depth -= 1

    def _plain(self, node: exp.Expr, scope: Scope, *, without: tuple[str, ...] = ()) -> None:
        self.out.append(node.key + "(")
        for name in sorted(node.args):
            if name not in without:
                self._argument(name, node.args[name], scope)
        self.out.append(")")

    def _argument(self, name: str, value: object, scope: Scope) -> None:
        if value is None or value is False or value == []:
            return
        self.out.append(name + "=")
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, exp.Expr):
                self.write(entry, scope)
            else:
                self.out.append(str(entry).lower())

    def _text_of(self, node: exp.Expr, scope: Scope) -> str:
        before, self.out = self.out, []
        self.write(node, scope)
        written, self.out = self.out, before
        return " ".join(written)

    def _distinct_neighbours(self, nodes: list[exp.Expr], scope: Scope) -> None:
        last = None
        for node in nodes:
            written = self._text_of(node, scope)
            if written != last:
                self.out.append(written)
            last = written

    # Predicates and lists

    def _chain(self, node: exp.Expr, scope: Scope) -> None:
        """`a AND b AND c` however it is bracketed, without a level for each operand."""
        self.out.append(node.key + "(")
        pending = [node]
        while pending:
            part = pending.pop().unnest()
            if type(part) is type(node):
                pending += (part.args["expression"], part.this)
            else:
                self.write(part, scope)
        self.out.append(")")

    def _in(self, node: exp.Expr, scope: Scope) -> None:
        if _is_all_values(node.expressions):
            self._comparison("eq", node.this, scope)
            return
        self.out.append("in(")
        self.write(node.this, scope)
        self._distinct_neighbours(node.expressions, scope)
        for name in ("query", "unnest", "field"):
            self._argument(name, node.args.get(name), scope)
        self.out.append(")")

    def _equal(self, node: exp.Expr, scope: Scope) -> None:
        if _is_value_list(node.args["expression"]):
            self._comparison("eq", node.this, scope)
        else:
            self._plain(node, scope)

    def _not(self, node: exp.Expr, scope: Scope) -> None:
        inside = node.this.unnest()
        if isinstance(inside, exp.In) and _is_all_values(inside.expressions):
            self._comparison("neq", inside.this, scope)
        else:
            self._plain(node, scope)

    def _comparison(self, operator: str, operand: exp.Expr, scope: Scope) -> None:
        # As _plain writes it, so that IN with values is the same as = with a value.
        self.out += (f"{operator}(", "expression=", VALUE, "this=")
        self.write(operand, scope)
        self.out.append(")")

    def _is(self, node: exp.Expr, scope: Scope) -> None:
        right = node.args["expression"]
        self.out.append(f"is {right.key} {right.this if isinstance(right, exp.Boolean) else ''}(")
        self.write(node.this, scope)
        if not isinstance(right, exp.Boolean | exp.Null):
            self.write(right, scope)
        self.out.append(")")

    def _values(self, node: exp.Expr, scope: Scope) -> None:
        last = None
        for row in node.expressions:
            entries = row.expressions if isinstance(row, exp.Tuple) else [row]
            written = " ".join(
                VALUE if _is_row_entry(entry) else self._text_of(entry, scope) for entry in entries
            )
            if written != last:
                self.out.append(f"row( {written} )")
            last = written

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

    def _table(self, node: exp.Expr, scope: Scope) -> None:
        """A table that is named but not read by a query around it, as in INSERT or TRUNCATE."""
        self._source(node, scope)

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
            columns = _renamed(columns, renamed)
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
        columns = self._query(node, Scope(withs=dict(scope.withs)))
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
        self._query(
            node,
            Scope(outer=scope if scope.sources or scope.outer else None, withs=dict(scope.withs)),
        )

    def _query(self, node: exp.Expr, scope: Scope, *, keeps_names: bool = False) -> Columns:
        self._withs(node.args.get("with_"), scope)
        if isinstance(node, exp.Subquery):
            columns = self._query(node.this, scope, keeps_names=keeps_names)
        elif isinstance(node, exp.SetOperation):
            self.out.append(f"{node.key} {'distinct' if node.args.get('distinct') else 'all'}(")
            columns = self._query(node.this, _inside(scope), keeps_names=keeps_names)
            self._query(node.args["expression"], _inside(scope))
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
            itself = self._new_source("w", _renamed(BASE_TABLE, renamed))
            inner = Scope(withs=dict(scope.withs))
            if with_.args.get("recursive"):
                inner.withs[query.alias] = itself
            self.out.append(f"with {itself.name} as(")
            if isinstance(query.this, exp.Query):
                columns = self._query(query.this, inner)
            else:
                self.write(query.this, inner)
                columns = BASE_TABLE
            self.out.append(")")
            columns = _renamed(columns, renamed) if renamed else columns
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
        query = node.args.get("expression")
        self._plain(node, scope, without=("expression", "with_"))
        if isinstance(query, exp.Query):
            self._query(query, Scope(withs=dict(scope.withs)), keeps_names=True)
        else:
            self._argument("expression", query, scope)

    def _insert(self, node: exp.Expr, scope: Scope) -> None:
        self._withs(node.args.get("with_"), scope)
        query = node.args.get("expression")
        self._plain(node, Scope(), without=("expression", "with_"))
        if isinstance(query, exp.Query):
            self._query(query, Scope(withs=dict(scope.withs)))
        else:
            self._argument("expression", query, Scope(withs=dict(scope.withs)))

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


def _inside(scope: Scope) -> Scope:
    return Scope(outer=scope.outer, withs=dict(scope.withs))


def _renamed(columns: Columns | None, names: list[str]) -> Columns:
    places = {name: f"o{number}" for number, name in enumerate(names, start=1)}
    return Columns(places, is_open=columns is not None and columns.is_open)


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
