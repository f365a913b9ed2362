"""Review jobs, over every history store."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from backend.domain.errors import UnknownJobError
from backend.domain.review_job import JobStage, JobState
from tests.builders import A_MOMENT, a_hash

ONE, TWO = a_hash(1), a_hash(2)
LEASE = timedelta(seconds=60)


def after(seconds: float):
    return A_MOMENT + timedelta(seconds=seconds)


def claim(history, worker="w1", at=A_MOMENT):
    return history.claim_job(worker=worker, at=at, lease_seconds=LEASE.total_seconds())


def test_a_pattern_has_one_active_job_at_a_time(history):
    job, is_new = history.start_job(ONE, job_id="j1", at=A_MOMENT)
    same, is_second_new = history.start_job(ONE, job_id="j2", at=after(5))

    assert (is_new, is_second_new) == (True, False)
    assert same == job == history.active_job(ONE) == history.job("j1")
    assert (job.state, job.analysis_timestamp) == (JobState.QUEUED, A_MOMENT)


def test_an_unknown_job_is_an_error(history):
    with pytest.raises(UnknownJobError):
        history.job("missing")
    assert history.active_job(ONE) is None
    assert history.latest_job(ONE) is None
    assert claim(history) is None


def test_a_job_id_used_again_gives_that_job(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    claim(history)
    history.finish_job("j1", worker="w1", at=after(2))

    job, is_new = history.start_job(ONE, job_id="j1", at=after(9))

    assert (job.state, is_new) == (JobState.DONE, False)


def test_the_oldest_job_is_claimed_first(history):
    history.start_job(TWO, job_id="j2", at=after(1))
    history.start_job(ONE, job_id="j1", at=A_MOMENT)

    first, second, third = claim(history), claim(history), claim(history)

    assert (first.job_id, second.job_id, third) == ("j1", "j2", None)
    assert (first.state, first.worker, first.attempts) == (JobState.RUNNING, "w1", 1)
    assert first.lease_until == A_MOMENT + LEASE


def test_each_job_is_claimed_by_exactly_one_of_many_workers(history):
    for number in range(12):
        history.start_job(a_hash(number), job_id=f"j{number}", at=after(number))
    start = threading.Barrier(6)

    def work(name: str) -> list[str]:
        start.wait()
        claimed = []
        while job := claim(history, name):
            claimed.append(job.job_id)
        return claimed

    with ThreadPoolExecutor(6) as pool:
        found = [job for jobs in pool.map(work, "abcdef") for job in jobs]

    assert sorted(found) == sorted(f"j{number}" for number in range(12))


def test_many_starting_at_once_make_one_job(history):
    start = threading.Barrier(6)

    def ask(number: int) -> bool:
        start.wait()
        return history.start_job(ONE, job_id=f"j{number}", at=A_MOMENT)[1]

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(ask, range(6))) == 1


def test_a_stage_renews_the_lease(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    claim(history)

    is_mine = history.report_stage(
        "j1", JobStage.CHECKS, worker="w1", at=after(50), lease_seconds=60
    )

    assert is_mine
    assert history.job("j1").stage is JobStage.CHECKS
    assert claim(history, "w2", at=after(100)) is None


def test_a_worker_that_fell_silent_loses_its_job(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    claim(history)

    taken = claim(history, "w2", at=after(60))
    is_still_mine = history.report_stage(
        "j1", JobStage.SAVE, worker="w1", at=after(61), lease_seconds=60
    )
    history.finish_job("j1", worker="w1", at=after(62))

    assert (taken.worker, taken.attempts, taken.analysis_timestamp) == ("w2", 2, A_MOMENT)
    assert not is_still_mine
    assert history.job("j1").state is JobState.RUNNING


def test_a_job_that_fails_its_workers_three_times_is_given_up(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    history.start_job(TWO, job_id="j2", at=after(1))
    for attempt in range(3):
        assert claim(history, at=after(attempt * 60)).job_id == "j1"

    next_claimed = claim(history, at=after(180))

    assert next_claimed.job_id == "j2"
    given_up = history.job("j1")
    assert given_up.state is JobState.FAILED
    assert given_up.error.endswith(".")
    assert history.active_job(ONE) is None


def test_a_finished_job_makes_room_for_the_next(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    claim(history)
    history.finish_job("j1", worker="w1", at=after(3))

    again, is_new = history.start_job(ONE, job_id="j2", at=after(4))

    assert is_new
    assert history.latest_job(ONE) == again
    done = history.job("j1")
    assert (done.state, done.finished_at, done.error) == (JobState.DONE, after(3), None)


def test_a_failed_job_says_why(history):
    history.start_job(ONE, job_id="j1", at=A_MOMENT)
    claim(history)

    history.finish_job("j1", worker="w1", at=after(3), error="The plan was too large.")

    failed = history.latest_job(ONE)
    assert (failed.state, failed.error) == (JobState.FAILED, "The plan was too large.")
