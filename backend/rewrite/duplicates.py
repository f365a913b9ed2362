"""Where a query can give no row twice, and where nobody can tell whether it does."""

from sqlglot import exp

from backend.rewrite.conditions import is_repeatable, is_unsteady
from backend.rewrite.places import has_grouping_sets
from backend.rewrite.select_shape import has_aggregate, has_window, is_one_row, is_windowed
from backend.rewrite.sources import Reader

_BLIND_TO_REPEATS = (exp.Min, exp.Max)


def is_duplicate_free(reader: Reader, query: exp.Expr) -> bool:
    """By DISTINCT, UNION, groups that are all shown, or being one row; never by a declared key,
    which Redshift does not enforce."""
    query = query.unnest()
    if isinstance(query, exp.SetOperation):
        return bool(query.args.get("distinct"))
    if not isinstance(query, exp.Select):
        return False
    return is_distinct(query) or is_free_without_distinct(reader, query)


def is_distinct(select: exp.Select) -> bool:
    """Of whole rows."""
    distinct = select.args.get("distinct")
    return distinct is not None and not distinct.args.get("on")


def is_free_without_distinct(reader: Reader, select: exp.Select) -> bool:
    return is_one_row(select) or shows_all_keys(reader, select) or passes_all(reader, select)


def shows_all_keys(reader: Reader, select: exp.Select) -> bool:
    """Whether every key of the GROUP BY stands in the select list, so that rows are one a group.

    A masked key is an ordinal, and so the place of a column that is shown.
    """
    group = select.args.get("group")
    if group is None or not group.expressions or has_grouping_sets(select):
        return False
    written = {_text(projection.unalias()) for projection in select.expressions}
    return all(_is_shown(reader, select, key.unnest(), written) for key in group.expressions)


def _is_shown(reader: Reader, select: exp.Select, key: exp.Expr, written: set[str]) -> bool:
    if isinstance(key, exp.Literal):
        return True
    if not isinstance(key, exp.Column):
        return _text(key) in written and is_repeatable(key)
    if key.table or reader.owner(key) is not None:
        return _text(key) in written or _is_shown_bare(reader, select, key)
    # Only a name that is surely no column of a source means the output column of that name.
    name = key.name.lower()
    sources = reader.sources(select)
    if sources is None or sources.merges_columns:
        return False
    return not any(
        each.columns is None or name in each.columns for each in sources.by_alias.values()
    ) and any(
        isinstance(each, exp.Alias) and each.alias.lower() == name for each in select.expressions
    )


def _text(node: exp.Expr) -> str:
    return node.unnest().sql().lower()


def _is_shown_bare(reader: Reader, select: exp.Select, key: exp.Column) -> bool:
    """The same column of the same source, with or without the alias in front."""
    owner = reader.owner(key)
    if owner is None or owner.of is not select:
        return False
    for projection in select.expressions:
        column = projection.unalias().unnest()
        if not isinstance(column, exp.Column) or column.is_star:
            continue
        other = reader.owner(column)
        if other and (other.source, other.name) == (owner.source, owner.name):
            return True
    return False


def passes_all(reader: Reader, select: exp.Select) -> bool:
    """Whether it hands on every column of one duplicate-free query, and takes no rows together."""
    sources = reader.sources(select)
    if sources is None or len(sources.by_alias) != 1 or select.args.get("group"):
        return False
    (source,) = sources.by_alias.values()
    if source.query is None or source.columns is None or has_aggregate(select):
        return False
    given = set()
    for projection in select.expressions:
        column = projection.unalias().unnest()
        if projection.is_star:
            given |= set(source.columns)
        elif isinstance(column, exp.Column):
            owner = reader.owner(column)
            if owner is not None and owner.source is source:
                given.add(owner.name)
    is_whole = len(set(source.columns)) == len(source.columns) and given >= set(source.columns)
    return is_whole and is_duplicate_free(reader, source.query)


def is_blind_to_repeats(query: exp.Expr) -> bool:
    """Whether the one who reads this query takes no notice of rows that come twice.

    So does IN or EXISTS, another UNION, a DISTINCT or MIN and MAX over it. Then the query's own
    removal of duplicates is not needed, as long as it keeps all rows: LIMIT would count them.
    """
    child, parent = query, query.parent
    counts_rows = _counts_rows(query)
    while isinstance(parent, exp.Subquery) and not parent.alias:
        counts_rows = counts_rows or _counts_rows(parent)
        child, parent = parent, parent.parent
    if counts_rows:
        return False
    if isinstance(parent, exp.SetOperation):
        return bool(parent.args.get("distinct"))
    if isinstance(parent, exp.Subquery):
        return _is_blind_source(parent)
    is_looked_up = isinstance(parent, exp.In) and parent.args.get("query") is child
    return is_looked_up or isinstance(parent, exp.Exists)


def _counts_rows(query: exp.Expr) -> bool:
    return any(query.args.get(name) for name in ("limit", "offset", "fetch"))


def _is_blind_source(derived: exp.Subquery) -> bool:
    """A derived table of a SELECT whose rows are the same however often a row of it comes."""
    place = derived.parent
    select = place.parent if isinstance(place, exp.From | exp.Join) else None
    if not isinstance(select, exp.Select) or has_window(select) or not is_stable(select):
        return False
    if select.args.get("group") or has_aggregate(select):
        return all(_is_blind_aggregate(node) for node in _aggregates(select))
    return is_distinct(select)


def _aggregates(select: exp.Select) -> list[exp.AggFunc]:
    return [
        node
        for node in select.find_all(exp.AggFunc)
        if node.find_ancestor(exp.Select) is select and not is_windowed(node)
    ]


def _is_blind_aggregate(node: exp.AggFunc) -> bool:
    return isinstance(node, _BLIND_TO_REPEATS) or isinstance(node.this, exp.Distinct)


def is_stable(select: exp.Select) -> bool:
    """No row depends on how often an expression is worked out."""
    return not any(is_unsteady(node) for node in select.walk())


def is_mixed_chain(operation: exp.SetOperation) -> bool:
    """UNION beside INTERSECT or EXCEPT without brackets: Redshift works out INTERSECT first, the
    tree has them from left to right."""
    around = [operation.parent, operation.this, operation.expression]
    return any(
        isinstance(each, exp.SetOperation) and type(each) is not type(operation) for each in around
    )
