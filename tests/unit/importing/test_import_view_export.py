import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.errors import BadExportError
from backend.domain.pattern import PatternFilter, RankedPattern
from backend.services.import_report import NAMED_ROWS
from backend.services.import_view_export import (
    ImportProgress,
    ImportReport,
    import_view_export,
)
from tests.unit.importing.exports import A_START, Row, a_history_row, write_rows

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
BY_CUSTOMER = "select sum(amount) from sales.orders where customer_id = {}"
BY_REGION = "select region, count(*) from sales.customers group by region limit {}"


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


def run_import(folder: Path, store: SqliteHistory, **options: Any) -> ImportReport:
    return import_view_export(open_export_folder(folder), store=store, **({"now": NOW} | options))


def patterns_in(store: SqliteHistory) -> list[RankedPattern]:
    return list(store.rank_patterns(PatternFilter(), limit=100).rows)


def everything_in(store: SqliteHistory) -> object:
    """All that an import may change, apart from the notes."""
    rows = patterns_in(store)
    return (
        rows,
        [store.pattern_days(row.pattern.query_hash) for row in rows],
        [store.evidence(row.pattern.query_hash) for row in rows],
        store.tables(["sales.orders", "sales.customers", "sales.empty_one"]),
        store.advisor_rows(["sales.orders"]),
    )


def write_whole_export(folder: Path) -> None:
    """Two patterns; the first has a plan and steps, of its slowest runs and of others."""
    write_rows(
        folder / "sys_query_history.csv",
        [
            a_history_row(1, query_text=BY_CUSTOMER.format(1), elapsed_time="2000000"),
            a_history_row(2, query_text=BY_CUSTOMER.format(2), elapsed_time="9000000"),
            a_history_row(3, query_text=BY_CUSTOMER.format(3), elapsed_time="5000000"),
            a_history_row(4, query_text=BY_CUSTOMER.format(4), status="failed")
            | {"elapsed_time": "99000000"},
            a_history_row(5, query_text=BY_REGION.format(5), query_label="ana@example.com"),
        ],
    )
    write_rows(folder / "sys_query_detail.csv.gz", detail_rows(1) + detail_rows(3) + detail_rows(4))
    write_rows(folder / "sys_query_explain.csv", plan_rows(3) + plan_rows(2))
    write_rows(
        folder / "svv_table_info.csv",
        [
            {"database": "shop", "schema": "sales", "table": "orders", "table_id": "77"}
            | {"tbl_rows": "12000000", "unsorted": "33.25", "stats_off": "", "size": "800"}
        ],
    )
    column = {"database_name": "shop", "schema_name": "sales", "data_type": "integer"}
    column |= {"is_nullable": "NO", "distkey": "true", "sortkey": "1"}
    write_rows(
        folder / "svv_redshift_columns.csv",
        [
            column | {"table_name": "orders", "column_name": "order_id", "ordinal_position": "2"},
            column | {"table_name": "orders", "column_name": "amount", "ordinal_position": "1"},
            column | {"table_name": "empty_one", "column_name": "id", "ordinal_position": "1"},
        ],
    )
    write_rows(
        folder / "svv_alter_table_recommendations.csv",
        [
            {"type": "diststyle", "database": "shop", "table_id": "77", "group_id": "3"}
            | {"ddl": 'ALTER TABLE "sales"."orders" ALTER DISTSTYLE EVEN', "auto_eligible": "t"}
        ],
    )


def detail_rows(query_id: int) -> list[Row]:
    segment = {
        "query_id": str(query_id),
        "child_query_sequence": "1",
        "stream_id": "0",
        "segment_id": "2",
        "step_id": "-1",
        "step_name": "",
        "duration": "1500000",
        "table_name": "",
        "is_rrscan": "f",
        "alert": "",
        "source": "",
        "input_rows": "0",
        "output_rows": "0",
        "blocks_read": "640",
        "time_skewness": "12",
        "data_skewness": "0",
        "spilled_block_local_disk": "30",
        "spilled_block_remote_disk": "4",
        "metrics_level": "segment ",
        "plan_node_id": "",
    }
    step = segment | {
        "step_id": "0",
        "step_name": "scan",
        "table_name": "shop.sales.orders",
        "is_rrscan": "t",
        "alert": "Missing query planner statistics",
        "input_rows": "1000",
        "output_rows": "10",
        "blocks_read": "0",
        "data_skewness": "55",
        "metrics_level": "step",
        "plan_node_id": "2",
    }
    whole = segment | {"segment_id": "-1", "stream_id": "-1", "metrics_level": "child query"}
    return [whole, step, segment]


