"""An answer has the form that was asked for, or nothing of it is used."""

import json

import pytest

from backend.panel.model_reviewer.model import ModelReply, StopReason
from backend.panel.model_reviewer.reply import (
    LONGEST_REPLY,
    MOST_ADVICE,
    UnusableReplyError,
    read_reply,
    reply_schema,
)
from tests.model_fakes import a_reply_of, a_told_case, advice_of

CASE = a_told_case()


def read(text: str, *, gives_advice: bool = True):
    return read_reply(ModelReply(text=text, model_id="m"), gives_advice=gives_advice)


def a_ruling(**changes):
    known = {
        "recommendation": "R1", "verdict": "reject", "severity": None, "reason": "No.",
        "fact_ids": ["F1"],
    }  # fmt: skip
    return known | changes


def test_reads_an_answer_in_its_form():
    reply = read(a_reply_of(advice_of(CASE)))

    assert reply.advice[0].check == "redistributes_both_sides"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I refuse.",
        "[]",
        "null",
        "{}",
        a_reply_of() + " and more",
        a_reply_of(advice_of(CASE) | {"html": "<b>"}),
        a_reply_of(tool_calls=[{"name": "run_sql"}]),
        a_reply_of({key: value for key, value in advice_of(CASE).items() if key != "fact_ids"}),
        a_reply_of(advice_of(CASE, severity="critical")),
        a_reply_of(advice_of(CASE, bucket="network")),
        a_reply_of(advice_of(CASE, title="")),
        a_reply_of(advice_of(CASE, title="x" * 201)),
        a_reply_of(advice_of(CASE, title={"text": "x"})),
        a_reply_of(advice_of(CASE, saving_seconds="12")),
        a_reply_of(advice_of(CASE, saving_seconds=-1)),
        a_reply_of(advice_of(CASE)).replace("200.0", "NaN"),
        a_reply_of(advice_of(CASE)).replace("200.0", "1e999"),
        a_reply_of(advice_of(CASE, fact_ids="F1")),
        a_reply_of(advice_of(CASE, fact_ids=[1])),
        a_reply_of(*[advice_of(CASE)] * (MOST_ADVICE + 1)),
        a_reply_of(advice_of(CASE), rulings=[a_ruling()]),
        '{"summary": "a", "summary": "b", "advice": [], "rulings": []}',
        '{"summary": ' + "[" * 100_000,
        a_reply_of(summary="x" * LONGEST_REPLY),
    ],
    ids=lambda text: text[:40],
)
def test_any_other_form_is_refused_without_a_word_of_it(text):
    with pytest.raises(UnusableReplyError) as caught:
        read(text)

    assert caught.value.message.startswith("The model's answer ")
    assert caught.value.__cause__ is None


def test_the_validator_gives_no_advice():
    assert read(a_reply_of(rulings=[a_ruling()]), gives_advice=False).rulings
    with pytest.raises(UnusableReplyError):
        read(a_reply_of(advice_of(CASE)), gives_advice=False)


def test_an_answer_that_was_cut_off_is_not_read():
    cut = ModelReply(text=a_reply_of(), model_id="m", stop_reason=StopReason.OUT_OF_TOKENS)

    with pytest.raises(UnusableReplyError, match="cut off"):
        read_reply(cut, gives_advice=True)


def test_the_schema_has_only_what_every_service_knows():
    known = {
        "type", "properties", "required", "additionalProperties", "items", "enum", "anyOf",
    }  # fmt: skip
    objects = 0
    pending = [json.loads(reply_schema())]
    while pending:
        node = pending.pop()
        assert set(node) <= known
        if node.get("type") == "object":
            objects += 1
            assert node["additionalProperties"] is False
            assert list(node["required"]) == list(node["properties"])
        pending += [*node.get("properties", {}).values(), *node.get("anyOf", [])]
        pending += [node["items"]] if "items" in node else []
    assert objects == 3
