"""Which patterns write which table: an index by the bare name of the table."""

import sqlite3

from backend.domain.pattern import Pattern
from backend.sql.written_table import written_tables

READ_ONLY_TYPES = ("SELECT", "UNLOAD")

INSERT_WRITER = """
    INSERT OR IGNORE INTO table_writer (table_key, pattern_no) VALUES (:table_key, :pattern_no)
"""
SELECT_WRITERS = """
    SELECT pattern.* FROM table_writer CROSS JOIN pattern USING (pattern_no)
    WHERE table_key = :table_key AND last_seen_us >= :seen_us
    ORDER BY last_seen_us DESC LIMIT :limit
"""


def keep_writer(connection: sqlite3.Connection, pattern_no: int, pattern: Pattern) -> None:
    if pattern.scrubbed_sql is None or pattern.query_type.upper() in READ_ONLY_TYPES:
        return
    for written in written_tables(pattern.scrubbed_sql):
        bare = written.name.rpartition(".")[2].casefold()
        connection.execute(INSERT_WRITER, {"table_key": bare, "pattern_no": pattern_no})
