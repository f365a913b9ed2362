"""Where receipts go: kept before a call, completed after it."""

from typing import Protocol

from backend.domain.receipt import OutboundReceipt, TokenUsage


class ReceiptKeeper(Protocol):
    def put_receipt(self, receipt: OutboundReceipt) -> None:
        """Kept when this returns. What it raises stops the call."""
        ...

    def complete_receipt(
        self, receipt_id: str, *, usage: TokenUsage, answered_by: str, stop_reason: str
    ) -> None: ...
