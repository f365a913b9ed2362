"""What SYS_QUERY_DETAIL repeats, leaves out or numbers anew must not be counted wrongly.

Every test goes the whole way: from rows as an export has them, over the store, to what the case
file and the checks make of them.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.checks.check import blamed, cited, plan_nodes, segment_share, steps_named
from backend.checks.steps.spill_to_disk import spill_to_disk
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding
from backend.domain.pattern import PatternFilter
from backend.panel.rules.overlaps import with_overlaps_told
from backend.services.build_case_file import MOST_SEGMENTS, build_case_file
from backend.services.import_view_export import ImportReport, import_view_export
from tests.builders import a_recommendation
from tests.unit.importing.exports import Row, a_history_row, write_rows

NOW = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
QUERY_ID = 7
SECOND = 1_000_000
COLUMNS = (
    "query_id", "child_query_sequence", "stream_id", "segment_id", "step_id", "step_name",
    "table_name", "is_rrscan", "start_time", "end_time", "duration", "alert", "source",
    "input_rows", "output_rows", "output_bytes", "blocks_read", "data_skewness", "time_skewness",
    "spilled_block_local_disk", "spilled_block_remote_disk", "metrics_level", "plan_node_id",
)  # fmt: skip

MakeCase = Callable[..., CaseFile]


def a_row(level: str, **columns: Any) -> Row:
    """Of the level as the view names it; what the level does not say is -1 or empty there."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    row |= {"query_id": QUERY_ID, "child_query_sequence": 1, "metrics_level": level}
    row |= {"start_time": "2026-03-02 09:00:00", "end_time": "2026-03-02 09:00:09"}
    row |= {"stream_id": -1, "segment_id": -1, "step_id": -1, "is_rrscan": "f"}
    return {name: str(value) for name, value in (row | columns).items()}


def a_segment(segment: int, seconds: float, **columns: Any) -> Row:
    place = {"stream_id": segment, "segment_id": segment, "duration": round(seconds * SECOND)}
    return a_row("segment", **(place | columns))


def a_step(segment: int, step: int, name: str, seconds: float = 0.0, **columns: Any) -> Row:
    """With the duration of its segment, which the view repeats on every step."""
    place = {"stream_id": segment, "segment_id": segment, "step_id": step, "step_name": name}
    return a_row("step", **(place | {"duration": round(seconds * SECOND)} | columns))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteHistory]:
    history = open_sqlite_history(tmp_path / "history.sqlite3")
    yield history
    history.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    write_rows(path / "sys_query_history.csv", [a_history_row(QUERY_ID, elapsed_time="100000000")])
    return path


def run_import(folder: Path, store: SqliteHistory) -> ImportReport:
    return import_view_export(open_export_folder(folder), store=store, now=NOW)


@pytest.fixture
def case_of(folder: Path, store: SqliteHistory) -> MakeCase:
    def made(*detail: Row, explain: list[Row] | None = None) -> CaseFile:
        write_rows(folder / "sys_query_detail.csv", detail)
        if explain:
            write_rows(folder / "sys_query_explain.csv", explain)
        run_import(folder, store)
        return the_case(store)

    return made


def the_case(store: SqliteHistory) -> CaseFile:
    [row] = store.rank_patterns(PatternFilter(), limit=10).rows
    return build_case_file(row.pattern.query_hash, store=store, now=NOW)


def spilled_mb(case: CaseFile) -> float:
    [said] = spill_to_disk(case)
    assert isinstance(said, Finding)
    return next(measure.value for measure in said.measures if measure.name == "spilled")


# Each figure at the level where the view measures it


@pytest.mark.parametrize("repeated", [0, 3000], ids=["zero on steps", "repeated on steps"])
def test_spill_and_reads_of_a_segment_count_once(case_of: MakeCase, repeated: int) -> None:
    figures = {"blocks_read": 500, "spilled_block_local_disk": 2500}
    figures |= {"spilled_block_remote_disk": 500}
    on_step = {name: repeated and value for name, value in figures.items()}

    case = case_of(
        a_segment(0, 9, **figures),
        a_step(0, 0, "scan", 9, **on_step),
        a_step(0, 1, "hash", 9, **on_step),
        a_row("stream", stream_id=0, duration=9 * SECOND, **figures),
        a_row("child query", duration=9 * SECOND, **figures),
    )

    assert spilled_mb(case) == 3000
    assert [fact.segment.blocks_read for fact in case.segments] == [500]


