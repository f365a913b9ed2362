import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.domain.errors import UnknownPatternError, UnusableInputError
from backend.domain.recommendation import ReviewerName
from backend.domain.review_job import JobStage, JobState
from backend.panel.panel import Panel
from backend.panel.reviewer import ReviewerAnswer
from backend.panel.rules import rules_panel
from backend.panel.rules.validate import RulesValidator
from backend.services.ports import PatternRuns
from backend.services.review_jobs import ReviewWorker, request_review
from tests.builders import A_MOMENT, a_hash, a_pattern, some_runs

PATIENCE_SECONDS = 20


@dataclass
class HandClock:
    """Stands still until it is moved on."""

    now: datetime = A_MOMENT + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Meanwhile:
    """A reviewer that lets something happen while it reviews."""

    happening: object
    name: ReviewerName = ReviewerName.OPTIMIZE
    engine: str = "rules"
    asked: list[object] = field(default_factory=list)

    def review(self, case, findings, ruled_out):
        self.asked.append((case, findings, ruled_out))
        self.happening()
        return ReviewerAnswer(summary="Nothing to say.")


class BrokenPanel(Panel):
    """Fails outside any reviewer."""

    def __init__(self, failure):
        super().__init__(reviewers=(), validator=RulesValidator())
        self._failure = failure

    def review(self, *_, **__):
        raise self._failure


@dataclass
class OnceUnreachable:
    """The store, but its first claim fails."""

    store: object
    failures: int = 1

    def __getattr__(self, name):
        return getattr(self.store, name)

    def claim_job(self, **how):
        if self.failures:
            self.failures -= 1
            raise OSError("disk")
        return self.store.claim_job(**how)


def panel_where(happening):
    return Panel(reviewers=(Meanwhile(happening),), validator=RulesValidator())


def eventually(is_so):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail("It did not happen in time.")
        time.sleep(0.02)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def history_file(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def store(history_file):
    history = open_sqlite_history(history_file)
    history.add_runs(
        [PatternRuns(pattern=a_pattern(), runs=some_runs(20, elapsed_seconds=30.0))],
        source="test",
    )
    yield history
    history.close()


def test_a_pattern_has_one_active_review_at_most(store, clock):
    first, is_new = request_review(a_hash(), store=store, clock=clock)
    second, is_second_new = request_review(a_hash(), store=store, clock=clock)

    assert (is_new, is_second_new) == (True, False)
    assert second.job_id == first.job_id


def test_an_unknown_pattern_is_not_reviewed(store, clock):
    with pytest.raises(UnknownPatternError):
        request_review(a_hash(9), store=store, clock=clock)


def test_a_requested_review_is_worked_and_kept(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)

    has_worked = ReviewWorker(store, rules_panel(), clock, "one").work_once()

    review = store.latest_review(a_hash())
    assert has_worked
    assert store.job(job.job_id).state is JobState.DONE
    assert (review.job_id, review.analysis_timestamp) == (job.job_id, job.analysis_timestamp)
    assert {response.engine for response in review.agent_responses} == {"rules"}
    assert review.workload_metadata.runs == 20


def test_without_a_request_there_is_nothing_to_work(store, clock):
    assert not ReviewWorker(store, rules_panel(), clock, "one").work_once()


def test_of_two_workers_one_gets_the_job(history_file, store, clock):
    request_review(a_hash(), store=store, clock=clock)
    other_process = open_sqlite_history(history_file)
    workers = [
        ReviewWorker(each, rules_panel(), clock, name)
        for each, name in ((store, "one"), (other_process, "two"))
    ]
    worked: list[bool] = []

    threads = [
        threading.Thread(target=lambda worker=worker: worked.append(worker.work_once()))
        for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other_process.close()

    assert sorted(worked) == [False, True]
    assert store.review_count() == 1


def test_the_job_of_a_killed_process_is_taken_over_when_its_lease_is_over(
    history_file, store, clock
):
    job, _ = request_review(a_hash(), store=store, clock=clock)
    dying = (
        "import os, sys\n"
        "from datetime import datetime\n"
        "from pathlib import Path\n"
        "from backend.adapters.sqlite import open_sqlite_history\n"
        "store = open_sqlite_history(Path(sys.argv[1]))\n"
        "at = datetime.fromisoformat(sys.argv[2])\n"
        "assert store.claim_job(worker='dying', at=at, lease_seconds=60)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run(
        [sys.executable, "-c", dying, str(history_file), clock().isoformat()], check=False
    )
    worker = ReviewWorker(store, rules_panel(), clock, "next")

    too_early = worker.work_once()
    clock.pass_seconds(61)
    in_time = worker.work_once()

    done = store.job(job.job_id)
    assert (too_early, in_time) == (False, True)
    assert (done.state, done.attempts) == (JobState.DONE, 2)
    assert store.latest_review(a_hash()).analysis_timestamp == job.analysis_timestamp


def test_a_worker_that_lost_its_lease_writes_nothing(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)

    def taken_over():
        clock.pass_seconds(61)
        assert store.claim_job(worker="other", at=clock(), lease_seconds=60)

    has_worked = ReviewWorker(store, panel_where(taken_over), clock, "one").work_once()

    assert has_worked
    assert store.review_count() == 0
    assert (store.job(job.job_id).state, store.job(job.job_id).worker) == (
        JobState.RUNNING,
        "other",
    )


def test_a_repeated_job_writes_one_review(store, clock):
    request_review(a_hash(), store=store, clock=clock)

    def taken_over_and_done():
        clock.pass_seconds(61)
        ReviewWorker(store, rules_panel(), clock, "other").work_once()

    ReviewWorker(store, panel_where(taken_over_and_done), clock, "one").work_once()

    assert store.review_count() == 1


def test_a_long_stage_keeps_its_lease(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)

    def long_stage():
        clock.pass_seconds(0.2)
        eventually(lambda: store.job(job.job_id).lease_until > clock())
        clock.pass_seconds(0.2)
        eventually(lambda: store.job(job.job_id).lease_until > clock())

    worker = ReviewWorker(store, panel_where(long_stage), clock, "one", lease_seconds=0.15)
    worker.work_once()

    assert store.job(job.job_id).state is JobState.DONE


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (UnusableInputError("The plan cannot be read."), "The plan cannot be read."),
        (
            RuntimeError("SELECT secret FROM /home/someone"),
            "The review failed for a reason inside the workbench (RuntimeError).",
        ),
    ],
    ids=["of ours", "of others"],
)
def test_a_failed_review_says_why_without_telling_secrets(store, clock, failure, sentence):
    job, _ = request_review(a_hash(), store=store, clock=clock)

    ReviewWorker(store, BrokenPanel(failure), clock, "one").work_once()

    failed = store.job(job.job_id)
    assert (failed.state, failed.error) == (JobState.FAILED, sentence)


