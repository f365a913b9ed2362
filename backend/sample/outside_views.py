"""Rows of the views on the data lake, on loads, on materialized views and on queues."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from backend.sample.cost_model import SUCCESS, PatternRunTimes
from backend.sample.history import SampleHistory
from backend.sample.history_views import timestamps
from backend.sample.lake_tables import LAKE_TABLES, LakeRead
from backend.sample.sample_pattern import SCALING_QUEUES, Queue
from backend.sample.schedule import DAY_US, HOUR_US, day_start_us
from backend.sample.warehouse import MAIN_DATABASE

KEPT_DAYS = 7
"""SYS views forget what is older."""

SLICES = 16
SCAN_SHARE = 0.88
"""Of the execution time: the rest is sorting and returning."""

EXTERNAL_DETAIL_COLUMNS = (
    "user_id", "query_id", "transaction_id", "child_query_sequence", "segment_id", "source_type",
    "start_time", "end_time", "duration", "total_partitions", "qualified_partitions",
    "scanned_files", "returned_rows", "returned_bytes", "file_format", "file_location",
    "external_query_text", "warning_message", "table_name", "is_recursive", "is_nested",
    "s3list_time", "get_partition_time",
)  # fmt: skip
EXTERNAL_TABLE_COLUMNS = (
    "redshift_database_name", "schemaname", "tablename", "tabletype", "location", "input_format",
    "output_format", "serialization_lib", "serde_parameters", "compressed", "parameters",
)  # fmt: skip
EXTERNAL_COLUMN_COLUMNS = (
    "redshift_database_name", "schemaname", "tablename", "columnname", "external_type",
    "columnnum", "part_key", "is_nullable",
)  # fmt: skip
LOAD_COLUMNS = (
    "user_id", "query_id", "transaction_id", "session_id", "database_name", "status", "table_name",
    "start_time", "end_time", "duration", "data_source", "file_format", "loaded_rows",
    "loaded_bytes", "source_file_count", "source_file_bytes", "file_count_scanned",
    "file_bytes_scanned", "error_count", "copy_job_id",
)  # fmt: skip
VIEW_INFO_COLUMNS = (
    "database_name", "schema_name", "user_name", "name", "is_stale", "state", "autorewrite",
    "autorefresh",
)  # fmt: skip
REFRESH_COLUMNS = (
    "user_id", "session_id", "transaction_id", "database_name", "schema_name", "mv_id", "mv_name",
    "refresh_type", "status", "start_time", "end_time", "duration", "consumer_account",
    "consumer_region", "consumer_namespace",
)  # fmt: skip
QUEUE_COLUMNS = (
    "service_class", "queueing_strategy", "num_query_tasks", "target_num_query_tasks", "evictable",
    "eviction_threshold", "query_working_mem", "target_query_working_mem", "min_step_mem", "name",
    "max_execution_time", "user_group_wild_card", "query_group_wild_card", "concurrency_scaling",
    "query_priority", "user_role_wild_card",
)  # fmt: skip
RULE_COLUMNS = (
    "service_class", "rule_name", "action", "metric_name", "metric_operator", "metric_value",
    "action_value",
)  # fmt: skip
SLICE_COLUMNS = ("node", "slice", "localslice", "type")

Row = Sequence[object]


@dataclass(frozen=True, kw_only=True)
class SampleLoad:
    """What each COPY run of a statement reads."""

    table_name: str
    file_format: str
    location: str
    files: int
    file_mb: float
    rows: int


LOADS: Mapping[str, SampleLoad] = {
    # Three large files under gzip: 13 of 16 slices have nothing to do.
    "copy_orders": SampleLoad(
        table_name="stg_orders", file_format="csv", location="s3://northlight-landing/orders/",
        files=3, file_mb=310.0, rows=2_210_000,
    ),
    "copy_web_events": SampleLoad(
        table_name="web_events", file_format="parquet",
        location="s3://northlight-landing/web_events/", files=48, file_mb=61.0, rows=14_100_000,
    ),
    "copy_click_raw": SampleLoad(
        table_name="click_raw", file_format="json", location="s3://northlight-landing/clicks/",
        files=64, file_mb=38.0, rows=9_300_000,
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SampleView:
    """`status` is what each nightly refresh says; None where nothing refreshes it."""

    name: str
    state: int
    is_stale: bool
    is_auto_refreshed: bool
    status: str | None
    seconds: float


INCREMENTAL = "Refresh successfully updated MV incrementally"
FROM_SCRATCH = "Refresh successfully recomputed MV from scratch"
FAILED = "Refresh failed due to an internal error"
VIEWS = (
    SampleView(
        name="mv_category_sales", state=0, is_stale=False, is_auto_refreshed=False,
        status=FROM_SCRATCH, seconds=94.0,
    ),
    SampleView(
        name="mv_store_traffic", state=104, is_stale=True, is_auto_refreshed=True, status=FAILED,
        seconds=0.6,
    ),
    SampleView(
        name="mv_daily_returns", state=1, is_stale=False, is_auto_refreshed=True,
        status=INCREMENTAL, seconds=38.0,
    ),
)  # fmt: skip
"""The last one is read by nobody."""


def external_detail_rows(history: SampleHistory) -> Iterator[Row]:
    """Every run of the last week that reads the lake."""
    for position, times in enumerate(history.patterns):
        reads = _lake_reads(times)
        if not reads:
            continue
        query_ids, user_ids = history.query_ids_of(position), history.user_ids_of(position)
        for row in _recent(times, history.last_day):
            begins = int(times.started_us[row] + times.queue_us[row] + times.compile_us[row])
            duration = int(times.execution_us[row] * SCAN_SHARE)
            start, end = timestamps(np.array([begins, begins + duration]))
            for segment, read in enumerate(reads):
                yield (
                    user_ids[row], query_ids[row], query_ids[row] + 77, 0, segment, "S3", start,
                    end, duration, read.table.partitions, read.partitions, read.files,
                    round(read.size_mb * 5_800), read.size_mb * 1_000_000,
                    read.table.file_format.title(), read.table.location, "", "",
                    f"{MAIN_DATABASE}.{read.table.full_name}", "f", "f", read.listing_ms, 210,
                )  # fmt: skip


def _lake_reads(times: PatternRunTimes) -> list[LakeRead]:
    plan = times.pattern.plan() if times.pattern.plan else None
    return [node.lake for node in (plan.root.walk() if plan else ()) if node.lake]


def external_table_rows() -> Iterator[Row]:
    for table in LAKE_TABLES:
        properties = f'"numRows":"{table.row_count}",' if table.row_count is not None else ""
        yield (
            MAIN_DATABASE, table.schema, table.name, "TABLE", table.location, table.input_format,
            "", "", "", 0, f'{{{properties}"EXTERNAL":"TRUE"}}',
        )  # fmt: skip


def external_column_rows() -> Iterator[Row]:
    for table in LAKE_TABLES:
        yield (MAIN_DATABASE, table.schema, table.name, "store_id", "int", 1, 0, "")
        yield (MAIN_DATABASE, table.schema, table.name, table.partition_key, "date", 2, 1, "")


def load_rows(history: SampleHistory) -> Iterator[Row]:
    """Every COPY of the last week that ended well."""
    for position, times in enumerate(history.patterns):
        load = LOADS.get(times.pattern.name)
        if load is None:
            continue
        query_ids, user_ids = history.query_ids_of(position), history.user_ids_of(position)
        file_bytes = round(load.files * load.file_mb * 1e6)
        for row in _recent(times, history.last_day):
            duration = int(times.execution_us[row])
            start, end = timestamps(times.started_us[row] + np.array([0, duration]))
            yield (
                user_ids[row], query_ids[row], query_ids[row] + 77, 1_073_801_000, MAIN_DATABASE,
                "completed", load.table_name, start, end, duration, load.location,
                load.file_format, load.rows, file_bytes * 3, load.files, file_bytes, load.files,
                file_bytes, 0, 0,
            )  # fmt: skip


def _recent(times: PatternRunTimes, last_day: date) -> list[int]:
    first_us = day_start_us(last_day - timedelta(days=KEPT_DAYS - 1))
    is_wanted = (times.started_us >= first_us) & (times.status == SUCCESS) & ~times.is_cache_hit
    rows: list[int] = np.flatnonzero(is_wanted).tolist()
    return rows


def view_info_rows() -> Iterator[Row]:
    for view in VIEWS:
        yield (
            MAIN_DATABASE, "mart", "dbt_prod", view.name, "t" if view.is_stale else "f",
            view.state, "t", "t" if view.is_auto_refreshed else "f",
        )  # fmt: skip


def refresh_rows(last_day: date) -> Iterator[Row]:
    first_us = day_start_us(last_day - timedelta(days=KEPT_DAYS - 1)) + int(5.7 * HOUR_US)
    for number, view in enumerate(VIEWS):
        for day in range(KEPT_DAYS):
            start_us = first_us + day * DAY_US + number * 60_000_000
            duration = round(view.seconds * 1e6 * (1 + 0.02 * day))
            start, end = timestamps(start_us + np.array([0, duration]))
            yield (
                1, 1_073_815_659 + number, 15_066 + 10 * day + number, MAIN_DATABASE, "mart",
                203_762 + number, view.name, "Auto" if view.is_auto_refreshed else "Manual",
                view.status, start, end, duration, "", "", "",
            )  # fmt: skip


def queue_rows() -> Iterator[Row]:
    for queue in Queue:
        is_short = queue is Queue.SHORT
        yield (
            queue.service_class, "Query runtime priority", -1, -1, "false", 0, -1, -1, 0,
            queue.title, 0, "false", "false",
            "auto" if queue in SCALING_QUEUES else "off",
            "" if is_short else queue.priority, "false",
        )  # fmt: skip


def rule_rows() -> Iterator[Row]:
    """One rule on what is returned; none on how long a statement may run."""
    yield (
        Queue.DEFAULT.service_class, "large_results", "log", "return_row_count", ">",
        1_000_000.0, "",
    )  # fmt: skip


def slice_rows() -> Iterator[Row]:
    for number in range(SLICES):
        yield (number // 4, number, number % 4, "D")
