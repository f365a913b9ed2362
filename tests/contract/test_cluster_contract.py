"""What any store must promise of the cluster's own figures."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from backend.domain.cluster_use import HourUse, MonitoringRule, PatternQueue, Queue, ServerlessHour
from backend.domain.finding import Finding, GoodNews, Measure, RuledOut, Severity
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView, Refreshes
from backend.domain.time_buckets import Bucket
from backend.domain.workload import (
    BlameFact,
    HourFact,
    QueueFact,
    Remedy,
    TableUseFact,
    Victim,
    ViewUseFact,
    WindowFact,
    WorkloadReview,
)
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import a_hash, a_pattern, a_table, microseconds, some_runs

AT = datetime(2026, 11, 10, 7, tzinfo=UTC)
DAY = AT.date()


@pytest.fixture
def store(history: HistoryStore) -> HistoryStore:
    return history


def an_hour(**changes: object) -> HourUse:
    known = {"hour": AT, "service_class": 100, "queue_name": "main", "runs": 5}
    return HourUse(**{**known, **changes})


def a_lake_table(name: str = "lake.clicks", **changes: object) -> LakeTable:
    schema_name, _, table_name = name.rpartition(".")
    known = {"database_name": "shop", "schema_name": schema_name, "table_name": table_name}
    return LakeTable(**{**known, **changes})


def a_view(name: str = "mart.mv", **changes: object) -> MaterializedView:
    schema_name, _, view_name = name.rpartition(".")
    known = {"database_name": "shop", "schema_name": schema_name, "name": view_name}
    return MaterializedView(**{**known, **changes})


def test_an_empty_store_has_nothing(store: HistoryStore) -> None:
    assert list(store.lake_tables(["lake.clicks"])) == []
    assert list(store.materialized_views()) == []
    assert list(store.queues()) == []
    assert store.slice_count() is None
    assert list(store.hours(date.min.replace(year=1990), DAY)) == []
    assert list(store.serverless_hours(DAY, DAY)) == []
    assert store.pattern_queues([a_hash()]) == {}
    assert store.table_scans() == {}
    assert store.latest_workload_review() is None
    assert list(store.pattern_heads()) == []
    assert store.times_of_day(DAY)[0] == []
    assert len(store.times_of_day(DAY)[1].pattern) == 0
    assert list(store.each_table()) == []


def test_lake_tables_are_found_as_tables_are(store: HistoryStore) -> None:
    table = a_lake_table("Lake.Clicks", row_count=9, partition_keys=("day", "hour"))
    store.put_lake_tables([table, a_lake_table("lake.orders")])

    assert list(store.lake_tables(["shop.lake.clicks"])) == [table]
    assert list(store.lake_tables(["LAKE.CLICKS", "clicks"])) == [table]
    assert list(store.lake_tables(["other.clicks"])) == []


def test_putting_a_lake_table_replaces_it(store: HistoryStore) -> None:
    store.put_lake_tables([a_lake_table()])
    store.put_lake_tables([a_lake_table(row_count=7)])

    assert [table.row_count for table in store.lake_tables(["lake.clicks"])] == [7]


def test_views_of_a_database_are_replaced_together(store: HistoryStore) -> None:
    store.put_materialized_views([a_view("mart.a"), a_view("mart.b", database_name="lab")])
    store.put_materialized_views([a_view("mart.c")])

    assert [view.full_name for view in store.materialized_views()] == ["mart.b", "mart.c"]


def test_a_view_keeps_what_a_later_export_does_not_say(store: HistoryStore) -> None:
    known = a_view(base_tables=("a.b",), refreshes=Refreshes(full=3, last_at=AT))
    store.put_materialized_views([known])

    store.put_materialized_views([a_view(state=104)])

    assert list(store.materialized_views()) == [replace(known, state=104)]


def test_newer_refreshes_replace_the_known_ones(store: HistoryStore) -> None:
    store.put_materialized_views([a_view(refreshes=Refreshes(full=3))])
    store.put_materialized_views([a_view(refreshes=Refreshes(incremental=1))])

    assert [view.refreshes for view in store.materialized_views()] == [Refreshes(incremental=1)]


def test_queues_are_replaced_as_a_whole(store: HistoryStore) -> None:
    rule = MonitoringRule(rule_name="r", action="log", metric_name="query_execution_time")
    store.put_queues([Queue(service_class=6, name="old", slots=5)])
    wanted = [
        Queue(service_class=14, name="short"),
        Queue(service_class=100, name="main", rules=(rule,), has_concurrency_scaling=True),
    ]

    store.put_queues(reversed(wanted))

    assert list(store.queues()) == wanted


def test_the_number_of_slices_is_that_of_the_newest_export(store: HistoryStore) -> None:
    store.put_slice_count(4)
    store.put_slice_count(16)

    assert store.slice_count() == 16


def test_an_hour_keeps_its_queues(store: HistoryStore) -> None:
    uses = [an_hour(), an_hour(service_class=14, queue_name="short", runs=9)]
    store.keep_hours(uses, source="export")

    assert list(store.hours(DAY, DAY)) == uses


def test_hours_are_those_of_the_wanted_days_oldest_first(store: HistoryStore) -> None:
    late = an_hour(hour=AT + timedelta(hours=16))
    store.keep_hours([late, an_hour(hour=AT + timedelta(days=1)), an_hour()], source="export")

    assert [use.hour for use in store.hours(DAY, DAY)] == [AT, late.hour]


def test_keeping_an_hour_again_counts_nothing_twice(store: HistoryStore) -> None:
    store.keep_hours([an_hour(runs=5)], source="export")
    store.keep_hours([an_hour(runs=5)], source="export")

    assert [use.runs for use in store.hours(DAY, DAY)] == [5]


def test_the_fuller_of_two_exports_of_an_hour_counts(store: HistoryStore) -> None:
    store.keep_hours([an_hour(runs=5)], source="export")
    store.keep_hours([an_hour(runs=3)], source="export")
    first = [use.runs for use in store.hours(DAY, DAY)]
    store.keep_hours([an_hour(runs=8)], source="export")

    assert (first, [use.runs for use in store.hours(DAY, DAY)]) == ([5], [8])


def test_sources_add_up(store: HistoryStore) -> None:
    store.keep_hours([an_hour(runs=5)], source="one")
    store.keep_hours([an_hour(runs=3)], source="other")

    assert [use.runs for use in store.hours(DAY, DAY)] == [5, 3]


def test_serverless_hours_keep_the_fuller_figures(store: HistoryStore) -> None:
    full = ServerlessHour(hour=AT, minutes=60, compute_seconds=9.0, capacities=((8.0, 3),))
    store.keep_serverless_hours([full])
    store.keep_serverless_hours([replace(full, minutes=20)])

    assert list(store.serverless_hours(DAY, DAY)) == [full]


def test_a_pattern_belongs_to_the_queue_of_most_of_its_runs(store: HistoryStore) -> None:
    def through(service_class: int, runs: int) -> PatternQueue:
        return PatternQueue(
            query_hash=a_hash(1), service_class=service_class, queue_name="q", runs=runs
        )

    store.put_pattern_queues([through(100, 3), through(14, 9)])
    first = store.pattern_queues([a_hash(1), a_hash(2)])
    store.put_pattern_queues([through(101, 1)])

    assert first == {a_hash(1): through(14, 9)}
    assert store.pattern_queues([a_hash(1)]) == {a_hash(1): through(101, 1)}


def test_the_last_scan_of_a_table_is_remembered(store: HistoryStore) -> None:
    store.keep_table_scans(["shop.retail.Orders", "shop.retail.lines"], at=AT)
    store.keep_table_scans(["shop.retail.orders"], at=AT - timedelta(days=9))

    assert store.table_scans() == {"shop.retail.orders": AT, "shop.retail.lines": AT}


def test_every_table_comes_in_order_of_its_name(store: HistoryStore) -> None:
    store.put_tables([a_table("sales.orders"), a_table("sales.lines")])

    assert [table.table_name for table in store.each_table()] == ["lines", "orders"]


def test_times_of_a_day_are_those_of_all_patterns(store: HistoryStore) -> None:
    for number, start, count in ((1, AT, 3), (2, AT + timedelta(hours=20), 3), (3, AT, 200)):
        runs = some_runs(
            count,
            start=start,
            every=timedelta(seconds=100),
            first_query_id=1_000 * number,
            queue_seconds=1.0,
            lock_wait_seconds=0.25,
            is_cache_hit=[place == 0 for place in range(count)],
        )
        pattern = a_pattern(a_hash(number))
        store.add_runs([PatternRuns(pattern=pattern, runs=runs)], source="export")

    hashes, times = store.times_of_day(DAY)
    next_hashes, next_times = store.times_of_day(DAY + timedelta(days=1))

    # 07:00 + 20 hours is 03:00 of the next day.
    assert hashes == [a_hash(1), a_hash(3)]
    assert np.bincount(times.pattern).tolist() == [2, 199]
    assert (next_hashes, len(next_times.pattern)) == ([a_hash(2)], 2)
    assert times.started_us[:2].tolist() == [
        microseconds(AT) + 100_000_000,
        microseconds(AT) + 200_000_000,
    ]
    assert set(times.queue_us.tolist()) == {1_000_000}
    assert set(times.lock_wait_us.tolist()) == {250_000}
    assert set(times.elapsed_us.tolist()) == {2_000_000}


def test_the_head_of_every_pattern_is_told(store: HistoryStore) -> None:
    pattern = replace(
        a_pattern(a_hash(1)), scrubbed_sql="SELECT ? " * 400, table_names=("a.b", "c.d")
    )
    store.add_runs([PatternRuns(pattern=pattern, runs=some_runs(1))], source="export")

    (head,) = store.pattern_heads()

    assert (head.query_hash, head.table_names) == (a_hash(1), ("a.b", "c.d"))
    assert pattern.scrubbed_sql
    assert pattern.scrubbed_sql.startswith(head.statement)
    assert 100 < len(head.statement) < 1_000
    assert head.query_type == pattern.query_type


def test_a_pattern_without_a_text_has_an_empty_head(store: HistoryStore) -> None:
    pattern = replace(a_pattern(), scrubbed_sql=None, withheld_reason="why", table_names=())
    store.add_runs([PatternRuns(pattern=pattern, runs=some_runs(1))], source="export")

    assert [head.statement for head in store.pattern_heads()] == [""]


def a_review(at: datetime = AT) -> WorkloadReview:
    window = WindowFact(
        fact_id="W1",
        history_days=28,
        patterns=3,
        runs=9,
        elapsed_seconds=9.0,
        queue_seconds=1.0,
        lock_wait_seconds=0.0,
        hours=2,
    )
    blame = BlameFact(
        fact_id="W4",
        query_hash=a_hash(1),
        statement="SELECT on a.b",
        queue_name="main",
        runs=3,
        others_seconds=60.0,
        own_seconds=0.0,
        hours=1,
        victims=(Victim(query_hash=a_hash(2), seconds=60.0),),
    )
    finding = Finding(
        check="wait_blame",
        severity=Severity.HIGH,
        bucket=Bucket.QUEUE,
        title="Others waited",
        evidence="They did.",
        fact_ids=("W4",),
        subject=a_hash(1),
        measures=(Measure(name="others waited", value=60.0, unit="s", threshold=5.0),),
        affected_share=0.5,
    )
    return WorkloadReview(
        analysis_timestamp=at,
        window_start=AT,
        window_end=AT + timedelta(days=28),
        findings=(finding,),
        ruled_out=(RuledOut(check="single_queue", sentence="2 queues.", fact_ids=("W1",)),),
        good_news=(
            GoodNews(check="short_query_acceleration", sentence="9 runs.", fact_ids=("W1",)),
        ),
        facts=(
            window,
            QueueFact(fact_id="W2", queue=Queue(service_class=100, name="main")),
            HourFact(fact_id="W3", use=an_hour()),
            blame,
            TableUseFact(fact_id="W5", table=a_table("a.b"), last_read=AT, last_written=None),
            ViewUseFact(fact_id="W6", view=a_view(), last_read=None),
        ),
        remedies=(Remedy(check="wait_blame", text="Tune it."),),
    )


def test_a_workload_review_is_given_back_whole(store: HistoryStore) -> None:
    assert store.put_workload_review(a_review()) is True

    assert store.latest_workload_review() == a_review()


def test_the_newest_workload_review_is_the_latest(store: HistoryStore) -> None:
    store.put_workload_review(a_review(AT + timedelta(days=1)))
    store.put_workload_review(a_review(AT))

    latest = store.latest_workload_review()

    assert latest is not None
    assert latest.analysis_timestamp == AT + timedelta(days=1)


def test_a_workload_review_of_a_known_moment_changes_nothing(store: HistoryStore) -> None:
    store.put_workload_review(a_review())

    assert store.put_workload_review(replace(a_review(), findings=())) is False
    assert store.latest_workload_review() == a_review()


def test_clearing_forgets_all_of_it(store: HistoryStore) -> None:
    store.put_lake_tables([a_lake_table()])
    store.put_materialized_views([a_view()])
    store.put_queues([Queue(service_class=100, name="main")])
    store.put_slice_count(4)
    store.keep_hours([an_hour()], source="export")
    store.keep_table_scans(["a.b.c"], at=AT)
    store.put_workload_review(a_review())

    store.clear()

    assert list(store.lake_tables(["clicks"])) == []
    assert list(store.materialized_views()) == []
    assert list(store.queues()) == []
    assert store.slice_count() is None
    assert list(store.hours(DAY, DAY)) == []
    assert store.table_scans() == {}
    assert store.latest_workload_review() is None
