"""What a model saw of a pattern, receipt by receipt, or would see."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.receipt import (
    OutboundCheck,
    OutboundOutcome,
    OutboundReceipt,
    OutboundText,
    TokenUsage,
)
from backend.domain.recommendation import ReviewerName
from backend.services.outbound_view import OutboundPreview
from workbench.presenters.wording import count, moment_text, number_of, words

NO_MODEL = "No model saw this query: the built-in rules reviewed it on this machine."
NO_RECEIPTS = (
    "A model reviewed this query, but its receipts are no longer kept: their time was over."
)
PREVIEW_LABEL = "What a model would see"
PREVIEW_CAPTION = (
    "Nothing is sent. This is the text that a reviewer would be given now, through the same checks."
)
RULES_ENGINE = "rules"


@dataclass(frozen=True, kw_only=True)
class SentPart:
    """`text` is exactly what was sent: foreign text."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class SentCard:
    """One call. `lines` and the texts of `parts` are foreign text."""

    reviewer: str
    lines: tuple[str, ...]
    parts: tuple[SentPart, ...] = ()
    is_withheld: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelScreen:
    """`sentence` stands where there is no receipt."""

    cards: tuple[SentCard, ...] = ()
    sentence: str = ""


def model_screen(receipts: Sequence[OutboundReceipt], engines: Sequence[str]) -> ModelScreen:
    """`engines` are those that answered in the review."""
    if receipts:
        return ModelScreen(cards=tuple(_card(receipt) for receipt in receipts))
    by_rules = all(engine == RULES_ENGINE for engine in engines)
    return ModelScreen(sentence=NO_MODEL if by_rules else NO_RECEIPTS)


def preview_card(preview: OutboundPreview) -> SentCard:
    if preview.withheld:
        return SentCard(
            reviewer=words(preview.reviewer.value),
            lines=(f"Nothing would be sent: {preview.withheld}",),
            is_withheld=True,
        )
    size = f"{count(preview.text.byte_count / 1000)} KB of text"
    return SentCard(
        reviewer=words(preview.reviewer.value),
        lines=(f"{check_sentence(preview.check)} {size}.",),
        parts=_parts(preview.text),
    )


def reviewer_names() -> dict[str, str]:
    return {reviewer.value: words(reviewer.value) for reviewer in ReviewerName}


def check_sentence(check: OutboundCheck) -> str:
    """`Checked against 14 literals of the statement: none was in it.` and what else there is."""
    sentences = [_literals(check)]
    if check.taken_out:
        sentences.append(f"Taken out before: one at {number_of(check.taken_out, 'place')}.")
    if check.personal_data:
        texts = number_of(check.personal_data, "text")
        sentences.append(f"Masked as personal data or a secret: something in {texts}.")
    if check.is_aliased:
        sentences.append("Names were replaced.")
    return " ".join(sentences)


def _literals(check: OutboundCheck) -> str:
    if not check.literals:
        return (
            "No literals of this statement are marked, so it was checked for personal data and "
            "secrets only."
        )
    checked = f"Checked against {number_of(check.literals, 'literal')} of the statement"
    if not check.common_words:
        return f"{checked}: none was in it."
    is_one = check.common_words == 1
    return (
        f"{checked}: none was in it, apart from {check.common_words} that "
        f"{'is' if is_one else 'are'} also {'a word' if is_one else 'words'} of SQL or of the "
        "workbench's own text."
    )


def _card(receipt: OutboundReceipt) -> SentCard:
    at = moment_text(receipt.sent_at)
    if receipt.outcome is OutboundOutcome.WITHHELD:
        return SentCard(
            reviewer=words(receipt.reviewer.value),
            lines=(f"Nothing was sent: {receipt.reason}", f"{receipt.model_id} · {at}"),
            is_withheld=True,
        )
    return SentCard(
        reviewer=words(receipt.reviewer.value),
        lines=(
            check_sentence(receipt.check),
            f"{receipt.answered_by or receipt.model_id} · {at} · {_tokens(receipt.usage)}",
            f"sha256 {receipt.sha256}",
        ),
        parts=_parts(receipt.text),
    )


def _tokens(usage: TokenUsage | None) -> str:
    if usage is None:
        return "no answer"
    read = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
    cached = f" ({count(usage.cache_read_tokens)} from cache)" if usage.cache_read_tokens else ""
    return f"{count(read)} tokens in{cached}, {count(usage.output_tokens)} out"


def _parts(text: OutboundText) -> tuple[SentPart, ...]:
    """The case file first: it is what an analyst looks for."""
    return (
        SentPart(label="Case file", text=text.prefix),
        SentPart(label="Instructions to this reviewer", text=text.instructions),
        SentPart(label="Instructions to every reviewer", text=text.system),
        SentPart(label="Form of the answer", text=text.schema),
    )
