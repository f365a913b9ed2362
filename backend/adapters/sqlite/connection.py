"""Connections to the one file: a pool that threads borrow from, a transaction at a time.

The write-ahead log lets readers go on beside the one writer, over several processes. A committed
write survives the end of the process at any moment (kill -9 too); a power cut may take the last
commits with it, but leaves the file whole (synchronous=NORMAL).
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.adapters.sqlite.migrate import migrate
from backend.domain.errors import StoreUnavailableError

BUSY_SECONDS = 30.0
IDLE_CONNECTIONS_KEPT = 8
CACHE_KIB = 16_384
LOG_KEPT_BYTES = 64 * 1024 * 1024


class Connections:
    """Borrowed rather than one for each thread: a page run is a new thread every time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False
        self._prepare_file()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All reads inside see the store at one moment."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Kept when the block ends well, forgotten when it raises. One writer at a time."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with store_errors(self._path):
            connection = self._borrow()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                connection.close()
                raise
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._is_closed:
                raise StoreUnavailableError("The history store has been closed.")
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._is_closed and len(self._idle) < IDLE_CONNECTIONS_KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_KEPT_BYTES}")
        return connection

    def _prepare_file(self) -> None:
        with store_errors(self._path):
            # For this user only: the names and statements of a warehouse are in it.
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._path.exists() and not os.access(self._path, os.R_OK | os.W_OK):
                raise PermissionError
            connection = self._connect()
            try:
                _use_write_ahead_log(connection)
                migrate(connection)
            except BaseException:
                connection.close()
                raise
            self._give_back(connection)


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """The switch does not wait for its lock by itself when two processes open a new file."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            [(mode,)] = connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.02)
            continue
        if mode != "wal":
            raise StoreUnavailableError(
                "The history store's folder does not support a write-ahead log, as network "
                "drives do not. Choose a data directory on a local disk."
            )
        return


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite and the file system say into a sentence that says what to do."""
    try:
        yield
    except (sqlite3.Error, PermissionError, FileExistsError, NotADirectoryError) as error:
        raise StoreUnavailableError(_sentence(path, error)) from error


def _sentence(path: Path, error: Exception) -> str:
    said = str(error).lower()
    if "locked" in said or "busy" in said:
        return (
            f"The history store {path} has been busy with another process for {BUSY_SECONDS:.0f} "
            "seconds. Wait until that has finished, then try again."
        )
    if "malformed" in said or "not a database" in said or "corrupt" in said:
        return (
            f"The history store {path} is damaged or is not a history store. Move the file away "
            "to start with an empty one, or put back a copy."
        )
    if "full" in said:
        return f"There is no space left for the history store {path}. Make room, then try again."
    if isinstance(error, OSError) or "readonly" in said or "unable to open" in said:
        return (
            f"The history store {path} cannot be read and written. Give this user the right to, "
            "or choose another data directory."
        )
    return f"The history store {path} failed ({type(error).__name__}). Try again."
