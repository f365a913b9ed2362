"""Receipts of model calls for a limited time: they hold all that was sent."""

from datetime import datetime, timedelta

from backend.services.ports import ReceiptBook


def forget_old_receipts(receipts: ReceiptBook, *, now: datetime, days: int) -> int:
    """How many were older."""
    return receipts.forget_receipts(before=now - timedelta(days=days))
