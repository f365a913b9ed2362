"""Rows of the views on external tables and on COPY, from typed blocks; no path is read."""

import re
from collections.abc import Iterator, Sequence

from backend.adapters.folder.evidence_rows import each_once, good_rows, ignore
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.view_columns import (
    EXTERNAL_COLUMNS,
    EXTERNAL_DETAIL,
    EXTERNAL_ERROR,
    EXTERNAL_TABLES,
    LOADS,
)
from backend.domain.lake import LakeTable
from backend.services.view_export import LakeRow, LoadRow, OnProblem
from backend.sql.scrub import mask_text

_Files = Sequence[ExportFile]
_LakeKey = tuple[str, str, str]

# The table property as SVV_EXTERNAL_TABLES prints it: {"numRows":"172000", …}, also in single
# quotes.
_ROW_COUNT = re.compile(r"""["']numRows["']\s*[:=]\s*["']?(\d{1,18})\b""", re.IGNORECASE)
_FORMATS = (
    ("parquet", "Parquet"),
    ("orc", "ORC"),
    ("rcfile", "RCFile"),
    ("columnarserde", "RCFile"),
    ("iceberg", "Iceberg"),
    ("avro", "Avro"),
    ("sequencefile", "SequenceFile"),
    ("ion", "Ion"),
    ("json", "JSON"),
    ("csv", "CSV"),
    ("regex", "Regex"),
    ("grok", "Grok"),
    ("lazysimple", "Text"),
    ("text", "Text"),
)
"""What the names of Hive's classes hold, the most telling first."""
_PLAIN_FORMAT = re.compile(r"[A-Za-z][\w .-]{0,30}")


def lake_rows(files: _Files) -> Iterator[LakeRow]:
    for row in each_once(files, EXTERNAL_DETAIL, ignore):
        yield LakeRow(
            query_id=row["query_id"],
            started_us=row["start_time"] or 0,
            segment_id=row["segment_id"] or 0,
            source_type=_plain(row["source_type"]) or "S3",
            table_name=row["table_name"],
            file_format=_plain(row["file_format"]),
            duration_us=_counted(row["duration"]),
            total_partitions=_counted(row["total_partitions"]),
            qualified_partitions=_counted(row["qualified_partitions"]),
            scanned_files=_counted(row["scanned_files"]),
            scanned_rows=_counted(row["returned_rows"]),
            scanned_bytes=_counted(row["returned_bytes"]),
            listing_ms=_counted(row["s3list_time"]),
            warning=mask_text(row["warning_message"]) if row["warning_message"] else "",
        )


def lake_errors(files: _Files, on_problem: OnProblem) -> Iterator[int]:
    for row in good_rows(files, EXTERNAL_ERROR, on_problem):
        yield row["query_id"]


def load_rows(files: _Files) -> Iterator[LoadRow]:
    for row in each_once(files, LOADS, ignore):
        yield LoadRow(
            query_id=row["query_id"],
            started_us=row["start_time"] or 0,
            table_name=row["table_name"],
            file_format=_plain(row["file_format"]),
            duration_us=_counted(row["duration"]),
            loaded_rows=_counted(row["loaded_rows"]),
            files=_counted(row["source_file_count"]) or _counted(row["file_count_scanned"]),
            file_bytes=_counted(row["source_file_bytes"]) or _counted(row["file_bytes_scanned"]),
            errors=_counted(row["error_count"]),
        )


def lake_tables(
    table_files: _Files, column_files: _Files, on_problem: OnProblem
) -> Iterator[LakeTable]:
    keys_of: dict[_LakeKey, list[tuple[int, str]]] = {}
    for row in good_rows(column_files, EXTERNAL_COLUMNS, on_problem):
        if row["part_key"]:
            keys_of.setdefault(_key(row), []).append((row["part_key"], row["columnname"]))
    for row in good_rows(table_files, EXTERNAL_TABLES, on_problem):
        yield _lake_table(_key(row), row, keys_of.pop(_key(row), []))
    for key, partition_keys in keys_of.items():
        yield _lake_table(key, {}, partition_keys)


def _key(row: dict[str, str]) -> _LakeKey:
    return row["redshift_database_name"], row["schemaname"], row["tablename"]


def _lake_table(
    key: _LakeKey, row: dict[str, str], partition_keys: list[tuple[int, str]]
) -> LakeTable:
    found = _ROW_COUNT.search(row.get("parameters", ""))
    return LakeTable(
        database_name=key[0],
        schema_name=key[1],
        table_name=key[2],
        file_format=_format_of(f"{row.get('input_format', '')} {row.get('serialization_lib', '')}"),
        # Glue writes -1 where it does not know.
        row_count=int(found[1]) if found else None,
        partition_keys=tuple(name for _, name in sorted(partition_keys)),
    )


def _format_of(classes: str) -> str:
    lowered = classes.lower()
    return next((name for word, name in _FORMATS if word in lowered), "")


def _plain(text: str) -> str:
    return text.strip() if _PLAIN_FORMAT.fullmatch(text.strip()) else ""


def _counted(number: int | None) -> int:
    """Views write -1 for what they did not measure."""
    return max(number or 0, 0)
