"""What is known of a table's design, and what Redshift's own Advisor thinks of it."""

from collections.abc import Sequence

from backend.domain.case_file import AdvisorFact, CaseFile, TableFact
from backend.domain.evidence import Column, Table
from backend.panel.action_sql import (
    ActionKind,
    ActionStatement,
    NotActionSqlError,
    read_action_sql,
)
from backend.panel.rules.wording import rows_text, size_text

SMALL_TABLE_ROWS = 5_000_000
"""AWS's own cluster review calls a table large above this; below, DISTSTYLE ALL is cheap."""

_NO_KEY_TYPES = ("date", "timestamp", "time", "bool", "super", "float", "real", "double")


def is_small(table: Table) -> bool:
    return table.row_count is not None and table.row_count <= SMALL_TABLE_ROWS


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
        known.append(f"{rows_text(table.row_count)} rows")
    if table.size_mb is not None:
        known.append(size_text(table.size_mb))
    return f"({', '.join(known)})" if known else ""


def style_of(fact: TableFact) -> str:
    return f"DISTSTYLE {fact.table.distribution_style or 'unknown'}"


def advisor_opinion(
    case: CaseFile, fact: TableFact, *, kind: str, proposed_columns: Sequence[str] = ()
) -> tuple[str, tuple[str, ...]]:
    """Whether Redshift's Advisor agrees with us about the table, and the facts that say so."""
    for advisor in case.advisor:
        statement = _statement_of(advisor)
        if statement is None or advisor.advice.kind.lower() != kind:
            continue
        if case.table(statement.table_names[0]) != fact:
            continue
        return _opinion(statement, proposed_columns), (advisor.fact_id,)
    return "", ()


def _statement_of(advisor: AdvisorFact) -> ActionStatement | None:
    try:
        statements = read_action_sql(advisor.advice.ddl)
    except NotActionSqlError:
        return None
    return statements[0] if len(statements) == 1 else None


def _opinion(statement: ActionStatement, proposed_columns: Sequence[str]) -> str:
    theirs = [name.lower() for name in statement.column_names]
    ours = [name.lower() for name in proposed_columns]
    wording = {
        ActionKind.DISTRIBUTE_BY_KEY: f"DISTKEY {', '.join(statement.column_names)}",
        ActionKind.DISTRIBUTE: f"DISTSTYLE {statement.argument}",
        ActionKind.SORT_KEY: f"SORTKEY ({', '.join(statement.column_names)})"
        if statement.column_names
        else f"SORTKEY {statement.argument}",
    }.get(statement.kind, "another change")
    if ours and theirs[: len(ours)] == ours:
        return "Redshift's own Advisor agrees: it proposes the same"
    if ours:
        return f"Redshift's own Advisor disagrees: it proposes {wording}"
    return f"Redshift's own Advisor proposes {wording}"
