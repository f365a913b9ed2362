"""No receipt, no call; no check, no text; and an error tells nothing of the question."""

from dataclasses import replace

import pytest

from backend.domain.errors import StoreUnavailableError
from backend.domain.receipt import OutboundOutcome, OutboundText
from backend.domain.recommendation import ReviewerName
from backend.domain.review import AgentResponse
from backend.panel.model_reviewer import model_panel
from backend.panel.model_reviewer.model import ModelError, StopReason
from backend.sql.literal_marks import mark_of
from tests.model_fakes import (
    A_KEY,
    ReceiptsInMemory,
    ScriptedModel,
    TickingClock,
    a_reply_of,
    a_told_case,
    advice_of,
    its_findings,
    texts,
)

CASE = a_told_case()


def review(
    model: ScriptedModel,
    receipts: ReceiptsInMemory | None = None,
    case=CASE,
    key: bytes | None = A_KEY,
):
    panel = model_panel(
        model,
        receipts=receipts or ReceiptsInMemory(),
        clock=TickingClock(),
        marks_key=key,
    )
    return panel.review(case, its_findings(case), [])


def response_of(outcome, name: ReviewerName) -> AgentResponse:
    return next(each for each in outcome.agent_responses if each.reviewer == name)


def an_adviser() -> ScriptedModel:
    return ScriptedModel(answers={"schema_review": a_reply_of(advice_of(CASE))})


def test_advice_that_is_borne_out_is_recommended_under_the_models_name():
    outcome = review(an_adviser())

    [advice] = outcome.recommendations
    assert advice.reviewer is ReviewerName.SCHEMA_REVIEW
    assert advice.title == "Distribute orders by order_id"
    assert advice.rationale == "The join moves 90 million rows."
    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    assert {each.engine for each in outcome.agent_responses} == {"a-model"}
    assert not [each.error for each in outcome.agent_responses if each.error]


def test_each_call_has_a_receipt_of_exactly_what_was_sent():
    model, receipts = an_adviser(), ReceiptsInMemory()

    review(model, receipts)

    assert [each.reviewer for each in receipts.kept] == list(ReviewerName)
    assert [each.text for each in receipts.kept] == [each.text for each in model.requests]
    for receipt in receipts.kept:
        assert receipt.outcome is OutboundOutcome.SENT
        assert receipt.sha256 == receipt.text.sha256
        assert (receipt.query_hash, receipt.analysis_timestamp) == (CASE.query_hash, CASE.built_at)
        assert receipt.usage
        assert receipt.usage.input_tokens == 1_000
    assert len({each.receipt_id for each in receipts.kept}) == 4


def test_the_receipt_is_there_before_the_model_is_asked():
    receipts = ReceiptsInMemory()
    seen: list[int] = []

    def look(_) -> str:
        seen.append(len(receipts.kept))
        return a_reply_of()

    review(ScriptedModel(answers={"optimize": look, "schema_review": look}), receipts)

    assert seen == [1, 2]


def test_without_a_receipt_nothing_is_sent():
    model = an_adviser()

    outcome = review(model, ReceiptsInMemory(failure=StoreUnavailableError("The disk is full.")))

    assert model.requests == []
    assert response_of(outcome, ReviewerName.OPTIMIZE).error == "The disk is full."


def test_what_does_not_pass_the_gate_is_not_sent_and_said():
    case = replace(CASE, literal_marks=frozenset({mark_of("berlin", A_KEY)}))
    model, receipts = an_adviser(), ReceiptsInMemory()

    outcome = review(model, receipts, case, key=None)

    assert model.requests == []
    assert outcome.recommendations == ()
    reason = "the key is missing with which the statement's literals are found."
    assert response_of(outcome, ReviewerName.OPTIMIZE).error == f"Nothing was sent: {reason}"
    assert [each.outcome for each in receipts.kept] == [OutboundOutcome.WITHHELD] * 3
    assert {each.reason for each in receipts.kept} == {reason}
    assert {each.text for each in receipts.kept} == {OutboundText()}


def test_a_receipt_that_cannot_say_that_nothing_was_sent_changes_nothing():
    case = replace(CASE, literal_marks=frozenset({mark_of("berlin", A_KEY)}))
    model = an_adviser()

    outcome = review(model, ReceiptsInMemory(failure=StoreUnavailableError()), case, key=None)

    assert model.requests == []
    error = response_of(outcome, ReviewerName.OPTIMIZE).error
    assert error
    assert error.startswith("Nothing was sent")


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (ModelError("The model is busy."), "The model is busy."),
        (RuntimeError("SELECT leaked"), "The model could not be asked (RuntimeError)."),
    ],
    ids=["its own", "any other"],
)
def test_a_model_that_fails_is_told_in_a_sentence(failure, sentence):
    outcome = review(ScriptedModel(failure=failure))

    assert response_of(outcome, ReviewerName.OPTIMIZE).error == sentence
    assert outcome.recommendations == ()


@pytest.mark.parametrize("reason", [each for each in StopReason if each is not StopReason.COMPLETE])
def test_an_answer_that_did_not_end_well_is_not_used(reason):
    model = an_adviser()
    model.stop_reason = reason

    outcome = review(model)

    assert outcome.recommendations == ()
    assert response_of(outcome, ReviewerName.SCHEMA_REVIEW).error


def test_no_literal_is_in_any_request():
    case = replace(
        a_told_case(labels=("load of berlin",), users=("berlin",)),
        literal_marks=frozenset({mark_of("Berlin", A_KEY)}),
    )
    model = an_adviser()

    review(model, case=case)

    assert len(model.requests) == 4
    assert "berlin" not in texts(model.requests).lower()


def test_names_are_put_back_after_an_answer_with_aliases():
    answer = advice_of(
        CASE,
        subject="schema_1.table_1",
        title="Distribute table_1 by column_2",
        action="Distribute schema_1.table_1 by column_2.",
        action_sql="ALTER TABLE schema_1.table_1 ALTER DISTSTYLE KEY DISTKEY column_2;",
    )
    model = ScriptedModel(answers={"schema_review": a_reply_of(answer)})
    panel = model_panel(
        model,
        receipts=ReceiptsInMemory(),
        clock=TickingClock(),
        marks_key=A_KEY,
        aliases_names=True,
    )

    outcome = panel.review(CASE, its_findings(CASE), [])

    [advice] = outcome.recommendations
    assert advice.title == "Distribute orders by order_id"
    assert advice.subject == "sales.orders"
    assert advice.action == "Distribute sales.orders by order_id."
    assert advice.action_sql == "ALTER TABLE sales.orders ALTER DISTSTYLE KEY DISTKEY order_id;"
    assert "order_lines" not in texts(model.requests)
