"""Raw statement texts in a SQLite file of their own, readable by its owner only.

Deleted texts are overwritten with zeros. There is no write-ahead log that could hold one longer:
the journal of a writing goes with the writing.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from backend.adapters.sqlite.codec import microseconds, moment_of
from backend.adapters.sqlite.connection import BUSY_SECONDS
from backend.domain.errors import StoreUnavailableError
from backend.services.raw_text import NoRawTexts, RawText, RawTextsKept, RawTextStore

APPLICATION_ID = 0x52515754
"""Marks the file as ours ("RQWT")."""

MAKE_TABLE = """
    CREATE TABLE IF NOT EXISTS raw_text (
        query_hash TEXT PRIMARY KEY,
        text BLOB NOT NULL,
        seen_at_us INTEGER NOT NULL,
        expires_at_us INTEGER NOT NULL
    )
"""
KEEP = """
    INSERT INTO raw_text (query_hash, text, seen_at_us, expires_at_us)
    VALUES (:query_hash, :text, :seen_at_us, :expires_at_us)
    ON CONFLICT (query_hash) DO UPDATE SET
        text = excluded.text, seen_at_us = excluded.seen_at_us,
        expires_at_us = excluded.expires_at_us
    WHERE raw_text.text <> excluded.text
"""
SELECT_TEXT = """
    SELECT text FROM raw_text WHERE query_hash = :query_hash AND expires_at_us > :now_us
"""
SELECT_KEPT = """
    SELECT count(*), max(expires_at_us) FROM raw_text WHERE expires_at_us > :now_us
"""
SHORTEN = """
    UPDATE raw_text SET expires_at_us = seen_at_us + :longest_us
    WHERE expires_at_us > seen_at_us + :longest_us
"""
FORGET_EXPIRED = "DELETE FROM raw_text WHERE expires_at_us <= :now_us"
FORGET_ALL = "DELETE FROM raw_text"


class DamagedRawTextsError(StoreUnavailableError):
    """The file of the raw texts is damaged, or not ours."""


def open_raw_texts(path: Path, *, days: int, now: datetime) -> RawTextStore:
    """With `days` 0 nothing is kept, and what was kept before is deleted with its file.

    Raises StoreUnavailableError with what to do.
    """
    if not days:
        delete_raw_texts(path)
        return NoRawTexts()
    store = SqliteRawTexts(path)
    try:
        store.limit(days=days, now=now)
    except DamagedRawTextsError:
        # Nothing depends on them: better none than a workbench that does not start.
        delete_raw_texts(path)
        store.limit(days=days, now=now)
    return store


def delete_raw_texts(path: Path) -> None:
    """The file and its journal; the texts in it are overwritten first, where it can be read."""
    if path.exists():
        with suppress(StoreUnavailableError):
            SqliteRawTexts(path).forget_all()
    with _sentences(path):
        for file in _files(path):
            file.unlink(missing_ok=True)


def _files(path: Path) -> tuple[Path, Path]:
    return path, path.with_name(f"{path.name}-journal")


class SqliteRawTexts:
    """A connection for each call: there are few, and none holds the file open between them.
    Fulfils RawTextStore."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, texts: Sequence[RawText]) -> None:
        with self._writing() as connection:
            connection.executemany(
                KEEP,
                [
                    {
                        "query_hash": kept.query_hash,
                        "text": kept.text.encode("utf-8", "surrogatepass"),
                        "seen_at_us": microseconds(kept.seen_at),
                        "expires_at_us": microseconds(kept.expires_at),
                    }
                    for kept in texts
                ],
            )

    def get(self, query_hash: str, *, now: datetime) -> str | None:
        wanted = {"query_hash": query_hash, "now_us": microseconds(now)}
        with self._connection() as connection:
            row = connection.execute(SELECT_TEXT, wanted).fetchone()
        return None if row is None else bytes(row[0]).decode("utf-8", "surrogatepass")

    def kept(self, *, now: datetime) -> RawTextsKept:
        with self._connection() as connection:
            [(count, last_us)] = connection.execute(SELECT_KEPT, {"now_us": microseconds(now)})
        return RawTextsKept(
            count=count, last_expires_at=None if last_us is None else moment_of(last_us)
        )

    def forget_expired(self, now: datetime) -> None:
        with self._writing() as connection:
            connection.execute(FORGET_EXPIRED, {"now_us": microseconds(now)})

    def forget_all(self) -> None:
        with self._connection() as connection:
            connection.execute(FORGET_ALL)
            connection.execute("VACUUM")

    def limit(self, *, days: int, now: datetime) -> None:
        """A shorter time than before also holds for what is there; what has expired is deleted."""
        longest_us = timedelta(days=days) // timedelta(microseconds=1)
        with self._writing() as connection:
            connection.execute(SHORTEN, {"longest_us": longest_us})
            connection.execute(FORGET_EXPIRED, {"now_us": microseconds(now)})

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with _sentences(self._path):
            self._make_file()
            with closing(
                sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            ) as connection:
                _prepare(connection)
                yield connection

    def _make_file(self) -> None:
        """Private from its first moment on; SQLite gives its journal the rights of the file."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA secure_delete = ON")
    # Nothing of a text in a temporary file either.
    connection.execute("PRAGMA temp_store = MEMORY")
    [(table_count,)] = connection.execute("SELECT count(*) FROM sqlite_master")
    if not table_count:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(MAKE_TABLE)
    [(application_id,)] = connection.execute("PRAGMA application_id")
    if application_id != APPLICATION_ID:
        raise sqlite3.DatabaseError("not a database of ours")


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    """No message of SQLite goes further: a value may be in it."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        is_damaged = type(error) is sqlite3.DatabaseError
        kind = DamagedRawTextsError if is_damaged else StoreUnavailableError
        raise kind(
            f"The raw texts in {path} cannot be read and written ({type(error).__name__}). "
            "Delete the file: the next import keeps them anew."
        ) from error
