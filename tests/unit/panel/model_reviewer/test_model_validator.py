"""The fourth reviewer takes away with facts, and adds nothing."""

from typing import Any

import pytest

from backend.domain.finding import Severity
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer import model_panel
from backend.panel.model_reviewer.model import ModelError
from tests.model_fakes import (
    A_KEY,
    ReceiptsInMemory,
    ScriptedModel,
    TickingClock,
    a_reply_of,
    a_told_case,
    advice_of,
    its_findings,
    reviewer_asked,
    table_fact,
)

CASE = a_told_case()


def a_ruling(**changes: Any) -> dict[str, Any]:
    known = {
        "recommendation": "R1",
        "verdict": "reject",
        "severity": None,
        "reason": "The table has 200 million rows.",
        "fact_ids": [table_fact(CASE)],
    }
    return known | changes


def ruled(*rulings: dict[str, Any], **changes: Any):
    model = ScriptedModel(
        answers={
            "schema_review": a_reply_of(advice_of(CASE)),
            "validate": a_reply_of(rulings=list(rulings), **changes),
        }
    )
    panel = model_panel(model, receipts=ReceiptsInMemory(), clock=TickingClock(), marks_key=A_KEY)
    return panel.review(CASE, its_findings(CASE), []), model


def struck_reasons(outcome) -> list[str]:
    return [struck.reason for struck in outcome.agent_responses[-1].struck]


def test_is_given_what_the_others_recommend():
    _, model = ruled()

    request = next(each for each in model.requests if reviewer_asked(each) == "validate")
    assert '"recommendation": "R1"' in request.text.instructions
    assert "Distribute orders by order_id" in request.text.instructions
    assert request.text.prefix == model.requests[0].text.prefix


def test_rejects_with_a_fact_and_a_reason():
    outcome, _ = ruled(a_ruling())

    assert outcome.recommendations == ()
    [struck] = outcome.agent_responses[-1].struck
    assert struck.reviewer is ReviewerName.SCHEMA_REVIEW
    assert struck.reason == "The table has 200 million rows."
    assert struck.fact_ids == (table_fact(CASE),)


@pytest.mark.parametrize(
    "changes",
    [
        {"fact_ids": []},
        {"fact_ids": ["F99"]},
        {"reason": "It would lose 4,711 rows."},
        {"reason": ""},
        {"recommendation": "R7"},
        {"verdict": "lower", "severity": "high"},
        {"verdict": "lower", "severity": None},
    ],
    ids=["no fact", "made-up fact", "made-up figure", "no reason", "unknown", "raised", "no level"],
)
def test_changes_nothing_without_proof(changes):
    plain, _ = ruled()

    outcome, _ = ruled(a_ruling(**changes))

    assert outcome.recommendations == plain.recommendations != ()


def test_lowers_a_severity():
    outcome, _ = ruled(a_ruling(verdict="lower", severity="low"))

    [advice] = outcome.recommendations
    assert advice.severity is Severity.LOW


def test_ruling_twice_rejects_once():
    outcome, _ = ruled(a_ruling(), a_ruling())

    assert outcome.recommendations == ()
    assert struck_reasons(outcome).count("It rules on no recommendation there is.") == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [("no JSON", "The model's answer did not have the form"), (ModelError("Busy."), "Busy.")],
    ids=["unusable", "failed"],
)
def test_where_it_fails_what_the_rules_left_stands_and_the_error_is_told(answer, error):
    def answered(_) -> str:
        if isinstance(answer, str):
            return answer
        raise answer

    model = ScriptedModel(
        answers={"schema_review": a_reply_of(advice_of(CASE)), "validate": answered}
    )
    panel = model_panel(model, receipts=ReceiptsInMemory(), clock=TickingClock(), marks_key=A_KEY)

    outcome = panel.review(CASE, its_findings(CASE), [])

    assert len(outcome.recommendations) == 1
    told = outcome.agent_responses[-1].error
    assert told
    assert told.startswith(error)


def test_with_nothing_recommended_nobody_is_asked():
    model = ScriptedModel()
    panel = model_panel(model, receipts=ReceiptsInMemory(), clock=TickingClock(), marks_key=A_KEY)

    panel.review(CASE, its_findings(CASE), [])

    assert "validate" not in {reviewer_asked(each) for each in model.requests}
