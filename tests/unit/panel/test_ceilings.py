from dataclasses import replace
from math import inf, nan

import pytest

from backend.domain.finding import Severity
from backend.domain.recommendation import Category, ReviewerName
from backend.domain.time_buckets import Bucket
from backend.panel.ceilings import ceiling_seconds, held_to_ceiling, weighed
from backend.panel.reviewer import Advice
from tests.builders import a_finding
from tests.unit.panel.cases import a_case


def some_advice(**changes):
    known = {
        "category": Category.REWRITE,
        "severity": Severity.MEDIUM,
        "bucket": Bucket.EXECUTION,
        "title": "Join on equal keys",
        "rationale": "Every pair is compared.",
        "fact_ids": ("F1",),
        "check": "nested_loop",
        "claimed_saving_seconds": 100.0,
    }
    return Advice(**(known | changes))


def test_the_ceiling_is_the_buckets_time_by_the_findings_share():
    case = a_case(execution_seconds=1000.0)
    finding = a_finding("nested_loop", affected_share=0.4)

    assert ceiling_seconds(case, [finding], some_advice()) == pytest.approx(400)


def test_the_finding_about_the_same_subject_counts():
    case = a_case(execution_seconds=1000.0)
    findings = [
        a_finding("data_skew", subject="sales.orders", affected_share=0.1),
        a_finding("data_skew", subject="sales.shops", affected_share=0.9),
    ]

    advice = some_advice(check="data_skew", subject="sales.orders")

    assert ceiling_seconds(case, findings, advice) == pytest.approx(100)


def test_a_finding_about_another_bucket_supports_no_saving():
    case = a_case(execution_seconds=1000.0, queue_seconds=500.0)
    finding = a_finding("queue_dominated", bucket=Bucket.QUEUE)

    advice = some_advice(check="queue_dominated", bucket=Bucket.EXECUTION)

    assert ceiling_seconds(case, [finding], advice) == 0


def test_advice_without_a_finding_is_held_to_the_whole_bucket():
    case = a_case(execution_seconds=1000.0)

    assert ceiling_seconds(case, [], some_advice(check="")) == pytest.approx(1000)


def test_the_advice_can_lower_its_own_ceiling_but_not_lift_it():
    case = a_case(execution_seconds=1000.0)
    findings = [a_finding("nested_loop", affected_share=0.4)]

    lower = ceiling_seconds(case, findings, some_advice(affected_share=0.1))
    higher = ceiling_seconds(case, findings, some_advice(affected_share=7.0))

    assert (lower, higher) == (pytest.approx(100), pytest.approx(400))


@pytest.mark.parametrize("claim", [10_000.0, inf, nan, -5.0])
def test_a_claim_beyond_reason_is_set_right_and_told(claim):
    case = a_case(execution_seconds=1000.0)

    recommendation, struck = held_to_ceiling(
        some_advice(check="", claimed_saving_seconds=claim),
        case=case,
        findings=[],
        reviewer=ReviewerName.OPTIMIZE,
    )

    assert 0 <= recommendation.claimed_saving_seconds <= recommendation.ceiling_seconds == 1000
    assert struck is not None
    assert struck.fact_ids == ("F2",)


def test_a_claim_within_the_ceiling_stands_as_it_is():
    recommendation, struck = held_to_ceiling(
        some_advice(check=""), case=a_case(), findings=[], reviewer=ReviewerName.OPTIMIZE
    )

    assert recommendation.claimed_saving_seconds == 100
    assert recommendation.window_days == 28
    assert struck is None


@pytest.mark.parametrize(
    ("claimed_seconds", "expected"),
    [(60.0, Severity.HIGH), (30.0, Severity.MEDIUM), (3.0, Severity.LOW)],
)
def test_advice_weighs_no_more_than_its_part_of_all_query_time(claimed_seconds, expected):
    case = a_case(execution_seconds=1000.0)
    tenth = replace(case.statistics, total_elapsed_seconds=1000.0, share=0.1)

    severity = weighed(Severity.HIGH, claimed_seconds, replace(case, statistics=tenth))

    assert severity is expected


def test_a_large_saving_makes_no_advice_more_severe():
    assert weighed(Severity.LOW, 900.0, a_case(execution_seconds=1000.0)) is Severity.LOW
