"""Bring a store to the newest schema: all steps in one transaction, or none."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from backend.domain.errors import StoreTooNewError, StoreUnavailableError

APPLICATION_ID = 0x52515742
"""Marks the file as ours ("RQWB"), as https://www.sqlite.org/pragma.html#pragma_application_id."""

PLAIN_SUFFIX = ".plain.sql"
"""Stands in for the step of the same number where SQLite has no full text search."""


@dataclass(frozen=True, kw_only=True)
class Migration:
    version: int
    script: str


def newest_version() -> int:
    return max(_numbered_scripts(has_full_text=True))


def migrate(connection: sqlite3.Connection) -> None:
    """Does nothing on a store that is up to date; waits for another process at the same work.

    Raises StoreTooNewError, or StoreUnavailableError for a file of another program.
    """
    newest = newest_version()
    if _checked_version(connection, newest) == newest:
        return
    connection.execute("BEGIN EXCLUSIVE")
    try:
        present = _checked_version(connection, newest)
        for migration in migrations(has_full_text=has_full_text(connection)):
            if migration.version > present:
                _apply(connection, migration)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def migrations(*, has_full_text: bool) -> list[Migration]:
    scripts = _numbered_scripts(has_full_text=has_full_text)
    return [Migration(version=version, script=scripts[version]) for version in sorted(scripts)]


def has_full_text(connection: sqlite3.Connection) -> bool:
    [(is_there,)] = connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')")
    return bool(is_there) and sqlite3.sqlite_version_info >= (3, 34, 0)


def statements(script: str) -> Iterator[str]:
    """One after the other: `executescript` would commit first."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _checked_version(connection: sqlite3.Connection, newest: int) -> int:
    [(version,)] = connection.execute("PRAGMA user_version")
    if version > newest:
        raise StoreTooNewError
    [(table_count,)] = connection.execute("SELECT count(*) FROM sqlite_master")
    [(application_id,)] = connection.execute("PRAGMA application_id")
    if table_count and application_id != APPLICATION_ID:
        raise StoreUnavailableError(
            "The file is the database of another program. Choose another data directory."
        )
    return int(version)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in statements(migration.script):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {migration.version}")


def _numbered_scripts(*, has_full_text: bool) -> dict[int, str]:
    scripts: dict[int, str] = {}
    plain: dict[int, str] = {}
    for file in (files("backend.adapters.sqlite") / "migrations").iterdir():
        if file.name.endswith(".sql"):
            kind = plain if file.name.endswith(PLAIN_SUFFIX) else scripts
            kind[int(file.name[:4])] = file.read_text(encoding="utf-8")
    return scripts if has_full_text else scripts | plain
