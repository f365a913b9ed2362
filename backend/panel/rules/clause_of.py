"""The clause of the statement that a finding is about."""

from backend.domain.case_file import CaseFile, Clause, ClauseKind


def clause_of(case: CaseFile, subject: str, *kinds: ClauseKind) -> Clause | None:
    """The first of these kinds about the table or column; the first of all where none is."""
    found = case.statement.clauses_of(*kinds) if case.statement else ()
    about = [clause for clause in found if subject and _is_about(clause, subject)]
    return next(iter(about or found), None)


def clause_text(case: CaseFile, subject: str, *kinds: ClauseKind, otherwise: str) -> str:
    clause = clause_of(case, subject, *kinds)
    return clause.text if clause else otherwise


def _is_about(clause: Clause, subject: str) -> bool:
    """`subject` ends in the column for findings about one, else it names tables."""
    last = subject.lower().rsplit(".", maxsplit=1)[-1]
    names = {name.lower().rsplit(".", maxsplit=1)[-1] for name in clause.table_names}
    return last in names | {use.column_name.lower() for use in clause.columns}
