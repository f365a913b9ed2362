"""What patterns do with tables, brought into the store in the transaction of their review."""

import sqlite3

from backend.adapters.sqlite.codec import JsonCodec
from backend.domain.review import Review, timestamp_key
from backend.domain.table_use import TableUse

MICROSECONDS = 1_000_000

SELECT_NEWEST_OF_PATTERN = """
    SELECT max(analysis_timestamp) FROM review WHERE query_hash = :query_hash
"""
DELETE_USES = "DELETE FROM table_use WHERE query_hash = :query_hash"
INSERT_USE = """
    INSERT INTO table_use (query_hash, table_name, us_a_week, payload)
    VALUES (:query_hash, :table_name, :us_a_week, :payload)
"""
DELETE_ADVISED_TABLES = """
    DELETE FROM advised_table WHERE recommendation_id IN (
        SELECT recommendation_id FROM recommendation INDEXED BY recommendation_by_pattern
        WHERE query_hash = :query_hash
    )
"""
INSERT_ADVISED_TABLE = """
    INSERT OR IGNORE INTO advised_table (table_name, recommendation_id, written_as)
    VALUES (:table_name, :recommendation_id, :written_as)
"""
table_use_codec = JsonCodec(TableUse)


def keep_table_uses(connection: sqlite3.Connection, review: Review) -> None:
    """The review itself is already stored. An older one that arrives late changes nothing here."""
    pattern = {"query_hash": review.query_hash}
    [(newest,)] = connection.execute(SELECT_NEWEST_OF_PATTERN, pattern)
    if timestamp_key(review.analysis_timestamp) != newest:
        return
    connection.execute(DELETE_USES, pattern)
    for use in {use.table_name: use for use in review.table_uses}.values():
        connection.execute(
            INSERT_USE,
            {
                "query_hash": review.query_hash,
                "table_name": use.table_name,
                "us_a_week": round(use.seconds_a_week * MICROSECONDS),
                "payload": table_use_codec.pack(use),
            },
        )
    connection.execute(DELETE_ADVISED_TABLES, pattern)
    for advised in review.advised_tables:
        connection.execute(
            INSERT_ADVISED_TABLE,
            {
                "table_name": advised.table_name,
                "recommendation_id": advised.recommendation_id,
                "written_as": advised.written_as,
            },
        )
