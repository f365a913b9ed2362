"""The shapes that scripts rely on: a field may be added here, never renamed or removed."""

import json
from datetime import date

from backend.domain.diagnosis import Diagnosis, DiagnosisStage, DiagnosisStep
from backend.domain.pattern import NameShare, RankedPattern
from backend.domain.recommendation import TriagedRecommendation, TriageState
from backend.domain.regression import Regression
from backend.domain.time_buckets import TimeBuckets
from backend.services.records import (
    advice_record,
    pattern_record,
    recommendation_record,
    review_record,
)
from tests.builders import (
    A_MOMENT,
    a_finding,
    a_pattern,
    a_recommendation,
    a_review,
    a_rewrite,
)


def a_ranked_pattern() -> RankedPattern:
    regression = Regression(
        changed_at=A_MOMENT,
        runs_before=10,
        runs_after=10,
        median_before_seconds=1.0,
        median_after_seconds=2.5,
        ratio=2.5,
        chance=0.001,
        extra_seconds=15.0,
    )
    return RankedPattern(
        rank=1,
        pattern=a_pattern(regression=regression),
        runs=20,
        failed_runs=1,
        canceled_runs=2,
        cache_hits=3,
        failed_seconds=0.5,
        total_elapsed_seconds=1 / 3,
        p50_elapsed_seconds=1.0,
        p95_elapsed_seconds=2.0,
        max_elapsed_seconds=3.0,
        has_exact_quantiles=True,
        share=0.25,
        buckets=TimeBuckets(queue_seconds=2.0, execution_seconds=1.0),
        users=(NameShare(name="etl", runs=20, total_elapsed_seconds=1 / 3),),
    )


def a_triaged_recommendation() -> TriagedRecommendation:
    return TriagedRecommendation(
        recommendation=a_recommendation(),
        state=TriageState.SNOOZED,
        raised_first=A_MOMENT,
        raised_last=A_MOMENT,
        snoozed_until=date(2026, 4, 1),
    )


def test_a_pattern_keeps_its_fields():
    record = pattern_record(a_ranked_pattern())

    assert list(record) == [
        "rank",
        "query_hash",
        "query_type",
        "runs",
        "failed_runs",
        "canceled_runs",
        "cache_hits",
        "total_elapsed_seconds",
        "p50_elapsed_seconds",
        "p95_elapsed_seconds",
        "max_elapsed_seconds",
        "failed_seconds",
        "has_exact_quantiles",
        "share",
        "dominant_bucket",
        "queue_seconds",
        "planning_seconds",
        "compile_seconds",
        "lock_wait_seconds",
        "execution_seconds",
        "users",
        "databases",
        "labels",
        "first_seen",
        "last_seen",
        "regression",
        "open_recommendations",
        "table_names",
        "native_hashes",
        "fingerprint_method",
        "scrubbed_sql",
        "withheld_reason",
        "busy_seconds",
        "busy_share",
        "cost_usd",
        "prices_as_of",
    ]


def test_a_recommendation_keeps_its_fields():
    record = recommendation_record(a_triaged_recommendation())

    assert list(record) == [
        "recommendation_id",
        "query_hash",
        "reviewer",
        "category",
        "severity",
        "bucket",
        "title",
        "rationale",
        "fact_ids",
        "check",
        "subject",
        "action",
        "action_sql",
        "claimed_saving_seconds",
        "ceiling_seconds",
        "window_days",
        "verdict",
        "claimed_saving_usd",
        "prices_as_of",
        "rewrite_sql",
        "rewrite_preconditions",
        "changes_result",
        "state",
        "is_still_raised",
        "raised_first",
        "raised_last",
        "snoozed_until",
        "version",
        "across_patterns",
        "across_patterns_reason",
    ]


def test_a_rewrite_is_its_sql_and_what_it_rests_on():
    rewritten = a_recommendation(rewrite=a_rewrite(changes_result=True))

    record = advice_record(rewritten)

    assert record["rewrite_sql"] == a_rewrite().sql
    assert record["rewrite_preconditions"] == [
        "The values are written alike (read in the statement)."
    ]
    assert record["changes_result"] is True
    plain = advice_record(a_recommendation())
    assert (plain["rewrite_sql"], plain["rewrite_preconditions"]) == (None, [])
    assert plain["changes_result"] is False


def test_a_review_keeps_the_fields_of_the_history_item():
    record = review_record(a_review(recommendations=[a_recommendation()]))

    assert list(record) == [
        "query_hash",
        "analysis_timestamp",
        "workload_metadata",
        "recommendations",
        "agent_responses",
        "findings",
        "ruled_out",
        "good_news",
        "diagnosis",
        "job_id",
        "schema_version",
    ]


def test_a_diagnosis_keeps_its_fields():
    step = DiagnosisStep(stage=DiagnosisStage.TIME, sentence="All execution.", fact_ids=("F2",))
    review = a_review(diagnosis=Diagnosis(steps=(step,), verdict="It reads more."))

    assert review_record(review)["diagnosis"] == {
        "verdict": "It reads more.",
        "steps": [{"number": 2, "stage": "time", "sentence": "All execution.", "fact_ids": ["F2"]}],
    }
    assert review_record(a_review())["diagnosis"] is None


def test_seconds_end_at_the_microsecond_and_words_are_plain_text():
    record = pattern_record(a_ranked_pattern())

    assert record["total_elapsed_seconds"] == 0.333333
    assert record["dominant_bucket"] == "queue"
    assert record["first_seen"] == "2026-03-02T09:00:00.000000Z"


def test_every_record_is_json_as_it_is():
    records = (
        pattern_record(a_ranked_pattern()),
        recommendation_record(a_triaged_recommendation()),
        review_record(a_review(recommendations=[a_recommendation()], findings=(a_finding(),))),
    )

    assert [json.loads(json.dumps(record)) for record in records] == list(records)
