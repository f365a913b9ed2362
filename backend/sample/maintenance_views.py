"""Rows of SYS_ANALYZE_HISTORY, SYS_VACUUM_HISTORY and SYS_AUTO_TABLE_OPTIMIZATION.

Redshift analyzes and vacuums by itself each night. What it did not come to is in the tables'
figures too: customer_segments has no statistics since it was rebuilt, payments has old ones, and
nothing has sorted inventory_daily since the backfill.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import numpy as np

from backend.sample.history_views import timestamps
from backend.sample.schedule import DAYS, HOUR_US, day_start_us
from backend.sample.story import (
    INVENTORY_BACKFILLED_DAYS_BEFORE,
    SEGMENTS_REBUILT_DAYS_BEFORE,
)
from backend.sample.warehouse import (
    CUSTOMER_SEGMENTS,
    INVENTORY_DAILY,
    ORDER_LINES,
    ORDERS,
    PAYMENTS,
    SALES,
    SEGMENTS_BEFORE_REBUILD,
    SHIPMENTS,
    SUPPLIERS,
    TABLES,
    WEB_EVENTS,
    SampleTable,
)

ANALYZE_COLUMNS = (
    "user_id", "transaction_id", "database_name", "schema_name", "table_name", "table_id",
    "is_automatic", "status", "start_time", "end_time", "rows", "modified_rows",
    "analyze_threshold_percent", "last_analyze_time",
)  # fmt: skip
VACUUM_COLUMNS = (
    "user_id", "transaction_id", "query_id", "database_name", "schema_name", "table_name",
    "table_id", "vacuum_type", "is_automatic", "status", "start_time", "end_time", "record_time",
    "duration", "rows_before_vacuum", "size_before_vacuum", "reclaimable_rows", "reclaimed_rows",
    "reclaimed_blocks", "sortedrows_before_vacuum", "sortedrows_after_vacuum",
)  # fmt: skip
OPTIMIZATION_COLUMNS = (
    "transaction_id", "session_id", "table_id", "alter_table_type", "status", "event_time",
    "alter_from",
)  # fmt: skip

SYSTEM_USER = 1
FIRST_TRANSACTION = 31_400_000
ANALYZE_THRESHOLD = 10
ROWS_A_SECOND = 60e6
NEVER = "2000-01-01 00:00:00"
PAYMENTS_ANALYZED_DAYS_BEFORE = 24


def analyze_rows(last_day: date) -> Iterator[Sequence[object]]:
    """Each night each table: in full where a good part of it changed, else skipped."""
    transaction = FIRST_TRANSACTION
    for days_before in reversed(range(DAYS)):
        midnight_us = day_start_us(last_day - timedelta(days=days_before))
        for place, table in enumerate(_tables_of(days_before)):
            transaction += 7
            status = _analyze_status(table, place, days_before)
            start_us = midnight_us + int((3.1 + place * 0.06) * HOUR_US)
            seconds = table.rows / ROWS_A_SECOND + 0.4 if status == "Full" else 0.1
            starts, ends = timestamps(np.array([start_us, start_us + int(seconds * 1e6)]))
            modified = round(table.rows * (0.14 if status == "Full" else 0.006))
            yield (
                SYSTEM_USER, transaction, table.database, table.schema, table.name[:30],
                table.table_id, "t", status, starts, ends, table.rows, modified, ANALYZE_THRESHOLD,
                NEVER if days_before == DAYS - 1 else _days_before(last_day, days_before + 1),
            )  # fmt: skip


def _tables_of(days_before: int) -> Iterator[SampleTable]:
    """customer_segments had another id before it was dropped, and is not analyzed since."""
    for table in TABLES:
        if table is not CUSTOMER_SEGMENTS:
            yield table
        elif days_before > SEGMENTS_REBUILT_DAYS_BEFORE:
            yield SEGMENTS_BEFORE_REBUILD


def _analyze_status(table: SampleTable, place: int, days_before: int) -> str:
    if table is PAYMENTS:
        is_due = days_before == PAYMENTS_ANALYZED_DAYS_BEFORE
    else:
        is_due = (days_before + place) % 6 == 0
    return "Full" if is_due else "Skipped"


VACUUMED = (ORDERS, ORDER_LINES, SALES, SHIPMENTS, WEB_EVENTS, INVENTORY_DAILY)


def vacuum_rows(last_day: date) -> Iterator[Sequence[object]]:
    """Every third night; inventory_daily was too much to sort once the backfill was in it."""
    transaction = FIRST_TRANSACTION + 3
    for days_before in reversed(range(0, DAYS, 3)):
        midnight_us = day_start_us(last_day - timedelta(days=days_before))
        for place, table in enumerate(VACUUMED):
            transaction += 11
            is_late = days_before <= INVENTORY_BACKFILLED_DAYS_BEFORE
            status = "Skipped" if table is INVENTORY_DAILY and is_late else "Complete"
            start_us = midnight_us + int((4.6 + place * 0.1) * HOUR_US)
            duration_us = int(40e6 + place * 9e6)
            starts, ends = timestamps(np.array([start_us, start_us + duration_us]))
            sorted_rows = round(table.rows * 0.97)
            yield (
                SYSTEM_USER, transaction, "", table.database, table.schema, table.name,
                table.table_id, "Sort", "true", status, starts, ends, ends, duration_us,
                table.rows, table.size_mb, 0, 0, 0, sorted_rows,
                sorted_rows if status == "Skipped" else table.rows,
            )  # fmt: skip


def optimization_rows(last_day: date) -> Iterator[Sequence[object]]:
    """What Redshift itself decided for the one table that is left to it, long before."""
    for minute, (status, before) in enumerate((("Start", ""), ("Complete", "SORTKEY: None;"))):
        at_us = day_start_us(last_day - timedelta(days=22)) + 5 * HOUR_US + minute * 60_000_000
        yield (
            FIRST_TRANSACTION, 1_073_800_001, SUPPLIERS.table_id, "sortkey", status,
            timestamps(np.array([at_us]))[0], before,
        )  # fmt: skip


def _days_before(last_day: date, days: int) -> str:
    return f"{last_day - timedelta(days=days)} 03:30:00"
