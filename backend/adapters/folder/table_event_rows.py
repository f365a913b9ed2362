"""What was done to tables, from the views that log ANALYZE, VACUUM and automatic optimization."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from backend.adapters.folder.evidence_rows import good_rows, ignore, moment_of
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.view_columns import (
    ANALYZE_HISTORY,
    AUTO_OPTIMIZATION,
    TABLE_INFO,
    VACUUM_HISTORY,
)
from backend.domain.in_words import rows_in_words
from backend.domain.table_history import TableEvent, TableEventKind
from backend.services.view_export import OnProblem

_Files = Sequence[ExportFile]


class _TableName(NamedTuple):
    database: str
    schema: str
    table: str


def table_events(
    analyze_files: _Files,
    vacuum_files: _Files,
    optimization_files: _Files,
    table_files: _Files,
    on_problem: OnProblem,
) -> Iterator[TableEvent]:
    """A row whose table has no name here and no row in SVV_TABLE_INFO (it is gone since) is left
    out: nothing could ever ask for it."""
    if not (analyze_files or vacuum_files or optimization_files):
        return
    names = _Names(table_files)
    for row in good_rows(analyze_files, ANALYZE_HISTORY, on_problem):
        if name := names.of(row):
            yield _event(row, name, TableEventKind.ANALYZE, row["status"], _modified(row))
    for row in good_rows(vacuum_files, VACUUM_HISTORY, on_problem):
        if name := names.of(row):
            yield _event(row, name, TableEventKind.VACUUM, row["vacuum_type"], _vacuumed(row))
    for row in good_rows(optimization_files, AUTO_OPTIMIZATION, on_problem):
        if name := names.of(row):
            was = f"was {row['alter_from']}" if row["alter_from"] else ""
            what = row["alter_table_type"]
            yield _event(row, name, TableEventKind.AUTO_OPTIMIZATION, what, was)


class _Names:
    """By table_id, which each database counts by itself."""

    def __init__(self, table_files: _Files) -> None:
        self._of_id: dict[int, set[_TableName]] = {}
        for row in good_rows(table_files, TABLE_INFO, ignore):
            if row["table_id"] is not None:
                name = _TableName(row["database"], row["schema"], row["table"])
                self._of_id.setdefault(row["table_id"], set()).add(name)

    def of(self, row: Mapping[str, Any]) -> _TableName | None:
        """By id where the id is known; the row's own name may be cut, or lack its schema."""
        database = row.get("database_name", "")
        known = {
            name
            for name in self._of_id.get(row["table_id"], ())
            if not database or not name.database or name.database == database
        }
        if len(known) == 1:
            return known.pop()
        own = _TableName(database, row.get("schema_name", ""), row.get("table_name", ""))
        return own if own.schema and own.table else None


def _event(
    row: Mapping[str, Any], name: _TableName, kind: TableEventKind, what: str, detail: str
) -> TableEvent:
    done_us = row.get("end_time") or row.get("event_time") or row["start_time"]
    return TableEvent(
        kind=kind,
        database_name=name.database,
        schema_name=name.schema,
        table_name=name.table,
        at=moment_of(done_us),
        what=what,
        status=row["status"],
        is_automatic=bool(row.get("is_automatic")) or kind is TableEventKind.AUTO_OPTIMIZATION,
        detail=detail,
    )


def _modified(row: Mapping[str, Any]) -> str:
    if row["rows"] is None or row["modified_rows"] is None:
        return ""
    modified = rows_in_words(row["modified_rows"])
    return f"of {rows_in_words(row['rows'])}, {modified} changed since the ANALYZE before"


def _vacuumed(row: Mapping[str, Any]) -> str:
    told = []
    before, after = row["sortedrows_before_vacuum"], row["sortedrows_after_vacuum"]
    if before is not None and after is not None and after != before:
        told.append(f"{rows_in_words(after)} sorted instead of {rows_in_words(before)}")
    if row["reclaimed_rows"]:
        told.append(f"{rows_in_words(row['reclaimed_rows'])} reclaimed")
    return ", ".join(told)
