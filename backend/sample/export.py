"""Writes the sample as the exports of Redshift's system views that an import reads."""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from backend.sample.history import SampleHistory, sample_history
from backend.sample.history_views import HISTORY_COLUMNS, TEXT_COLUMNS, history_rows, text_rows
from backend.sample.outside_views import (
    EXTERNAL_COLUMN_COLUMNS,
    EXTERNAL_DETAIL_COLUMNS,
    EXTERNAL_TABLE_COLUMNS,
    LOAD_COLUMNS,
    QUEUE_COLUMNS,
    REFRESH_COLUMNS,
    RULE_COLUMNS,
    SLICE_COLUMNS,
    VIEW_INFO_COLUMNS,
    external_column_rows,
    external_detail_rows,
    external_table_rows,
    load_rows,
    queue_rows,
    refresh_rows,
    rule_rows,
    slice_rows,
    view_info_rows,
)
from backend.sample.recorded_runs import recorded_runs
from backend.sample.recorded_views import (
    ALERT_COLUMNS,
    DETAIL_COLUMNS,
    EXPLAIN_COLUMNS,
    alert_rows,
    detail_rows,
    explain_rows,
)
from backend.sample.schedule import DAYS
from backend.sample.table_views import (
    ADVISOR_COLUMNS,
    COLUMN_COLUMNS,
    TABLE_COLUMNS,
    advisor_rows,
    column_rows,
    table_rows,
)
from backend.sample.warehouse import TABLES

Row = Sequence[object]


@dataclass(frozen=True, kw_only=True)
class SampleSummary:
    runs: int
    patterns: int
    first_day: date
    last_day: date
    tables: int
    files: tuple[Path, ...]


def write_sample_export(folder: Path, *, last_day: date) -> SampleSummary:
    """The 28 days up to `last_day` (UTC); the same bytes for the same day."""
    history = sample_history(last_day)
    recorded = recorded_runs(history)
    folder.mkdir(parents=True, exist_ok=True)
    files = (
        _write(folder / "sys_query_history.csv.gz", HISTORY_COLUMNS, history_rows(history)),
        _write(folder / "sys_query_text.csv.gz", TEXT_COLUMNS, text_rows(history)),
        _write(folder / "sys_query_detail.csv.gz", DETAIL_COLUMNS, detail_rows(recorded)),
        _write(folder / "sys_query_explain.csv", EXPLAIN_COLUMNS, explain_rows(recorded)),
        _write(folder / "svv_table_info.csv", TABLE_COLUMNS, table_rows()),
        _write(folder / "svv_redshift_columns.csv", COLUMN_COLUMNS, column_rows()),
        _write(folder / "svv_alter_table_recommendations.csv", ADVISOR_COLUMNS, advisor_rows()),
        _write(folder / "stl_alert_event_log.csv", ALERT_COLUMNS, alert_rows(recorded, history)),
        *(
            _write(folder / f"{view}.csv", columns, rows)
            for view, columns, rows in _outside(history)
        ),
    )
    return SampleSummary(
        runs=len(history),
        patterns=len(history.patterns),
        first_day=last_day - timedelta(days=DAYS - 1),
        last_day=last_day,
        tables=len(TABLES),
        files=files,
    )


def _outside(history: SampleHistory) -> Iterator[tuple[str, Sequence[str], Iterable[Row]]]:
    """The views on the lake, on loads, on materialized views and on queues."""
    yield "sys_external_query_detail", EXTERNAL_DETAIL_COLUMNS, external_detail_rows(history)
    yield "svv_external_tables", EXTERNAL_TABLE_COLUMNS, external_table_rows()
    yield "svv_external_columns", EXTERNAL_COLUMN_COLUMNS, external_column_rows()
    yield "sys_load_history", LOAD_COLUMNS, load_rows(history)
    yield "svv_mv_info", VIEW_INFO_COLUMNS, view_info_rows()
    yield "sys_mv_refresh_history", REFRESH_COLUMNS, refresh_rows(history.last_day)
    yield "stv_wlm_service_class_config", QUEUE_COLUMNS, queue_rows()
    yield "stv_wlm_qmr_config", RULE_COLUMNS, rule_rows()
    yield "stv_slices", SLICE_COLUMNS, slice_rows()


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    content = text.getvalue().encode()
    if path.suffix == ".gz":
        # Neither name nor time in the header, or two exports would differ.
        content = gzip.compress(content, compresslevel=1, mtime=0)
    path.write_bytes(content)
    return path
