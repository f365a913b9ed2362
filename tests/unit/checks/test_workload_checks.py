"""Every case in cases/workload/<check>.yaml: a sentence, a workload case, what the check must say.

As in test_checks.py, with `case` as workload_builder.py reads it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend.checks.registry import (
    WORKLOAD_CHECKS,
    check_name,
    check_text,
    known_thresholds,
    run_workload_checks,
)
from backend.checks.workload.waiting import WorkloadCheck
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.workload import WorkloadCase
from tests.unit.checks.test_checks import TITLE_LENGTH, check_finding
from tests.unit.checks.workload_builder import a_workload

CASES = Path(__file__).parent / "cases" / "workload"
CHECK_OF = {check_name(check): check for check in WORKLOAD_CHECKS}


def stored_cases(name: str) -> Mapping[str, Any]:
    cases: Mapping[str, Any] = yaml.safe_load((CASES / f"{name}.yaml").read_text())
    return cases


def all_cases() -> Iterator[Any]:
    for name, check in CHECK_OF.items():
        for sentence, described in stored_cases(name).items():
            yield pytest.param(check, described, id=f"{name}: {sentence}")


@pytest.mark.parametrize(("check", "described"), list(all_cases()))
def test_a_check_says_what_its_case_expects(
    check: WorkloadCheck, described: Mapping[str, Any]
) -> None:
    said = list(check(a_workload(described["case"])))

    findings = [one for one in said if isinstance(one, Finding)]
    wanted = described.get("findings", [described["finding"]] if "finding" in described else [])
    assert [f.subject for f in findings] == [w.get("subject", "") for w in wanted], said
    for finding, expected in zip(findings, wanted, strict=True):
        check_finding(finding, {"bucket": "queue"} | expected)
    for kind, key in ((RuledOut, "ruled_out"), (GoodNews, "good")):
        sentences = [one.sentence for one in said if isinstance(one, kind)]
        texts = described.get(key, [])
        assert len(sentences) == len(texts), sentences
        for sentence, text in zip(sentences, texts, strict=True):
            assert text in sentence


@pytest.mark.parametrize("described", [param.values[1] for param in all_cases()])
def test_what_any_check_says_rests_on_facts_and_is_fit_to_show(
    described: Mapping[str, Any],
) -> None:
    assert_fit_to_show(a_workload(described["case"]))


def assert_fit_to_show(case: WorkloadCase) -> None:
    outcome = run_workload_checks(case)

    known = {fact.fact_id for fact in case.facts()}
    limits = {case.limit(threshold) for threshold in known_thresholds().values()}
    assert outcome.problems == ()
    for finding in outcome.findings:
        assert finding.fact_ids
        assert set(finding.fact_ids) <= known
        assert len(set(finding.fact_ids)) == len(finding.fact_ids)
        assert len(finding.title) <= TITLE_LENGTH
        assert finding.evidence.endswith(".")
        assert 0 <= finding.affected_share <= 1
        assert any(
            measure.threshold in limits or (measure.threshold or 0.0) / 100 in limits
            for measure in finding.measures
        )
    for excluded in (*outcome.ruled_out, *outcome.good_news):
        assert excluded.fact_ids
        assert set(excluded.fact_ids) <= known
        assert excluded.sentence.endswith(".")
        assert any(character.isdigit() for character in excluded.sentence)
    assert len({(f.check, f.subject) for f in outcome.findings}) == len(outcome.findings)


@pytest.mark.parametrize("name", list(CHECK_OF))
def test_each_check_has_cases_that_fire_and_cases_that_do_not(name: str) -> None:
    cases = stored_cases(name).values()

    fires = [case for case in cases if {"finding", "findings"} & set(case)]
    assert len(fires) >= 3
    assert len(cases) - len(fires) >= 3


@pytest.mark.parametrize("check", WORKLOAD_CHECKS, ids=check_name)
def test_each_check_tells_the_analyst_its_anti_pattern_and_remedy(check: WorkloadCheck) -> None:
    text = check_text(check)

    assert text.summary.endswith(".")
    assert text.anti_pattern.endswith(".")
    assert text.remedy.endswith(".")
    assert text.group == "workload"
    assert check_name(check) == check.__name__
    assert text.rules


def test_a_check_that_fails_does_not_sink_the_others() -> None:
    def broken(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
        raise KeyError(case.window_start)
        yield

    case = a_workload({"hours": [{"runs": 5, "elapsed": 1000, "waited": 700}]})

    outcome = run_workload_checks(case, [broken, *WORKLOAD_CHECKS])

    assert [finding.check for finding in outcome.findings] == ["queue_pressure"]
    assert len(outcome.problems) == 1


def test_an_empty_workload_gives_no_finding() -> None:
    outcome = run_workload_checks(a_workload({}))

    assert (outcome.findings, outcome.problems) == ((), ())


SECONDS = st.sampled_from([0, 0.5, 70, 900, 90_000])
COUNTS = st.sampled_from([0, 1, 99, 101, 5_000])
QUEUE_NAMES = st.sampled_from(["", "loads", "dashboards"])
HOURS = st.fixed_dictionaries(
    {
        "at": st.integers(0, 23),
        "day": st.integers(1, 20),
        "class": st.sampled_from([None, -1, 6, 14, 100]),
        "queue": QUEUE_NAMES,
        "runs": COUNTS,
        "elapsed": SECONDS,
        "waited": SECONDS,
        "scaled": SECONDS,
        "short": SECONDS,
        "copies": COUNTS,
        "inserts": COUNTS,
        "spilling": COUNTS,
        "accelerated": st.sampled_from([0, 7]),
    }
)
QUEUES = st.fixed_dictionaries(
    {
        "class": st.sampled_from([6, 7, 14, 100, 101]),
        "slots": st.sampled_from([None, 5, 30]),
        "priority": st.sampled_from(["", "normal", "high"]),
        "scaling": st.booleans(),
        "rules": st.lists(st.sampled_from(["query_execution_time", "scan_row_count"]), max_size=2),
    }
)
BLAME = st.fixed_dictionaries(
    {
        "others": SECONDS,
        "own": SECONDS,
        "victims": st.integers(0, 3),
        "queue": QUEUE_NAMES,
        "hash": st.uuids().map(lambda one: f"f1-{one}"),
    }
)
VIEWS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["mart.a", "mart.b", "mart.c"]),
        "state": st.sampled_from([0, 1, 104, 999]),
        "full": st.integers(0, 3),
        "incremental": st.integers(0, 3),
        "full_seconds": SECONDS,
        "read": st.sampled_from([None, 5]),
        "steps_known": st.booleans(),
    }
)
TABLES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["a.b", "a.c"]),
        "mb": st.sampled_from([None, 5, 90_000]),
        "read": st.sampled_from([None, 4]),
        "written": st.sampled_from([None, 4]),
        "writing": SECONDS,
    }
)
WORKLOADS = st.fixed_dictionaries(
    {
        "window": st.fixed_dictionaries(
            {"history": st.sampled_from([0, 7, 90]), "elapsed": SECONDS, "queue": SECONDS}
        ),
        "hours": st.lists(HOURS, max_size=6),
        "queues": st.lists(QUEUES, max_size=4, unique_by=lambda queue: queue["class"]),
        "waiting": st.fixed_dictionaries(
            {"waited": SECONDS, "blamed": SECONDS, "lock_waited": SECONDS}
        ),
        "blame": st.lists(BLAME, max_size=3, unique_by=lambda one: one["hash"]),
        "runaways": st.lists(st.fixed_dictionaries({"max": SECONDS}), max_size=2),
        "serverless": st.fixed_dictionaries(
            {
                "charged": st.sampled_from([0, 3, 400]),
                "used": st.sampled_from([0, 2, 390]),
                "p05": st.sampled_from([0, 4, 8, 1024]),
                "p95": st.sampled_from([0, 8, 64]),
            }
        ),
        "tables": st.lists(TABLES, max_size=2, unique_by=lambda table: table["name"]),
        "views": st.lists(VIEWS, max_size=3, unique_by=lambda view: view["name"]),
    }
)


@given(WORKLOADS)
def test_no_check_fails_or_cites_a_fact_that_is_not_there(described: dict[str, Any]) -> None:
    assert_fit_to_show(a_workload(described))
