"""How a SELECT takes one more source without its other names changing their meaning."""

from sqlglot import exp

from backend.rewrite.sources import Source, Sources


def with_source(sources: Sources, select: exp.Select, join: exp.Join) -> bool:
    """Adds the join at the end of a SELECT in place, of which `sources` are those until now; False
    where it cannot be done safely.

    A bare `*` is written as one star for each source, so that it does not take the new columns,
    and a comma as CROSS JOIN: JOIN binds tighter, and its ON would not see what is before.
    """
    if any(
        projection.is_star and not _is_qualified(projection) for projection in select.expressions
    ):
        if sources.merges_columns:
            return False
        select.set("expressions", _with_qualified_stars(select, list(sources.by_alias.values())))
    joins = select.args.get("joins") or []
    commas = [each for each in joins if _is_comma(each)]
    if commas and any(each.side in ("RIGHT", "FULL") for each in joins):
        return False  # `a, b RIGHT JOIN c` pairs a with the rows of c that b does not match
    for each in commas:
        each.set("kind", "CROSS")
    if select.args.get("from_") is None:
        select.set("from_", exp.From(this=join.this))
    else:
        select.set("joins", [*joins, join])
    return True


def _is_comma(join: exp.Join) -> bool:
    is_bare = not (join.side or join.kind or join.method)
    return is_bare and not join.args.get("on") and not join.args.get("using")


def _is_qualified(star: exp.Expr) -> bool:
    return isinstance(star, exp.Column) and bool(star.table)


def _with_qualified_stars(select: exp.Select, sources: list[Source]) -> list[exp.Expr]:
    expanded: list[exp.Expr] = []
    for projection in select.expressions:
        if projection.is_star and not _is_qualified(projection):
            expanded += [star_of(source) for source in sources]
        else:
            expanded.append(projection)
    return expanded


def star_of(source: Source) -> exp.Column:
    return exp.Column(this=exp.Star(), table=alias_of(source).copy())


def alias_of(source: Source) -> exp.Identifier:
    alias = source.node.args.get("alias")
    name = alias.this if alias is not None and alias.this is not None else source.node.this
    if not isinstance(name, exp.Identifier):
        raise TypeError("a source without a name")
    return name