def test_the_stages_of_a_review_can_be_followed(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)
    seen: list[JobStage | None] = []

    panel = panel_where(lambda: seen.append(store.job(job.job_id).stage))
    ReviewWorker(store, panel, clock, "one").work_once()

    assert seen == [JobStage.OPTIMIZE]
    assert store.job(job.job_id).stage is JobStage.SAVE


def test_a_running_worker_is_woken_by_a_request(store, clock):
    worker = ReviewWorker(store, rules_panel(), clock, "one", poll_seconds=600)
    worker.start()
    worker.start()

    job, _ = request_review(a_hash(), store=store, clock=clock)
    worker.wake()
    eventually(lambda: store.job(job.job_id).state is JobState.DONE)
    worker.stop()

    assert not worker.is_running


def test_a_worker_outlives_a_store_that_was_away(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)
    worker = ReviewWorker(OnceUnreachable(store), rules_panel(), clock, "one", poll_seconds=0.05)

    worker.start()
    eventually(lambda: store.job(job.job_id).state is JobState.DONE)
    worker.stop()

    assert not worker.is_running


def test_tables_are_weighed_once_after_the_reviews_of_a_turn(store, clock):
    request_review(a_hash(), store=store, clock=clock)
    worker = ReviewWorker(store, rules_panel(), clock, "one")

    too_early = worker.weigh_tables()
    worker.work_once()
    after, again = worker.weigh_tables(), worker.weigh_tables()

    assert (too_early, after, again) == (False, True, False)
    assert store.tables_review().analysis_timestamp == clock()


def test_a_running_worker_weighs_the_tables_when_it_has_nothing_else_to_do(store, clock):
    request_review(a_hash(), store=store, clock=clock)
    worker = ReviewWorker(store, rules_panel(), clock, "one", poll_seconds=0.01)

    worker.start()
    eventually(lambda: store.tables_review() is not None)
    worker.stop()

    assert store.review_count() == 1


@dataclass
class WithoutTables:
    """The store, but what patterns do with tables cannot be read."""

    store: object

    def __getattr__(self, name):
        return getattr(self.store, name)

    def each_table_use(self):
        raise OSError("disk")


def test_a_review_is_kept_where_the_tables_cannot_be_weighed(store, clock):
    job, _ = request_review(a_hash(), store=store, clock=clock)
    worker = ReviewWorker(WithoutTables(store), rules_panel(), clock, "one")

    worker.work_once()

    assert worker.weigh_tables() is False
    assert store.job(job.job_id).state is JobState.DONE
    assert store.tables_review() is None
