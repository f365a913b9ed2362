"""The last look at a rewritten statement: what any rewrite must keep, whichever rule made it."""

from collections.abc import Collection

from sqlglot import exp
from sqlglot.errors import SqlglotError

from backend.domain.case_file import CaseFile
from backend.rewrite.numbered import numbers_in, shown, with_stand_ins
from backend.rewrite.places import with_query
from backend.rewrite.sources import Reader
from backend.sql.canonical import canonical
from backend.sql.parse import NotParsedError, parse
from backend.sql.tree_writer import TooDeepError


def is_kept(
    case: CaseFile, before: exp.Expr, after: exp.Expr, *, dropped: Collection[int] = ()
) -> bool:
    """Whether `after` reads back as it was written, is the same kind of statement, reads the
    same tables, names no column that its tables are not known to have, gives the same columns in the same
    order, and uses each value of `before` and no other; those `dropped` need not come back."""
    try:
        text = shown(after)
        (again,) = parse(with_stand_ins(text))
        is_stable = shown(again) == text and canonical([again]) == canonical([after])
    except (NotParsedError, TooDeepError, SqlglotError, ValueError, TypeError, AttributeError):
        return False
    return (
        is_stable
        and _kind(again) is _kind(before)
        and _keeps_values(before, text, dropped)
        and _tables(again) == _tables(before)
        and _new_columns(case, before, again) == set()
        and _gives_the_same(case, before, again)
    )


def _kind(statement: exp.Expr) -> type[exp.Expr]:
    """A SELECT may become a UNION, a query never an INSERT."""
    return exp.Query if isinstance(statement, exp.Query) else type(statement)


def _keeps_values(before: exp.Expr, text: str, dropped: Collection[int]) -> bool:
    old, new = set(numbers_in(shown(before))), set(numbers_in(text))
    return new <= old and old - new <= set(dropped)


def _tables(tree: exp.Expr) -> set[str]:
    """The base tables; names of WITH queries and derived tables are the statement's own."""
    return {
        ".".join(part.name.lower() for part in table.parts)
        for table in tree.find_all(exp.Table)
        if with_query(table) is None
    }


def _new_columns(case: CaseFile, before: exp.Expr, after: exp.Expr) -> set[str]:
    """Names of columns that neither the old statement has, nor its tables, nor `after` itself
    gives to something."""
    known = {column.name.lower() for column in before.find_all(exp.Column)}
    known |= {projection.alias.lower() for projection in after.find_all(exp.Alias)}
    for name in _tables(before):
        fact = case.table(name)
        known |= {column.name.lower() for column in fact.table.columns} if fact else set()
    return {
        column.name.lower()
        for column in after.find_all(exp.Column)
        if not isinstance(column.this, exp.Star)
    } - known


def _gives_the_same(case: CaseFile, before: exp.Expr, after: exp.Expr) -> bool:
    return _outputs(case, before) == _outputs(case, after)


def _outputs(case: CaseFile, tree: exp.Expr) -> list[str]:
    """What a reader of the outermost query sees: names, and text where there is no name."""
    query = tree if isinstance(tree, exp.Query) else tree.args.get("expression")
    if not isinstance(query, exp.Query):
        return []
    while not isinstance(query, exp.Select):
        query = query.this
    reader = Reader(case)
    return [name for each in query.expressions for name in _names(reader, query, each)]


def _names(reader: Reader, query: exp.Select, projection: exp.Expr) -> list[str]:
    """Where a column has no name of its own, its kind decides what Redshift calls it."""
    if projection.is_star:
        names = reader.star_names(query, projection)
        return names if names is not None else ["*"]
    if projection.output_name and not isinstance(projection, exp.Literal):
        return [projection.output_name.lower()]
    if isinstance(projection, exp.ApproxDistinct):
        return [f"<{exp.Count.key}>"]
    return [
        f"<{projection.name.lower() or projection.key}>"
        if isinstance(projection, exp.Anonymous)
        else f"<{projection.key}>"
    ]
