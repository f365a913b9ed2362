"""One readable sentence for each fact from outside of plan and steps."""

from datetime import UTC, date, datetime

import pytest

from backend.domain.case_file import (
    LakeErrorsFact,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
    SlicesFact,
)
from backend.domain.lake import LakeScan, LakeTable
from backend.domain.loads import Load
from backend.domain.materialized_view import MaterializedView, Refreshes
from backend.domain.money import Cost
from workbench.presenters.outside_facts import outside_sentence

TABLE = {"database_name": "shop", "schema_name": "lake", "table_name": "clicks"}
VIEW = {"database_name": "shop", "schema_name": "mart", "name": "daily"}


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (
            LakeScanFact(
                fact_id="F1",
                scan=LakeScan(
                    table_name="lake.clicks",
                    segment_id=3,
                    file_format="Text",
                    duration_seconds=90.0,
                    total_partitions=400,
                    qualified_partitions=380,
                    scanned_files=20_000,
                    scanned_rows=5_000_000,
                    scanned_bytes=12_000_000_000,
                    listing_seconds=8.0,
                    warning="no such key",
                ),
            ),
            "segment 3: lake.clicks, Text, 12.0 GB and 5,000,000 rows of 20,000 files in 90.0 s,"
            " 380 of 400 partitions, 8.0 s to list the files; warning: no such key",
        ),
        (
            LakeScanFact(fact_id="F1", scan=LakeScan(table_name="", scanned_bytes=5_000)),
            "segment 0: an external table, 5 kB and 0 rows of 0 files in 0 s",
        ),
        (
            LakeErrorsFact(fact_id="F1", bad_rows=1),
            "1 row of the run could not be read as declared",
        ),
        (
            LakeUseFact(
                fact_id="F1",
                table_name="lake.clicks",
                runs=2,
                days=1,
                scanned_bytes=3_000_000_000_000,
                scanned_files=9,
                seconds=60.0,
                cost=Cost(dollars=15.0, prices_as_of=date(2026, 11, 1)),
            ),
            "lake.clicks: 2 recorded runs on 1 day read 3.0 TB in 9 files, 60.0 s; Spectrum"
            " charges $15.00 for it (prices of 1 Nov 2026)",
        ),
        (
            LakeTableFact(
                fact_id="F1", table=LakeTable(**TABLE, file_format="CSV", partition_keys=("day",))
            ),
            "lake.clicks, CSV, numRows not set, partitioned by day",
        ),
        (
            LakeTableFact(fact_id="F1", table=LakeTable(**TABLE, row_count=1_000)),
            "lake.clicks, format not told, numRows 1,000, no partition key known",
        ),
        (
            LoadFact(
                fact_id="F1",
                load=Load(
                    table_name="stg.orders",
                    file_format="csv",
                    days=7,
                    copies=1,
                    files=3,
                    file_bytes=930_000_000,
                    loaded_rows=2_000,
                    seconds=30.0,
                    errors=4,
                ),
            ),
            "stg.orders: 1 copy on 7 days, csv, 3 files of 310 MB on average, 2,000 rows, 30.0 s,"
            " 4 errors",
        ),
        (
            MaterializedViewFact(
                fact_id="F1",
                role="same_tables",
                view=MaterializedView(
                    **VIEW,
                    state=0,
                    is_stale=True,
                    is_rewrite_enabled=True,
                    refreshes=Refreshes(
                        full=2, full_seconds=60.0, last_at=datetime(2026, 3, 2, 5, tzinfo=UTC)
                    ),
                ),
            ),
            "mart.daily, stale, recomputed in full at each refresh, automatic refresh off, used"
            " for rewrites, 2 full refreshes (60.0 s), 0 incremental (0 s), 0 failed, last"
            " refresh 2 Mar 2026, 05:00 UTC; built on the same tables as the statement",
        ),
        (
            MaterializedViewFact(
                fact_id="F1",
                role="read",
                view=MaterializedView(**VIEW, state=103, is_auto_refreshed=True),
            ),
            "mart.daily, staleness unknown, cannot be refreshed: a base table was renamed,"
            " automatic refresh on, not used for rewrites; read by the statement",
        ),
        (SlicesFact(fact_id="F1", slices=16), "16 slices of the cluster hold data"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_fact_is_a_sentence(fact, sentence):
    assert outside_sentence(fact) == sentence
