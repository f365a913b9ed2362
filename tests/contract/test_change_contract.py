"""What changed, in patterns and in tables, over every history store."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from backend.domain.errors import UnknownPatternError
from backend.domain.evidence import Column
from backend.domain.pattern import SlowedPattern
from backend.domain.regression import LevelChange, Regression
from backend.domain.runs import Runs
from backend.domain.table_history import TableEvent, TableEventKind
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import Timeline, WaitChange
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import A_MOMENT, a_hash, a_pattern, a_table, some_runs

ONE, TWO, THREE = a_hash(1), a_hash(2), a_hash(3)
A_WEEK = timedelta(days=7)


def a_regression(changed_at: datetime = A_MOMENT) -> Regression:
    return Regression(
        changed_at=changed_at,
        runs_before=10,
        runs_after=10,
        median_before_seconds=1.0,
        median_after_seconds=3.0,
        ratio=3.0,
        chance=0.001,
        extra_seconds=20.0,
    )


def a_timeline(changed_at: datetime = A_MOMENT) -> Timeline:
    return Timeline(
        regression=a_regression(changed_at),
        changes=(
            LevelChange(
                changed_at=changed_at,
                runs_before=10,
                runs_after=10,
                median_before_seconds=1.0,
                median_after_seconds=3.0,
                chance=0.001,
            ),
        ),
        waits=(
            WaitChange(
                bucket=Bucket.QUEUE,
                changed_at=changed_at,
                runs_before=10,
                runs_after=10,
                mean_before_seconds=0.1,
                mean_after_seconds=9.0,
                chance=0.002,
            ),
        ),
    )


def an_event(at: datetime = A_MOMENT, table: str = "sales.orders", **changes) -> TableEvent:
    schema_name, table_name = table.split(".")
    known = {"kind": TableEventKind.ANALYZE, "database_name": "shop", "what": "Full"}
    return TableEvent(at=at, schema_name=schema_name, table_name=table_name, **(known | changes))


def keep(history: HistoryStore, query_hash: str, runs: Runs | None = None, **changes) -> None:
    pattern = a_pattern(query_hash, **changes)
    history.add_runs([PatternRuns(pattern=pattern, runs=runs or some_runs(3))], source="test")


# Timelines


def test_gives_a_timeline_back_and_its_regression_with_the_pattern(history):
    keep(history, ONE)

    history.set_timeline(ONE, a_timeline())

    assert history.timeline(ONE) == a_timeline()
    assert history.pattern(ONE).regression == a_regression()


def test_a_timeline_that_ended_is_forgotten(history):
    keep(history, ONE)
    history.set_timeline(ONE, a_timeline())

    history.set_timeline(ONE, Timeline())

    assert history.timeline(ONE) == Timeline()
    assert history.pattern(ONE).regression is None
    assert history.slowed_patterns(A_MOMENT - A_WEEK, A_MOMENT + A_WEEK).patterns == ()


def test_a_pattern_that_was_never_looked_at_has_an_empty_timeline(history):
    keep(history, ONE)

    assert history.timeline(ONE) == Timeline()
    assert history.timeline("f1-unknown") == Timeline()
    with pytest.raises(UnknownPatternError):
        history.set_timeline("f1-unknown", a_timeline())


def test_finds_the_patterns_that_became_slower_in_the_same_days(history):
    for query_hash, days in ((ONE, 0), (TWO, 1), (THREE, 9)):
        keep(history, query_hash, table_names=(f"sales.{query_hash[-1]}",))
        history.set_timeline(query_hash, a_timeline(A_MOMENT + timedelta(days=days)))
    keep(history, a_hash(4))

    found = history.slowed_patterns(A_MOMENT, A_MOMENT + timedelta(days=2))

    assert found.patterns == (
        SlowedPattern(query_hash=ONE, changed_at=A_MOMENT, table_names=("sales.1",)),
        SlowedPattern(
            query_hash=TWO, changed_at=A_MOMENT + timedelta(days=1), table_names=("sales.2",)
        ),
    )
    assert found.pattern_count == 4
    assert history.slowed_patterns(A_MOMENT + timedelta(days=2), A_MOMENT).patterns == ()


def test_counts_only_the_patterns_that_ran_in_those_days(history):
    keep(history, ONE, first_seen=A_MOMENT - A_WEEK, last_seen=A_MOMENT)
    keep(history, TWO, first_seen=A_MOMENT - 2 * A_WEEK, last_seen=A_MOMENT - A_WEEK)

    assert history.slowed_patterns(A_MOMENT - timedelta(days=1), A_MOMENT).pattern_count == 1


# Newest runs


def test_gives_the_newest_runs_before_a_moment(history):
    keep(history, ONE, some_runs(40, every=timedelta(hours=6)))
    keep(history, TWO, some_runs(5, first_query_id=500))

    newest = history.newest_runs(ONE, limit=3)
    before = history.newest_runs(ONE, limit=3, before=A_MOMENT + timedelta(hours=60))

    assert newest.query_id.tolist() == [38, 39, 40]
    assert before.query_id.tolist() == [8, 9, 10]
    assert len(history.newest_runs(ONE, limit=1_000)) == 40
    assert len(history.newest_runs(ONE, limit=5, before=A_MOMENT)) == 0
    assert len(history.newest_runs("f1-unknown", limit=5)) == 0


def test_newest_runs_of_several_sources_on_a_day_are_in_order(history):
    pattern = a_pattern(ONE)
    for source, start, first_id in (("a", A_MOMENT, 1), ("b", A_MOMENT + timedelta(minutes=2), 50)):
        runs = some_runs(4, start=start, first_query_id=first_id)
        history.add_runs([PatternRuns(pattern=pattern, runs=runs)], source=source)

    newest = history.newest_runs(ONE, limit=4)

    assert newest.query_id.tolist() == [4, 51, 52, 53]


# Writers


def test_finds_the_patterns_that_write_a_table(history):
    keep(
        history, ONE, query_type="CTAS", scrubbed_sql="CREATE TABLE crm.Segments AS SELECT ?",
        last_seen=A_MOMENT,
    )  # fmt: skip
    keep(
        history, TWO, query_type="INSERT", scrubbed_sql='INSERT INTO "crm"."segments" SELECT ?',
        last_seen=A_MOMENT + A_WEEK,
    )  # fmt: skip
    keep(history, THREE, scrubbed_sql="SELECT a FROM crm.segments", table_names=("crm.segments",))

    def found(name: str, seen_from: datetime = A_MOMENT, limit: int = 9) -> list[str]:
        return [
            pattern.query_hash
            for pattern in history.writers_of(name, seen_from=seen_from, limit=limit)
        ]

    assert found("crm.SEGMENTS") == [TWO, ONE]
    assert found('"segments"', limit=1) == [TWO]
    assert found("segments", A_MOMENT + timedelta(days=1)) == [TWO]
    assert found("orders") == []


def test_a_statement_whose_text_is_withheld_writes_nothing_that_is_known(history):
    keep(history, ONE, query_type="INSERT", scrubbed_sql=None)

    assert history.writers_of("orders", seen_from=A_MOMENT - A_WEEK, limit=9) == []


# Snapshots of tables


def test_a_table_is_kept_with_its_date_whenever_it_has_other_figures(history):
    columns = (
        Column(name="id", data_type="int8", sort_key_position=2),
        Column(name="day", data_type="date", sort_key_position=1, encoding="none"),
    )
    first = a_table(row_count=10, distribution_style="KEY(id)", columns=columns)
    grown = replace(first, row_count=400)

    for days, table in enumerate((first, first, grown, grown)):
        history.put_tables([table], taken_at=A_MOMENT + timedelta(days=days))

    snapshots = history.table_snapshots(first)
    assert [(one.taken_at - A_MOMENT).days for one in snapshots] == [0, 2]
    assert [(one.seen_until - A_MOMENT).days for one in snapshots] == [1, 3]
    assert [one.table.row_count for one in snapshots] == [10, 400]
    assert {one.sort_key for one in snapshots} == {("day", "id")}
    assert history.tables(["orders"]) == [grown]


def test_figures_are_known_until_the_newest_import_that_found_them_so(history):
    for days in (0, 4, 2):
        history.put_tables([a_table(row_count=10)], taken_at=A_MOMENT + timedelta(days=days))

    [snapshot] = history.table_snapshots(a_table())
    assert snapshot.seen_until == A_MOMENT + timedelta(days=4)


def test_another_encoding_is_another_design(history):
    def with_encoding(encoding: str):
        return a_table(columns=(Column(name="id", data_type="int8", encoding=encoding),))

    history.put_tables([with_encoding("az64")], taken_at=A_MOMENT)
    history.put_tables([with_encoding("zstd")], taken_at=A_MOMENT + A_WEEK)

    designs = {one.column_design for one in history.table_snapshots(a_table())}
    assert len(designs) == 2


def test_older_figures_do_not_replace_newer_ones(history):
    history.put_tables([a_table(row_count=400)], taken_at=A_MOMENT)

    history.put_tables([a_table(row_count=10)], taken_at=A_MOMENT - A_WEEK)

    assert [table.row_count for table in history.tables(["orders"])] == [400]
    assert [one.table.row_count for one in history.table_snapshots(a_table())] == [10, 400]


def test_figures_without_a_date_replace_and_leave_no_snapshot(history):
    history.put_tables([a_table(row_count=1)])
    history.put_tables([a_table(row_count=2)])

    assert [table.row_count for table in history.tables(["orders"])] == [2]
    assert history.table_snapshots(a_table()) == []


def test_only_the_newest_snapshots_of_a_table_are_kept(history):
    for days in range(60):
        history.put_tables([a_table(row_count=days)], taken_at=A_MOMENT + timedelta(days=days))

    kept = [one.table.row_count for one in history.table_snapshots(a_table())]
    assert kept == list(range(20, 60))


def test_tables_of_one_name_have_snapshots_of_their_own(history):
    orders, archived = a_table("sales.orders", row_count=1), a_table("archive.Orders", row_count=2)
    elsewhere = a_table("sales.orders", database="lab", row_count=3)

    history.put_tables([orders, archived, elsewhere], taken_at=A_MOMENT)

    for table in (orders, archived, elsewhere):
        [snapshot] = history.table_snapshots(table)
        assert snapshot.table == table


# Events


def test_gives_the_events_of_a_table_in_a_time(history):
    analyze = an_event()
    vacuum = an_event(A_MOMENT + timedelta(days=1), kind=TableEventKind.VACUUM, what="Sort")
    later = an_event(A_MOMENT + A_WEEK)
    history.put_table_events([later, vacuum, analyze, an_event(table="sales.items")])

    found = history.table_events(a_table(), A_MOMENT, A_MOMENT + A_WEEK)

    assert found == [analyze, vacuum]
    assert history.table_events(a_table("archive.orders"), A_MOMENT, A_MOMENT + A_WEEK) == []


def test_an_event_that_is_put_again_stays_one(history):
    history.put_table_events([an_event(), an_event()])
    history.put_table_events([an_event(status="done")])

    [event] = history.table_events(a_table(), A_MOMENT, A_MOMENT + A_WEEK)
    assert event.status == "done"


def test_only_the_newest_events_of_a_table_are_kept(history):
    history.put_table_events(an_event(A_MOMENT + timedelta(hours=hours)) for hours in range(300))

    found = history.table_events(a_table(), A_MOMENT, A_MOMENT + timedelta(days=30))

    assert len(found) == 200
    assert found[-1].at == A_MOMENT + timedelta(hours=299)


def test_forgetting_everything_forgets_what_changed(history):
    keep(history, ONE, query_type="INSERT", scrubbed_sql="INSERT INTO sales.orders SELECT ?")
    history.set_timeline(ONE, a_timeline())
    history.put_tables([a_table(row_count=1)], taken_at=A_MOMENT)
    history.put_table_events([an_event()])

    history.clear()

    assert history.timeline(ONE) == Timeline()
    assert history.writers_of("orders", seen_from=A_MOMENT - A_WEEK, limit=9) == []
    assert history.table_snapshots(a_table()) == []
    assert history.table_events(a_table(), A_MOMENT, A_MOMENT + A_WEEK) == []