def plan_rows(query_id: int) -> list[Row]:
    nodes = [
        ("1", "0", "XN Aggregate  (cost=2.00..2.00 rows=1 width=8)", ""),
        (
            "2",
            "1",
            "  ->  XN Seq Scan on orders  (cost=0.00..1.00 rows=5 width=8)",
            "Filter: (a = 7)",
        ),
    ]
    return [
        {"query_id": str(query_id), "child_query_sequence": "1", "plan_node_id": node}
        | {"plan_parent_id": parent, "plan_node": text, "plan_info": info}
        for node, parent, text, info in nodes
    ]


def test_runs_of_one_shape_become_one_pattern(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)

    report = run_import(folder, store)

    by_customer, by_region = patterns_in(store)
    assert (report.new_runs, report.known_runs, report.pattern_count) == (5, 0, 2)
    assert report.problems == ()
    assert (by_customer.runs, by_customer.failed_runs) == (3, 1)
    assert by_customer.total_elapsed_seconds == 16.0
    assert by_region.runs == 1
    assert "sales.orders" in by_customer.pattern.table_names


def test_nothing_unscrubbed_is_stored(folder: Path, store: SqliteHistory) -> None:
    text = "select * from sales.people where mail = 'ana@example.com' -- for ana"
    write_rows(
        folder / "sys_query_history.csv",
        [a_history_row(1, query_text=text, query_label="report of ana@example.com")],
    )

    run_import(folder, store)

    [row] = patterns_in(store)
    assert row.pattern.scrubbed_sql is not None
    assert "ana" not in row.pattern.scrubbed_sql
    assert "ana@example.com" not in row.labels[0].name


def test_importing_twice_changes_nothing(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)
    run_import(folder, store)
    before = everything_in(store)

    again = run_import(folder, store, now=NOW + timedelta(days=1))

    assert (again.new_runs, again.known_runs) == (0, 5)
    assert everything_in(store) == before


def test_a_run_that_the_export_holds_twice_counts_once(folder: Path, store: SqliteHistory) -> None:
    write_rows(folder / "sys_query_history000.csv", [a_history_row(1), a_history_row(2)])
    write_rows(folder / "sys_query_history001.csv", [a_history_row(2), a_history_row(3)])

    report = run_import(folder, store)

    assert (report.new_runs, report.known_runs) == (3, 1)


def test_steps_are_those_of_the_slowest_timed_run_that_has_any(
    folder: Path, store: SqliteHistory
) -> None:
    write_whole_export(folder)

    run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert evidence is not None
    assert evidence.steps is not None
    assert (evidence.steps.query_id, evidence.steps.elapsed_seconds) == (3, 5.0)
    assert (evidence.steps.returned_rows, evidence.steps.returned_bytes) == (7, 0)
    [segment] = evidence.steps.segments
    assert (segment.segment_id, segment.duration_seconds) == (2, 1.5)
    assert (segment.blocks_read, segment.spilled_local_blocks) == (640, 30)
    [step] = evidence.steps.steps
    assert (step.step_name, step.table_name) == ("scan", "shop.sales.orders")
    assert step.is_range_restricted is True
    assert (step.data_skewness, step.plan_node_id) == (55, 2)
    assert step.alert == "Missing query planner statistics"


def test_the_plan_is_that_of_the_slowest_run_that_has_one(
    folder: Path, store: SqliteHistory
) -> None:
    write_whole_export(folder)

    run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert evidence is not None
    assert evidence.plan is not None
    assert evidence.plan.query_id == 2
    assert [node.operator for node in evidence.plan.plan.walk()] == ["XN Aggregate", "XN Seq Scan"]


def test_rows_that_are_no_plan_are_a_problem_and_no_more(
    folder: Path, store: SqliteHistory
) -> None:
    write_whole_export(folder)
    rows = [dict(row) | {"plan_node": "hello"} for row in plan_rows(2)]
    write_rows(folder / "sys_query_explain.csv", rows)

    report = run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert [problem.file_name for problem in report.problems] == ["sys_query_explain"]
    assert "query 2" in report.problems[0].message
    assert evidence is not None
    assert evidence.plan is None
    assert evidence.steps is not None


