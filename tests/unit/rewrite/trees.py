"""Trees of statements with numbered places, and readings of them."""

from sqlglot import exp

from backend.rewrite.numbered import with_numbers
from backend.rewrite.rule import Reading
from backend.sql.parse import parse
from tests.unit.checks.builder import a_case
from tests.unit.rewrite.shop import described_tables, shop


def a_tree(scrubbed_sql: str) -> exp.Expr:
    (tree,) = parse(with_numbers(scrubbed_sql))
    return tree


def a_reading(sql: str) -> Reading:
    """Of a statement about the shop."""
    case = a_case({"sql": sql, "tables": described_tables(shop())})
    return Reading.of(case, a_tree(case.scrubbed_sql or ""))


def column_named(tree: exp.Expr, name: str, table: str = "") -> exp.Column:
    """The first column of that name, with that alias if one is given."""
    return next(
        column
        for column in tree.find_all(exp.Column, bfs=False)
        if column.name == name and (not table or column.table == table)
    )
