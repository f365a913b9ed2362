"""What was sent to a model, word for word, and what was checked before it went."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b, sha256

from backend.domain.recommendation import ReviewerName
from backend.domain.review import timestamp_key


class OutboundOutcome(StrEnum):
    SENT = "sent"
    WITHHELD = "withheld"
    """The check failed: nothing was sent."""


@dataclass(frozen=True, kw_only=True)
class OutboundText:
    """All text of one call. `prefix` is the case file, the same for all reviewers of a review."""

    system: str = ""
    prefix: str = ""
    instructions: str = ""
    schema: str = ""

    @property
    def sha256(self) -> str:
        """Of the four texts in this order as UTF-8, a zero byte between them."""
        parts = (self.system, self.prefix, self.instructions, self.schema)
        return sha256(b"\0".join(part.encode() for part in parts)).hexdigest()

    @property
    def byte_count(self) -> int:
        parts = (self.system, self.prefix, self.instructions, self.schema)
        return sum(len(part.encode()) for part in parts)


@dataclass(frozen=True, kw_only=True)
class OutboundCheck:
    """What the text was checked for.

    `literals` of the statement were looked for; `taken_out` is at how many places one stood in a
    name or message and was replaced before. `common_words` are literals that are also words of SQL
    or of the workbench's own text, so that their presence says nothing. `personal_data` counts the
    strings in which something that looks like personal data or a secret was masked.
    """

    literals: int = 0
    taken_out: int = 0
    common_words: int = 0
    personal_data: int = 0
    is_aliased: bool = False


NOTHING_CHECKED = OutboundCheck()


@dataclass(frozen=True, kw_only=True)
class TokenUsage:
    """As the model's service counts them; `input_tokens` is without those read from its cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True, kw_only=True)
class OutboundReceipt:
    """One call of a model. `query_hash` and `analysis_timestamp` are the key of its review.

    Of a call that was withheld there is no text, but `reason`. `usage`, `answered_by` and
    `stop_reason` are known once the model has answered.
    """

    receipt_id: str
    query_hash: str
    analysis_timestamp: datetime
    reviewer: ReviewerName
    model_id: str
    sent_at: datetime
    outcome: OutboundOutcome
    text: OutboundText
    sha256: str
    check: OutboundCheck
    reason: str = ""
    usage: TokenUsage | None = None
    answered_by: str = ""
    stop_reason: str = ""


def receipt_id(
    query_hash: str,
    analysis_timestamp: datetime,
    reviewer: ReviewerName,
    sent_at: datetime,
    text_sha256: str,
) -> str:
    """A call that is repeated is another call, with a receipt of its own."""
    moments = (timestamp_key(analysis_timestamp), timestamp_key(sent_at))
    key = "\x1f".join((query_hash, reviewer, *moments, text_sha256))
    return "o" + blake2b(key.encode(), digest_size=10).hexdigest()
