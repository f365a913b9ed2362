"""A workload case holds what the store knows across patterns; its review is kept once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.history import open_sqlite_history
from backend.domain.cluster_use import HourUse, MonitoringRule, Queue, ServerlessHour
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView
from backend.domain.workload import TableUseFact, WorkloadCase
from backend.services.build_workload_case import MOST_HOURS, build_workload_case
from backend.services.ports import HistoryStore, PatternRuns
from backend.services.review_workload import review_workload
from backend.services.workload_records import workload_review_record
from backend.services.workload_tables import TABLES_AT_MOST
from tests.builders import a_hash, a_pattern, a_table, some_runs

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 3, 7, tzinfo=UTC)
LARGE_MB = 50_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    history = open_sqlite_history(tmp_path / "history.db")
    yield history
    history.close()


def keep(store: HistoryStore, number: int = 1, **pattern: object) -> None:
    """28 runs, one a day, the last at AT."""
    runs = some_runs(28, start=AT - timedelta(days=27), every=timedelta(days=1))
    known: dict[str, object] = {"first_seen": AT - timedelta(days=27), "last_seen": AT}
    kept = PatternRuns(pattern=a_pattern(a_hash(number), **known | pattern), runs=runs)
    store.add_runs([kept], source="test")


def keep_queueing(store: HistoryStore) -> None:
    """Twenty minutes from eight in which one waits for the other."""
    waiting = some_runs(
        20, start=AT, elapsed_seconds=60.0, queue_seconds=60.0, first_query_id=1_000
    )
    holding = some_runs(
        1, start=AT - timedelta(minutes=5), elapsed_seconds=3_600, first_query_id=2_000
    )
    for number, runs in ((1, waiting), (2, holding)):
        pattern = a_pattern(a_hash(number), scrubbed_sql="SELECT id FROM sales.orders")
        store.add_runs([PatternRuns(pattern=pattern, runs=runs)], source="test")
    use = HourUse(
        hour=AT,
        service_class=100,
        queue_name="Main",
        runs=20,
        queued_runs=20,
        elapsed_seconds=1_300.0,
        queue_seconds=1_200.0,
    )
    store.keep_hours([use], source="test")


def case_of(store: HistoryStore) -> WorkloadCase:
    return build_workload_case(store=store, now=NOW)


def test_an_empty_store_gives_a_case_that_says_what_is_missing(store: HistoryStore) -> None:
    case = case_of(store)

    assert [fact.fact_id for fact in case.facts()] == ["W1"]
    assert (case.window.history_days, case.window.patterns, case.window.runs) == (0, 0, 0)
    assert [gap.what for gap in case.missing] == [
        "Figures by the hour",
        "Configuration of the queues",
    ]


def test_the_window_is_the_four_weeks_up_to_the_newest_run(store: HistoryStore) -> None:
    keep(store)

    case = case_of(store)

    assert (case.window_start, case.window_end) == (
        datetime(2026, 2, 3, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC),
    )
    assert (case.window.history_days, case.window.patterns, case.window.runs) == (28, 1, 28)


def test_facts_are_numbered_and_the_same_store_gives_the_same_case(store: HistoryStore) -> None:
    keep_queueing(store)
    store.put_tables([a_table("sales.orders", size_mb=LARGE_MB)])
    store.put_queues([Queue(service_class=100, name="Main")])

    case = case_of(store)

    ids = [fact.fact_id for fact in case.facts()]
    assert sorted(ids, key=lambda each: int(each[1:])) == [f"W{n}" for n in range(1, len(ids) + 1)]
    assert case == case_of(store)


def test_waiting_is_charged_and_named_in_words(store: HistoryStore) -> None:
    keep_queueing(store)

    [fact] = case_of(store).blame

    assert (fact.query_hash, fact.statement) == (a_hash(2), "SELECT on sales.orders")
    assert fact.others_seconds == pytest.approx(1_200.0)
    assert [victim.query_hash for victim in fact.victims] == [a_hash(1)]


def test_an_hour_without_pressure_charges_nobody(store: HistoryStore) -> None:
    keep_queueing(store)
    calm = HourUse(
        hour=AT, service_class=100, runs=21, elapsed_seconds=90_000.0, queue_seconds=1_200.0
    )
    store.keep_hours([calm], source="test")

    case = case_of(store)

    assert (case.blame, case.blamed_waiting) == ((), None)


def test_the_worst_hours_of_each_kind_are_kept_in_order(store: HistoryStore) -> None:
    keep(store)
    queueing = [
        HourUse(hour=AT - timedelta(hours=n), runs=1, elapsed_seconds=10.0, queue_seconds=float(n))
        for n in range(MOST_HOURS + 3)
    ]
    copying = HourUse(hour=AT - timedelta(days=3), runs=300, copy_runs=300)
    store.keep_hours([*queueing, copying], source="test")

    hours = [fact.use.hour for fact in case_of(store).worst_hours]

    assert hours == sorted(hours)
    assert len(hours) == MOST_HOURS + 1
    assert hours[0] == copying.hour


def test_minutes_of_serverless_have_the_capacity_of_most_and_of_few(store: HistoryStore) -> None:
    keep(store)
    store.keep_serverless_hours(
        [
            ServerlessHour(
                hour=AT - timedelta(hours=n),
                minutes=60,
                compute_seconds=100.0,
                charged_seconds=240.0,
                charged_minutes=4,
                capacities=((8.0, 9), (64.0, 1)),
            )
            for n in range(2)
        ]
    )

    fact = case_of(store).serverless

    assert fact is not None
    assert (fact.hours, fact.minutes, fact.charged_minutes) == (2, 120, 8)
    assert (fact.compute_seconds, fact.charged_seconds) == (200.0, 480.0)
    assert (fact.p05_capacity, fact.p95_capacity, fact.busy_minutes) == (8.0, 64.0, 20)


def use_of(store: HistoryStore, name: str = "sales.orders") -> TableUseFact:
    return {fact.table.full_name: fact for fact in case_of(store).table_uses}[name]


def test_a_table_is_read_by_who_names_it_and_written_by_who_changes_it(
    store: HistoryStore,
) -> None:
    store.put_tables([a_table("sales.orders", size_mb=LARGE_MB)])
    keep(store, 1)
    keep(
        store,
        2,
        query_type="INSERT",
        scrubbed_sql="INSERT INTO sales.orders SELECT * FROM stage.orders_in",
        table_names=("sales.orders", "stage.orders_in"),
        last_seen=AT + timedelta(days=1),
    )

    use = use_of(store)

    assert (use.last_read, use.last_written) == (AT, AT + timedelta(days=1))
    assert use.writing_patterns == (a_hash(2),)
    assert use.writing_seconds == 0.0


def test_the_time_of_those_who_write_an_unread_table_is_added_up(store: HistoryStore) -> None:
    store.put_tables([a_table("sales.orders", size_mb=LARGE_MB)])
    keep(
        store,
        query_type="COPY",
        scrubbed_sql="COPY sales.orders FROM ? IAM_ROLE default",
        table_names=("sales.orders",),
    )

    use = use_of(store)

    assert (use.last_read, use.last_written) == (None, AT)
    assert use.writing_seconds == pytest.approx(28 * 2.0)


@pytest.mark.parametrize(
    ("statement", "is_read"),
    [
        ("VACUUM FULL sales.orders", False),
        ("ANALYZE sales.orders", False),
        ("SELECT count(*) FROM sales.orders", True),
        ("SELECT count(*) FROM orders", True),
    ],
)
def test_upkeep_reads_nothing_and_a_bare_name_may_mean_the_table(
    store: HistoryStore, statement: str, is_read: bool
) -> None:
    store.put_tables([a_table("sales.orders", size_mb=LARGE_MB)])
    name = statement.rpartition(" ")[2]
    keep(store, scrubbed_sql=statement, table_names=(name,))

    use = use_of(store)

    assert (use.last_read is not None) == is_read
    assert use.writing_patterns == ()


def test_a_scan_of_a_step_reads_a_table_that_no_statement_names(store: HistoryStore) -> None:
    store.put_tables([a_table("sales.orders", size_mb=LARGE_MB)])
    keep(store, scrubbed_sql="SELECT * FROM reports.through_a_view", table_names=())
    store.keep_table_scans(["Shop.sales.Orders"], at=AT)

    assert use_of(store).last_read == AT


def test_small_tables_and_those_behind_views_are_no_facts(store: HistoryStore) -> None:
    keep(store)
    store.put_tables(
        [
            a_table("sales.orders", size_mb=10),
            a_table("mart.mv_tbl__daily__0", size_mb=LARGE_MB),
        ]
    )

    assert case_of(store).table_uses == ()


def test_the_largest_tables_are_facts_and_all_are_counted(store: HistoryStore) -> None:
    keep(store, table_names=tuple(f"sales.read_{n}" for n in range(TABLES_AT_MOST + 5)))
    store.put_tables(
        [
            a_table(f"sales.{kind}_{number}", size_mb=LARGE_MB + number)
            for kind in ("read", "unread")
            for number in range(TABLES_AT_MOST + 5)
        ]
    )

    case = case_of(store)

    assert case.large_tables is not None
    assert (case.large_tables.count, case.large_tables.read) == (50, 25)
    assert len(case.table_uses) == 2 * TABLES_AT_MOST
    assert case.table_uses[0].table.full_name == f"sales.unread_{TABLES_AT_MOST + 4}"


def test_names_that_are_no_known_table_are_told(store: HistoryStore) -> None:
    keep(store, 1, table_names=("sales.orders", "reports.daily", "svv_tables", "lake.clicks"))
    keep(store, 2, table_names=(), scrubbed_sql=None)
    store.put_tables([a_table("sales.orders")])
    store.put_lake_tables(
        [LakeTable(database_name="shop", schema_name="lake", table_name="clicks")]
    )

    fact = case_of(store).unresolved_names

    assert fact is not None
    assert (fact.names, fact.count) == (("reports.daily",), 1)


def test_a_view_is_read_by_name_or_through_the_table_behind_it(store: HistoryStore) -> None:
    keep(store, table_names=("mart.daily",))
    known = {"database_name": "shop", "schema_name": "mart"}
    names = ("behind", "daily", "unread")
    store.put_materialized_views([MaterializedView(**known, name=name) for name in names])
    store.keep_table_scans(["shop.mart.mv_tbl__behind__0"], at=AT)

    uses = {fact.view.name: fact.last_read for fact in case_of(store).views}

    assert uses == {"behind": AT, "daily": AT, "unread": None}


def test_a_review_is_kept_with_facts_and_remedies(store: HistoryStore) -> None:
    keep_queueing(store)

    review = review_workload(store=store, analysis_timestamp=NOW)

    assert store.latest_workload_review() == review
    found = {finding.check for finding in review.findings}
    assert {"queue_pressure", "wait_blame"} <= found
    assert {remedy.check for remedy in review.remedies} == found
    ids = {fact.fact_id for fact in review.facts}
    for said in (*review.findings, *review.ruled_out, *review.good_news):
        assert set(said.fact_ids) <= ids


def test_reviewing_again_with_the_same_timestamp_keeps_the_first(store: HistoryStore) -> None:
    keep_queueing(store)
    first = review_workload(store=store, analysis_timestamp=NOW)
    store.put_queues(
        [
            Queue(
                service_class=100,
                name="Main",
                rules=(MonitoringRule(rule_name="r", action="log", metric_name="m"),),
            )
        ]
    )

    review_workload(store=store, analysis_timestamp=NOW)

    assert store.latest_workload_review() == first


def test_the_newest_review_is_the_one_that_counts(store: HistoryStore) -> None:
    keep_queueing(store)
    newer = review_workload(store=store, analysis_timestamp=NOW + timedelta(days=1))
    review_workload(store=store, analysis_timestamp=NOW)

    assert store.latest_workload_review() == newer


def test_the_record_of_a_review_holds_what_the_page_shows(store: HistoryStore) -> None:
    keep_queueing(store)
    review = review_workload(store=store, analysis_timestamp=NOW)

    record = workload_review_record(review)

    assert record["analysis_timestamp"] == "2026-03-03T07:00:00.000000Z"
    [blamed] = record["wait_blame"]
    assert (blamed["query_hash"], blamed["others_seconds"]) == (a_hash(2), pytest.approx(1_200))
    assert blamed["victims"] == [
        {"query_hash": a_hash(1), "waited_seconds": pytest.approx(1_200.0)}
    ]
    pressure = {finding["check"]: finding for finding in record["findings"]}["queue_pressure"]
    assert pressure["remedy"]
    assert pressure["measures"][0]["threshold"] is not None
