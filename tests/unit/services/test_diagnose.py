"""Five looks in a fixed order, each with what was seen and the branch that it leads to."""

from typing import Any

import pytest

from backend.checks.registry import run_checks
from backend.domain.diagnosis import STAGE_WORDS, Diagnosis, DiagnosisStage
from backend.services.diagnose import diagnose
from tests.unit.checks.builder import a_case

REBUILT = {
    "runs": 60,
    "buckets": {"execution": 1000, "queue": 60},
    "regression": {"ratio": 3.1, "before": 10, "after": 31, "extra_seconds": 420},
    "tables": [{"name": "crm.segments", "rows": 38_400_000, "style": "EVEN", "stats_off": 97}],
    "changes": {
        "comparison": {
            "before": {"execution": 10, "queue": 1, "versions": ["1.0.1"]},
            "after": {"execution": 31, "queue": 1.2, "versions": ["1.0.1"]},
        },
        "plans": {"fast": "p1-a", "slow": "p1-b"},
        "plan_changes": [{"tables": ["segments"], "says": "The join now needs a broadcast."}],
        "events": [{"kind": "created", "table": "crm.segments"}],
        "load": [3600, 3500],
    },
}


def diagnosed(described: dict[str, Any]) -> Diagnosis:
    case = a_case(described)
    return diagnose(case, run_checks(case))


def said(described: dict[str, Any], stage: DiagnosisStage) -> str:
    return diagnosed(described).steps[list(DiagnosisStage).index(stage)].sentence


def time_of(buckets: dict[str, float], **changes: Any) -> str:
    return said({"buckets": buckets, "changes": changes}, DiagnosisStage.TIME)


def test_the_five_steps_come_in_their_order_each_one_sentence_resting_on_facts() -> None:
    case = a_case(REBUILT)

    diagnosis = diagnose(case, run_checks(case))

    known = {fact.fact_id for fact in case.facts()}
    assert [step.stage for step in diagnosis.steps] == list(DiagnosisStage)
    assert [step.number for step in diagnosis.steps] == [1, 2, 3, 4, 5]
    assert list(STAGE_WORDS) == list(DiagnosisStage)
    for step in diagnosis.steps[:4]:
        assert step.fact_ids
        assert set(step.fact_ids) <= known
    for step in diagnosis.steps:
        assert step.sentence.endswith(".")


def test_a_slow_down_is_followed_through_time_plan_and_tables() -> None:
    diagnosis = diagnosed(REBUILT)

    sentences = [step.sentence for step in diagnosis.steps]
    assert sentences[0] == "60 runs of one shape; none from the result cache."
    assert sentences[1] == (
        "94 % execution and 5.7 % queue; since 2026-11-18 execution grew by 21 s a run, queue by"
        " 0.2 s, so the plan comes next."
    )
    assert sentences[2] == (
        "Another one in the slow run: the join now needs a broadcast, so the tables of that operator"
        " come next."
    )
    assert "crm.segments was created anew on 2026-11-18 02:00" in sentences[3]
    assert sentences[3].endswith("; not the Redshift version, load and waiting.")
    assert diagnosis.verdict.startswith(
        "Since 2026-11-18 06:00 UTC a run takes 31 s instead of 10 s"
    )


def test_what_does_not_count_is_said_first() -> None:
    told = {"runs": 40, "cache_hits": 60, "failed": 2, "canceled": 1}

    assert said(told, DiagnosisStage.SAME_STATEMENT) == (
        "40 runs of one shape; 60 from the result cache, 2 failed and 1 canceled left out."
    )
    assert said({"runs": 0, "cache_hits": 9}, DiagnosisStage.SAME_STATEMENT).startswith(
        "No timed run of one shape"
    )


@pytest.mark.parametrize(
    ("bucket", "follows"),
    [
        ("queue", "so what fills the queue comes first, not the plan."),
        ("lock_wait", "so the transaction that holds its tables comes first, not the plan."),
        ("compile", "so what makes Redshift compile it anew comes first, not the plan."),
        ("planning", "so the size of the statement comes first, not the plan."),
        ("execution", "so the plan comes next."),
    ],
)
def test_the_dominant_bucket_chooses_what_is_looked_at_next(bucket: str, follows: str) -> None:
    assert time_of({bucket: 80, "execution": 19} | {bucket: 80}).endswith(follows)


