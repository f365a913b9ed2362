"""Clauses that read more than once: subqueries of a row, NOT IN, tables named again."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlglot import exp

from backend.domain.case_file import Clause, ClauseKind
from backend.sql.clauses.query_levels import QueryLevel, clause_text, own_columns, query_text
from backend.sql.sources import query_behind

MOST_READS = 1000

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)


def not_in_subqueries(levels: Sequence[QueryLevel]) -> Iterator[Clause]:
    """NOT IN (SELECT …) and <> ALL (SELECT …), unless the subquery itself leaves NULLs out."""
    level_of = {id(level.node): level for level in levels}
    for level in levels:
        for _, node in level.places_of(exp.Not, exp.NEQ):
            outer, query = _excluded(node)
            inner = level_of.get(id(query))
            if outer is None or inner is None or not isinstance(inner.node, exp.Select):
                continue
            selected = [each.unalias() for each in inner.node.expressions]
            column = selected[0] if len(selected) == 1 else None
            if isinstance(column, exp.Column) and _leaves_nulls_out(inner, column):
                continue
            inner_use = inner.uses([column]) if isinstance(column, exp.Column) else ()
            outer_use = level.uses(own_columns(outer))[:1]
            if outer_use:
                yield Clause(
                    kind=ClauseKind.NOT_IN_SUBQUERY,
                    text=f"{clause_text(outer)} NOT IN {query_text(inner.node, inner.table_names)}",
                    query_number=inner.number,
                    columns=(*outer_use, *inner_use),
                    table_names=inner.table_names,
                )


def _excluded(node: exp.Expr) -> tuple[exp.Expr | None, exp.Expr | None]:
    inside = node.this.unnest() if isinstance(node, exp.Not) else None
    if isinstance(inside, exp.In) and inside.args.get("query") is not None:
        return inside.this, inside.args["query"].unnest()
    if isinstance(node, exp.NEQ) and isinstance(node.expression, exp.All):
        return node.this, node.expression.this.unnest()
    return None, None


def _leaves_nulls_out(level: QueryLevel, column: exp.Column) -> bool:
    """A comparison is not true of a NULL, so it leaves the row out as IS NOT NULL does."""
    for condition in level.conditions:
        expression = condition.expression
        if condition.join is not None and condition.join.side:
            continue
        sides = [expression.this] if isinstance(expression, _COMPARISONS) else []
        if isinstance(expression, exp.EQ):
            sides.append(expression.expression)
        if isinstance(expression, exp.Not) and isinstance(expression.this, exp.Is):
            sides.append(expression.this.this)
        if any(side == column for side in sides):
            return True
    return False


def row_subqueries(level: QueryLevel) -> Iterator[Clause]:
    """A subquery that stands for one value, where it may be tied to the query around it."""
    holder = level.node.parent
    if level.around is None or not level.is_correlatable or not isinstance(holder, exp.Subquery):
        return
    if isinstance(holder.parent, exp.In | exp.Exists | exp.Any | exp.All | exp.From | exp.Join):
        return
    tying: list[exp.Column] = []
    is_sure = False
    for condition in level.conditions:
        columns = list(own_columns(condition.expression))
        owners = [level.owner(column) for column in columns]
        names_outer = any(owner is not None and owner.level is not level for owner in owners)
        is_sure |= names_outer
        if names_outer or (None in owners and len(columns) > 1):
            tying += columns
    uses = level.uses(tying)
    if is_sure or uses:
        yield Clause(
            kind=ClauseKind.CORRELATED_SUBQUERY if is_sure else ClauseKind.SCALAR_SUBQUERY,
            text=query_text(level.node, level.table_names),
            query_number=level.number,
            columns=uses,
            table_names=level.table_names,
        )


def repeated_tables(levels: Sequence[QueryLevel]) -> Iterator[Clause]:
    """Tables that several queries of the statement read. Within one query a table is joined to
    itself, which is another matter."""
    readers = _readers_of_with_queries(levels)
    known: dict[int, int] = {}
    times: dict[str, int] = defaultdict(int)
    with_names: dict[str, dict[str, int]] = defaultdict(dict)
    for level in levels:
        read = _times_read(level, readers, known)
        name, own_readers = _with_query_of(level, readers)
        for table_name in level.table_names:
            times[table_name] += read
            if len(own_readers) > 1:
                with_names[table_name][name] = len(own_readers)
    for table_name, count in times.items():
        if count > 1:
            named = [f"{name} ({reads} times)" for name, reads in with_names[table_name].items()]
            where = f" through the WITH query {', '.join(named)}" if named else ""
            yield Clause(
                kind=ClauseKind.REPEATED_TABLE,
                text=f"FROM {table_name}{where}",
                table_names=(table_name,),
                count=min(count, MOST_READS),
            )


_Readers = dict[int, tuple[str, list[QueryLevel]]]


def _readers_of_with_queries(levels: Sequence[QueryLevel]) -> _Readers:
    """By the id of its outermost node: the name of a WITH query, and the queries that read it."""
    readers: _Readers = {}
    for level in levels:
        for source in level.derived:
            query = query_behind(source) if isinstance(source, exp.Table) else None
            if query is not None and not _stands_in(level.node, query):
                readers.setdefault(id(query), (source.name.lower(), []))[1].append(level)
    return readers


def _stands_in(node: exp.Expr | None, query: exp.Expr) -> bool:
    """A recursive WITH query reads itself, which is no further reading."""
    while node is not None and node is not query:
        node = node.parent
    return node is query


def _with_query_of(level: QueryLevel, readers: _Readers) -> tuple[str, list[QueryLevel]]:
    """The WITH query that the level stands in."""
    node: exp.Expr | None = level.node
    while node is not None:
        if id(node) in readers:
            return readers[id(node)]
        node = node.parent
    return "", []


def _times_read(level: QueryLevel, readers: _Readers, known: dict[int, int]) -> int:
    """How often it is read, if each mention of a WITH query reads it anew."""
    if level.number not in known:
        known[level.number] = 1
        own = _with_query_of(level, readers)[1]
        read = sum(_times_read(each, readers, known) for each in own)
        known[level.number] = max(1, min(read, MOST_READS))
    return known[level.number]
