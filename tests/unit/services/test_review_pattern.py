from datetime import timedelta

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.domain.errors import UnknownPatternError
from backend.domain.recommendation import TriageState
from backend.domain.review_job import JobStage
from backend.domain.time_buckets import Bucket
from backend.panel.rules import rules_panel
from backend.services import review_pattern as service
from backend.services.ports import PatternRuns
from backend.services.review_pattern import review_pattern
from tests.builders import A_MOMENT, a_hash, a_pattern, a_table, some_runs

LATER = A_MOMENT + timedelta(days=1)


class NoLongerWantedError(Exception):
    """Raised by the one who follows the stages."""


@pytest.fixture
def store(tmp_path):
    history = open_sqlite_history(tmp_path / "history.sqlite")
    history.add_runs(
        [
            PatternRuns(
                pattern=a_pattern(),
                runs=some_runs(20, elapsed_seconds=60.0, queue_seconds=45.0, user="loader"),
            )
        ],
        source="test",
    )
    yield history
    history.close()


def reviewed(store, **how):
    return review_pattern(
        a_hash(), store=store, panel=rules_panel(), **({"analysis_timestamp": LATER} | how)
    )


def test_a_pattern_that_waits_gets_advice_for_the_wait(store):
    review = reviewed(store)

    (advice,) = review.recommendations
    assert advice.bucket is Bucket.QUEUE
    assert advice.ceiling_seconds == pytest.approx(20 * 45)
    assert advice.claimed_saving_seconds < advice.ceiling_seconds
    assert "loader" in advice.rationale
    assert store.recommendation(advice.recommendation_id).state is TriageState.OPEN


def test_the_review_knows_the_workload_without_the_case_file(store):
    workload = reviewed(store).workload_metadata

    assert (workload.runs, workload.dominant_bucket, workload.users) == (20, "queue", ("loader",))
    assert workload.total_elapsed_seconds == pytest.approx(20 * 60)


def test_the_same_moment_is_reviewed_once(store):
    reviewed(store)
    reviewed(store)

    assert store.review_count() == 1


def test_every_cited_fact_is_in_the_kept_case_file(store):
    reviewed(store)

    kept = store.latest_review(a_hash())
    known = {fact.fact_id for fact in kept.case_file.facts()}
    assert {fact_id for each in kept.recommendations for fact_id in each.fact_ids} <= known


def test_a_window_in_the_past_counts_the_runs_of_that_time(store):
    store.add_runs(
        [
            PatternRuns(
                pattern=a_pattern(),
                runs=some_runs(5, start=A_MOMENT + timedelta(days=7), first_query_id=100),
            )
        ],
        source="test",
    )

    review = reviewed(store, last_day=A_MOMENT.date())

    assert review.workload_metadata.runs == 20


def test_every_stage_is_told_in_its_order(store):
    stages: list[JobStage] = []

    reviewed(store, on_stage=stages.append)

    assert stages == list(JobStage)


@pytest.mark.parametrize("unwanted_from", [JobStage.CHECKS, JobStage.VALIDATE, JobStage.SAVE])
def test_a_review_that_is_no_longer_wanted_is_not_kept(store, unwanted_from):
    def give_up(stage):
        if stage is unwanted_from:
            raise NoLongerWantedError

    with pytest.raises(NoLongerWantedError):
        reviewed(store, on_stage=give_up)

    assert store.review_count() == 0


def test_a_failed_check_is_told_as_missing(store, monkeypatch):
    def broken(case):
        raise KeyError(case.query_hash)

    whole = service.run_checks
    monkeypatch.setattr(service, "run_checks", lambda case: whole(case, [broken]))

    (gap,) = [gap for gap in reviewed(store).case_file.missing if gap.what.startswith("The check")]
    assert "KeyError" in gap.why


def test_an_unknown_pattern_cannot_be_reviewed(store):
    with pytest.raises(UnknownPatternError):
        review_pattern(a_hash(9), store=store, panel=rules_panel(), analysis_timestamp=LATER)


def test_what_the_pattern_does_with_its_tables_is_kept_with_the_review(store):
    store.put_tables([a_table("sales.orders", distribution_style="EVEN", row_count=10**8)])

    review = reviewed(store)

    (use,) = review.table_uses
    assert (use.table_name, use.analysis_timestamp) == ("shop.sales.orders", LATER)
    assert use.seconds == pytest.approx(20 * 15)  # execution; the wait stands on no table
    assert list(store.each_table_use()) == [use]


def test_a_week_is_counted_from_the_days_that_the_history_knows(store):
    store.put_tables([a_table("sales.orders", distribution_style="EVEN")])

    (use,) = reviewed(store).table_uses

    # The window is four weeks long; the history begins at the start of the runs' day.
    assert 1.0 <= use.window_days <= 3.0


def test_uses_that_cannot_be_read_do_not_sink_the_review(store, monkeypatch):
    def fails(*_, **__):
        raise KeyError("odd plan")

    monkeypatch.setattr(service, "read_table_uses", fails)

    review = reviewed(store)

    assert review.table_uses == ()
    assert store.review_count() == 1
