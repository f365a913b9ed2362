"""What a query reads from, and whose a column is, as far as the statement tells."""

from collections.abc import Iterator

from sqlglot import exp

READERS = (exp.Select, exp.Update, exp.Delete, exp.Merge)
"""What names tables for the columns in it."""


def base_name(source: exp.Expr) -> str | None:
    """`schema.table` in lower case; None for WITH queries, functions, subqueries."""
    if not isinstance(source, exp.Table) or not isinstance(source.this, exp.Identifier):
        return None
    parts = [part for part in (source.catalog, source.db, source.name) if part]
    if len(parts) == 1 and parts[0].lower() in _with_names(source):
        return None
    return ".".join(parts).lower()


def query_behind(source: exp.Expr) -> exp.Expr | None:
    """Of a derived table or the name of a WITH query."""
    if isinstance(source, exp.Subquery):
        return source.this if isinstance(source.this, exp.Expr) else None
    name = source.name.lower()
    return next((q.this for q in with_queries(source) if q.alias.lower() == name), None)


def with_queries(node: exp.Expr) -> Iterator[exp.Expr]:
    """The WITH queries that can be read at this place, the nearest first."""
    ancestor: exp.Expr | None = node
    while ancestor is not None:
        with_ = ancestor.args.get("with_")
        if isinstance(with_, exp.With):
            yield from with_.expressions
        ancestor = ancestor.parent


def _with_names(node: exp.Expr) -> set[str]:
    return {query.alias.lower() for query in with_queries(node)}


def sources_of(reader: exp.Expr) -> dict[str, exp.Expr]:
    """Each source by its alias or name in lower case."""
    named: list[exp.Expr] = []
    if not isinstance(reader, exp.Select) and isinstance(reader.this, exp.Expr):
        named.append(reader.this)
    for key in ("from_", "using", "joins", "laterals"):
        part = reader.args.get(key) or []
        entries = part if isinstance(part, list) else [part]
        named += [e.this if isinstance(e, exp.From | exp.Join) else e for e in entries]
    return {
        inner.alias_or_name.lower(): inner for source in named for inner in _unbracketed(source)
    }


def _unbracketed(source: exp.Expr) -> Iterator[exp.Expr]:
    """`(a JOIN b)` gives its tables."""
    if isinstance(source, exp.Subquery) and isinstance(source.this, exp.Table):
        yield from _unbracketed(source.this)
    else:
        yield source
    for join in source.args.get("joins") or []:
        yield from _unbracketed(join.this)
