"""One call of a model: through the gate, onto a receipt, and only then out."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.case_file import CaseFile
from backend.domain.errors import WorkbenchError
from backend.domain.receipt import (
    NOTHING_CHECKED,
    OutboundOutcome,
    OutboundReceipt,
    OutboundText,
    receipt_id,
)
from backend.domain.recommendation import ReviewerName
from backend.panel.model_reviewer.model import Model, ModelError, ModelReply, ModelRequest
from backend.panel.model_reviewer.receipts import ReceiptKeeper
from backend.panel.outbound.aliases import Aliases
from backend.panel.outbound.gate import GateRules, Passed, Question, WithheldError, pass_gate

logger = logging.getLogger(__name__)

SCHEMA_NAME = "review_reply"
MAX_OUTPUT_TOKENS = 4_000


class NothingSentError(WorkbenchError):
    """Nothing was sent to the model."""


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """What every call of one panel has in common: the way out, and who keeps account of it."""

    model: Model
    receipts: ReceiptKeeper
    rules: GateRules
    clock: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Answered:
    reply: ModelReply
    aliases: Aliases


def ask(outlet: Outlet, question: Question, *, case: CaseFile, reviewer: ReviewerName) -> Answered:
    """Raises NothingSentError, ModelError, or what keeping the receipt raised."""
    try:
        passed = pass_gate(question, case.literal_marks, outlet.rules)
    except WithheldError as error:
        _keep_withheld(outlet, case, reviewer, error.message)
        raise NothingSentError(f"Nothing was sent: {error.message}") from None
    receipt = _receipt(outlet, case, reviewer, passed)
    outlet.receipts.put_receipt(receipt)
    reply = _answer(outlet.model, passed.text)
    outlet.receipts.complete_receipt(
        receipt.receipt_id,
        usage=reply.usage,
        answered_by=reply.model_id,
        stop_reason=reply.stop_reason.value,
    )
    return Answered(reply=reply, aliases=passed.aliases)


def _answer(model: Model, text: OutboundText) -> ModelReply:
    request = ModelRequest(text=text, schema_name=SCHEMA_NAME, max_output_tokens=MAX_OUTPUT_TOKENS)
    try:
        return model.answer(request)
    except ModelError:
        raise
    except Exception as failure:  # noqa: BLE001 - any failure of the service is the reviewer's
        # Its own text may hold the question.
        raise ModelError(f"The model could not be asked ({type(failure).__name__}).") from None


def _receipt(
    outlet: Outlet, case: CaseFile, reviewer: ReviewerName, passed: Passed
) -> OutboundReceipt:
    return replace(
        _of_nothing(outlet, case, reviewer, text_sha256=passed.text.sha256),
        outcome=OutboundOutcome.SENT,
        text=passed.text,
        check=passed.check,
    )


def _keep_withheld(outlet: Outlet, case: CaseFile, reviewer: ReviewerName, reason: str) -> None:
    """Without the text, which did not pass. Nothing leaves, so a failure here does no harm."""
    nothing = _of_nothing(outlet, case, reviewer, text_sha256=OutboundText().sha256)
    try:
        outlet.receipts.put_receipt(replace(nothing, reason=reason))
    except Exception as failure:  # noqa: BLE001 - the reviewer says what happened all the same
        logger.warning(
            "a receipt could not be kept",
            extra={"reviewer": reviewer.value, "error": type(failure).__name__},
        )


def _of_nothing(
    outlet: Outlet, case: CaseFile, reviewer: ReviewerName, *, text_sha256: str
) -> OutboundReceipt:
    at = outlet.clock()
    return OutboundReceipt(
        receipt_id=receipt_id(case.query_hash, case.built_at, reviewer, at, text_sha256),
        query_hash=case.query_hash,
        analysis_timestamp=case.built_at,
        reviewer=reviewer,
        model_id=outlet.model.model_id,
        sent_at=at,
        outcome=OutboundOutcome.WITHHELD,
        text=OutboundText(),
        sha256=text_sha256,
        check=NOTHING_CHECKED,
    )