def test_rows_skew_and_alerts_are_those_of_steps(case_of: MakeCase) -> None:
    of_segment = {"input_rows": 99, "output_rows": 99, "data_skewness": 99, "alert": "elsewhere"}

    case = case_of(
        a_segment(0, 9, **of_segment),
        a_step(0, 0, "scan", 9, input_rows=40, output_rows=30, data_skewness=20, alert="here"),
    )

    [fact] = case.steps
    assert (fact.step.input_rows, fact.step.output_rows, fact.step.data_skewness) == (40, 30, 20)
    assert fact.step.alert == "here"
    assert "elsewhere" not in str(case)


def test_the_duration_of_a_segment_counts_once_however_many_steps_repeat_it(
    case_of: MakeCase,
) -> None:
    case = case_of(
        a_segment(0, 30),
        *(a_step(0, step, "scan", 30) for step in range(5)),
        a_segment(1, 10),
        a_step(1, 0, "hashjoin", 10),
    )

    assert case.segments_seconds == 40
    assert segment_share(case, steps_named(case, "scan")) == pytest.approx(0.75)
    assert segment_share(case, case.steps) == pytest.approx(1.0)


def test_rows_of_streams_and_child_queries_add_nothing(case_of: MakeCase) -> None:
    case = case_of(
        a_row("child query", duration=500 * SECOND, blocks_read=9000),
        a_row("stream", stream_id=0, duration=400 * SECOND, blocks_read=9000),
        a_segment(0, 10, blocks_read=7),
        a_step(0, 0, "scan", 10),
    )

    assert case.segments_seconds == 10
    assert sum(fact.segment.blocks_read for fact in case.segments) == 7
    assert len(case.steps) == 1


# What is numbered anew


def test_segment_ids_begin_anew_in_each_child_query(case_of: MakeCase) -> None:
    case = case_of(
        a_segment(0, 90),
        a_step(0, 0, "broadcast", 90),
        a_segment(0, 10, child_query_sequence=2),
        a_step(0, 0, "scan", 10, child_query_sequence=2),
    )

    [broadcast], [scan] = steps_named(case, "broadcast"), steps_named(case, "scan")
    assert segment_share(case, [broadcast]) == pytest.approx(0.9)
    assert segment_share(case, [scan]) == pytest.approx(0.1)
    seconds_of = {fact.fact_id: fact.segment.duration_seconds for fact in case.segments}
    assert [seconds_of.get(fact_id) for fact_id in cited(case, [scan])] == [None, 10]


def test_savings_in_segments_of_one_number_in_two_child_queries_add_up(case_of: MakeCase) -> None:
    case = case_of(
        a_segment(0, 90),
        a_step(0, 0, "broadcast", 90),
        a_segment(0, 10, child_query_sequence=2),
        a_step(0, 0, "scan", 10, child_query_sequence=2),
    )
    ids = [fact.fact_id for fact in case.steps]
    one, other, third = (
        a_recommendation(check=name, fact_ids=(fact_id,), claimed_saving_seconds=seconds)
        for name, fact_id, seconds in (("a", ids[0], 60.0), ("b", ids[1], 9.0), ("c", ids[0], 5.0))
    )

    told = with_overlaps_told(case, [one, other, third])

    assert ["do not add up" in each.rationale for each in told] == [False, False, True]


def test_the_longest_segments_are_chosen_by_child_query_and_number(case_of: MakeCase) -> None:
    short = [
        row
        for segment in range(MOST_SEGMENTS)
        for row in (a_segment(segment, 1), a_step(segment, 0, "scan", 1))
    ]
    long = [
        a_segment(0, 50, child_query_sequence=2),
        a_step(0, 0, "nestloop", 50, child_query_sequence=2),
    ]

    case = case_of(*short, *long)

    assert len(case.segments) == len(case.steps) == MOST_SEGMENTS
    assert max(fact.segment.duration_seconds for fact in case.segments) == 50
    assert len(steps_named(case, "nestloop")) == 1


def test_a_segment_number_in_two_streams_loses_no_time(case_of: MakeCase) -> None:
    case = case_of(
        a_segment(0, 30),
        a_step(0, 0, "scan", 30),
        a_segment(0, 20, stream_id=5),
        a_step(0, 0, "hash", 20, stream_id=5),
        a_segment(1, 50),
        a_step(1, 0, "sort", 50),
    )

    assert case.segments_seconds == 100
    assert len(case.segments) == len(case.steps) == 3
    assert segment_share(case, steps_named(case, "scan", "hash")) == pytest.approx(0.5)
    assert segment_share(case, case.steps) == pytest.approx(1.0)


def test_an_alert_of_stl_under_the_same_number_is_not_taken_for_the_runs(
    folder: Path, store: SqliteHistory
) -> None:
    alert = {"query": str(QUERY_ID), "event": "Nested Loop Join in the query plan", "solution": ""}
    write_rows(folder / "stl_alert_event_log.csv", [alert])
    write_rows(folder / "sys_query_detail.csv", [a_segment(0, 9), a_step(0, 0, "scan", 9)])

    report = run_import(folder, store)

    assert report.alerts_kept_apart == 1
    assert the_case(store).alerts == ()


