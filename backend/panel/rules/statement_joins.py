"""Joins of the statement between large tables, for patterns whose plan was not recorded."""

from backend.domain.case_file import CaseFile, TableFact
from backend.panel.rules.table_design import is_small
from backend.sql.plan_joins import JoinPair
from backend.sql.statement_joins import set_equal, statement_pairs


def scattered_pairs(case: CaseFile) -> tuple[JoinPair, ...]:
    """Joins of two large tables whose matching rows do not lie together.

    Where one side is small Redshift sends that one, which costs little.
    """
    return tuple(pair for pair in large_pairs(case) if not _is_collocated(pair))


def large_pairs(case: CaseFile) -> tuple[JoinPair, ...]:
    return tuple(
        pair
        for pair in statement_pairs(case)
        if not any(
            side.table and is_small(case, side.table.table) for side in (pair.outer, pair.inner)
        )
    )


def joins_on(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    """Whether the statement joins the table by this column, to another table or to itself."""
    return any(
        side.table == fact and side.column_name.lower() == column_name.lower()
        for pair in set_equal(case)
        for side in pair
    )


def _is_collocated(pair: JoinPair) -> bool:
    sides = (pair.outer, pair.inner)
    if all(side.is_distributed_by_it for side in sides):
        return True
    styles = (side.table.table.distribution_style.upper() for side in sides if side.table)
    return any(style in {"ALL", "AUTO(ALL)"} for style in styles)
