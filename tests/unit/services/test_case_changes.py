"""What a case file says about change comes from the store, and says what it could not see."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.adapters.sqlite.history import open_sqlite_history
from backend.domain.case_file import CaseFile
from backend.domain.comparison import RUNS_A_SIDE_AT_MOST, ComparisonBasis
from backend.domain.evidence import PlanEvidence, Segment, Step, StepsEvidence
from backend.domain.runs import Names, Runs
from backend.domain.sighting import Sighting
from backend.domain.table_history import TableEvent, TableEventKind, TableFigure
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import find_timeline
from backend.services.build_case_file import build_case_file
from backend.services.ports import HistoryStore, PatternRuns
from backend.sql.plan_text import parse_plan_text
from tests.builders import a_hash, a_pattern, a_table, some_evidence, some_runs

START = datetime(2026, 11, 1, 6, tzinfo=UTC)
CHANGED_AT = START + timedelta(days=14)
NOW = START + timedelta(days=21)
EVERY = timedelta(hours=6)
RUNS = 80  # twenty days, four a day; the change is at the 57th
BEFORE, AFTER = 56, RUNS - 56

CO_LOCATED = """\
XN Hash Join DS_DIST_NONE  (cost=0.16..900.00 rows=91 width=72)
  Hash Cond: ("outer".customer_id = "inner".customer_id)
  ->  XN Seq Scan on orders  (cost=0.00..91.00 rows=9100 width=40)
  ->  XN Hash  (cost=0.16..0.16 rows=16 width=32)
        ->  XN Seq Scan on segments  (cost=0.00..0.16 rows=16 width=32)
