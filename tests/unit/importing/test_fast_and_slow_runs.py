"""Beside the slow run an import keeps a fast one, and figures of runs around a change."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.evidence import Evidence
from backend.domain.pattern import PatternFilter
from backend.domain.table_history import TableEventKind
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.services.import_view_export import import_view_export
from backend.services.ports import PatternRuns
from backend.services.recorded_runs import CANDIDATES_A_PATTERN, RecordedRuns
from backend.sql.plan_hash import plan_hash
from tests.builders import a_pattern, a_table, some_runs
from tests.unit.importing.exports import Row, a_history_row, write_rows

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
NOW = datetime(2026, 5, 9, 8, 0, tzinfo=UTC)
CO_LOCATED, BROADCAST = "DS_DIST_NONE", "DS_BCAST_INNER"


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


def a_run(query_id: int, seconds: float, **changes: str) -> Row:
    """One a day; the query id counts the days."""
    started = START + timedelta(days=query_id)
    return a_history_row(query_id, start_time=f"{started:%Y-%m-%d %H:%M:%S}") | {
        "elapsed_time": str(int(seconds * 1e6)),
        "execution_time": str(int(seconds * 1e6)),
        **changes,
    }


def a_slow_down(first: int = 1, last: int = 30, slow_from: int = 16) -> list[Row]:
    return [a_run(day, 30 if day >= slow_from else 10) for day in range(first, last + 1)]


def plan_rows(query_id: int, movement: str = CO_LOCATED) -> list[Row]:
    nodes = [
        ("1", "0", f"XN Hash Join {movement}  (cost=2.00..9.00 rows=9 width=8)"),
        ("2", "1", "  ->  XN Seq Scan on orders  (cost=0.00..1.00 rows=5 width=8)"),
        ("3", "1", "  ->  XN Hash  (cost=1.00..1.00 rows=5 width=8)"),
        ("4", "3", "        ->  XN Seq Scan on segments  (cost=0.00..1.00 rows=5 width=8)"),
    ]
    return [
        {"query_id": str(query_id), "plan_node_id": node, "plan_parent_id": parent}
        | {"plan_node": text}
        for node, parent, text in nodes
    ]


def detail_rows(query_id: int, *, blocks: int = 10, rows: int = 1000) -> list[Row]:
    segment = {
        "query_id": str(query_id), "segment_id": "0", "step_id": "-1", "step_name": "",
        "metrics_level": "segment", "duration": "1000000", "table_name": "", "input_rows": "0",
        "blocks_read": str(blocks), "spilled_block_local_disk": "3",
    }  # fmt: skip
    step = segment | {"step_id": "0", "step_name": "scan", "table_name": "shop.sales.orders"}
    step |= {"metrics_level": "step", "input_rows": str(rows), "blocks_read": "0"}
    return [segment, step]


def import_export(
    folder: Path,
    store: SqliteHistory,
    history: Sequence[Row],
    *,
    plans: Sequence[Row] = (),
    details: Sequence[Row] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    for file in folder.iterdir():
        file.unlink()
    write_rows(folder / "sys_query_history.csv", history)
    if plans:
        write_rows(folder / "sys_query_explain.csv", plans)
    if details:
        write_rows(folder / "sys_query_detail.csv", details)
    import_view_export(open_export_folder(folder), store=store, now=NOW, limits=limits)


def evidence_in(store: SqliteHistory) -> Evidence:
    [row] = store.rank_patterns(PatternFilter(), limit=9).rows
    evidence = store.evidence(row.pattern.query_hash)
    assert evidence is not None
    return evidence


def sides(evidence: Evidence) -> tuple[int | None, ...]:
    """Query ids of fast plan, fast steps, slow plan, slow steps."""
    named = (evidence.fast_plan, evidence.fast_steps, evidence.plan, evidence.steps)
    return tuple(side.query_id if side else None for side in named)


def test_a_run_from_before_the_slow_down_is_kept_beside_the_slowest_after_it(
    folder: Path, store: SqliteHistory
) -> None:
    history = a_slow_down()
    history[4] = a_run(5, 80)  # a wild run before the change
    history[6] = a_run(7, 10.1)
    history[19] = a_run(20, 45)

    import_export(
        folder, store, history,
        plans=[*plan_rows(5), *plan_rows(7), *plan_rows(18, BROADCAST), *plan_rows(20, BROADCAST)],
        details=[*detail_rows(5), *detail_rows(7), *detail_rows(20, blocks=900)],
    )  # fmt: skip

    evidence = evidence_in(store)
    assert sides(evidence) == (7, 7, 20, 20)
    assert evidence.fast_steps is not None
    assert evidence.fast_steps.started_at == START + timedelta(days=7)
    assert evidence.fast_steps.own_seconds == pytest.approx(10.1)
    assert evidence.fast_steps.segments[0].blocks_read == 10


def test_a_run_with_plan_and_steps_is_preferred_to_a_nearer_one_without(
    folder: Path, store: SqliteHistory
) -> None:
    history = a_slow_down()
    history[8] = a_run(9, 12)

    import_export(
        folder, store, history,
        plans=[*plan_rows(9), *plan_rows(20, BROADCAST)],
        details=[*detail_rows(7), *detail_rows(9), *detail_rows(20)],
    )  # fmt: skip

    assert sides(evidence_in(store)) == (9, 9, 20, 20)


def test_where_plans_and_steps_are_of_other_runs_each_side_has_what_there_is(
    folder: Path, store: SqliteHistory
) -> None:
    import_export(
        folder, store, a_slow_down(), plans=plan_rows(3), details=detail_rows(22)
    )  # fmt: skip

    # The plan from before the change is all that is known of plans: it stays on its old side.
    assert sides(evidence_in(store)) == (None, None, 3, 22)


def test_without_a_slow_down_the_fastest_run_is_kept_if_it_is_clearly_faster(
    folder: Path, store: SqliteHistory
) -> None:
    history = [a_run(day, 10 + day % 3) for day in range(1, 20)]
    history[5] = a_run(6, 3)
    history[6] = a_run(7, 2, result_cache_hit="true")
    history[7] = a_run(8, 1, status="failed")

    import_export(
        folder, store, history,
        plans=[row for day in (6, 7, 8, 11) for row in plan_rows(day)],
        details=[row for day in (6, 7, 8, 11) for row in detail_rows(day)],
    )  # fmt: skip

    assert sides(evidence_in(store)) == (6, 6, 11, 11)


def test_a_run_that_is_little_faster_is_not_kept(folder: Path, store: SqliteHistory) -> None:
    history = [a_run(1, 10), a_run(2, 13), a_run(3, 6)]

    import_export(
        folder, store, history, plans=[row for day in (1, 2, 3) for row in plan_rows(day)]
    )

    assert sides(evidence_in(store)) == (3, None, 2, None)
    import_export(folder, store, [a_run(1, 10), a_run(2, 13)], plans=plan_rows(1))
    assert sides(evidence_in(store)) == (3, None, 2, None)


def test_how_much_faster_it_must_be_can_be_configured(folder: Path, store: SqliteHistory) -> None:
    history = [a_run(1, 10), a_run(2, 13), a_run(3, 6)]
    plans = [row for day in (1, 2, 3) for row in plan_rows(day)]

    import_export(
        folder, store, history, plans=plans, limits=Limits(changed=(("clearly_faster_times", 3.0),))
    )

    assert sides(evidence_in(store)) == (None, None, 2, None)


def test_the_slow_run_of_last_week_becomes_the_fast_one_when_this_week_is_slower(
    folder: Path, store: SqliteHistory
) -> None:
    import_export(folder, store, a_slow_down(1, 14), plans=plan_rows(8), details=detail_rows(8))
    assert sides(evidence_in(store)) == (None, None, 8, 8)

    import_export(
        folder, store, a_slow_down(15, 30), plans=plan_rows(20, BROADCAST), details=detail_rows(20)
    )

    evidence = evidence_in(store)
    assert sides(evidence) == (8, 8, 20, 20)
    assert evidence.fast_plan is not None
    assert evidence.plan is not None
    assert plan_hash(evidence.fast_plan.plan) != plan_hash(evidence.plan.plan)


def test_runs_that_bring_a_slow_down_but_no_plan_leave_the_known_one_where_it_belongs(
    folder: Path, store: SqliteHistory
) -> None:
    import_export(folder, store, a_slow_down(1, 14), plans=[*plan_rows(8), *plan_rows(9)])

    import_export(folder, store, a_slow_down(15, 30))

    evidence = evidence_in(store)
    assert evidence.plan is not None
    assert evidence.plan.query_id in (8, 9)
    assert [sighting.query_id for sighting in evidence.sightings] == [8, 9]


def test_an_old_export_does_not_take_the_place_of_runs_after_the_slow_down(
    folder: Path, store: SqliteHistory
) -> None:
    import_export(
        folder, store, a_slow_down(9, 30), plans=plan_rows(20, BROADCAST), details=detail_rows(20)
    )

    import_export(folder, store, a_slow_down(1, 8), plans=plan_rows(4), details=detail_rows(4))

    assert sides(evidence_in(store)) == (4, 4, 20, 20)


def test_figures_of_recorded_runs_outlive_the_views(folder: Path, store: SqliteHistory) -> None:
    import_export(
        folder, store, a_slow_down(1, 14),
        plans=[row for day in (11, 12, 13) for row in plan_rows(day)],
        details=[row for day in (11, 12, 13) for row in detail_rows(day)],
    )  # fmt: skip
    import_export(
        folder, store, a_slow_down(15, 30),
        plans=[row for day in (17, 18, 19) for row in plan_rows(day, BROADCAST)],
        details=[row for day in (17, 18) for row in detail_rows(day, blocks=700, rows=70_000)],
    )  # fmt: skip

    seen = evidence_in(store).sightings

    assert [one.query_id for one in seen] == [11, 12, 13, 17, 18, 19]
    assert [one.blocks_read for one in seen] == [10, 10, 10, 700, 700, None]
    assert [one.scanned_rows for one in seen] == [1000, 1000, 1000, 70_000, 70_000, None]
    assert [one.spilled_mb for one in seen] == [3, 3, 3, 3, 3, None]
    assert len({one.plan_hash for one in seen[:3]}) == len({one.plan_hash for one in seen[3:]}) == 1
    assert seen[0].plan_hash != seen[3].plan_hash
    assert seen[0].steps_hash == seen[3].steps_hash


def test_steps_whose_rows_lie_scattered_over_the_file_are_put_together(
    folder: Path, store: SqliteHistory
) -> None:
    rows = [row for day in (5, 20) for row in detail_rows(day)]

    import_export(folder, store, a_slow_down(), details=rows[::2] + rows[1::2])

    evidence = evidence_in(store)
    assert sides(evidence) == (None, 5, None, 20)
    assert evidence.steps is not None
    assert (len(evidence.steps.segments), len(evidence.steps.steps)) == (1, 1)


def test_the_choice_among_many_recorded_runs_does_not_depend_on_their_order() -> None:
    count = 5 * CANDIDATES_A_PATTERN
    seconds = 10 * np.random.default_rng(1).lognormal(0, 0.5, count)
    runs = some_runs(count, elapsed_seconds=seconds)
    orders = [np.arange(count), np.random.default_rng(2).permutation(count)]

    chosen = []
    for order in orders:
        recorded = RecordedRuns(with_steps=runs.query_id, with_plan=runs.query_id)
        for rows in np.array_split(order, 9):
            recorded.consider(PatternRuns(pattern=a_pattern(), runs=runs.take(rows)))
        chosen.append(recorded.choose(a_pattern().query_hash, None))

    assert chosen[0] == chosen[1]
    assert chosen[0].slow_steps is not None
    assert chosen[0].fast_steps is not None
    assert chosen[0].slow_steps.elapsed_seconds == pytest.approx(seconds.max())
    assert chosen[0].fast_steps.elapsed_seconds == pytest.approx(seconds.min())


# Tables and what was done to them


def table_row(**changes: str) -> Row:
    row = {"database": "shop", "schema": "sales", "table": "orders", "table_id": "77"}
    return row | {"tbl_rows": "100", "create_time": "2026-02-01 04:05:06"} | changes


def test_a_table_is_dated_by_the_newest_run_of_its_export(
    folder: Path, store: SqliteHistory
) -> None:
    for last, rows in ((7, "100"), (14, "100"), (21, "4000")):
        write_rows(folder / "sys_query_history.csv", [a_run(last, 10)])
        write_rows(folder / "svv_table_info.csv", [table_row(tbl_rows=rows)])
        import_view_export(open_export_folder(folder), store=store, now=NOW)

    snapshots = store.table_snapshots(a_table())

    assert [one.table.row_count for one in snapshots] == [100, 4000]
    assert [one.taken_at for one in snapshots] == [
        START + timedelta(days=7),
        START + timedelta(days=21),
    ]
    assert snapshots[0].table.created_at == datetime(2026, 2, 1, 4, 5, 6, tzinfo=UTC)


def test_what_was_done_to_a_table_is_kept_and_what_came_to_nothing_is_not(
    folder: Path, store: SqliteHistory
) -> None:
    write_rows(folder / "sys_query_history.csv", [a_run(1, 10)])
    write_rows(folder / "svv_table_info.csv", [table_row()])
    named = {"table_id": "77", "database_name": "shop", "table_name": "orders"}
    write_rows(
        folder / "sys_analyze_history.csv",
        [
            named | {"status": "Full ", "start_time": "2026-03-03 01:00:00", "is_automatic": "t"}
            | {"rows": "4000", "modified_rows": "3900", "end_time": "2026-03-03 01:00:09"},
            named | {"status": "Skipped", "start_time": "2026-03-04 01:00:00", "is_automatic": "t"}
            | {"rows": "4000", "modified_rows": "0", "end_time": ""},
        ],
    )  # fmt: skip
    write_rows(
        folder / "sys_vacuum_history.csv",
        [
            {"table_id": "1", "schema_name": "sales", "table_name": "orders"}
            | {"database_name": "shop", "vacuum_type": "Sort", "status": status}
            | {"start_time": f"2026-03-05 0{hour}:00:00", "sortedrows_before_vacuum": "10"}
            | {"sortedrows_after_vacuum": "4000"}
            for hour, status in enumerate(("Complete", "Failed", "Skipped"))
        ],
    )
    write_rows(
        folder / "sys_auto_table_optimization.csv",
        [
            {"table_id": table_id, "alter_table_type": "distkey", "status": status}
            | {"event_time": f"2026-03-06 0{hour}:00:00", "alter_from": "DISTSTYLE: EVEN; 'x'"}
            for hour, (table_id, status) in enumerate(
                (("77", "Start"), ("77", "Complete"), ("4", "Complete"))
            )
        ],
    )

    import_view_export(open_export_folder(folder), store=store, now=NOW)

    analyze, vacuum, optimized = store.table_events(a_table(), START, NOW)
    assert (analyze.kind, analyze.what, analyze.is_automatic) == (
        TableEventKind.ANALYZE, "Full", True,
    )  # fmt: skip
    assert analyze.at == datetime(2026, 3, 3, 1, 0, 9, tzinfo=UTC)
    assert analyze.detail == "of 4,000 rows, 3,900 rows changed since the ANALYZE before"
    assert (vacuum.what, vacuum.detail) == ("Sort", "4,000 rows sorted instead of 10 rows")
    assert (optimized.what, optimized.detail) == ("distkey", "was DISTSTYLE: EVEN; ?")


def test_an_id_that_two_databases_use_is_told_apart_by_the_database_or_not_at_all(
    folder: Path, store: SqliteHistory
) -> None:
    write_rows(folder / "sys_query_history.csv", [a_run(1, 10)])
    write_rows(folder / "svv_table_info.csv", [table_row(), table_row(database="lab")])
    event = {"table_id": "77", "start_time": "2026-03-03 01:00:00", "status": "Full"}
    write_rows(folder / "sys_analyze_history.csv", [event | {"database_name": "lab"}])
    write_rows(
        folder / "sys_auto_table_optimization.csv",
        [
            {"table_id": "77", "alter_table_type": "sortkey", "status": "Complete"}
            | {"event_time": "2026-03-06 01:00:00"}
        ],
    )

    import_view_export(open_export_folder(folder), store=store, now=NOW)

    assert store.table_events(a_table(), START, NOW) == []
    [event] = store.table_events(a_table(database="lab"), START, NOW)
    assert event.kind is TableEventKind.ANALYZE


def test_a_bad_row_of_these_views_is_named_and_the_others_are_kept(
    folder: Path, store: SqliteHistory
) -> None:
    write_rows(folder / "sys_query_history.csv", [a_run(1, 10)])
    write_rows(folder / "svv_table_info.csv", [table_row(), table_row(table="items", table_id="x")])
    event = {"table_id": "77", "start_time": "2026-03-03 01:00:00", "status": "Full"}
    write_rows(folder / "sys_analyze_history.csv", [event | {"start_time": "yesterday"}, event])

    report = import_view_export(open_export_folder(folder), store=store, now=NOW)

    assert [(one.file_name, one.row_number, one.column_name) for one in report.problems] == [
        ("svv_table_info.csv", 2, "table_id"),
        ("sys_analyze_history.csv", 1, "start_time"),
    ]
    assert len(store.table_events(a_table(), START, NOW)) == 1


def test_the_plan_of_the_run_whose_steps_are_kept_is_sighted_whichever_plan_is_kept(
    folder: Path, store: SqliteHistory
) -> None:
    days = range(1, 41)
    runs = [a_run(day, 200 if day == 17 else 10) for day in days]
    runs.append(a_run(99, 300))

    import_export(
        folder,
        store,
        runs,
        plans=[row for day in (*days, 99) for row in plan_rows(day)],
        details=[row for day in days for row in detail_rows(day)],
    )

    evidence = evidence_in(store)
    assert evidence.steps is not None
    assert sides(evidence)[2:] == (99, 17)
    hashes = {each.query_id: each.plan_hash for each in evidence.sightings}
    assert hashes[evidence.steps.query_id] is not None
    assert None not in hashes.values()