def test_a_bucket_that_grew_but_does_not_dominate_is_followed_for_the_slow_runs() -> None:
    text = time_of(
        {"execution": 71, "queue": 29},
        comparison={
            "basis": "fast and slow runs",
            "before": {"execution": 10, "queue": 0},
            "after": {"execution": 11, "queue": 18},
        },
    )

    assert text == (
        "71 % execution and 29 % queue; between fast and slow runs queue grew by 18 s a run,"
        " execution by 1 s, so what fills the queue comes first for the slow runs, the plan for all"
        " of them."
    )


def test_runs_that_take_about_the_same_say_that_nothing_grew() -> None:
    text = time_of(
        {"execution": 100},
        comparison={
            "basis": "fast and slow runs",
            "before": {"execution": 10},
            "after": {"execution": 11},
        },
    )

    assert text == (
        "100 % execution; slow runs take only 1.10 times as long as fast ones, so the plan comes"
        " next."
    )


def test_time_that_nobody_measured_counts_as_execution() -> None:
    assert "were not measured" in time_of({})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"plans": {"fast": "p1-a", "slow": "p1-a"}},
            "The fast and the slow run worked by the same one (p1-a), so what it reads comes next.",
        ),
        (
            {"recorded": {"after": {"runs": 4}, "plans": {"p1-a": [4, 10, 12]}}},
            "The same in all 4 recorded runs (p1-a), so what it reads comes next.",
        ),
        (
            {},
            "None was recorded, so fast and slow runs cannot be compared by it; what the tables say"
            " comes next.",
        ),
        (
            {
                "plans": {"fast": "p1-a", "slow": "p1-b"},
                "plan_changes": [{"says": "The join became a loop."}, {"kind": "join_type"}],
            },
            "Another one in the slow run: the join became a loop and 1 more change, so the tables of"
            " that operator come next.",
        ),
    ],
)
def test_the_plan_step_says_what_the_recorded_plans_show(
    changes: dict[str, Any], text: str
) -> None:
    assert said({"changes": changes}, DiagnosisStage.PLAN) == text


def test_one_plan_alone_is_said_to_be_one() -> None:
    described = {"plan": "XN Seq Scan on sale  (cost=0.00..1.00 rows=5 width=4)"}

    assert said(described, DiagnosisStage.PLAN).startswith("One was recorded, so fast and slow")


def test_without_a_cause_it_is_said_what_is_missing_and_what_was_excluded() -> None:
    described = {
        "regression": {"ratio": 3, "before": 10, "after": 30},
        "changes": {"load": [3600, 3500]},
    }

    text = said(described, DiagnosisStage.MOVED)

    assert text.startswith("Nothing that the data shows around 2026-11-18 (missing: ")
    assert text.endswith("; not load.")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "Nothing that shows: it did not become slower for good on any day."),
        (
            {"version": {"days": -1}},
            "Nothing that shows: it did not become slower for good, not with Redshift 1.0.2 either.",
        ),
        (
            {"scans": [{"table": "public.sale", "rows": [1_000_000, 8_000_000]}]},
            "A fast and a slow run read 1 million rows and 8 million rows of public.sale.",
        ),
        (
            {"scans": [{"table": "public.sale", "rows": [1_000_000, 1_000_000]}]},
            "Nothing much: a fast and a slow run read 1 million rows and 1 million rows of"
            " public.sale.",
        ),
    ],
)
def test_without_a_slow_down_what_fast_and_slow_runs_read_is_told(
    changes: dict[str, Any], text: str
) -> None:
    assert said({"changes": changes}, DiagnosisStage.MOVED) == text


def test_at_last_come_the_findings_of_statement_plan_and_tables_but_not_of_time() -> None:
    described = {
        "buckets": {"queue": 900, "execution": 1000},
        "segments": [{"id": 0, "seconds": 9, "spilled_local": 5000}],
    }

    step = diagnosed(described).steps[-1]

    assert step.sentence.startswith("1 finding: ")
    assert step.fact_ids


def test_where_nothing_is_raised_it_is_said_what_was_not_looked_at() -> None:
    described = {
        "sql": "SELECT id FROM public.sale WHERE id = ?",
        "tables": [{"name": "public.sale", "rows": 9}],
    }

    assert said({}, DiagnosisStage.DESIGN).startswith("There was nothing to check; ")
    assert said(described, DiagnosisStage.DESIGN) == (
        "The checks of statement and tables raise nothing; plan and steps could not be looked at."
    )
