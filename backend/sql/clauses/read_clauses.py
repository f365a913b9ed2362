"""All clauses of a statement that may cost time. Whether one does, the plan and the steps say."""

from collections.abc import Callable, Iterator, Sequence

from sqlglot import exp

from backend.domain.case_file import Clause
from backend.sql.clauses.filters import (
    or_across_columns,
    or_on_one_column,
    text_patterns,
    unfiltered_tables,
)
from backend.sql.clauses.joins import cross_joins, equalities, one_sided_filters
from backend.sql.clauses.query_levels import QueryLevel, query_levels
from backend.sql.clauses.results import distinct_counts, distincts, order_by, unions, windows
from backend.sql.clauses.subqueries import not_in_subqueries, repeated_tables, row_subqueries
from backend.sql.clauses.writes import writes

MOST_OF_A_KIND = 20
"""More of one kind in one statement would fill the page, and prove nothing more."""

_OF_A_LEVEL: tuple[Callable[[QueryLevel], Iterator[Clause]], ...] = (
    unfiltered_tables,
    text_patterns,
    or_across_columns,
    or_on_one_column,
    equalities,
    one_sided_filters,
    cross_joins,
    row_subqueries,
    distincts,
    distinct_counts,
    windows,
)


def read_clauses(trees: Sequence[exp.Expr]) -> tuple[Clause, ...]:
    """Never raises: a reader that fails on an odd tree is left out, the others are not."""
    found: dict[Clause, None] = {}
    for tree in trees:
        for read in _readers(tree):
            found.update(dict.fromkeys(_safely(read)))
    kept: list[Clause] = []
    for clause in found:
        if sum(each.kind is clause.kind for each in kept) < MOST_OF_A_KIND:
            kept.append(clause)
    return tuple(kept)


def _readers(tree: exp.Expr) -> Iterator[Callable[[], Iterator[Clause]]]:
    levels = query_levels(tree)
    yield lambda: writes(tree)
    yield lambda: order_by(tree)
    yield lambda: unions(tree, levels)
    yield lambda: not_in_subqueries(levels)
    yield lambda: repeated_tables(levels)
    for read in _OF_A_LEVEL:
        yield lambda read=read: (clause for level in levels for clause in read(level))  # type: ignore[misc]


def _safely(read: Callable[[], Iterator[Clause]]) -> list[Clause]:
    clauses: list[Clause] = []
    try:
        clauses.extend(read())
    except Exception:  # noqa: BLE001 - too deep or an odd tree: what was read stands
        return clauses
    return clauses
