"""Clauses that shape the result: duplicates, order, counts of distinct values, windows."""

from collections.abc import Iterator, Sequence

from sqlglot import exp

from backend.domain.case_file import Clause, ClauseKind
from backend.sql.clauses.query_levels import QueryLevel, clause_text, cut, own_columns
from backend.sql.values import is_value

LONGEST_LIST = 40


def unions(tree: exp.Expr, levels: Sequence[QueryLevel]) -> Iterator[Clause]:
    """UNION without ALL; a chain of them counts as one."""
    level_of = {id(level.node): level for level in levels}
    for union in tree.find_all(exp.Union, bfs=False):
        if not union.args.get("distinct") or _is_part_of_distinct(union):
            continue
        branches = [level_of[id(each)] for each in _branches(union) if id(each) in level_of]
        if len(branches) > 1:
            yield Clause(
                kind=ClauseKind.UNION_DISTINCT,
                text=cut(" UNION ".join(_head(branch) for branch in branches[:2])),
                query_number=branches[0].number,
                table_names=tuple(
                    dict.fromkeys(name for branch in branches for name in branch.table_names)
                ),
                count=len(branches),
            )


def _is_part_of_distinct(union: exp.Expr) -> bool:
    around = union.parent
    while isinstance(around, exp.Subquery):
        around = around.parent
    return isinstance(around, exp.Union) and bool(around.args.get("distinct"))


def _branches(union: exp.Expr) -> Iterator[exp.Expr]:
    pending = [union]
    while pending:
        query = pending.pop().unnest()
        if isinstance(query, exp.SetOperation):
            pending += [query.expression, query.this]
        else:
            yield query


def _head(level: QueryLevel) -> str:
    """`SELECT a, b FROM t …`"""
    columns = clause_text(exp.Tuple(expressions=[each.copy() for each in level.node.expressions]))
    columns = columns.removeprefix("(").removesuffix(")")
    shown = columns if len(columns) <= LONGEST_LIST else columns[:LONGEST_LIST].rstrip() + "…"
    read = [source.name.lower() or alias for alias, source in level.sources.items()]
    return " ".join(("SELECT", shown, "FROM", ", ".join(read) or "…"))


def distincts(level: QueryLevel) -> Iterator[Clause]:
    distinct = level.node.args.get("distinct")
    if not isinstance(level.node, exp.Select) or distinct is None or distinct.args.get("on"):
        return
    selected = ", ".join(clause_text(each) for each in level.node.expressions)
    yield Clause(
        kind=ClauseKind.REDUNDANT_DISTINCT
        if _is_distinct_anyway(level.node)
        else ClauseKind.SELECT_DISTINCT,
        text=cut(f"SELECT DISTINCT {selected}"),
        query_number=level.number,
        table_names=level.table_names,
        count=max(1, len(level.joins)),
    )


def _is_distinct_anyway(select: exp.Select) -> bool:
    """Groups differ by their keys: where all keys are selected, no two rows are equal."""
    group = select.args.get("group")
    selected = [each.unalias() for each in select.expressions]
    if group is None:
        return bool(selected) and all(
            each.find(exp.AggFunc) is not None and each.find(exp.Window, exp.Query) is None
            for each in selected
        )
    others = ("cube", "rollup", "grouping_sets", "all", "totals")
    if any(group.args.get(key) for key in others) or not group.expressions:
        return False
    names = {each.alias.lower() for each in select.expressions if each.alias}

    def is_selected(key: exp.Expr) -> bool:
        # A number names a place in the select list.
        is_name = isinstance(key, exp.Column) and not key.table and key.name.lower() in names
        return is_value(key) or is_name or key in selected

    return all(is_selected(key) for key in group.expressions)


def order_by(tree: exp.Expr) -> Iterator[Clause]:
    """Of the outermost query, without LIMIT; an order inside a subquery is none of the result's."""
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    is_limited = False
    while isinstance(query, exp.Query):
        is_limited |= any(query.args.get(key) is not None for key in ("limit", "fetch"))
        order = query.args.get("order")
        if order is not None:
            if not is_limited:
                yield Clause(
                    kind=ClauseKind.ORDER_BY_WITHOUT_LIMIT,
                    text=clause_text(order).strip(),
                    count=len(order.expressions),
                )
            return
        query = query.this if isinstance(query, exp.Subquery) else None


def distinct_counts(level: QueryLevel) -> Iterator[Clause]:
    """`count` is that of all in the query: scrubbed, many of them are the same."""
    counts = [node for _, node in level.places_of(exp.Count) if isinstance(node.this, exp.Distinct)]
    for node in counts:
        yield Clause(
            kind=ClauseKind.COUNT_DISTINCT,
            text=clause_text(node),
            query_number=level.number,
            columns=level.uses(own_columns(node.this)),
            table_names=level.table_names,
            count=len(counts),
        )


def windows(level: QueryLevel) -> Iterator[Clause]:
    """`count` is that of all window functions of the query, partitioned or not."""
    found = [node for _, node in level.places_of(exp.Window)]
    functions = [node for node in found if node.args.get("over") is not None]
    for node in functions:
        if not node.args.get("partition_by") and not node.args.get("alias"):
            yield Clause(
                kind=ClauseKind.WINDOW_WITHOUT_PARTITION,
                text=clause_text(node),
                query_number=level.number,
                columns=level.uses(own_columns(node)),
                count=len(functions),
            )