"""
BROADCAST = CO_LOCATED.replace("DS_DIST_NONE", "DS_BCAST_INNER")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    history = open_sqlite_history(tmp_path / "history.db")
    yield history
    history.close()


def keep(store: HistoryStore, runs: Runs, number: int = 1, **pattern: Any) -> str:
    """With its timeline, as an import would."""
    query_hash = a_hash(number)
    first, last = (moment(int(runs.started_us[place])) for place in (0, -1))
    known = a_pattern(query_hash, first_seen=first, last_seen=last, **pattern)
    store.add_runs([PatternRuns(pattern=known, runs=runs)], source="test")
    store.set_timeline(query_hash, find_timeline(store.runs_of(query_hash)))
    return query_hash


def moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)


def slower(**changes: Any) -> Runs:
    seconds = np.repeat([10.0, 30.0], [BEFORE, AFTER])
    return some_runs(RUNS, start=START, every=EVERY, elapsed_seconds=seconds, **changes)


def case_of(store: HistoryStore, last_day: date | None = None) -> CaseFile:
    return build_case_file(a_hash(1), store=store, now=NOW, last_day=last_day)


def what_is_missing(case: CaseFile) -> list[str]:
    return [gap.what for gap in case.missing]


# Fast and slow runs


def test_with_a_slow_down_the_runs_before_and_after_it_are_compared(store: HistoryStore) -> None:
    keep(store, slower(queue_seconds=np.repeat([1.0, 4.0], [BEFORE, AFTER]), returned_rows=500))

    fact = case_of(store).changes.comparison

    assert fact is not None
    assert fact.comparison.basis is ComparisonBasis.SLOW_DOWN
    assert fact.comparison.changed_at == CHANGED_AT
    assert (fact.comparison.fast.runs, fact.comparison.slow.runs) == (BEFORE, AFTER)
    assert fact.comparison.growth_seconds(Bucket.EXECUTION) == pytest.approx(17)
    assert fact.comparison.growth_seconds(Bucket.QUEUE) == pytest.approx(3)
    assert fact.comparison.slow.returned_rows == 500


def test_before_means_the_level_before_and_not_all_that_ever_was(store: HistoryStore) -> None:
    seconds = np.repeat([90.0, 10.0, 30.0], [28, 28, 24])
    keep(store, some_runs(RUNS, start=START, every=EVERY, elapsed_seconds=seconds))

    case = case_of(store)

    assert case.changes.comparison is not None
    assert case.changes.comparison.comparison.fast.elapsed_seconds == pytest.approx(10)
    assert [round(fact.change.ratio, 1) for fact in case.changes.levels] == [0.1, 3.0]


def test_without_a_slow_down_fast_and_slow_runs_are_compared(store: HistoryStore) -> None:
    seconds = 10 + np.arange(RUNS) % 10
    keep(store, some_runs(RUNS, start=START, every=EVERY, elapsed_seconds=seconds))

    case = case_of(store)

    assert case.changes.comparison is not None
    assert case.changes.comparison.comparison.basis is ComparisonBasis.FAST_AND_SLOW
    assert case.changes.comparison.comparison.slow.elapsed_seconds == pytest.approx(19)
    assert (case.changes.other_work, case.changes.events, case.changes.tables) == (None, (), ())


def test_runs_that_wait_longer_are_compared_before_and_after_that(store: HistoryStore) -> None:
    queue = np.repeat([0.0, 25.0], [BEFORE, AFTER])
    keep(
        store,
        some_runs(RUNS, start=START, every=EVERY, elapsed_seconds=10 + queue, queue_seconds=queue),
    )

    case = case_of(store)

    assert case.regression is None
    assert case.changes.comparison is not None
    assert case.changes.comparison.comparison.basis is ComparisonBasis.LONGER_WAIT
    assert case.changes.comparison.comparison.grown is Bucket.QUEUE
    [wait] = case.changes.waits
    assert wait.change.extra_seconds_a_run == pytest.approx(25)


def test_of_a_busy_pattern_the_newest_runs_of_either_side_are_read(store: HistoryStore) -> None:
    count = 3 * RUNS_A_SIDE_AT_MOST
    seconds = np.repeat([1.0, 3.0], [2 * RUNS_A_SIDE_AT_MOST, RUNS_A_SIDE_AT_MOST])
    keep(store, some_runs(count, start=START, every=timedelta(minutes=5), elapsed_seconds=seconds))

    fact = case_of(store).changes.comparison

    assert fact is not None
    assert fact.comparison.fast.runs == fact.comparison.slow.runs == RUNS_A_SIDE_AT_MOST
    assert fact.comparison.ratio == pytest.approx(3)


def test_a_window_that_ends_before_the_slow_down_knows_nothing_of_it(store: HistoryStore) -> None:
    keep(store, slower())

    case = case_of(store, last_day=(CHANGED_AT - timedelta(days=2)).date())

    assert case.regression is None
    assert case.changes.levels == ()
    assert case.changes.comparison is not None
    assert case.changes.comparison.comparison.slow.elapsed_seconds == pytest.approx(10)


def test_facts_about_change_are_numbered_behind_the_others_in_their_order(
    store: HistoryStore,
) -> None:
    keep(store, slower())
    keep(store, some_runs(RUNS, start=START, every=EVERY), 2)
    put_both_sides(store)
    store.put_tables([a_table(row_count=5)])

    case = case_of(store)

    ids = [fact.fact_id for fact in case.facts()]
    assert ids == [f"F{number}" for number in range(1, len(ids) + 1)]
    kinds = [fact.kind for fact in case.changes.facts()]
    assert kinds[:3] == ["level_change", "comparison", "recorded_runs"]
    assert {"plan_comparison", "plan_change", "scan_change", "other_work"} <= set(kinds)


# Recorded runs


def steps_of(query_id: int, at: datetime, rows: int, blocks: int, **changes: Any) -> StepsEvidence:
    step = Step(
        child_query_sequence=1,
        segment_id=0,
        step_id=0,
        step_name="scan",
        table_name="shop.sales.orders",
        input_rows=rows,
        is_range_restricted=False,
    )
    segment = Segment(
        child_query_sequence=1,
        stream_id=0,
        segment_id=0,
        duration_seconds=1.0,
        blocks_read=blocks,
    )
    known: dict[str, Any] = {"segments": (segment,), "steps": (step,)}
    return StepsEvidence(
        query_id=query_id,
        elapsed_seconds=1.0,
        started_at=at,
        own_seconds=1.0,
        **(known | changes),
    )


def plan_of(query_id: int, at: datetime | None, text: str) -> PlanEvidence:
    return PlanEvidence(
        query_id=query_id, plan=parse_plan_text(text), started_at=at, own_seconds=9.0
    )


def put_both_sides(store: HistoryStore, **changes: Any) -> None:
    fast_at, slow_at = CHANGED_AT - timedelta(days=3), CHANGED_AT + timedelta(days=3)
    known: dict[str, Any] = {
        "plan": plan_of(2, slow_at, BROADCAST),
        "steps": steps_of(2, slow_at, 4000, 40),
        "fast_plan": plan_of(1, fast_at, CO_LOCATED),
        "fast_steps": steps_of(1, fast_at, 1000, 10),
        "sightings": (
            Sighting(query_id=1, started_at=fast_at, own_seconds=10.0, plan_hash="p1-a"),
            Sighting(query_id=2, started_at=slow_at, own_seconds=30.0, plan_hash="p1-b"),
        ),
    }
    store.put_evidence([some_evidence(a_hash(1), **(known | changes))])


def test_plans_and_scans_of_both_sides_are_compared(store: HistoryStore) -> None:
    keep(store, slower())
    put_both_sides(store)
    store.put_tables([a_table("sales.orders", row_count=4000)])

    changes = case_of(store).changes

    assert changes.plans is not None
    assert not changes.plans.is_same
    [plan_change] = changes.plan_changes
    assert plan_change.change.table_names == ("segments",)
    [scan] = changes.scans
    assert (scan.table_name, scan.rows_ratio, scan.blocks_ratio) == ("sales.orders", 4.0, 4.0)
    assert changes.recorded_runs is not None
    assert changes.recorded_runs.fast is not None
    assert changes.recorded_runs.slow is not None
    assert changes.recorded_runs.fast.plan_hashes == ("p1-a",)
    assert changes.recorded_runs.slow.plan_hashes == ("p1-b",)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"fast_plan": None}, "plan of a run before the slow-down"),
        ({"plan": None}, "plan of a run after the slow-down"),
        ({"plan": None, "fast_plan": None}, "plan of a run before and after the slow-down"),
        ({"fast_steps": None}, "steps of a run before the slow-down"),
        ({"steps": None}, "steps of a run after the slow-down"),
    ],
)
def test_a_side_that_was_not_recorded_is_said_and_the_other_things_stand(
    store: HistoryStore, changes: dict[str, Any], missing: str
) -> None:
    keep(store, slower())
    put_both_sides(store, **changes)

    case = case_of(store)

    assert missing in what_is_missing(case)
    has_plans = not {"plan", "fast_plan"} & set(changes)
    assert (case.changes.plans is not None) == has_plans
    assert bool(case.changes.scans) != ("steps" in changes or "fast_steps" in changes)
    assert case.changes.comparison is not None


def test_two_runs_of_the_same_side_are_not_held_against_each_other(store: HistoryStore) -> None:
    keep(store, slower())
    early = CHANGED_AT - timedelta(days=5)
    put_both_sides(store, plan=plan_of(2, early, BROADCAST), steps=steps_of(2, early, 9, 9))

    case = case_of(store)

    assert (case.changes.plans, case.changes.plan_changes, case.changes.scans) == (None, (), ())
    assert "plan of a run after the slow-down" in what_is_missing(case)


def test_evidence_of_an_older_version_without_a_start_is_not_compared(store: HistoryStore) -> None:
    keep(store, slower())
    put_both_sides(store, fast_plan=plan_of(1, None, CO_LOCATED))

    assert case_of(store).changes.plans is None


def test_segments_that_scan_two_tables_leave_the_blocks_of_each_open(store: HistoryStore) -> None:
    keep(store, slower())
    at = CHANGED_AT + timedelta(days=3)
    one = steps_of(2, at, 4000, 40)
    other = replace(one.steps[0], step_id=1, table_name="shop.sales.items", input_rows=7)
    put_both_sides(store, steps=replace(one, steps=(*one.steps, other)))

    [scan] = case_of(store).changes.scans

    assert (scan.slow_rows, scan.slow_blocks, scan.blocks_ratio) == (4000, None, None)


# Versions and load


def with_versions(runs: Runs, boundary: int, before: str = "1.0.1", after: str = "1.0.2") -> Runs:
    versions = [before] * boundary + [after] * (len(runs) - boundary)
    return replace(runs, redshift_version=Names.of(versions))


def test_a_version_near_the_slow_down_counts_who_moved_with_it(store: HistoryStore) -> None:
    runs = with_versions(slower(), BEFORE - 3)
    keep(store, runs, 1, table_names=("sales.orders", "sales.items"))
    keep(store, runs, 2, table_names=("public.orders",))
    keep(store, runs, 3, table_names=("sales.people",))
    keep(store, runs, 4, table_names=())
    keep(store, some_runs(RUNS, start=START, every=EVERY), 5, table_names=("sales.shops",))

    version = case_of(store).changes.version

    assert version is not None
    assert (version.before, version.after) == ("1.0.1", "1.0.2")
    assert version.changed_at == CHANGED_AT - 3 * EVERY
    # Of orders in two schemas one is enough: a bare name may mean either.
    assert (version.slowed_patterns, version.unrelated_patterns) == (4, 2)
    assert version.pattern_count == 5


def test_a_version_long_before_is_told_with_what_it_did_to_the_pattern(
    store: HistoryStore,
) -> None:
    keep(store, with_versions(slower(), 12))

    version = case_of(store).changes.version

    assert version is not None
    assert (version.median_before_seconds, version.median_after_seconds) == (10, 10)
    assert version.pattern_count == 0


def test_clusters_of_two_versions_are_no_change_of_version(store: HistoryStore) -> None:
    runs = replace(slower(), redshift_version=Names.of(["1.0.1", "1.0.2"] * (RUNS // 2)))
    keep(store, runs)

    assert case_of(store).changes.version is None


def test_load_is_that_of_the_others(store: HistoryStore) -> None:
    keep(store, slower())
    keep(store, some_runs(RUNS, start=START, every=EVERY, elapsed_seconds=100), 2)

    load = case_of(store).changes.other_work

    assert load is not None
    assert load.seconds_a_day_before == pytest.approx(400)
    assert load.seconds_a_day_after == pytest.approx(400)
    assert (load.days_before, load.days_after) == (7, 5)


# What moved


def put_snapshots(store: HistoryStore, *tables: Any) -> None:
    for table, days in tables:
        store.put_tables([table], taken_at=CHANGED_AT + timedelta(days=days))


def test_figures_of_then_and_now_are_held_against_each_other(store: HistoryStore) -> None:
    keep(store, slower())
    then = a_table(row_count=100, size_mb=7, distribution_style="KEY(id)")
    now = replace(then, row_count=4000, distribution_style="AUTO(EVEN)")
    put_snapshots(store, (then, -9), (then, -2), (now, 2), (replace(now, row_count=4100), 4))

    [fact] = case_of(store).changes.tables

    assert (fact.before_at, fact.after_at) == (
        CHANGED_AT - timedelta(days=2),
        CHANGED_AT + timedelta(days=4),
    )
    assert {change.figure: (change.before, change.after) for change in fact.changes} == {
        TableFigure.ROWS: (100, 4100),
        TableFigure.DISTRIBUTION: ("KEY(id)", "AUTO(EVEN)"),
    }


def test_figures_that_stayed_are_said_to_have_stayed(store: HistoryStore) -> None:
    keep(store, slower())
    put_snapshots(store, (a_table(row_count=100), -9), (a_table(row_count=100), 3))

    case = case_of(store)

    [fact] = case.changes.tables
    assert fact.changes == ()
    assert "tables before the slow-down" not in what_is_missing(case)


def test_without_figures_of_then_that_is_said(store: HistoryStore) -> None:
    keep(store, slower())
    put_snapshots(store, (a_table(row_count=100), 3))

    case = case_of(store)

    assert case.changes.tables == ()
    assert {"tables before the slow-down", "age of tables"} <= set(what_is_missing(case))


def an_event(
    hours: float, kind: TableEventKind = TableEventKind.ANALYZE, **known: Any
) -> TableEvent:
    return TableEvent(
        kind=kind,
        database_name="shop",
        schema_name="sales",
        table_name="orders",
        at=CHANGED_AT + timedelta(hours=hours),
        **known,
    )


def test_events_near_the_slow_down_and_the_last_analyze_before_are_told(
    store: HistoryStore,
) -> None:
    keep(store, slower())
    store.put_tables([a_table(created_at=CHANGED_AT - timedelta(hours=9))])
    store.put_table_events(
        [an_event(hours) for hours in (-400, -300, -20, 30)]
        + [an_event(-100, TableEventKind.VACUUM), an_event(-30, TableEventKind.VACUUM)]
    )

    events = [fact.event for fact in case_of(store).changes.events]

    assert [(one.kind, round((one.at - CHANGED_AT) / timedelta(hours=1))) for one in events] == [
        (TableEventKind.ANALYZE, -300),
        (TableEventKind.VACUUM, -30),
        (TableEventKind.ANALYZE, -20),
        (TableEventKind.CREATED, -9),
    ]


def test_without_a_log_of_maintenance_that_is_said(store: HistoryStore) -> None:
    keep(store, slower())
    store.put_tables([a_table(created_at=CHANGED_AT - timedelta(days=99))])
    what = "what was done to the tables"

    assert what in what_is_missing(case_of(store))
    store.put_table_events([an_event(-20, TableEventKind.VACUUM)])
    assert what not in what_is_missing(case_of(store))


def a_writer(
    store: HistoryStore, number: int, sql: str, at: datetime, count: int = 1, **runs: Any
) -> None:
    """It runs at that moment, and daily before it if there are several runs."""
    first = at - timedelta(days=count - 1)
    keep(
        store,
        some_runs(
            count,
            start=first,
            every=timedelta(days=1),
            elapsed_seconds=60,
            first_query_id=1000 * number,
            **runs,
        ),
        number,
        query_type="CTAS" if sql.startswith("CREATE") else "INSERT",
        scrubbed_sql=sql,
        table_names=(),
    )


def statements(store: HistoryStore) -> list[tuple[str, datetime]]:
    return [
        (fact.event.what, fact.event.at)
        for fact in case_of(store).changes.events
        if fact.event.kind is TableEventKind.STATEMENT
    ]


def test_a_statement_that_made_the_table_anew_is_told_at_its_end(store: HistoryStore) -> None:
    keep(store, slower())
    store.put_tables([a_table()])
    at = CHANGED_AT - timedelta(hours=5)
    a_writer(store, 2, "CREATE TABLE sales.orders AS SELECT ?", at)
    a_writer(store, 3, "CREATE TABLE archive.orders AS SELECT ?", at)

    [fact] = case_of(store).changes.events

    assert (fact.event.what, fact.event.at) == ("CREATE TABLE", at + timedelta(seconds=60))
    assert fact.event.query_hash == a_hash(2)


def test_what_is_written_every_night_is_no_news(store: HistoryStore) -> None:
    keep(store, slower())
    store.put_tables([a_table()])
    at = CHANGED_AT - timedelta(hours=5)
    a_writer(store, 2, "INSERT INTO sales.orders SELECT ?", at, count=12)
    a_writer(store, 3, "INSERT INTO sales.orders SELECT a FROM b", at)

    assert statements(store) == [("INSERT", at + timedelta(seconds=60))]


def test_a_statement_that_failed_or_came_later_changed_nothing(store: HistoryStore) -> None:
    keep(store, slower())
    store.put_tables([a_table()])
    a_writer(store, 2, "INSERT INTO sales.orders SELECT ?", CHANGED_AT - EVERY, status=1)
    a_writer(store, 3, "INSERT INTO orders SELECT b", CHANGED_AT + timedelta(days=2))
    a_writer(store, 4, "INSERT INTO sales.orders SELECT c", CHANGED_AT - timedelta(days=5))

    assert statements(store) == []


def test_a_table_that_was_dropped_since_leaves_the_rest_standing(store: HistoryStore) -> None:
    keep(store, slower(), table_names=("sales.gone",), scrubbed_sql="SELECT a FROM sales.gone")
    put_both_sides(store)

    case = case_of(store)

    assert case.tables == ()
    assert "table statistics" in what_is_missing(case)
    assert case.changes.plans is not None
    assert case.changes.scans[0].table_name == "sales.orders"


def test_a_text_that_is_withheld_leaves_the_rest_standing(store: HistoryStore) -> None:
    keep(store, slower(), scrubbed_sql=None, withheld_reason="a string is not closed")
    put_both_sides(store)

    case = case_of(store)

    assert "statement text" in what_is_missing(case)
    assert case.changes.plans is not None


def test_a_text_that_was_cut_leaves_the_rest_standing(store: HistoryStore) -> None:
    keep(store, slower(), scrubbed_sql="SELECT a FROM sales.orders WHERE (b = ? AND c IN (?,")
    put_both_sides(store)
    store.put_tables([a_table("sales.orders")])

    case = case_of(store)

    assert "parsed statement" in what_is_missing(case)
    assert case.changes.plans is not None
    assert case.changes.scans[0].table_name == "sales.orders"


def test_a_clock_that_goes_back_breaks_nothing(store: HistoryStore) -> None:
    runs = slower()
    started_us = runs.started_us.copy()
    started_us[60:64] = started_us[50:54] + 1
    keep(store, replace(runs, started_us=started_us).in_order())
    put_both_sides(store)

    case = case_of(store)

    assert case.regression is not None
    assert case.changes.comparison is not None
    assert case.changes.comparison.comparison.ratio == pytest.approx(3)