def test_an_alert_that_names_the_statement_is_kept_whatever_its_number(
    folder: Path, store: SqliteHistory
) -> None:
    alert = {"query": "4", "event": "Nested Loop Join in the query plan", "solution": "Review"}
    write_rows(folder / "stl_alert_event_log.csv", [alert | {"generic_query_hash": "native-1"}])

    report = run_import(folder, store)

    assert report.alerts_kept_apart == 0
    assert [fact.alert.event for fact in the_case(store).alerts] == [alert["event"]]


# How values are written


def test_blanks_that_fill_a_column_and_capitals_change_nothing(
    folder: Path, store: SqliteHistory
) -> None:
    history = a_history_row(QUERY_ID, elapsed_time="100000000")
    padded = {"status": "SUCCESS   ", "query_type": "SELECT                          "}
    write_rows(folder / "sys_query_history.csv", [history | padded])
    write_rows(
        folder / "sys_query_detail.csv",
        [
            a_segment(0, 9) | {"metrics_level": "SEGMENT   "},
            a_step(
                0, 0, "Scan      ", 9, table_name="shop.Sales.ORDERS     ", is_rrscan="T         "
            )
            | {"metrics_level": "Step      "},
        ],
    )
    write_rows(
        folder / "svv_table_info.csv",
        [{"database": "shop    ", "schema": "sales   ", "table": "orders  ", "tbl_rows": "5"}],
    )

    run_import(folder, store)

    case = the_case(store)
    [scan] = steps_named(case, "scan")
    assert (scan.step.step_name, scan.step.table_name) == ("scan", "shop.Sales.ORDERS")
    assert scan.step.is_range_restricted is True
    assert len(case.segments) == 1
    assert case.query_type == "SELECT"
    table = case.table(scan.step.table_name or "")
    assert table is not None
    assert table.table.full_name == "sales.orders"


OPTIONAL = [name for name in COLUMNS if name not in {"query_id", "metrics_level"}]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("null", ["", "NULL", "\\N"])
def test_an_optional_column_that_is_null_costs_no_row(
    folder: Path, store: SqliteHistory, name: str, null: str
) -> None:
    rows = [
        a_segment(0, 9),
        a_step(0, 0, "scan", 9, table_name="a", input_rows=5, output_rows=4),
        a_step(0, 1, "hash", 9, table_name="b", input_rows=4, output_rows=3),
    ]
    write_rows(folder / "sys_query_detail.csv", [dict(row) | {name: null} for row in rows])

    report = run_import(folder, store)

    case = the_case(store)
    assert report.problems == ()
    assert (len(case.segments), len(case.steps)) == (1, 2)
    assert 0 <= segment_share(case, case.steps) <= 1


def test_a_step_whose_segment_is_not_known_claims_no_time(case_of: MakeCase) -> None:
    case = case_of(
        a_segment(0, 90),
        a_step(0, 0, "scan", 90),
        a_step(0, 1, "hash", 90, segment_id=""),
        a_segment(0, 10, segment_id=""),
    )

    [known], [unknown] = steps_named(case, "scan"), steps_named(case, "hash")
    assert segment_share(case, [unknown]) == 0
    assert segment_share(case, [known]) == pytest.approx(0.9)
    assert len(cited(case, [unknown])) == 1


def test_without_the_column_of_child_queries_steps_find_their_operators(
    case_of: MakeCase,
) -> None:
    def bare(row: Row) -> Row:
        return {name: value for name, value in row.items() if name != "child_query_sequence"}

    case = case_of(
        bare(a_segment(0, 9)),
        bare(a_step(0, 0, "broadcast", 9, plan_node_id=1)),
        explain=[bare(row) for row in a_join("sale", "shop")],
    )

    joins = [(node, fact_id) for node, fact_id in plan_nodes(case) if node.is_join]
    assert len(joins) == 1
    assert blamed(case, case.steps, joins) == joins


# Which operator a step works for


def a_join(outer: str, inner: str, first: int = 1, parent: int = 0) -> list[Row]:
    nodes = [
        (first, parent, "XN Hash Join DS_BCAST_INNER  (cost=9.00..900.00 rows=91 width=72)"),
        (first + 1, first, f"  ->  XN Seq Scan on {outer}  (cost=0.00..91.00 rows=91 width=40)"),
        (first + 2, first, "  ->  XN Hash  (cost=9.00..9.00 rows=8 width=32)"),
        (first + 3, first + 2, f"    ->  XN Seq Scan on {inner}  (cost=0.00..9.00 rows=8 width=9)"),
    ]
    return [
        {
            "query_id": str(QUERY_ID),
            "child_query_sequence": "1",
            "plan_node_id": str(node),
            "plan_parent_id": str(above),
            "plan_node": text,
        }
        for node, above, text in nodes
    ]


