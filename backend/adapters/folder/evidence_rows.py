"""Rows of the views beside the history, from typed blocks."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.view_blocks import TypedBlock, view_blocks
from backend.adapters.folder.view_columns import (
    ADVISOR,
    ALERTS,
    COLUMNS,
    DETAIL,
    EXPLAIN,
    TABLE_INFO,
    TEXTUAL,
    Kind,
    View,
)
from backend.domain.errors import BadExportError
from backend.domain.evidence import AdvisorRow, Column, Table
from backend.domain.runs import Mask
from backend.services.view_export import AlertRow, DetailPart, DetailRow, OnProblem
from backend.sql.plan_rows import PlanRow

_Files = Sequence[ExportFile]

SMALL_INSERT_ROWS = 100
"""An insert of so many rows at most is small (AWS: review_cluster, UsagePattern)."""


UNKNOWN = -1
FIRST_CHILD_QUERY = 1
"""Child queries are counted from 1; an export without the column holds plain statements."""


def detail_rows(files: _Files, query_ids: Collection[int]) -> Iterator[DetailRow]:
    for row in rows_of(files, DETAIL, query_ids):
        yield DetailRow(
            query_id=row["query_id"],
            metrics_level=row["metrics_level"].lower(),
            child_query_sequence=_or(row["child_query_sequence"], FIRST_CHILD_QUERY),
            stream_id=_or(row["stream_id"], 0),
            segment_id=_or(row["segment_id"], UNKNOWN),
            step_id=_or(row["step_id"], UNKNOWN),
            step_name=row["step_name"].lower(),
            duration_us=_amount(row["duration"]),
            table_name=row["table_name"],
            is_range_restricted=row["is_rrscan"],
            alert=row["alert"],
            source=row["source"],
            input_rows=_amount(row["input_rows"]),
            output_rows=_amount(row["output_rows"]),
            output_bytes=_amount(row["output_bytes"]),
            blocks_read=_amount(row["blocks_read"]),
            data_skewness=_amount(row["data_skewness"]),
            time_skewness=_amount(row["time_skewness"]),
            spilled_local_blocks=_amount(row["spilled_block_local_disk"]),
            spilled_remote_blocks=_amount(row["spilled_block_remote_disk"]),
            plan_node_id=_amount(row["plan_node_id"]) or None,
        )


def detail_parts(files: _Files, on_problem: OnProblem) -> Iterator[DetailPart]:
    for block in view_blocks(files, DETAIL, on_problem):
        good = block.good_rows(on_problem)
        is_insert = _named(good, "step_name", "insert")
        is_small = (good["output_rows"] >= 1) & (good["output_rows"] <= SMALL_INSERT_ROWS)
        spilled = (good["spilled_block_local_disk"] > 0) | (good["spilled_block_remote_disk"] > 0)
        tables = good.names("table_name")
        scanned = np.unique(tables.codes[_named(good, "step_name", "scan")]).tolist()
        yield DetailPart(
            file_name=block.file_name,
            rows_read=block.rows_read,
            query_ids=good["query_id"],
            small_insert_ids=np.unique(good["query_id"][is_insert & is_small]),
            spilled_ids=np.unique(good["query_id"][spilled]),
            scanned=frozenset(tables.names[code] for code in scanned if tables.names[code]),
        )


def _named(block: TypedBlock, column: str, wanted: str) -> Mask:
    names = block.names(column)
    is_wanted = np.array([name.lower() == wanted for name in names.names], dtype=np.bool_)
    found: Mask = is_wanted[names.codes]
    return found


def _or(number: int | None, default: int) -> int:
    return default if number is None else number


def _amount(number: int | None) -> int:
    """What is counted or measured is never less than nothing: clocks that go back and values
    such as -1 for unknown count as 0."""
    return max(number or 0, 0)


def plan_rows(files: _Files, query_ids: Collection[int]) -> Iterator[tuple[int, PlanRow]]:
    for row in rows_of(files, EXPLAIN, query_ids):
        plan_row = PlanRow(
            child_query_sequence=_or(row["child_query_sequence"], FIRST_CHILD_QUERY),
            plan_node_id=row["plan_node_id"],
            plan_parent_id=row["plan_parent_id"],
            plan_node=row["plan_node"],
            plan_info=row["plan_info"],
        )
        yield row["query_id"], plan_row


def alert_rows(files: _Files, on_problem: OnProblem) -> Iterator[AlertRow]:
    for row in good_rows(files, ALERTS, on_problem):
        yield AlertRow(
            query_id=row["query"],
            event=row["event"],
            solution=row["solution"],
            query_hash=row["query_hash"],
            native_hash=row["generic_query_hash"],
            query_text=row["query_text"],
        )


_TableKey = tuple[str, str, str]


def tables(table_files: _Files, column_files: _Files, on_problem: OnProblem) -> Iterator[Table]:
    columns_of: dict[_TableKey, list[tuple[int, Column]]] = {}
    for row in good_rows(column_files, COLUMNS, on_problem):
        key = (row["database_name"], row["schema_name"], row["table_name"])
        columns_of.setdefault(key, []).append((row["ordinal_position"] or 0, _column(row)))
    for row in good_rows(table_files, TABLE_INFO, on_problem):
        key = (row["database"], row["schema"], row["table"])
        yield _table(row, _in_order(columns_of.pop(key, [])))
    for (database, schema, table), columns in columns_of.items():
        yield Table(
            database_name=database,
            schema_name=schema,
            table_name=table,
            columns=_in_order(columns),
        )


def advisor_rows(files: _Files, table_files: _Files, on_problem: OnProblem) -> Iterator[AdvisorRow]:
    name_of: dict[tuple[str, int], str] = {}
    if files:
        for row in good_rows(table_files, TABLE_INFO, ignore):
            if row["table_id"] is not None:
                name_of[row["database"], row["table_id"]] = f"{row['schema']}.{row['table']}"
    for row in good_rows(files, ADVISOR, on_problem):
        yield AdvisorRow(
            kind=row["type"].lower(),
            database_name=row["database"],
            table_id=row["table_id"],
            group_id=row["group_id"] or 0,
            ddl=row["ddl"],
            is_auto_eligible=bool(row["auto_eligible"]),
            table_name=name_of.get((row["database"], row["table_id"])),
        )


def _column(row: dict[str, Any]) -> Column:
    return Column(
        name=row["column_name"],
        data_type=row["data_type"],
        encoding=row["encoding"],
        is_distribution_key=bool(row["distkey"]),
        sort_key_position=row["sortkey"] or 0,
        is_nullable=row["is_nullable"].lower() not in {"no", "n", "f", "false", "0"},
    )


def _in_order(columns: list[tuple[int, Column]]) -> tuple[Column, ...]:
    distinct = {column.name: (position, column) for position, column in columns}
    return tuple(column for _, column in sorted(distinct.values(), key=lambda found: found[0]))


def _table(row: dict[str, Any], columns: tuple[Column, ...]) -> Table:
    return Table(
        database_name=row["database"],
        schema_name=row["schema"],
        table_name=row["table"],
        distribution_style=row["diststyle"],
        first_sort_key=row["sortkey1"] or None,
        first_sort_key_encoding=row["sortkey1_enc"] or None,
        sort_key_columns=row["sortkey_num"] or 0,
        size_mb=row["size"],
        row_count=_whole(row["tbl_rows"]),
        visible_rows=_whole(row["estimated_visible_rows"]),
        unsorted_percent=row["unsorted"],
        statistics_off_percent=row["stats_off"],
        row_skew_ratio=row["skew_rows"],
        vacuum_sort_benefit_percent=row["vacuum_sort_benefit"],
        encoded=row["encoded"] or None,
        max_varchar=row["max_varchar"],
        columns=columns,
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else round(number)


def rows_of(files: _Files, view: View, query_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    wanted = np.fromiter(query_ids, dtype=np.int64, count=len(query_ids))
    if not len(wanted):
        return
    for block in view_blocks(files, view, ignore):
        yield from _rows(block.take(np.isin(block["query_id"], wanted)).good_rows(ignore))


def each_once(files: _Files, view: View, on_problem: OnProblem) -> Iterator[dict[str, Any]]:
    """As `good_rows`, where exports overlap; no view holds a row twice."""
    if len(files) < 2:
        yield from good_rows(files, view, on_problem)
        return
    seen: set[int] = set()
    for row in good_rows(files, view, on_problem):
        mark = hash(tuple(row.values()))
        if mark not in seen:
            seen.add(mark)
            yield row


def good_rows(files: _Files, view: View, on_problem: OnProblem) -> Iterator[dict[str, Any]]:
    for block in view_blocks(files, view, on_problem):
        yield from _rows(block.good_rows(on_problem))


def _rows(block: TypedBlock) -> Iterator[dict[str, Any]]:
    """Texts as they are ("" for none); None for a number or flag that is not there."""
    names = [column.name for column in block.view.columns]
    values = [_values(block, column.name, column.kind) for column in block.view.columns]
    for row in zip(*values, strict=True):
        yield dict(zip(names, row, strict=True))


def _values(block: TypedBlock, name: str, kind: Kind) -> Sequence[Any]:
    column = block.columns[name]
    if kind in TEXTUAL:
        return [column.names[code] for code in column.values.tolist()]
    return [
        None if missing else value
        for value, missing in zip(column.values.tolist(), column.is_missing.tolist(), strict=True)
    ]


def ignore(problem: BadExportError) -> None:
    """For a second reading: the first one has told."""
