"""Which of a table's columns the statement reads, and which it carries on from the scan."""

from dataclasses import dataclass

from backend.checks.sort_keys import table_of
from backend.domain.case_file import CaseFile, ColumnUse, TableFact
from backend.domain.evidence import Column
from backend.sql.columns_read import ReadColumn, columns_read


@dataclass(frozen=True, kw_only=True)
class ColumnsOfTable:
    """In the order of the table; `carried` go on from its scan into joins, groups or the result."""

    read: tuple[Column, ...] = ()
    carried: tuple[Column, ...] = ()


def columns_of_table(case: CaseFile, fact: TableFact) -> ColumnsOfTable | None:
    """None where the statement could not be read, or the table's columns are not known."""
    read = columns_read(case.scrubbed_sql) if case.scrubbed_sql else None
    if read is None or not fact.table.columns:
        return None
    if _is_starred(case, fact):
        return ColumnsOfTable(read=fact.table.columns, carried=fact.table.columns)
    own = [column for column in read if _is_of(case, fact, column)]
    names = {column.name for column in own}
    carried = {column.name for column in own if column.is_carried}
    return ColumnsOfTable(
        read=tuple(column for column in fact.table.columns if column.name.lower() in names),
        carried=tuple(column for column in fact.table.columns if column.name.lower() in carried),
    )


def _is_starred(case: CaseFile, fact: TableFact) -> bool:
    names = case.statement.starred_tables if case.statement else ()
    return any(case.table(name) == fact for name in names)


def _is_of(case: CaseFile, fact: TableFact, column: ReadColumn) -> bool:
    use = ColumnUse(table_name=column.table_name, column_name=column.name, expression=column.name)
    return table_of(case, use) == fact
