"""Small exports on disk, in any of the formats."""

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from backend.adapters.folder import open_export_folder
from backend.domain.errors import BadExportError
from backend.services.view_export import HistoryPart

Row = Mapping[str, Any]
ENDINGS = ("csv", "csv.gz", "parquet", "jsonl", "jsonl.gz")
A_START = "2026-03-02 09:00:00.250000"


def a_history_row(query_id: int = 1, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "user_id": "100",
        "query_id": str(query_id),
        "query_label": "default",
        "database_name": "shop",
        "query_type": "SELECT",
        "status": "success",
        "result_cache_hit": "false",
        "start_time": A_START,
        "elapsed_time": "1000000",
        "queue_time": "0",
        "execution_time": "900000",
        "returned_rows": "7",
        "query_text": "select 1",
        "generic_query_hash": "native-1",
        "username": "ana",
    }
    return row | changes


def as_csv(rows: Sequence[Row], *, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_jsonl(rows: Sequence[Row]) -> bytes:
    return "".join(json.dumps(dict(row)) + "\n" for row in rows).encode()


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """In the format that the name ends in; Parquet keeps every column as text."""
    if path.suffix == ".parquet":
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        table = pa.table({name: pa.array(each, pa.string()) for name, each in columns.items()})
        pq.write_table(table, path)
        return path
    octets = as_jsonl(rows) if ".jsonl" in path.name else as_csv(rows)
    path.write_bytes(gzip.compress(octets) if path.suffix == ".gz" else octets)
    return path


def read_history(folder: Path) -> tuple[list[HistoryPart], list[BadExportError]]:
    problems: list[BadExportError] = []
    parts = list(open_export_folder(folder).history(problems.append))
    return parts, problems


def texts_by_id(parts: Sequence[HistoryPart]) -> dict[int, str]:
    return {
        query_id: part.texts[code]
        for part in parts
        for query_id, code in zip(
            part.runs.query_id.tolist(), part.text_of_run.tolist(), strict=True
        )
    }


def places(problems: Sequence[BadExportError]) -> list[tuple[str, int | None, str | None]]:
    return [(each.file_name, each.row_number, each.column_name) for each in problems]
