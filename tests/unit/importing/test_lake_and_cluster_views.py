"""The views on the data lake, loads, materialized views, queues and Serverless, from file to store."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.cluster_use import HourUse, MonitoringRule, PatternQueue, Queue, ServerlessHour
from backend.domain.evidence import Evidence
from backend.domain.lake import LakeDay, LakeScan, LakeTable
from backend.domain.loads import LoadDay
from backend.domain.materialized_view import MaterializedView, Refreshes
from tests.unit.importing.exports import ENDINGS, a_history_row, write_rows
from tests.unit.importing.test_import_view_export import (
    detail_rows,
    everything_in,
    patterns_in,
    run_import,
)

HOUR = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = HOUR.date()
SEARCH = "select count(*) from lake.clicks where visitor = {}"
COPY = "copy staging.clicks from 's3://secret-bucket/{}' iam_role default csv gzip"
DEFINITION = (
    "create materialized view mart.daily as select day, sum(amount) from sales.orders group by 1"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteHistory]:
    history = open_sqlite_history(tmp_path / "history.sqlite3")
    yield history
    history.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    return path


def a_lake_row(query_id: int = 1, **changes: Any) -> dict[str, Any]:
    row = {
        "query_id": str(query_id),
        "start_time": "2026-03-02 09:00:01",
        "segment_id": "3",
        "source_type": "S3",
        "table_name": "lake.clicks",
        "file_format": "Text",
        "file_location": "s3://secret-bucket/clicks/",
        "duration": "2500000",
        "total_partitions": "400",
        "qualified_partitions": "380",
        "scanned_files": "90",
        "returned_rows": "1000",
        "returned_bytes": "2000000",
        "s3list_time": "1500",
        "warning_message": "no such key 's3://secret-bucket/x'",
    }
    return row | changes


def a_load_row(query_id: int, **changes: Any) -> dict[str, Any]:
    row = {
        "query_id": str(query_id),
        "start_time": "2026-03-02 09:00:01",
        "table_name": "staging.clicks",
        "data_source": "s3://secret-bucket/clicks/",
        "file_format": "csv",
        "duration": "4000000",
        "loaded_rows": "500",
        "source_file_count": "7",
        "source_file_bytes": "700",
        "file_count_scanned": "9",
        "file_bytes_scanned": "900",
        "error_count": "2",
    }
    return row | changes


def write_lake(folder: Path, ending: str = "csv") -> None:
    runs = [
        a_history_row(1, query_text=SEARCH.format(1), elapsed_time="3000000"),
        a_history_row(2, query_text=SEARCH.format(2), elapsed_time="9000000"),
        a_history_row(3, query_text=SEARCH.format(3), elapsed_time="99000000", status="failed"),
    ]
    scans = [
        a_lake_row(1),
        a_lake_row(2, segment_id="4"),
        a_lake_row(2, segment_id="2", table_name="lake.shops", returned_bytes="500"),
        a_lake_row(2, segment_id="6", source_type="Postgres", table_name="live.orders"),
        a_lake_row(3),
        a_lake_row(77),
    ]
    write_rows(folder / f"sys_query_history.{ending}", runs)
    write_rows(folder / f"sys_external_query_detail.{ending}", scans)
    errors = [{"query_id": number, "file_location": "s3://secret-bucket/y"} for number in "2281"]
    write_rows(folder / f"sys_external_query_error.{ending}", errors)


def evidence_of_first(store: SqliteHistory) -> Evidence:
    found = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert found is not None
    return found


@pytest.mark.parametrize("ending", ENDINGS)
def test_external_scans_are_those_of_the_slowest_run_that_ended_well(
    folder: Path, store: SqliteHistory, ending: str
) -> None:
    write_lake(folder, ending)

    report = run_import(folder, store)

    lake = evidence_of_first(store).lake
    assert report.problems == ()
    assert lake is not None
    assert (lake.query_id, lake.elapsed_seconds, lake.bad_rows) == (2, 9.0, 2)
    assert [(scan.segment_id, scan.table_name) for scan in lake.scans] == [
        (2, "lake.shops"),
        (4, "lake.clicks"),
        (6, "live.orders"),
    ]
    warning = lake.scans[1].warning
    assert warning is not None
    assert "secret" not in warning
    assert lake.scans[1] == LakeScan(
        table_name="lake.clicks",
        segment_id=4,
        duration_seconds=2.5,
        total_partitions=400,
        qualified_partitions=380,
        scanned_files=90,
        scanned_rows=1000,
        scanned_bytes=2_000_000,
        file_format="Text",
        listing_seconds=1.5,
        warning=warning,
    )


def test_bytes_of_the_lake_are_added_up_by_day_without_federated_queries(
    folder: Path, store: SqliteHistory
) -> None:
    write_lake(folder)

    run_import(folder, store)

    clicks = LakeDay(
        day=DAY,
        table_name="lake.clicks",
        runs=2,
        scanned_bytes=4_000_000,
        scanned_files=180,
        seconds=5.0,
    )
    shops = LakeDay(
        day=DAY, table_name="lake.shops", runs=1, scanned_bytes=500, scanned_files=90, seconds=2.5
    )
    assert evidence_of_first(store).lake_days == (clicks, shops)


def test_an_export_of_earlier_days_adds_to_the_days_of_the_lake(
    folder: Path, store: SqliteHistory
) -> None:
    write_lake(folder)
    run_import(folder, store)
    earlier = {"start_time": "2026-03-01 07:00:00"}
    write_rows(
        folder / "sys_query_history.csv", [a_history_row(9, query_text=SEARCH.format(9)) | earlier]
    )
    write_rows(folder / "sys_external_query_detail.csv", [a_lake_row(9, **earlier)])

    run_import(folder, store, now=HOUR + timedelta(days=9))

    days = evidence_of_first(store).lake_days
    assert [(one.day.day, one.runs) for one in days] == [(1, 1), (2, 2), (2, 1)]


def write_loads(folder: Path) -> None:
    runs = [a_history_row(n, query_text=COPY.format(n), query_type="COPY") for n in (1, 2, 3)]
    write_rows(folder / "sys_query_history.csv", runs)
    write_rows(
        folder / "sys_load_history.csv",
        [
            a_load_row(1),
            a_load_row(2, source_file_count="5", source_file_bytes="-1"),
            a_load_row(3, source_file_count="", source_file_bytes=""),
        ],
    )


def test_copies_are_added_up_by_day_with_how_many_files_they_read(
    folder: Path, store: SqliteHistory
) -> None:
    write_loads(folder)

    run_import(folder, store)

    assert evidence_of_first(store).load_days == (
        LoadDay(
            day=DAY,
            table_name="staging.clicks",
            file_format="csv",
            copies=3,
            files=7 + 5 + 9,
            file_bytes=700 + 900 + 900,
            loaded_rows=1500,
            seconds=12.0,
            errors=6,
            file_counts=((5, 1), (7, 1), (9, 1)),
        ),
    )


def test_no_path_of_a_file_reaches_the_store(folder: Path, tmp_path: Path) -> None:
    write_lake(folder)
    store = open_sqlite_history(tmp_path / "lake.sqlite3")
    run_import(folder, store)
    write_loads(folder)
    write_external_tables(folder)
    run_import(folder, store)
    store.close()

    kept = b"".join(path.read_bytes() for path in tmp_path.glob("lake.sqlite3*"))
    assert b"lake.clicks" in kept
    assert b"secret" not in kept


def write_external_tables(folder: Path) -> None:
    table = {
        "redshift_database_name": "shop",
        "schemaname": "lake",
        "tablename": "clicks",
        "location": "s3://secret-bucket/clicks",
        "input_format": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "serialization_lib": "",
        "parameters": '{"classification":"parquet","numRows":"172000","path":"s3://secret"}',
    }
    text = table | {
        "tablename": "shops",
        "input_format": "org.apache.hadoop.mapred.TextInputFormat",
        "serialization_lib": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
        "parameters": "{'numRows':'-1'}",
    }
    write_rows(folder / "svv_external_tables.csv", [table, text])
    column = {"redshift_database_name": "shop", "schemaname": "lake", "tablename": "clicks"}
    write_rows(
        folder / "svv_external_columns.csv",
        [
            column | {"columnname": "hour", "part_key": "2"},
            column | {"columnname": "day", "part_key": "1"},
            column | {"columnname": "visitor", "part_key": "0"},
            column | {"tablename": "visits", "columnname": "month", "part_key": "1"},
        ],
    )


def test_external_tables_have_format_row_count_and_partition_keys(
    folder: Path, store: SqliteHistory
) -> None:
    write_lake(folder)
    write_external_tables(folder)

    run_import(folder, store)

    known = {"database_name": "shop", "schema_name": "lake"}
    assert list(store.lake_tables(["lake.clicks", "lake.shops", "lake.visits"])) == [
        LakeTable(
            **known,
            table_name="clicks",
            file_format="Parquet",
            row_count=172_000,
            partition_keys=("day", "hour"),
        ),
        LakeTable(**known, table_name="shops", file_format="CSV"),
        LakeTable(**known, table_name="visits", partition_keys=("month",)),
    ]


REFRESHED = "Refresh successfully updated MV incrementally"
RECOMPUTED = "Refresh successfully recomputed MV from scratch"


def write_views(folder: Path) -> None:
    write_rows(folder / "sys_query_history.csv", [a_history_row(1, query_text=DEFINITION)])
    view = {"database_name": "shop", "schema_name": "mart", "name": "daily", "state": "1"}
    view |= {"is_stale": "u", "autorewrite": "t", "autorefresh": "f", "owner_user_name": "ana"}
    write_rows(
        folder / "svv_mv_info.csv", [view, view | {"name": "old", "state": "103", "is_stale": "t"}]
    )
    names = {"database_name": "shop", "schema_name": "mart", "mv_name": "daily"}
    at = "2026-03-0{} 05:00:00"
    write_rows(
        folder / "sys_mv_refresh_history.csv",
        [
            names | {"status": status, "start_time": at.format(day), "duration": seconds}
            for day, status, seconds in (
                (1, RECOMPUTED, "60000000"),
                (2, REFRESHED, "2000000"),
                (3, "MV was already updated", "10000"),
                (4, "Refresh failed: s3://secret", "5000000"),
            )
        ],
    )


def test_views_come_with_their_refreshes_and_the_tables_of_their_definition(
    folder: Path, store: SqliteHistory
) -> None:
    write_views(folder)

    run_import(folder, store)

    daily, old = store.materialized_views()
    assert daily == MaterializedView(
        database_name="shop",
        schema_name="mart",
        name="daily",
        state=1,
        is_rewrite_enabled=True,
        base_tables=("sales.orders",),
        refreshes=Refreshes(
            incremental=1,
            full=1,
            unchanged=1,
            failed=1,
            incremental_seconds=2.0,
            full_seconds=60.0,
            last_at=datetime(2026, 3, 3, 5, tzinfo=UTC),
        ),
    )
    assert (old.is_broken, old.is_stale, old.refreshes) == (True, True, Refreshes())


def test_a_refresh_that_two_exports_hold_counts_once(folder: Path, store: SqliteHistory) -> None:
    write_views(folder)
    shutil.copy(folder / "sys_mv_refresh_history.csv", folder / "sys_mv_refresh_history_2.csv")

    run_import(folder, store)

    assert store.materialized_views()[0].refreshes.incremental == 1


def write_queues(folder: Path) -> None:
    write_rows(folder / "sys_query_history.csv", [a_history_row(1)])
    queue = {"service_class": "6", "name": "etl queue", "num_query_tasks": "5"}
    queue |= {"concurrency_scaling": "auto", "query_priority": "Normal "}
    write_rows(
        folder / "stv_wlm_service_class_config.csv",
        [
            queue,
            queue
            | {"service_class": "100", "name": "Default queue", "num_query_tasks": "-1"}
            | {"concurrency_scaling": "off"},
            queue | {"service_class": "5", "name": "Superuser"},
        ],
    )
    rule = {"service_class": "100", "rule_name": "too long", "action": "log"}
    rule |= {"metric_name": "query_execution_time", "metric_operator": ">", "metric_value": "900"}
    write_rows(folder / "stv_wlm_qmr_config.csv", [rule])
    slices = [{"node": str(n // 2), "slice": str(n), "type": "D"} for n in range(4)]
    write_rows(
        folder / "stv_slices.csv", [*slices, {"node": "2", "slice": "6411", "type": "compute"}]
    )


def test_queues_have_their_rules_and_only_those_of_users_are_kept(
    folder: Path, store: SqliteHistory
) -> None:
    write_queues(folder)

    run_import(folder, store)

    etl, default = store.queues()
    assert etl == Queue(
        service_class=6,
        name="etl queue",
        slots=5,
        priority="normal",
        has_concurrency_scaling=True,
    )
    rule = MonitoringRule(
        rule_name="too long",
        action="log",
        metric_name="query_execution_time",
        metric_operator=">",
        metric_value=900.0,
    )
    assert default == Queue(
        service_class=100, name="Default queue", slots=None, priority="normal", rules=(rule,)
    )
    assert store.slice_count() == 4


def test_minutes_of_serverless_become_hours(folder: Path, store: SqliteHistory) -> None:
    write_rows(folder / "sys_query_history.csv", [a_history_row(1)])
    minute = {"end_time": "", "cross_region_transferred_data": "0"}
    minutes = [
        minute
        | {"start_time": f"2026-03-02 09:{number:02}:00", "compute_seconds": str(used)}
        | {"compute_capacity": str(capacity), "charged_seconds": str(charged)}
        for number, used, capacity, charged in (
            (0, 480.5, 8, 480),
            (1, 10, 16, 960),
            (2, 0, 0, 0),
        )
    ]
    write_rows(folder / "sys_serverless_usage.csv", [*minutes, minutes[1]])

    run_import(folder, store)

    assert list(store.serverless_hours(DAY, DAY)) == [
        ServerlessHour(
            hour=HOUR,
            minutes=3,
            compute_seconds=490.5,
            charged_seconds=1440.0,
            charged_minutes=2,
            capacities=((8.0, 1), (16.0, 1)),
        )
    ]


def a_queued_row(query_id: int, **changes: Any) -> dict[str, Any]:
    row = a_history_row(
        query_id,
        elapsed_time="10000000",
        queue_time="4000000",
        lock_wait_time="1000000",
        execution_time="5000000",
        service_class_id="100",
        service_class_name="Default queue",
        query_priority="Normal",
        compute_type="primary",
        short_query_accelerated="false",
    )
    return row | changes


def write_hour(folder: Path) -> None:
    later = "2026-03-02 10:30:00"
    write_rows(
        folder / "sys_query_history.csv",
        [
            a_queued_row(1),
            a_queued_row(2, compute_type="secondary", queue_time="0"),
            a_queued_row(3, query_type="COPY", query_text=COPY.format(1)),
            a_queued_row(4, service_class_id="14", short_query_accelerated="true"),
            a_queued_row(5, service_class_id="no number", start_time=later),
            a_queued_row(6, result_cache_hit="true"),
        ],
    )
    step = dict(detail_rows(1)[1]) | {"spilled_block_local_disk": "0"}
    step |= {"spilled_block_remote_disk": "0"}
    insert = step | {"step_name": "insert", "output_rows": "100", "query_id": "2"}
    spill = step | {"spilled_block_remote_disk": "1", "metrics_level": "segment", "query_id": "3"}
    large = insert | {"output_rows": "101", "query_id": "4"}
    write_rows(folder / "sys_query_detail.csv", [step, insert, insert, spill, large])


def an_hour(**changes: Any) -> HourUse:
    known: dict[str, Any] = {
        "hour": HOUR,
        "service_class": 100,
        "queue_name": "Default queue",
        "priority": "normal",
        "runs": 1,
        "queued_runs": 1,
        "elapsed_seconds": 10.0,
        "queue_seconds": 4.0,
        "lock_wait_seconds": 1.0,
        "execution_seconds": 5.0,
        "short_queued_runs": 1,
        "short_queue_seconds": 4.0,
    }
    return HourUse(**known | changes)


def by_queue(uses: Sequence[HourUse]) -> list[HourUse]:
    return sorted(uses, key=lambda use: (use.hour, use.service_class or 0))


def test_runs_are_counted_by_hour_and_queue(folder: Path, store: SqliteHistory) -> None:
    write_hour(folder)

    report = run_import(folder, store)

    assert report.new_runs == 6
    assert by_queue(store.hours(DAY, DAY)) == [
        an_hour(service_class=14, short_accelerated_runs=1),
        an_hour(
            runs=3,
            queued_runs=2,
            elapsed_seconds=30.0,
            queue_seconds=8.0,
            lock_wait_seconds=3.0,
            execution_seconds=15.0,
            scaled_runs=1,
            scaled_seconds=5.0,
            copy_runs=1,
            small_inserts=1,
            spilling_runs=1,
        ),
        an_hour(hour=HOUR + timedelta(hours=1), service_class=None),
    ]
    assert store.table_scans() == {"shop.sales.orders": datetime(2026, 3, 2, tzinfo=UTC)}


def test_a_pattern_is_of_the_queue_that_most_of_its_runs_went_through(
    folder: Path, store: SqliteHistory
) -> None:
    write_hour(folder)

    run_import(folder, store)

    [of_select] = [
        row.pattern.query_hash for row in patterns_in(store) if row.pattern.query_type == "SELECT"
    ]
    assert store.pattern_queues([of_select]) == {
        of_select: PatternQueue(
            query_hash=of_select, service_class=100, queue_name="Default queue", runs=2
        )
    }


def test_a_run_that_two_files_hold_counts_once_in_its_hour(
    folder: Path, store: SqliteHistory
) -> None:
    write_hour(folder)
    run_import(folder, store)
    before = by_queue(store.hours(DAY, DAY))
    shutil.copy(folder / "sys_query_history.csv", folder / "sys_query_history_20260303.csv")

    run_import(folder, store)

    assert by_queue(store.hours(DAY, DAY)) == before


def test_of_two_exports_of_an_hour_the_fuller_one_counts(
    folder: Path, store: SqliteHistory
) -> None:
    write_hour(folder)
    run_import(folder, store)
    before = by_queue(store.hours(DAY, DAY))
    write_rows(folder / "sys_query_history.csv", [a_queued_row(1)])

    run_import(folder, store)

    assert by_queue(store.hours(DAY, DAY)) == before


def test_importing_all_views_twice_changes_nothing(folder: Path, store: SqliteHistory) -> None:
    write_views(folder)
    write_queues(folder)
    write_external_tables(folder)
    write_hour(folder)
    write_rows(folder / "sys_external_query_detail.csv", [a_lake_row(1)])
    write_rows(folder / "sys_load_history.csv", [a_load_row(3)])
    run_import(folder, store)
    before = (everything_in(store), cluster_in(store))

    run_import(folder, store, now=HOUR + timedelta(days=9))

    assert (everything_in(store), cluster_in(store)) == before


def cluster_in(store: SqliteHistory) -> object:
    return (
        store.materialized_views(),
        store.queues(),
        store.slice_count(),
        store.hours(DAY, DAY),
        store.lake_tables(["lake.clicks"]),
        store.table_scans(),
        store.pattern_queues([row.pattern.query_hash for row in patterns_in(store)]),
    )


def test_an_export_without_these_views_leaves_what_was_known(
    folder: Path, store: SqliteHistory
) -> None:
    write_views(folder)
    write_queues(folder)
    run_import(folder, store)
    before = cluster_in(store)
    for path in folder.iterdir():
        if path.name != "sys_query_history.csv":
            path.unlink()

    report = run_import(folder, store)

    assert report.problems == ()
    assert cluster_in(store) == before


BAD_FILES = {
    "sys_external_query_detail": "query_id\nx\n",
    "sys_external_query_error": "query_id\nx\n",
    "svv_external_tables": "tablename\nclicks\n",
    "svv_external_columns": "schemaname,tablename,columnname,part_key\nlake,clicks,day,one\n",
    "sys_load_history": "query_id,loaded_rows\n1,many\n",
    "svv_mv_info": "schema_name,name,state\nmart,daily,ok\n",
    "sys_mv_refresh_history": "schema_name,mv_name,start_time\nmart,daily,today\n",
    "sys_serverless_usage": "start_time\nnoon\n",
    "stv_wlm_service_class_config": "service_class\nmain\n",
    "stv_wlm_qmr_config": "service_class,metric_name,metric_value\n100,rows,few\n",
    "stv_slices": "slice\nfirst\n",
}


@pytest.mark.parametrize("view", BAD_FILES)
def test_a_bad_row_of_any_view_is_named_and_costs_no_run(
    folder: Path, store: SqliteHistory, view: str
) -> None:
    write_rows(folder / "sys_query_history.csv", [a_history_row(1)])
    (folder / f"{view}.csv").write_text(BAD_FILES[view], encoding="utf-8")

    report = run_import(folder, store)

    assert report.new_runs == 1
    assert [problem.file_name for problem in report.problems] == [f"{view}.csv"]


def test_days_of_the_lake_are_of_the_day_of_the_run(folder: Path, store: SqliteHistory) -> None:
    """A scan may begin behind midnight; it belongs to its run."""
    at_midnight = {"start_time": "2026-03-02 23:59:59"}
    write_rows(
        folder / "sys_query_history.csv",
        [a_history_row(1, query_text=SEARCH.format(1)) | at_midnight],
    )
    write_rows(
        folder / "sys_external_query_detail.csv", [a_lake_row(1, start_time="2026-03-03 00:00:02")]
    )

    run_import(folder, store)

    assert [one.day for one in evidence_of_first(store).lake_days] == [date(2026, 3, 2)]