def test_a_later_export_without_plans_does_not_cost_the_known_one(
    folder: Path, store: SqliteHistory
) -> None:
    write_whole_export(folder)
    run_import(folder, store)
    (folder / "sys_query_explain.csv").unlink()
    slow = a_history_row(6, query_text=BY_CUSTOMER.format(6), elapsed_time="80000000")
    write_rows(folder / "sys_query_history.csv", [slow])
    write_rows(folder / "sys_query_detail.csv.gz", detail_rows(6))

    run_import(folder, store, now=NOW + timedelta(days=1))

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert evidence is not None
    assert evidence.steps is not None
    assert evidence.plan is not None
    assert (evidence.steps.query_id, evidence.plan.query_id) == (6, 2)


def test_evidence_that_comes_after_the_runs_is_taken_in(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)
    explain = folder / "sys_query_explain.csv"
    kept_back = explain.read_bytes()
    explain.unlink()
    run_import(folder, store)
    explain.write_bytes(kept_back)

    run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert evidence is not None
    assert evidence.plan is not None


def test_tables_come_with_their_columns_and_empty_tables_without_figures(
    folder: Path, store: SqliteHistory
) -> None:
    write_whole_export(folder)

    run_import(folder, store)

    [orders] = store.tables(["sales.orders"])
    assert (orders.row_count, orders.unsorted_percent, orders.size_mb) == (12_000_000, 33.25, 800)
    assert orders.statistics_off_percent is None
    assert [column.name for column in orders.columns] == ["amount", "order_id"]
    assert orders.columns[0].is_distribution_key
    assert not orders.columns[0].is_nullable
    [empty] = store.tables(["sales.empty_one"])
    assert (empty.row_count, len(empty.columns)) == (None, 1)
    [advice] = store.advisor_rows(["sales.orders"])
    assert (advice.kind, advice.is_auto_eligible) == ("diststyle", True)


def alert(query: int, **columns: str) -> Row:
    return {"query": str(query), "event": "Nested Loop Join", "solution": "Review it"} | columns


def test_alerts_of_stl_are_never_joined_by_query_number(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)
    write_rows(folder / "stl_alert_event_log.csv", [alert(1), alert(3)])

    report = run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert report.alerts_kept_apart == 2
    assert evidence is not None
    assert evidence.alerts == ()


@pytest.mark.parametrize(
    "column", [{"generic_query_hash": "native-9"}, {"querytxt": BY_CUSTOMER.format(123)}]
)
def test_alerts_of_stl_are_tied_by_a_hash_or_text_beside_them(
    folder: Path, store: SqliteHistory, column: dict[str, str]
) -> None:
    row = a_history_row(1, query_text=BY_CUSTOMER.format(1), generic_query_hash="native-9")
    write_rows(folder / "sys_query_history.csv", [row])
    write_rows(folder / "stl_alert_event_log.csv", [alert(70, **column), alert(71, **column)])

    report = run_import(folder, store)

    evidence = store.evidence(patterns_in(store)[0].pattern.query_hash)
    assert report.alerts_kept_apart == 0
    assert evidence is not None
    assert [(each.query_id, each.occurrences) for each in evidence.alerts] == [(70, 2)]


def write_slow_down(folder: Path) -> None:
    start = datetime.fromisoformat(A_START)
    rows = [
        a_history_row(day, start_time=str(start + timedelta(days=day)))
        | {"elapsed_time": "9000000" if day >= 15 else "1000000"}
        for day in range(30)
    ]
    write_rows(folder / "sys_query_history.csv", rows)


def test_a_slow_down_is_found(folder: Path, store: SqliteHistory) -> None:
    write_slow_down(folder)

    run_import(folder, store)

    regression = patterns_in(store)[0].pattern.regression
    assert regression is not None
    assert regression.ratio == pytest.approx(9.0)


def test_an_import_that_broke_off_behind_its_runs_is_finished_by_the_next(
    folder: Path, store: SqliteHistory
) -> None:
    write_slow_down(folder)
    run_import(folder, store)
    store.set_regression(patterns_in(store)[0].pattern.query_hash, None)
    store.set_note("import_under_way", NOW.isoformat())

    report = run_import(folder, store)

    assert report.new_runs == 0
    assert patterns_in(store)[0].pattern.regression is not None
    assert not store.note("import_under_way")


