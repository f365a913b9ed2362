"""Rows of SVV_TABLE_INFO, SVV_REDSHIFT_COLUMNS and SVV_ALTER_TABLE_RECOMMENDATIONS."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from backend.sample.history_views import timestamps
from backend.sample.story import segments_rebuilt_us
from backend.sample.warehouse import ADVICE, CUSTOMER_SEGMENTS, TABLES, SampleTable

TABLE_COLUMNS = (
    "database", "schema", "table_id", "table", "encoded", "diststyle", "sortkey1", "max_varchar",
    "sortkey1_enc", "sortkey_num", "size", "pct_used", "empty", "unsorted", "stats_off",
    "tbl_rows", "skew_sortkey1", "skew_rows", "estimated_visible_rows", "risk_event",
    "vacuum_sort_benefit", "create_time",
)  # fmt: skip
COLUMN_COLUMNS = (
    "database_name", "schema_name", "table_name", "column_name", "ordinal_position", "data_type",
    "column_default", "is_nullable", "encoding", "distkey", "sortkey", "column_acl", "remarks",
)  # fmt: skip
ADVISOR_COLUMNS = ("type", "database", "table_id", "group_id", "ddl", "auto_eligible")

CLUSTER_BLOCKS = 4 * 32_000_000
"""Four nodes' storage in 1 MB blocks."""


def table_rows(last_day: date) -> Iterator[Sequence[object]]:
    rebuilt_at = timestamps(np.array([segments_rebuilt_us(last_day)]))[0]
    for table in TABLES:
        yield (
            table.database, table.schema, table.table_id, table.name, "Y, AUTO(ENCODE)",
            table.diststyle, table.sort_keys[0] if table.sort_keys else "", table.max_varchar,
            "none" if table.sort_keys else "", len(table.sort_keys), table.size_mb,
            f"{100 * table.size_mb / CLUSTER_BLOCKS:.4f}", 0,
            f"{table.unsorted_percent:.2f}" if table.sort_keys else "",
            f"{table.stats_off_percent:.2f}", table.rows, "1.00" if table.sort_keys else "",
            "" if table.diststyle.endswith(("ALL", "ALL)")) else f"{table.skew_rows:.2f}",
            _visible_rows(table), "",
            f"{table.vacuum_sort_benefit_percent:.2f}" if table.sort_keys else "",
            rebuilt_at if table is CUSTOMER_SEGMENTS else "2025-02-11 06:14:09",
        )  # fmt: skip


def column_rows() -> Iterator[Sequence[object]]:
    for table in TABLES:
        for position, column in enumerate(table.columns(), start=1):
            yield (
                table.database, table.schema, table.name, column.name, position, column.data_type,
                "", "NO" if position == 1 else "YES", column.encoding,
                str(column.is_distribution_key).lower(), column.sort_key_position, "", "",
            )  # fmt: skip


def advisor_rows() -> Iterator[Sequence[object]]:
    for group, (table, kind, ddl) in enumerate(ADVICE):
        yield (kind, table.database, table.table_id, group, ddl, "f" if kind == "encode" else "t")


def _visible_rows(table: SampleTable) -> int:
    return round(table.rows * (1 - table.deleted_share))
