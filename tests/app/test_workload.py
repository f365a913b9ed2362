"""The Workload page in its states."""

from datetime import timedelta

from backend.domain.finding import RuledOut
from backend.domain.time_buckets import Bucket
from backend.domain.workload import (
    BlameFact,
    LockBlameFact,
    Remedy,
    Victim,
    WindowFact,
    WorkloadReview,
)
from backend.services.ports import HistoryStore
from tests.app.conftest import keep, open_page, said
from tests.builders import A_MOMENT, a_finding, a_hash, a_pattern, some_runs

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
    query_hash=a_hash(1),
    statement="SELECT on sales.orders",
    queue_name="loads",
    runs=7,
    others_seconds=600.0,
    own_seconds=30.0,
    hours=2,
    victims=(Victim(query_hash=a_hash(2), seconds=600.0),),
)
LOCK = LockBlameFact(
    fact_id="W3",
    query_hash=a_hash(2),
    statement="DELETE on sales.stores",
    table_name="sales.stores",
    runs=1,
    others_seconds=90.0,
    victims=(),
)


def keep_two(store: HistoryStore) -> None:
    keep(store, a_pattern(a_hash(1)), some_runs(4))
    keep(
        store,
        a_pattern(
            a_hash(2),
            scrubbed_sql="DELETE FROM sales.stores WHERE id = ?",
            table_names=("sales.stores",),
        ),
        some_runs(4, first_query_id=100),
    )


def a_workload_review(**changes: object) -> WorkloadReview:
    blame = a_finding(
        "wait_blame",
        subject=a_hash(1),
        bucket=Bucket.QUEUE,
        fact_ids=("W2",),
        title="Others waited 10 min for this statement",
        evidence="While its 7 runs held slots, others waited 10 min.",
    )
    known: dict[str, object] = {
        "analysis_timestamp": A_MOMENT,
        "window_start": A_MOMENT - timedelta(days=28),
        "window_end": A_MOMENT,
        "findings": (blame,),
        "ruled_out": (
            RuledOut(check="single_queue", sentence="There are two queues.", fact_ids=("W1",)),
        ),
        "facts": (WINDOW, BLAME, LOCK),
        "remedies": (Remedy(check="wait_blame", text="Run it at night."),),
    }
    return WorkloadReview(**{**known, **changes})


def test_an_empty_store_says_how_to_fill_it():
    app = open_page("workload")

    assert not app.exception
    assert "workbench import FOLDER" in said(app)


def test_before_the_first_review_it_says_how_to_make_one(store: HistoryStore):
    keep_two(store)

    app = open_page("workload")

    assert not app.exception
    assert "workbench review" in said(app)


def test_findings_come_with_remedy_and_evidence(store: HistoryStore):
    keep_two(store)
    store.put_workload_review(a_workload_review())

    app = open_page("workload")

    assert not app.exception
    text = said(app)
    assert "Findings (1)" in text
    assert "Others waited 10 min for this statement" in text
    assert "While its 7 runs held slots, others waited 10 min." in text
    assert "Run it at night." in text
    assert "Queueing: 12.0 min" in text


def test_who_made_others_wait_is_listed_by_statement(store: HistoryStore):
    keep_two(store)
    store.put_workload_review(a_workload_review())

    app = open_page("workload")

    waiting, locks, *_ = [frame.value for frame in app.dataframe if "others" in frame.value]
    assert waiting["statement"].iloc[0] == "orders: sum(amount)"
    assert waiting["victims"].iloc[0] == "DELETE FROM stores (10.0 min)"
    assert locks["table"].iloc[0] == "sales.stores"


def test_a_quiet_workload_says_so(store: HistoryStore):
    keep_two(store)
    store.put_workload_review(a_workload_review(findings=(), facts=(WINDOW,), remedies=()))

    app = open_page("workload")

    assert not app.exception
    assert "The checks found nothing to raise." in said(app)
    assert not [frame for frame in app.dataframe if "others" in frame.value]


def test_only_the_newest_review_is_shown(store: HistoryStore):
    keep_two(store)
    store.put_workload_review(a_workload_review())
    newer = a_workload_review(
        analysis_timestamp=A_MOMENT + timedelta(days=1), findings=(), facts=(WINDOW,)
    )
    store.put_workload_review(newer)

    app = open_page("workload")

    assert "Findings (0)" in said(app)
