"""The workload review as a page."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.domain.case_file import MissingEvidence
from backend.domain.cluster_use import HourUse, MonitoringRule, Queue
from backend.domain.finding import GoodNews, Measure, RuledOut
from backend.domain.materialized_view import MaterializedView
from backend.domain.time_buckets import Bucket
from backend.domain.workload import (
    BlamedWaitingFact,
    BlameFact,
    HourFact,
    LargeTablesFact,
    LockBlameFact,
    QueueFact,
    QueueUseFact,
    Remedy,
    RunawayFact,
    ServerlessFact,
    TableUseFact,
    UnresolvedNamesFact,
    Victim,
    ViewUseFact,
    WindowFact,
    WorkloadReview,
)
from tests.builders import a_finding, a_hash, a_table
from workbench.presenters.workload_facts import workload_sentence
from workbench.presenters.workload_screen import patterns_named, workload_screen

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
NAMES = {a_hash(1): "SELECT 1", a_hash(2): "COPY stg.orders", a_hash(3): "DELETE FROM a"}

WINDOW = WindowFact(
    fact_id="W1",
    history_days=28,
    patterns=2,
    runs=1_000,
    elapsed_seconds=7_200.0,
    queue_seconds=720.0,
    lock_wait_seconds=0.0,
    hours=5,
)
BLAME = BlameFact(
    fact_id="W2",
    query_hash=a_hash(2),
    statement="COPY on stg.orders",
    queue_name="loads",
    runs=7,
    others_seconds=600.0,
    own_seconds=30.0,
    hours=2,
    victims=tuple(Victim(query_hash=a_hash(n), seconds=60.0 * n) for n in (1, 3, 4)),
)
LOCK = LockBlameFact(
    fact_id="W3",
    query_hash=a_hash(3),
    statement="DELETE on a",
    table_name="a",
    runs=1,
    others_seconds=90.0,
    victims=(Victim(query_hash=a_hash(1), seconds=90.0),),
)


def a_review(**changes: object) -> WorkloadReview:
    known: dict[str, object] = {
        "analysis_timestamp": AT,
        "window_start": datetime(2026, 2, 2, tzinfo=UTC),
        "window_end": datetime(2026, 3, 2, tzinfo=UTC),
        "facts": (WINDOW, BLAME, LOCK),
    }
    return WorkloadReview(**{**known, **changes})


def blaming(**changes: object):
    finding = {"subject": a_hash(2), "bucket": Bucket.QUEUE, "fact_ids": ("W2", "W9")}
    return a_finding("wait_blame", **{**finding, **changes})


def test_the_caption_names_the_last_day_that_counts():
    assert workload_screen(a_review(), NAMES).caption == (
        "Reviewed 2 Mar 2026, 08:00 UTC, over 2 Feb – 1 Mar 2026"
    )


def test_figures_are_those_of_the_window():
    screen = workload_screen(a_review(findings=(blaming(),)), NAMES)

    figures = {figure.label: figure.value for figure in screen.figures}
    assert figures == {
        "Findings": "1",
        "Queueing": "12.0 min",
        "Waiting for locks": "0 s",
        "Runs": "1,000",
        "History": "28 days",
    }
    assert screen.figures[1].help.startswith("10")


def test_a_card_has_its_remedy_facts_and_the_pattern_meant():
    measures = (Measure(name="others waited", value=600.0, unit="s", threshold=60.0),)
    review = a_review(
        findings=(blaming(measures=measures),),
        remedies=(Remedy(check="wait_blame", text="Run it at night."),),
    )

    [card] = workload_screen(review, NAMES).cards

    assert (card.query_hash, card.remedy) == (a_hash(2), "Run it at night.")
    assert list(card.facts["id"]) == ["W2", "W9"]
    assert card.facts["fact"].iloc[1] == "not in this review"
    assert len(card.measures) == 1
    assert len(card.badges) == 2


def test_a_finding_about_a_table_leads_to_no_pattern():
    review = a_review(findings=(blaming(subject="sales.orders", affected_share=0.0),))

    [card] = workload_screen(review, NAMES).cards

    assert card.query_hash is None
    assert len(card.badges) == 1


def test_the_board_names_patterns_and_some_of_who_waited():
    board = workload_screen(a_review(), NAMES).waiting

    assert board is not None
    assert board.query_hashes == (a_hash(2),)
    [row] = board.table.to_dict("records")
    assert (row["statement"], row["others"], row["own"]) == ("COPY stg.orders", 600.0, 30.0)
    assert row["victims"] == "SELECT 1 (60.0 s), DELETE FROM a (3.0 min) +1"


def test_the_board_leaves_out_who_is_charged_with_next_to_nothing():
    others = [replace(BLAME, query_hash=a_hash(n), others_seconds=s) for n, s in ((5, 7), (6, 5))]

    board = workload_screen(a_review(facts=(WINDOW, BLAME, *others)), NAMES).waiting

    assert board is not None
    assert board.query_hashes == (a_hash(2), a_hash(5))


def test_candidates_for_locks_come_with_their_table():
    board = workload_screen(a_review(), NAMES).locks

    assert board is not None
    assert board.table.to_dict("records")[0]["table"] == "a"
    assert "Candidates" in board.caption


def test_nobody_is_on_a_board_where_nobody_waited():
    screen = workload_screen(a_review(facts=(WINDOW,)), {})

    assert (screen.waiting, screen.locks) == (None, None)


def test_only_patterns_that_the_page_shows_are_named():
    assert patterns_named(a_review()) == (a_hash(2), a_hash(1), a_hash(3))


def test_a_pattern_without_a_statement_goes_by_its_hash():
    board = workload_screen(a_review(), {}).waiting

    assert board is not None
    assert board.table["statement"].iloc[0] == a_hash(2)


def test_what_was_ruled_out_kept_or_missing_is_listed():
    review = a_review(
        ruled_out=(RuledOut(check="single_queue", sentence="Two queues.", fact_ids=("W1",)),),
        good_news=(GoodNews(check="manual_wlm", sentence="It is.", fact_ids=("W1", "W2")),),
        missing=(MissingEvidence(what="Queues", why="None.", how_to_get="Export them."),),
    )

    screen = workload_screen(review, NAMES)

    assert list(screen.ruled_out["why"]) == ["Two queues."]
    assert list(screen.worth_keeping["facts"]) == ["W1, W2"]
    assert list(screen.missing["how"]) == ["Export them."]
    assert len(screen.facts) == 3


USE = HourUse(
    hour=AT,
    queue_name="loads",
    runs=10,
    queued_runs=4,
    elapsed_seconds=100.0,
    queue_seconds=25.0,
    copy_runs=1,
    small_inserts=2,
)
RULE = MonitoringRule(
    rule_name="r",
    action="log",
    metric_name="query_execution_time",
    metric_operator=">",
    metric_value=900.0,
)


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (
            WINDOW,
            "1,000 runs of 2 patterns in 5 hours took 2.0 h, of which 12.0 min queueing and 0 s"
            " waiting for locks; the history is 28 days long",
        ),
        (
            QueueFact(
                fact_id="W4",
                queue=Queue(
                    service_class=6,
                    name="etl",
                    slots=5,
                    priority="normal",
                    has_concurrency_scaling=True,
                    rules=(RULE,),
                ),
            ),
            "etl (service class 6), 5 slots, priority normal, concurrency scaling on, rules:"
            " query_execution_time > 900 → log",
        ),
        (
            QueueFact(fact_id="W4", queue=Queue(service_class=100, name="main")),
            "main (service class 100), automatic, concurrency scaling off, no monitoring rules",
        ),
        (
            QueueUseFact(fact_id="W4", use=USE, hours=1, worst_hour_queue_seconds=25.0),
            "queue loads: 10 runs, 1.7 min elapsed, 25.0 s (25 %) queueing of 4 runs in 1 hour; the"
            " worst hour queued 25.0 s",
        ),
        (
            HourFact(fact_id="W4", use=USE),
            "2026-03-02 08:00 UTC: 10 runs, 1.7 min elapsed, 25.0 s (25 %) queueing of 4 runs; 1"
            " COPY run, 2 small inserts",
        ),
        (
            BlamedWaitingFact(
                fact_id="W4",
                hours=3,
                waited_seconds=120.0,
                blamed_seconds=60.0,
                lock_waits=1,
                lock_waited_seconds=5.0,
            ),
            "2.0 min of queueing in the worst 3 hours, 60.0 s of it while known runs held slots; 1"
            " run waited 5.0 s for locks",
        ),
        (
            BLAME,
            "COPY on stg.orders: others waited 10.0 min while 7 runs of it held slots, its own"
            " runs 30.0 s",
        ),
        (
            LOCK,
            "DELETE on a: others waited 90.0 s for a lock on a while it was under way",
        ),
        (
            RunawayFact(
                fact_id="W4",
                query_hash=a_hash(1),
                statement="SELECT on a",
                runs=3,
                failed_runs=2,
                failed_seconds=60.0,
                max_elapsed_seconds=7_200.0,
            ),
            "SELECT on a: the longest of 3 runs took 2.0 h; 2 failed or canceled ones 60.0 s",
        ),
        (
            ServerlessFact(
                fact_id="W4",
                hours=2,
                minutes=120,
                charged_minutes=60,
                compute_seconds=3_600.0,
                charged_seconds=7_200.0,
                p05_capacity=8.0,
                p95_capacity=64.0,
                least_capacity=8.0,
                most_capacity=64.0,
                busy_minutes=30,
            ),
            "2.0 RPU-hours charged and 1.0 used in 2 hours; 8 RPU at p05 and 64 at p95 of 30 busy"
            " minutes",
        ),
        (
            LargeTablesFact(fact_id="W4", least_mb=10_000, count=3, read=2),
            "3 tables of 10.0 GB and more, 2 of them read",
        ),
        (
            TableUseFact(
                fact_id="W4",
                table=a_table("sales.orders", size_mb=2_000),
                last_read=None,
                last_written=AT,
                writing_seconds=60.0,
            ),
            "sales.orders, 2.0 GB, never read, last written 2 Mar 2026, which took 60.0 s",
        ),
        (
            UnresolvedNamesFact(fact_id="W4", names=("a.v",), count=3, unread_patterns=2),
            "2 patterns read what is no known table (a.v, 2 more): views, or tables that were not"
            " exported",
        ),
        (
            ViewUseFact(
                fact_id="W4",
                view=MaterializedView(database_name="shop", schema_name="mart", name="daily"),
                last_read=None,
            ),
            "mart.daily, staleness unknown, automatic refresh off, not used for rewrites; never"
            " read",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_fact_is_a_sentence(fact, sentence):
    assert workload_sentence(fact) == sentence
