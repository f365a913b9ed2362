"""Where a node stands in the tree, and what stands around it."""

from sqlglot import exp

NOT_SCALAR = (exp.In, exp.Exists, exp.Any, exp.All, exp.SetOperation)
"""What takes a query for its rows, and not for one value."""


def select_of(node: exp.Expr) -> exp.Select | None:
    """The SELECT whose names an expression uses; None in the ORDER BY of a UNION and its kin."""
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.Select):
        if isinstance(parent, exp.SetOperation | exp.Subquery | exp.DML | exp.DDL):
            return None
        parent = parent.parent
    return parent


def enclosing_select(query: exp.Expr) -> exp.Select | None:
    """The SELECT around a query that may be correlated with it; None for FROM and WITH."""
    child, parent = query, query.parent
    while parent is not None and not isinstance(parent, exp.Select):
        is_source = isinstance(parent, exp.Join) and parent.this is child
        if is_source or isinstance(parent, exp.From | exp.CTE | exp.Lateral):
            return None
        child, parent = parent, parent.parent
    return parent


def query_behind(source: exp.Expr) -> exp.Query | None:
    """Of a derived table or of the name of a WITH query."""
    if isinstance(source, exp.Subquery):
        return source.this if isinstance(source.this, exp.Query) else None
    cte = with_query(source)
    return cte.this if cte is not None and isinstance(cte.this, exp.Query) else None


def with_query(source: exp.Expr) -> exp.CTE | None:
    """The WITH query that a bare name means at its place, the nearest first."""
    if not isinstance(source, exp.Table) or source.db:
        return None
    name = source.name.lower()
    inside: exp.Expr | None = None
    child: exp.Expr = source
    ancestor = source.parent
    while ancestor is not None:
        with_ = ancestor.args.get("with_")
        is_recursive = isinstance(with_, exp.With) and bool(with_.args.get("recursive"))
        for cte in with_.expressions if isinstance(with_, exp.With) else ():
            if cte is inside and not is_recursive:
                break  # a WITH query sees those before it
            if cte.alias.lower() == name:
                return cte if isinstance(cte, exp.CTE) else None
        inside = child if isinstance(child, exp.CTE) else inside
        child, ancestor = ancestor, ancestor.parent
    return None


def has_grouping_sets(select: exp.Select) -> bool:
    """ROLLUP and its kin put NULL where a column has none."""
    group = select.args.get("group")
    return group is not None and (
        any(group.args.get(name) for name in ("rollup", "cube", "grouping_sets", "totals", "all"))
        or group.find(exp.Rollup, exp.Cube, exp.GroupingSets) is not None
    )


def place_in(node: exp.Expr, select: exp.Select) -> str | None:
    """The clause of the SELECT in which the node stands."""
    while node.parent is not None and node.parent is not select:
        node = node.parent
    return node.arg_key
