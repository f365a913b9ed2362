"""Which columns of a table are its sort key, by its columns or by SVV_TABLE_INFO alone."""

import re

from backend.domain.case_file import CaseFile, ColumnUse, TableFact
from backend.domain.evidence import Table

_AUTO = re.compile(r"AUTO\(SORTKEY(?:\((.+)\))?\)", re.IGNORECASE)


def sort_key_columns(table: Table) -> tuple[str, ...]:
    """Leading column first, lower case; empty where the table has none or it is not known.

    Interleaved keys have alternating signs in the view: their positions count all the same.
    """
    keyed = [column for column in table.columns if column.sort_key_position != 0]
    if keyed:
        ordered = sorted(keyed, key=lambda column: abs(column.sort_key_position))
        return tuple(column.name.lower() for column in ordered)
    first = (table.first_sort_key or "").strip()
    if table.has_interleaved_sort_key:
        return ()
    automatic = _AUTO.fullmatch(first)
    if automatic:
        first = automatic[1] or ""
    return (first.lower(),) if first else ()


def is_sorted_by_redshift(table: Table) -> bool:
    """SORTKEY AUTO: Redshift chooses the key, and changes it."""
    return (table.first_sort_key or "").strip().upper().startswith("AUTO")


def table_of(case: CaseFile, use: ColumnUse) -> TableFact | None:
    """The table of a column: as the statement says, else the only known one with that column."""
    if use.table_name:
        return case.table(use.table_name)
    having = [
        fact
        for fact in case.tables
        if use.column_name.lower() in {column.name.lower() for column in fact.table.columns}
    ]
    return having[0] if len(having) == 1 else None


def filters_column(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    """Whether the statement compares the bare column; a function around it does not count."""
    for use in case.statement.filtered_columns if case.statement else ():
        if use.column_name.lower() == column_name:
            of = table_of(case, use)
            if of is None or of.fact_id == fact.fact_id:
                return True
    return False


def wraps_column(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    for use in case.statement.wrapped_columns if case.statement else ():
        if use.column_name.lower() == column_name:
            of = table_of(case, use)
            if of is not None and of.fact_id == fact.fact_id:
                return True
    return False


def hidden_sort_key(case: CaseFile, fact: TableFact) -> str | None:
    """The leading sort key where the statement filters it inside a function only: that is what
    function_on_sort_key reports."""
    leading = sort_key_columns(fact.table)[:1]
    if leading and wraps_column(case, fact, leading[0]):
        return None if filters_column(case, fact, leading[0]) else leading[0]
    return None


def compared_columns(case: CaseFile, fact: TableFact) -> tuple[ColumnUse, ...]:
    """How the statement filters the table, bare or inside a function; one entry a column."""
    statement = case.statement
    uses = (*statement.filtered_columns, *statement.wrapped_columns) if statement else ()
    own = [use for use in uses if table_of(case, use) == fact]
    return tuple({use.column_name.lower(): use for use in reversed(own)}.values())[::-1]
