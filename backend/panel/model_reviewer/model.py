"""The port of a model: one question, one answer in a forced form, no tools."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from backend.domain.errors import WorkbenchError
from backend.domain.receipt import OutboundText, TokenUsage


class ModelError(WorkbenchError):
    """The model did not answer."""


class StopReason(StrEnum):
    """Why an answer ended; Converse has more words for the last three."""

    COMPLETE = "complete"
    OUT_OF_TOKENS = "out_of_tokens"
    REFUSED = "refused"
    MALFORMED = "malformed"


@dataclass(frozen=True, kw_only=True)
class ModelRequest:
    """One call. The texts go out as they are: `text.system` as system text, then `text.prefix`
    with a cache point behind it, last `text.instructions`, the two in one message of the user.

    The answer has to follow `text.schema`, a JSON schema (objects without other properties, no
    bounds: not every service knows those), called `schema_name` where a name is needed. `metadata`
    is for the service's own log and holds nothing of the statement.
    """

    text: OutboundText
    schema_name: str
    max_output_tokens: int
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelReply:
    """`text` is the JSON as the model wrote it, not checked. `model_id` is who answered."""

    text: str
    model_id: str
    stop_reason: StopReason = StopReason.COMPLETE
    usage: TokenUsage = field(default_factory=TokenUsage)


class Model(Protocol):
    @property
    def model_id(self) -> str:
        """As configured; shown as the reviewer's engine."""
        ...

    def answer(self, request: ModelRequest) -> ModelReply:
        """Raises ModelError, with a sentence that holds nothing of the question."""
        ...
