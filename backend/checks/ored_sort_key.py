"""Where an OR over single values is all that a statement asks of a table's sort key."""

from backend.checks.clauses import clauses, owner_of
from backend.checks.effects import scans_of
from backend.checks.sort_keys import sort_key_columns, table_of
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact


def ored_sort_key(case: CaseFile, fact: TableFact) -> Clause | None:
    """The OR over the leading column of its sort key, if nothing else compares that column.

    None as well where several queries of the statement read the table: which of them a scan
    belongs to, the steps do not tell.
    """
    leading = sort_key_columns(fact.table)[:1]
    if not leading or fact.table.has_interleaved_sort_key or _is_read_again(case, fact):
        return None
    found = [
        clause
        for clause in clauses(case, ClauseKind.OR_ON_ONE_COLUMN)
        if clause.columns[0].column_name == leading[0] and owner_of(case, clause.columns[0]) == fact
    ]
    if len(found) != 1 or _filters_otherwise(case, fact, found[0]):
        return None
    return found[0]


def skipped_no_block(case: CaseFile, fact: TableFact) -> bool:
    """Whether every recorded scan of the table says so; False where none was recorded."""
    scans = scans_of(case, fact)
    return bool(scans) and all(scan.step.is_range_restricted is False for scan in scans)


def _is_read_again(case: CaseFile, fact: TableFact) -> bool:
    return any(
        case.table(name) == fact
        for clause in clauses(case, ClauseKind.REPEATED_TABLE)
        for name in clause.table_names
    )


def _filters_otherwise(case: CaseFile, fact: TableFact, clause: Clause) -> bool:
    """A range beside the OR would have to restrict the scan, whatever the OR does."""
    in_clause = {use.expression for use in clause.columns}
    return any(
        use.column_name.lower() == clause.columns[0].column_name
        and use.expression not in in_clause
        and table_of(case, use) in (fact, None)
        for use in (case.statement.filtered_columns if case.statement else ())
    )
