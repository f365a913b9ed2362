"""Receipts of model calls in the SQLite store: what was sent is written once and never changed."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.sqlite.codec import JsonCodec
from backend.adapters.sqlite.connection import Connections
from backend.domain.receipt import OutboundReceipt, TokenUsage
from backend.domain.review import timestamp_key

INSERT_RECEIPT = """
    INSERT INTO outbound_receipt (receipt_id, query_hash, analysis_timestamp, sent_at, payload)
    VALUES (:receipt_id, :query_hash, :analysis_timestamp, :sent_at, :payload)
    ON CONFLICT (receipt_id) DO NOTHING
"""
UPDATE_ANSWERED = """
    UPDATE outbound_receipt
    SET usage = :usage, answered_by = :answered_by, stop_reason = :stop_reason
    WHERE receipt_id = :receipt_id
"""
SELECT_RECEIPTS = """
    SELECT payload, usage, answered_by, stop_reason
    FROM outbound_receipt INDEXED BY outbound_receipt_of_review
    WHERE query_hash = :query_hash AND analysis_timestamp = :analysis_timestamp
    ORDER BY sent_at, receipt_id
"""
SELECT_AN_OLD_RECEIPT = """
    SELECT receipt_id FROM outbound_receipt INDEXED BY outbound_receipt_by_time
    WHERE sent_at < :before LIMIT 1
"""
DELETE_OLD_RECEIPTS = """
    DELETE FROM outbound_receipt INDEXED BY outbound_receipt_by_time WHERE sent_at < :before
"""

_receipts = JsonCodec(OutboundReceipt)
_usages = JsonCodec(TokenUsage)


class SqliteReceiptBook:
    """Fulfils ReceiptBook."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def put_receipt(self, receipt: OutboundReceipt) -> None:
        sent = replace(receipt, usage=None, answered_by="", stop_reason="")
        new = {
            "receipt_id": receipt.receipt_id,
            "query_hash": receipt.query_hash,
            "analysis_timestamp": timestamp_key(receipt.analysis_timestamp),
            "sent_at": timestamp_key(receipt.sent_at),
            "payload": _receipts.pack(sent),
        }
        with self._connections.writing() as connection:
            connection.execute(INSERT_RECEIPT, new)

    def complete_receipt(
        self, receipt_id: str, *, usage: TokenUsage, answered_by: str, stop_reason: str
    ) -> None:
        answer = {
            "receipt_id": receipt_id,
            "usage": _usages.to_json(usage),
            "answered_by": answered_by,
            "stop_reason": stop_reason,
        }
        with self._connections.writing() as connection:
            connection.execute(UPDATE_ANSWERED, answer)

    def receipts_of(
        self, query_hash: str, analysis_timestamp: datetime
    ) -> Sequence[OutboundReceipt]:
        key = {
            "query_hash": query_hash,
            "analysis_timestamp": timestamp_key(analysis_timestamp),
        }
        with self._connections.reading() as connection:
            return [_receipt(row) for row in connection.execute(SELECT_RECEIPTS, key)]

    def forget_receipts(self, *, before: datetime) -> int:
        end = {"before": timestamp_key(before)}
        # Asked at each start: only a book with something to forget is worth the write lock.
        with self._connections.reading() as connection:
            if connection.execute(SELECT_AN_OLD_RECEIPT, end).fetchone() is None:
                return 0
        with self._connections.writing() as connection:
            return connection.execute(DELETE_OLD_RECEIPTS, end).rowcount


def _receipt(row: sqlite3.Row) -> OutboundReceipt:
    receipt = _receipts.unpack(row["payload"])
    if row["usage"] is None:
        return receipt
    return replace(
        receipt,
        usage=_usages.from_json(row["usage"]),
        answered_by=row["answered_by"],
        stop_reason=row["stop_reason"],
    )
