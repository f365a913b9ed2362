"""Receipts of model calls for a limited time: they hold all that was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.receipt import OutboundReceipt, TokenUsage
from backend.services.ports import ReceiptBook


def forget_old_receipts(receipts: ReceiptBook, *, now: datetime, days: int) -> int:
    """How many were older."""
    return receipts.forget_receipts(before=now - timedelta(days=days))


@dataclass(frozen=True, kw_only=True)
class LimitedReceipts:
    """Keeps receipts for a panel, and with each new one forgets those whose time is over, so that
    a process that runs for months keeps no more than one that starts each day."""

    book: ReceiptBook
    days: int

    def put_receipt(self, receipt: OutboundReceipt) -> None:
        self.book.put_receipt(receipt)
        forget_old_receipts(self.book, now=receipt.sent_at, days=self.days)

    def complete_receipt(
        self, receipt_id: str, *, usage: TokenUsage, answered_by: str, stop_reason: str
    ) -> None:
        self.book.complete_receipt(
            receipt_id, usage=usage, answered_by=answered_by, stop_reason=stop_reason
        )
