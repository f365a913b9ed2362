"""How often the runs have changed, or what was charged: what was worked out stays good until then."""

import sqlite3

COUNT_A_CHANGE = """
    INSERT INTO counter (name, value) VALUES ('runs changed', 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1
"""
SELECT_CHANGES = """
    SELECT name, value FROM counter WHERE name IN ('cleared', 'runs changed') ORDER BY name
"""

Changes = tuple[tuple[str, int], ...]


def count_a_change(connection: sqlite3.Connection) -> None:
    """In the transaction that changes runs, or what they add up to."""
    connection.execute(COUNT_A_CHANGE)


def changes(connection: sqlite3.Connection) -> Changes:
    """Differs from what it was before if runs were added, shared out or cleared."""
    return tuple((row["name"], row["value"]) for row in connection.execute(SELECT_CHANGES))
