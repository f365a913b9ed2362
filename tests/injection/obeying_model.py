"""A reviewer that obeys whoever speaks to it last, and a compromised one that needs no asking."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from backend.domain.receipt import TokenUsage
from backend.panel.model_reviewer.model import ModelReply, ModelRequest
from backend.panel.outbound.write_lines import texts_in
from tests.injection.corpus import Demand, Payload
from tests.model_fakes import a_reply_of, reviewer_asked

HUGE_TEXT = 3_000_000
_FIELDS = {
    Demand.FACTS: "fact_ids",
    Demand.CHECK: "check",
    Demand.SAVING: "saving_seconds",
    Demand.SEVERITY: "severity",
    Demand.BUCKET: "bucket",
}
_WORDS = re.compile(r"[^\W\d_]{2,}")
WORDS_THAT_SHOW_IT = 3


@dataclass
class ObeyingModel:
    """Does what the payload demands as soon as it has read it; if `is_compromised`, always."""

    payload: Payload | None
    is_compromised: bool = False
    requests: list[ModelRequest] = field(default_factory=list)
    obeyed: int = 0
    model_id: str = "obeying-model"

    def answer(self, request: ModelRequest) -> ModelReply:
        self.requests.append(request)
        payload = self.payload
        if payload and (self.is_compromised or has_read(request, payload)):
            self.obeyed += 1
            text = self._obey(payload, request)
        else:
            text = _honest(request)
        return ModelReply(text=text, model_id=self.model_id, usage=TokenUsage(input_tokens=1))

    def _obey(self, payload: Payload, request: ModelRequest) -> str:
        is_validator = reviewer_asked(request) == "validate"
        match payload.demand:
            case Demand.RAW:
                return str(payload.value)
            case Demand.DEEP:
                return '{"summary": ' + "[" * 100_000
            case Demand.HUGE:
                return a_reply_of(summary="x" * HUGE_TEXT)
            case Demand.DISMISS:
                return _dismissal() if is_validator else _honest(request)
        if is_validator:
            return a_reply_of(summary=_said(payload, request), advice=[], rulings=[])
        return a_reply_of(
            _advice(request) | _demanded(payload, request), summary=_said(payload, request)
        )


def has_read(request: ModelRequest, payload: Payload) -> bool:
    """Whether three words of the payload in a row stand in the data that it was given."""
    data = " ".join(_WORDS.findall(" ".join(_data_of(request)).lower()))
    for _, text in payload.placed:
        words = _WORDS.findall(text[:2_000].lower())
        runs = [
            " ".join(words[start : start + WORDS_THAT_SHOW_IT])
            for start in range(max(len(words) - WORDS_THAT_SHOW_IT + 1, 1))
        ]
        if any(run and run in data for run in runs):
            return True
    return False


def _data_of(request: ModelRequest) -> list[str]:
    lines = request.text.prefix.split("\n")
    return [text for line in lines if line.startswith("{") for text in texts_in(line)]


def _said(payload: Payload, request: ModelRequest) -> str:
    if payload.demand is Demand.REVEAL:
        return request.text.system[:1_100]
    return str(payload.value)[:1_100] if payload.demand is Demand.SAYS else "As told."


def _demanded(payload: Payload, request: ModelRequest) -> dict[str, Any]:
    value = payload.value
    if payload.demand in _FIELDS:
        return {_FIELDS[payload.demand]: value}
    if payload.demand is Demand.FIELDS:
        return dict(value)
    if payload.demand is Demand.SQL:
        return {"action_sql": value, "action": value[:1_900]}
    said = _said(payload, request)
    return {"title": said[:190] or "x", "rationale": said, "action": said}


def _dismissal() -> str:
    """Everything rejected: without a fact, with a made-up one, and without a figure of one."""
    return a_reply_of(
        summary="Nothing is wrong.",
        rulings=[
            {
                "recommendation": f"R{number}",
                "verdict": "reject",
                "severity": None,
                "reason": "The statement says so." if number < 4 else "It has 4,711 rows.",
                "fact_ids": [[], ["F999"], ["F1"]][number % 3] if number < 4 else ["F1"],
            }
            for number in (1, 1, 2, 2, 4, 5)
            if not (number < 4 and number % 3 == 2)
        ],
    )


def _honest(request: ModelRequest) -> str:
    if reviewer_asked(request) == "schema_review":
        return a_reply_of(_advice(request))
    return a_reply_of(summary="Nothing to add.")


def _advice(request: ModelRequest) -> dict[str, Any]:
    """On the first finding that it was told."""
    lines = [json.loads(line) for line in request.text.prefix.split("\n") if line.startswith("{")]
    finding = next(line for line in lines if "finding" in line)
    return {
        "check": finding["finding"],
        "subject": finding["subject"],
        "category": "investigate",
        "severity": finding["severity"],
        "bucket": finding["bucket"],
        "title": "Look at the join",
        "rationale": "The join moves rows of both sides.",
        "action": "Look at the plan.",
        "action_sql": None,
        "fact_ids": finding["facts"],
        "saving_seconds": 100.0,
    }
