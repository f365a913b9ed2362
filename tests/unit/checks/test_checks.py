"""Every case in cases/<group>/<check>.yaml: a sentence, a small case file, what the check must say.

<sentence>:
  case: {...}                   # see builder.py
  finding: {severity: high, bucket: queue, subject: …, says: [...], share: 0.4}
  findings: [...]               # where there are several
  ruled_out: [text, …]          # what the sentences hold
  good: [text, …]               # what the sentences of good news hold
None of them: the check is silent.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from backend.checks.check import Check
from backend.checks.registry import (
    CHECKS,
    CheckOutcome,
    check_name,
    check_text,
    known_thresholds,
    run_checks,
)
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, GoodNews, RuledOut
from tests.unit.checks.builder import a_case

CASES = Path(__file__).parent / "cases"
# What a ruled-out line says of a table, and the check whose finding about it would deny that.
DENIED_OF_A_TABLE = (
    ("VACUUM SORT will not help", "merges_unsorted_region"),
    ("VACUUM SORT will not help", "hash_join_could_merge"),
    ("VACUUM SORT would not help", "hash_join_could_merge"),
    ("VACUUM DELETE will not help", "ghost_rows"),
    ("sort key will not help", "selective_filter"),
    ("sort column will not help", "unsorted_scan"),
)
# The same of the whole run.
DENIED_OF_THE_RUN = (
    ("Memory was enough", "spill_to_disk"),
    ("No slice is slow", "time_skew"),
    ("The slices share the rows evenly", "data_skew"),
    ("What is broadcast is small", "large_broadcast"),
    ("What is redistributed for a join is small", "redistributes_one_side"),
    ("What is redistributed for a join is small", "redistributes_both_sides"),
)
TITLE_LENGTH = 70
CHECK_OF = {check_name(check): check for check in CHECKS}


def stored_cases(name: str) -> Mapping[str, Any]:
    file = CASES / check_text(CHECK_OF[name]).group / f"{name}.yaml"
    cases: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return cases


def all_cases() -> Iterator[Any]:
    for name, check in CHECK_OF.items():
        for sentence, described in stored_cases(name).items():
            yield pytest.param(check, described, id=f"{name}: {sentence}")


@pytest.mark.parametrize(("check", "described"), list(all_cases()))
def test_a_check_says_what_its_case_expects(check: Check, described: Mapping[str, Any]) -> None:
    said = list(check(a_case(described["case"])))

    findings = [one for one in said if isinstance(one, Finding)]
    ruled_out = [one for one in said if isinstance(one, RuledOut)]
    wanted = described.get("findings", [described["finding"]] if "finding" in described else [])
    assert [f.subject for f in findings] == [w.get("subject", "") for w in wanted], said
    for finding, expected in zip(findings, wanted, strict=True):
        check_finding(finding, expected)
    sentences = described.get("ruled_out", [])
    assert len(ruled_out) == len(sentences), ruled_out
    for one, text in zip(ruled_out, sentences, strict=True):
        assert text in one.sentence
    good = [one for one in said if isinstance(one, GoodNews)]
    assert len(good) == len(described.get("good", [])), good
    for one, text in zip(good, described.get("good", []), strict=True):
        assert text in one.sentence


def check_finding(finding: Finding, expected: Mapping[str, Any]) -> None:
    assert finding.severity == expected["severity"], finding
    assert finding.bucket == expected.get("bucket", "execution")
    for text in expected["says"]:
        assert text in f"{finding.title} {finding.evidence}"
    if "share" in expected:
        assert finding.affected_share == pytest.approx(expected["share"], abs=0.005)


def every_case_file() -> Iterator[Any]:
    for name in CHECK_OF:
        for sentence, described in stored_cases(name).items():
            yield pytest.param(a_case(described["case"]), id=f"{name}: {sentence}")


@pytest.mark.parametrize("case", list(every_case_file()))
def test_what_any_check_says_rests_on_facts_and_is_fit_to_show(case: CaseFile) -> None:
    outcome = run_checks(case)

    known = {fact.fact_id for fact in case.facts()}
    assert outcome.problems == ()
    for finding in outcome.findings:
        assert finding.fact_ids
        assert set(finding.fact_ids) <= known
        assert finding.check in CHECK_OF
        assert len(finding.title) <= TITLE_LENGTH
        assert finding.evidence.endswith(".")
        assert 0 < finding.affected_share <= 1
        known_limits = {case.limit(threshold) for threshold in known_thresholds().values()}
        assert any(
            measure.threshold in known_limits or (measure.threshold or 0.0) / 100 in known_limits
            for measure in finding.measures
        )
    for excluded in (*outcome.ruled_out, *outcome.good_news):
        assert excluded.fact_ids
        assert set(excluded.fact_ids) <= known
        assert excluded.sentence.endswith(".")
        assert any(character.isdigit() for character in excluded.sentence) or (
            "range restricted" in excluded.sentence or "bare column" in excluded.sentence
        )


def contradictions(outcome: CheckOutcome) -> list[tuple[Finding, RuledOut]]:
    """Each finding beside the ruled-out line that says the opposite."""
    return [
        (finding, excluded)
        for finding in outcome.findings
        for excluded in outcome.ruled_out
        if (finding.check, finding.subject) == (excluded.check, excluded.subject)
        or _is_denied(finding, excluded)
    ]


def _is_denied(finding: Finding, excluded: RuledOut) -> bool:
    said = excluded.sentence
    is_same_table = bool(finding.subject) and finding.subject in said
    return any(
        words in said and finding.check == check for words, check in DENIED_OF_THE_RUN
    ) or any(
        is_same_table and words in said and finding.check == check
        for words, check in DENIED_OF_A_TABLE
    )


@pytest.mark.parametrize("case", list(every_case_file()))
def test_nothing_is_both_found_and_ruled_out(case: CaseFile) -> None:
    outcome = run_checks(case)

    assert contradictions(outcome) == []


@pytest.mark.parametrize("name", list(CHECK_OF))
def test_each_check_has_cases_that_fire_and_cases_that_do_not(name: str) -> None:
    cases = stored_cases(name).values()

    fires = [case for case in cases if {"finding", "findings", "good"} & set(case)]
    assert len(fires) >= 3
    assert len(cases) - len(fires) >= 3


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
def test_each_check_tells_the_analyst_its_anti_pattern_and_remedy(check: Check) -> None:
    text = check_text(check)

    assert text.summary.endswith(".")
    assert text.anti_pattern.endswith(".")
    assert text.remedy.endswith(".")
    assert check_name(check) == check.__name__
    assert text.rules


def test_a_check_that_fails_does_not_sink_the_others() -> None:
    def broken(case: CaseFile) -> Iterator[Finding | RuledOut]:
        raise KeyError(case.query_hash)
        yield

    case = a_case({"buckets": {"queue": 900, "execution": 100}})

    outcome = run_checks(case, [broken, *CHECKS])

    assert [finding.check for finding in outcome.findings] == ["queue_dominated"]
    assert [problem.sentence.endswith("was left out.") for problem in outcome.problems] == [True]


def test_the_most_severe_finding_comes_first() -> None:
    case = a_case(
        {
            "buckets": {"queue": 120, "execution": 1880},
            "segments": [{"id": 0, "seconds": 9, "spilled_local": 5000}],
        }
    )

    outcome = run_checks(case)

    assert [finding.check for finding in outcome.findings] == ["spill_to_disk", "queue_dominated"]


def test_an_empty_case_file_gives_no_finding() -> None:
    outcome = run_checks(a_case({"runs": 0, "buckets": {}}))

    assert outcome.findings == ()
    assert outcome.problems == ()
