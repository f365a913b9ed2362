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


def test_a_pattern_that_reads_two_tables_keeps_a_use_of_each(store):
    text = "select count(*) from sales.orders o join sales.lines l on l.order_id = o.id"
    two = a_pattern(a_hash(2), scrubbed_sql=text, table_names=("sales.orders", "sales.lines"))
    store.add_runs([PatternRuns(pattern=two, runs=some_runs(3, first_query_id=500))], source="test")
    store.put_tables([a_table("sales.orders"), a_table("sales.lines")])

    review = review_pattern(a_hash(2), store=store, panel=rules_panel(), analysis_timestamp=LATER)

    names = ["shop.sales.lines", "shop.sales.orders"]
    assert sorted(use.table_name for use in review.table_uses) == names
    kept = [store.table_uses_of(name).items for name in names]
    assert [[use.query_hash for use in uses] for uses in kept] == [[a_hash(2)], [a_hash(2)]]


def test_a_later_review_takes_the_place_of_the_uses_before(store):
    store.put_tables([a_table("sales.orders")])
    reviewed(store)

    later = LATER + timedelta(hours=1)
    reviewed(store, analysis_timestamp=later)

    assert [use.analysis_timestamp for use in store.each_table_use()] == [later]


def with_history_since(store, days: int):
    """Another pattern ran as long ago."""
    other = PatternRuns(
        pattern=a_pattern(a_hash(7)),
        runs=some_runs(1, start=A_MOMENT - timedelta(days=days), first_query_id=700),
    )
    store.add_runs([other], source="test")
    store.put_tables([a_table("sales.orders")])


@pytest.mark.parametrize(
    ("history_days", "observed_days"),
    [
        (9, 10.0),  # the window of four weeks begins before the history
        (100, 28.0),  # the history begins before the window
    ],
)
def test_a_week_is_counted_from_the_days_that_the_history_knows(store, history_days, observed_days):
    with_history_since(store, history_days)

    (use,) = reviewed(store).table_uses

    assert use.window_days == observed_days
    assert use.seconds_a_week == pytest.approx(20 * 15 / observed_days * 7)


def test_a_shorter_window_counts_its_own_days_only(store):
    with_history_since(store, 100)
    last = A_MOMENT.date()

    (use,) = reviewed(store, first_day=last - timedelta(days=2), last_day=last).table_uses

    assert use.window_days == 3.0


def test_uses_that_cannot_be_read_do_not_sink_the_review(store, monkeypatch):
    def fails(*_, **__):
        raise KeyError("odd plan")

    monkeypatch.setattr(service, "read_table_uses", fails)

    review = reviewed(store)

    assert review.table_uses == ()
    assert review.recommendations
    assert store.review_count() == 1
    (gap,) = [each for each in store.latest_review(a_hash()).case_file.missing
              if each.what == "What the pattern does with its tables"]  # fmt: skip
    assert "KeyError" in gap.why
    assert "odd plan" not in gap.why  # an error's own text may hold text of a query
