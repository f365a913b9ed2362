"""Which columns a statement reads, and which of them it carries on from the scan."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp

from backend.sql.parse import NotParsedError, parse
from backend.sql.placeholders import with_stand_ins
from backend.sql.wrapped import read_wrapped

STATEMENTS_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class ReadColumn:
    """`table_name` as the statement writes the table, in lower case; None where it does not tell.

    A column that a WHERE only compares with values stays behind in the scan: it is not carried.
    """

    table_name: str | None
    name: str
    is_carried: bool


@lru_cache(maxsize=STATEMENTS_KEPT)
def columns_read(scrubbed_sql: str) -> tuple[ReadColumn, ...] | None:
    """Columns that are written out, each once; those behind a `*` are not. None if it does not
    parse."""
    wrapped = read_wrapped(scrubbed_sql)
    try:
        trees = parse(with_stand_ins(wrapped.query if wrapped else scrubbed_sql))
        read = [column for tree in trees for column in _columns(tree)]
    except (NotParsedError, ValueError, RecursionError):
        return None
    carried = {(column.table_name, column.name) for column in read if column.is_carried}
    return tuple(
        ReadColumn(table_name=table, name=name, is_carried=(table, name) in carried)
        for table, name in dict.fromkeys((column.table_name, column.name) for column in read)
    )


def _columns(tree: exp.Expr) -> Iterator[ReadColumn]:
    meanings = _meanings(tree)
    for column in tree.find_all(exp.Column):
        if isinstance(column.this, exp.Star):
            continue
        of = meanings.get(column.table.lower(), set()) if column.table else set()
        if column.table and not of:
            continue  # of a WITH query or a derived table: its own columns are found there
        yield ReadColumn(
            table_name=next(iter(of)) if len(of) == 1 else None,
            name=column.name.lower(),
            is_carried=not _stays_behind(column),
        )


def _stays_behind(column: exp.Column) -> bool:
    if not isinstance(column.find_ancestor(exp.Where, exp.Query), exp.Where):
        return False
    predicate = column.find_ancestor(exp.Predicate, exp.Where)
    compared = list(predicate.find_all(exp.Column)) if isinstance(predicate, exp.Predicate) else []
    return len(compared) == 1


def _meanings(tree: exp.Expr) -> dict[str, set[str]]:
    """The base tables that each qualifier stands for somewhere in the statement."""
    own = {query.alias.lower() for query in tree.find_all(exp.CTE)}
    meanings: dict[str, set[str]] = {}
    for table in tree.find_all(exp.Table):
        full_name = ".".join(part.name for part in table.parts).lower()
        if full_name not in own:
            meanings.setdefault(table.alias_or_name.lower(), set()).add(full_name)
    return meanings
