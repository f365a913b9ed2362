"""The embedded history store: one SQLite file."""

from backend.adapters.sqlite.history import SqliteHistory, open_sqlite_history

__all__ = ["SqliteHistory", "open_sqlite_history"]
