"""What a model answers, read strictly: what does not fit the form is not used at all."""

import json
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.domain.errors import WorkbenchError
from backend.domain.finding import Severity
from backend.domain.recommendation import Category
from backend.domain.time_buckets import Bucket
from backend.panel.model_reviewer.model import ModelReply, StopReason

MOST_ADVICE = 5
MOST_VERDICTS = 24
LONGEST_REPLY = 60_000

_Name = Annotated[str, Field(max_length=300)]
_Sentence = Annotated[str, Field(max_length=2_000)]
_FactIds = Annotated[list[Annotated[str, Field(max_length=12)]], Field(max_length=40)]


class UnusableReplyError(WorkbenchError):
    """The model's answer did not have the form that was asked for, so nothing of it is shown."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class AdviceReply(_Part):
    """`check` and `subject` are those of the finding that it answers."""

    check: _Name
    subject: _Name
    category: Category
    severity: Severity
    bucket: Bucket
    title: Annotated[str, Field(min_length=1, max_length=200)]
    rationale: _Sentence
    action: _Sentence
    action_sql: Annotated[str, Field(max_length=4_000)] | None
    fact_ids: _FactIds
    saving_seconds: Annotated[float, Field(ge=0)]


class Verdict(StrEnum):
    STANDS = "stands"
    LOWER = "lower"
    REJECT = "reject"


class Ruling(_Part):
    """What the fourth reviewer says of one recommendation: it stands, weighs less, or falls."""

    recommendation: Annotated[str, Field(max_length=12)]
    verdict: Verdict
    severity: Severity | None
    reason: _Sentence
    fact_ids: _FactIds


class ReviewReply(_Part):
    """One form for all four reviewers, so that all of what they are sent alike comes first."""

    summary: Annotated[str, Field(max_length=1_200)]
    advice: Annotated[list[AdviceReply], Field(max_length=MOST_ADVICE)]
    rulings: Annotated[list[Ruling], Field(max_length=MOST_VERDICTS)]


_WHY_ENDED = {
    StopReason.OUT_OF_TOKENS: "The model's answer was cut off, so nothing of it is shown.",
    StopReason.REFUSED: "The model refused to answer.",
    StopReason.MALFORMED: "The model gave no answer in the form that was asked for.",
}


def read_reply(reply: ModelReply, *, gives_advice: bool) -> ReviewReply:
    """Reviewers give advice and no rulings, the validator the other way round.

    Raises UnusableReplyError, with a sentence that holds nothing of the answer.
    """
    if why := _WHY_ENDED.get(reply.stop_reason):
        raise UnusableReplyError(why)
    if len(reply.text) > LONGEST_REPLY:
        raise UnusableReplyError("The model's answer was too long, so nothing of it is shown.")
    try:
        _refuse_repeated_keys(reply.text)
        read = ReviewReply.model_validate_json(reply.text)
    except (ValidationError, ValueError, RecursionError):
        raise UnusableReplyError from None
    if read.rulings if gives_advice else read.advice:
        raise UnusableReplyError
    return read


def _refuse_repeated_keys(text: str) -> None:
    """Readers differ in which of two they take."""

    def once(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError("a key comes twice")

    json.loads(text, object_pairs_hook=once)


@cache
def reply_schema() -> str:
    """The form as a JSON schema without bounds and references, which services differ in."""
    schema = ReviewReply.model_json_schema()
    return json.dumps(_plain(schema, schema.get("$defs", {})))


_KEPT = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf"}
)


def _plain(node: Any, definitions: dict[str, Any]) -> Any:
    if "$ref" in node:
        return _plain(definitions[node["$ref"].rsplit("/", maxsplit=1)[-1]], definitions)
    plain: dict[str, Any] = {}
    for key, value in node.items():
        if key == "properties":
            plain[key] = {name: _plain(each, definitions) for name, each in value.items()}
        elif key == "items":
            plain[key] = _plain(value, definitions)
        elif key == "anyOf":
            plain[key] = [_plain(each, definitions) for each in value]
        elif key in _KEPT:
            plain[key] = value
    return plain
