"""Which clauses the statement has, and whose their columns are."""

import re
from collections.abc import Iterable

from backend.checks.sort_keys import table_of
from backend.domain.case_file import CaseFile, Clause, ClauseKind, ColumnUse, TableFact
from backend.domain.evidence import Column

_LOADS = frozenset({"INSERT", "CTAS", "UNLOAD", "COPY", "DDL", "MERGE", "UPDATE", "DELETE"})
_DISTRIBUTION_KEY = re.compile(r"KEY\((.+?)\)", re.IGNORECASE)


def clauses(case: CaseFile, *kinds: ClauseKind) -> tuple[Clause, ...]:
    return case.statement.clauses_of(*kinds) if case.statement else ()


def statement_id(case: CaseFile) -> tuple[str, ...]:
    return (case.statement.fact_id,) if case.statement else ()


def is_load(case: CaseFile) -> bool:
    """Writes what it reads, so that reading all of it is meant."""
    return case.query_type.upper() in _LOADS


def owner_of(case: CaseFile, use: ColumnUse, among: Iterable[str] = ()) -> TableFact | None:
    """The known table of a column: as the statement says, else the only one with that column,
    first `among` the tables of the clause."""
    if use.table_name is None:
        facts = {fact.fact_id: fact for name in among if (fact := case.table(name))}
        having = [fact for fact in facts.values() if column_of(fact, use.column_name)]
        if having:
            return having[0] if len(having) == 1 else None
    return table_of(case, use)


def column_of(fact: TableFact, column_name: str) -> Column | None:
    wanted = column_name.lower()
    return next((each for each in fact.table.columns if each.name.lower() == wanted), None)


def is_distribution_key(fact: TableFact, column_name: str) -> bool:
    column = column_of(fact, column_name)
    if column is not None and column.is_distribution_key:
        return True
    named = _DISTRIBUTION_KEY.search(fact.table.distribution_style)
    return named is not None and named[1].strip('"').lower() == column_name.lower()


def full_column(fact: TableFact, column_name: str) -> str:
    return f"{fact.table.full_name}.{column_name.lower()}"
