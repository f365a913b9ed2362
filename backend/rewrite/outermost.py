"""Which queries of a statement its reader sees."""

from collections.abc import Iterator

from sqlglot import exp


def outermost_selects(tree: exp.Expr) -> Iterator[exp.Select]:
    """The SELECT of the statement, or the branches of its UNION; of INSERT and CREATE likewise."""
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    pending: list[object] = [query]
    while pending:
        each = pending.pop()
        if isinstance(each, exp.Select):
            yield each
        elif isinstance(each, exp.SetOperation):
            pending += [each.expression, each.this]
        elif isinstance(each, exp.Subquery):
            pending.append(each.this)