def test_good_rows_are_kept_and_bad_ones_reported(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)
    rows = [a_history_row(1), a_history_row(2) | {"start_time": "soon"}, a_history_row(3)]
    write_rows(folder / "sys_query_history.csv", rows)
    (folder / "svv_table_info.csv").write_text("name\nnothing\n")

    report = run_import(folder, store)

    assert (report.new_runs, report.skipped_rows, report.skipped.bad) == (2, 1, 1)
    assert [problem.message for problem in report.problems] == [
        "sys_query_history.csv, row 2, column start_time: is not a time such as"
        " 2026-11-08 07:32:34.479897",
        "svv_table_info.csv, column schema: the column is missing; the first line must hold the"
        " column names (UNLOAD … CSV HEADER)",
    ]


def test_problems_of_a_file_are_told_in_the_order_of_its_rows(
    folder: Path, store: SqliteHistory
) -> None:
    rows = [a_history_row(1) | {"status": ""}, a_history_row(2) | {"query_id": "x"}]
    write_rows(folder / "sys_query_history.csv", [*rows, a_history_row(3)])

    report = run_import(folder, store)

    assert [problem.row_number for problem in report.problems] == [1, 2]


def test_many_problems_of_one_kind_are_named_some_and_counted_all(
    folder: Path, store: SqliteHistory
) -> None:
    bad = [a_history_row(number) | {"elapsed_time": "?"} for number in range(NAMED_ROWS + 30)]
    write_rows(folder / "sys_query_history.csv", [*bad, a_history_row(9)])

    report = run_import(folder, store)

    assert report.problem_count == NAMED_ROWS + 30
    assert len(report.problems) == NAMED_ROWS + 1
    assert "in 30 more rows" in report.problems[-1].message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sys_query_history.csv", b"query_id\n1\n"),
        ("sys_query_text.csv", b"query_id,sequence,text\n1,x,select 1\n"),
        ("sys_query_detail.csv.gz", b"query_id,metrics_level\n1,step,\n"),
        ("sys_query_explain.csv", b""),
        ("svv_table_info.csv", b"schema,table,size\ns,t,big\n"),
        ("svv_redshift_columns.csv", b"\xff\xfe"),
        ("svv_alter_table_recommendations.csv", b"type\nx\n"),
        ("stl_alert_event_log.csv", b"query,event\nx,y\n"),
    ],
)
def test_strict_stores_nothing_if_any_file_is_bad(
    folder: Path, store: SqliteHistory, name: str, content: bytes
) -> None:
    write_whole_export(folder)
    (folder / name).write_bytes(content)

    with pytest.raises(BadExportError) as refused:
        run_import(folder, store, strict=True)

    assert refused.value.file_name == name
    assert patterns_in(store) == []
    assert store.tables(["sales.orders"]) == []
    assert store.note("last_import") is None


def test_strict_takes_in_a_sound_export(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)

    assert run_import(folder, store, strict=True).new_runs == 5


def test_the_store_knows_where_its_runs_came_from(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)

    run_import(folder, store, source="november")

    last_import = json.loads(store.note("last_import") or "")
    assert store.note("origin") == "import"
    assert (last_import["source"], last_import["new_runs"]) == ("november", 5)


def test_the_sample_says_itself_where_it_came_from(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)

    run_import(folder, store, source="sample")

    assert store.note("origin") is None


def test_progress_names_the_file_and_its_rows(folder: Path, store: SqliteHistory) -> None:
    write_whole_export(folder)
    told: list[ImportProgress] = []

    run_import(folder, store, on_progress=told.append)

    assert ImportProgress(stage="history", rows_done=5, file_name="sys_query_history.csv") in told
    assert told[-1].stage == "queues and hours"


@pytest.mark.parametrize(
    ("text", "query_type"),
    [
        ("with a as (select 1) select * from a", "SELECT"),
        ("  (select 1)", "SELECT"),
        ("delete from t", "DELETE"),
        ("vacuum t", "OTHER"),
        ("((", "OTHER"),
    ],
)
def test_a_missing_query_type_is_read_off_the_statement(
    folder: Path, store: SqliteHistory, text: str, query_type: str
) -> None:
    row = a_history_row(1, query_text=text, query_type="")
    write_rows(folder / "sys_query_history.csv", [row])

    run_import(folder, store)

    assert patterns_in(store)[0].pattern.query_type == query_type
