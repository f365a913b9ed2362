"""Whose the columns of a join are, where the plan names columns only and the statement tells more.

A plan says `"outer".customer_id = "inner".customer_id`; several tables below a side may have such
a column. What the statement sets equal decides, also over several joins.
"""

from dataclasses import dataclass, field

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.plan import PlanNode
from backend.domain.table_design import key_of_table
from backend.domain.table_use import TableColumn
from backend.sql.plan_joins import owners
from backend.sql.statement_joins import set_equal


@dataclass
class EqualColumns:
    """Columns that are equal by what the statement demands, in classes."""

    _class_of: dict[TableColumn, TableColumn] = field(default_factory=dict)
    _direct: set[frozenset[TableColumn]] = field(default_factory=set)

    def add(self, one: TableColumn, other: TableColumn) -> None:
        self._direct.add(frozenset((one, other)))
        self._class_of[self._root(one)] = self._root(other)

    def are_set_equal(self, one: TableColumn, other: TableColumn) -> bool:
        """By a condition of their own."""
        return frozenset((one, other)) in self._direct

    def are_equal(self, one: TableColumn, other: TableColumn) -> bool:
        """By any conditions together."""
        return self._root(one) == self._root(other)

    def _root(self, column: TableColumn) -> TableColumn:
        while (above := self._class_of.get(column, column)) != column:
            column = above
        return column


def equal_columns(case: CaseFile) -> EqualColumns:
    found = EqualColumns()
    for left, right in set_equal(case):
        if left.table and right.table:
            found.add(
                table_column(left.table, left.column_name),
                table_column(right.table, right.column_name),
            )
    return found


def table_column(fact: TableFact, column_name: str) -> TableColumn:
    return TableColumn(table_name=key_of_table(fact.table), column_name=column_name.casefold())


def columns_of_pair(
    case: CaseFile, join: PlanNode, outer_name: str, inner_name: str, equal: EqualColumns
) -> tuple[TableColumn | None, TableColumn | None]:
    """None for a side that several known tables may be meant by, or none."""
    outer = [table_column(fact, outer_name) for fact in owners(case, join.children[0], outer_name)]
    inner = [table_column(fact, inner_name) for fact in owners(case, join.children[1], inner_name)]
    if len(outer) > 1 or len(inner) > 1:
        for is_meant in (equal.are_set_equal, equal.are_equal):
            told = [(one, other) for one in outer for other in inner if is_meant(one, other)]
            if told:
                return told[0]
    return (
        outer[0] if len(outer) == 1 else None,
        inner[0] if len(inner) == 1 else None,
    )
