-- What was sent to a model, word for word, and what was checked before it went.
CREATE TABLE outbound_receipt (
    receipt_id TEXT PRIMARY KEY,
    query_hash TEXT NOT NULL,
    analysis_timestamp TEXT NOT NULL,
    sent_at TEXT NOT NULL,
    payload BLOB NOT NULL,
    usage TEXT,
    answered_by TEXT,
    stop_reason TEXT
);
CREATE INDEX outbound_receipt_of_review
ON outbound_receipt (query_hash, analysis_timestamp, sent_at);
CREATE INDEX outbound_receipt_by_time ON outbound_receipt (sent_at);
