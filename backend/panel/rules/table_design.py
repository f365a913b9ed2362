"""What is known of a table's design, and what Redshift's own Advisor thinks of it."""

from backend.domain.case_file import AdvisorFact, CaseFile, TableFact
from backend.domain.evidence import Column, Table
from backend.domain.in_words import megabytes_in_words, number_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.sql.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)

_KINDS_OF = {
    "diststyle": (ActionKind.DISTRIBUTE_BY_KEY, ActionKind.DISTRIBUTE),
    "sortkey": (ActionKind.SORT_KEY,),
    "encode": (ActionKind.ENCODE_COLUMN, ActionKind.ENCODE_AUTO),
}
_NO_KEY_TYPES = ("date", "timestamp", "time", "bool", "super", "float", "real", "double")


def is_small(case: CaseFile, table: Table) -> bool:
    """Not large: then DISTSTYLE ALL is cheap."""
    return table.row_count is not None and table.row_count <= case.limit(LARGE_TABLE_ROWS)


def is_left_to_redshift(table: Table) -> bool:
    """DISTSTYLE AUTO: Redshift changes it by itself."""
    return table.distribution_style.upper().startswith("AUTO")


def sort_is_left_to_redshift(table: Table) -> bool:
    return (table.first_sort_key or "").upper().startswith("AUTO")


def sort_column(table: Table) -> str | None:
    """The leading sort column; None without one, or where it is not told.

    Positions of interleaved keys have alternating signs.
    """
    leading = sorted(
        (column for column in table.columns if column.sort_key_position != 0),
        key=lambda column: abs(column.sort_key_position),
    )
    if leading:
        return leading[0].name
    shown = (table.first_sort_key or "").strip()
    if shown.upper().startswith("AUTO(SORTKEY("):
        return shown[len("AUTO(SORTKEY(") :].rstrip(")")
    if not shown or shown.upper().startswith(("AUTO", "INTERLEAVED")):
        return None
    return shown


def column_of(table: Table, column_name: str) -> Column | None:
    wanted = column_name.lower()
    return next((column for column in table.columns if column.name.lower() == wanted), None)


def wants_a_range(table: Table, column_name: str) -> bool:
    """Of a type that questions are asked by the range of, or of a type not known."""
    column = column_of(table, column_name)
    return column is None or column.data_type.lower().startswith(("date", "time"))


def filters_column(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    """Whether the statement has a condition on the table's column, bare or wrapped."""
    if case.statement is None:
        return False
    return any(
        use.column_name.lower() == column_name.lower()
        and (use.table_name is None or case.table(use.table_name) in (fact, None))
        for use in (*case.statement.filtered_columns, *case.statement.wrapped_columns)
    )


def suits_distribution(table: Table, column_name: str) -> bool:
    """Known, and not of a type that piles rows up on few slices, such as a date."""
    column = column_of(table, column_name)
    return column is not None and not column.data_type.lower().startswith(_NO_KEY_TYPES)


def size_of(table: Table) -> str:
    """(18 billion rows, 1.0 TB), as far as known."""
    known = []
    if table.row_count is not None:
        known.append(f"{number_in_words(table.row_count)} rows")
    if table.size_mb is not None:
        known.append(megabytes_in_words(table.size_mb))
    return f"({', '.join(known)})" if known else ""


def style_of(fact: TableFact) -> str:
    return f"DISTSTYLE {fact.table.distribution_style or 'unknown'}"


def advisor_opinion(
    case: CaseFile, fact: TableFact, *, kind: str, proposed_sql: str = ""
) -> tuple[str, tuple[str, ...]]:
    """Whether Redshift's Advisor agrees with us about the table, and the fact that says so."""
    found = _advised(case, fact, kind)
    if found is None:
        return "", ()
    theirs, fact_id = found
    if not proposed_sql:
        return f"Redshift's own Advisor proposes {_wording(theirs)}", (fact_id,)
    if _is_same(theirs, proposed_sql):
        return "Redshift's own Advisor agrees: it proposes the same", (fact_id,)
    return f"Redshift's own Advisor disagrees: it proposes {_wording(theirs)}", (fact_id,)


def advisor_agrees(case: CaseFile, fact: TableFact, *, kind: str, proposed_sql: str) -> bool:
    """The Advisor sees the whole workload, so what it proposes serves more than one pattern."""
    found = _advised(case, fact, kind)
    return found is not None and _is_same(found[0], proposed_sql)


def _advised(case: CaseFile, fact: TableFact, kind: str) -> tuple[ActionStatement, str] | None:
    for advisor in case.advisor:
        statement = _statement_of(advisor, kind)
        if statement is not None and case.table(statement.table_names[0]) == fact:
            return statement, advisor.fact_id
    return None


def _statement_of(advisor: AdvisorFact, kind: str) -> ActionStatement | None:
    """What the Advisor says on this aspect; one row may change distribution and order at once."""
    try:
        statements = read_action_sql(advisor.advice.ddl)
    except NotActionSqlError:
        return None
    fitting = (each for each in statements if each.kind in _KINDS_OF[kind])
    return next(fitting, None)


def _is_same(theirs: ActionStatement, proposed_sql: str) -> bool:
    """A sort key is the same if it begins with ours."""
    (ours,) = read_action_sql(proposed_sql)
    columns = [name.lower() for name in theirs.column_names][: len(ours.column_names)]
    return (theirs.kind, theirs.argument, columns) == (
        ours.kind,
        ours.argument,
        [name.lower() for name in ours.column_names],
    )


def _wording(statement: ActionStatement) -> str:
    columns = ", ".join(statement.column_names)
    if statement.kind is ActionKind.DISTRIBUTE_BY_KEY:
        return f"DISTKEY {columns}"
    if statement.kind is ActionKind.DISTRIBUTE:
        return f"DISTSTYLE {statement.argument}"
    if statement.kind is ActionKind.SORT_KEY:
        return f"SORTKEY ({columns})" if columns else f"SORTKEY {statement.argument}"
    if statement.kind is ActionKind.ENCODE_COLUMN:
        return f"ENCODE {statement.argument.lower()} for {columns}"
    return "ENCODE AUTO" if statement.kind is ActionKind.ENCODE_AUTO else "another change"
