"""Statements that write row by row, or the whole table."""

from collections.abc import Iterator

from sqlglot import exp

from backend.domain.case_file import Clause, ClauseKind
from backend.sql.sources import base_name


def writes(tree: exp.Expr) -> Iterator[Clause]:
    if isinstance(tree, exp.Insert) and isinstance(tree.expression, exp.Values):
        kind, target = ClauseKind.INSERT_VALUES, tree.this
        text = "INSERT INTO {} VALUES (…)"
    elif isinstance(tree, exp.Delete) and not _has(tree, "where", "using"):
        kind, target, text = ClauseKind.DELETE_ALL, tree.this, "DELETE FROM {}"
    elif isinstance(tree, exp.Update) and not _has(tree, "where", "from_"):
        kind, target, text = ClauseKind.UPDATE_ALL, tree.this, "UPDATE {} SET …"
    else:
        return
    table = target.this if isinstance(target, exp.Schema) else target
    name = base_name(table)
    if name:
        yield Clause(kind=kind, text=text.format(name), table_names=(name,))


def _has(tree: exp.Expr, *keys: str) -> bool:
    return any(tree.args.get(key) for key in keys)