@pytest.mark.parametrize("node", ["", "0", "-1"])
def test_a_step_without_an_operator_is_put_down_to_the_only_join(
    case_of: MakeCase, node: str
) -> None:
    case = case_of(
        a_segment(0, 9),
        a_step(0, 0, "broadcast", 9, plan_node_id=node),
        explain=a_join("sale", "shop"),
    )

    [fact] = case.steps
    joins = [(join, fact_id) for join, fact_id in plan_nodes(case) if join.is_join]
    assert fact.step.plan_node_id is None
    assert blamed(case, case.steps, joins) == joins


def test_a_step_with_an_operator_that_the_plan_does_not_have_is_put_down_to_none(
    case_of: MakeCase,
) -> None:
    case = case_of(
        a_segment(0, 9),
        a_step(0, 0, "broadcast", 9, plan_node_id=77),
        explain=a_join("sale", "shop"),
    )

    joins = [(join, fact_id) for join, fact_id in plan_nodes(case) if join.is_join]
    assert blamed(case, case.steps, joins) == []


# Times that cannot be


@pytest.mark.parametrize("duration", [0, -5 * SECOND])
def test_a_segment_of_no_or_negative_duration_takes_no_time(
    case_of: MakeCase, duration: int
) -> None:
    case = case_of(
        a_segment(0, 40),
        a_step(0, 0, "scan", 40),
        a_segment(1, 0, duration=duration),
        a_step(1, 0, "hash", 0, duration=duration),
    )

    assert case.segments_seconds == 40
    assert segment_share(case, steps_named(case, "hash")) == 0
    assert segment_share(case, steps_named(case, "scan")) == 1


@pytest.mark.parametrize("column", ["input_rows", "output_rows", "blocks_read", "data_skewness"])
def test_a_negative_count_counts_nothing(case_of: MakeCase, column: str) -> None:
    case = case_of(a_segment(0, 9, **{column: -1}), a_step(0, 0, "scan", 9, **{column: -1}))

    [step], [segment] = case.steps, case.segments
    figures = (step.step.input_rows, step.step.output_rows, step.step.data_skewness)
    assert (*figures, segment.segment.blocks_read) == (0, 0, 0, 0)


def test_a_clock_that_goes_back_changes_nothing(folder: Path, store: SqliteHistory) -> None:
    rows = [a_segment(0, 9), a_step(0, 0, "scan", 9)]
    backwards = {"start_time": "2026-03-02 09:00:09", "end_time": "2026-03-02 09:00:00"}
    write_rows(folder / "sys_query_detail.csv", [dict(row) | backwards for row in rows])

    report = run_import(folder, store)

    assert report.problems == ()
    assert the_case(store).segments_seconds == 9


# Exports that overlap


def test_rows_that_two_exports_hold_count_once(folder: Path, store: SqliteHistory) -> None:
    rows = [a_segment(0, 9, spilled_block_local_disk=3000), a_step(0, 0, "hash", 9)]
    write_rows(folder / "sys_query_detail000.csv", rows)
    write_rows(folder / "sys_query_detail001.csv", rows)

    run_import(folder, store)

    case = the_case(store)
    assert (len(case.segments), len(case.steps)) == (1, 1)
    assert spilled_mb(case) == 3000


def test_of_a_row_exported_under_way_and_again_later_the_later_one_counts(
    case_of: MakeCase,
) -> None:
    case = case_of(
        a_segment(0, 20, blocks_read=90),
        a_step(0, 0, "scan", 20, output_rows=900),
        a_segment(0, 4, blocks_read=10),
        a_step(0, 0, "scan", 4, output_rows=100),
    )

    assert [fact.segment.blocks_read for fact in case.segments] == [90]
    assert [fact.step.output_rows for fact in case.steps] == [900]


# Rows that are missing


def test_without_rows_of_segments_their_steps_tell_the_time_once_each(case_of: MakeCase) -> None:
    case = case_of(
        a_step(0, 0, "scan", 30),
        a_step(0, 1, "hash", 30),
        a_step(1, 0, "sort", 10),
    )

    assert segment_share(case, steps_named(case, "scan", "hash")) == pytest.approx(0.75)


def test_a_step_whose_segment_has_no_row_is_kept_with_its_time(case_of: MakeCase) -> None:
    case = case_of(
        a_segment(0, 30),
        a_step(0, 0, "scan", 30),
        a_step(1, 0, "nestloop", 70),
    )

    loops: list[StepFact] = steps_named(case, "nestloop")
    assert len(loops) == 1
    assert segment_share(case, loops) == pytest.approx(0.7)
