"""The warning on top of a pattern that became slower."""

from dataclasses import replace
from datetime import timedelta

from backend.domain.case_file import RegressionFact
from backend.domain.diagnosis import Diagnosis
from backend.domain.regression import Regression
from backend.domain.review import Review
from tests.builders import A_MOMENT, a_case_file, a_pattern, a_review
from tests.unit.presenters.test_slow_queries import a_row
from workbench.presenters.query_head import query_head

SLOWER = Regression(
    changed_at=A_MOMENT,
    runs_before=40,
    runs_after=20,
    median_before_seconds=10.0,
    median_after_seconds=31.0,
    ratio=3.1,
    chance=0.001,
    extra_seconds=420.0,
)


def a_verdict(text: str, known: Regression = SLOWER) -> Review:
    fact = RegressionFact(fact_id="F3", regression=known)
    return a_review(
        case_file=a_case_file(regression=fact), diagnosis=Diagnosis(steps=(), verdict=text)
    )


def warning(review: Review | None, regression: Regression | None = SLOWER) -> str | None:
    row = a_row(pattern=a_pattern(regression=regression))
    return query_head(row, None, None, review).regression


def test_the_verdict_of_the_review_says_why_and_what_it_costs():
    verdict = "Since yesterday a run takes 31 s: the plan broadcasts crm.segments."

    assert warning(a_verdict(verdict)) == f"{verdict} This costs 7.0 min more."


def test_without_a_review_the_figures_stand_alone():
    text = warning(None) or ""

    assert text.startswith("3.1× slower since 2 Mar 2026")
    assert "median 10.0 s over 40 runs before, 31.0 s over 20 runs since" in text
    assert text.endswith("Queue, lock and compile time are left out of the comparison.")


def test_a_review_that_knew_of_another_slow_down_does_not_explain_this_one():
    earlier = replace(SLOWER, changed_at=A_MOMENT - timedelta(days=30))

    text = warning(a_verdict("It was the index.", earlier)) or ""

    assert "It was the index" not in text
    assert text.startswith("3.1× slower")


def test_a_pattern_that_is_as_fast_as_ever_has_no_warning():
    assert warning(a_verdict("It was slow once."), None) is None
