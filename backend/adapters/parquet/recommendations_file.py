"""Recommendations as a Parquet file, a row group at a time."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from backend.services.records import RecommendationRecord

ROWS_A_GROUP = 10_000
TEXT_LIST = pa.list_(pa.string())
MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("recommendation_id", pa.string()),
        ("query_hash", pa.string()),
        ("reviewer", pa.string()),
        ("category", pa.string()),
        ("severity", pa.string()),
        ("bucket", pa.string()),
        ("title", pa.string()),
        ("rationale", pa.string()),
        ("fact_ids", TEXT_LIST),
        ("check", pa.string()),
        ("subject", pa.string()),
        ("action", pa.string()),
        ("action_sql", pa.string()),
        ("claimed_saving_seconds", pa.float64()),
        ("ceiling_seconds", pa.float64()),
        ("window_days", pa.float64()),
        ("verdict", pa.string()),
        ("claimed_saving_usd", pa.float64()),
        ("prices_as_of", pa.date32()),
        ("rewrite_sql", pa.string()),
        ("rewrite_preconditions", TEXT_LIST),
        ("changes_result", pa.bool_()),
        ("state", pa.string()),
        ("is_still_raised", pa.bool_()),
        ("raised_first", MOMENT),
        ("raised_last", MOMENT),
        ("snoozed_until", pa.date32()),
        ("version", pa.int64()),
        ("across_patterns", pa.string()),
        ("across_patterns_reason", pa.string()),
    ]
)
# The records have times as text; Arrow reads them.
AS_RECORDED = pa.schema(
    [
        field.with_type(pa.string()) if pa.types.is_temporal(field.type) else field
        for field in SCHEMA
    ]
)


def write_recommendations(records: Iterable[RecommendationRecord], path: Path) -> None:
    """Memory for one group only; no records give a file without rows."""
    remaining = iter(records)
    with parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while group := list(islice(remaining, ROWS_A_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema=AS_RECORDED).cast(SCHEMA))
