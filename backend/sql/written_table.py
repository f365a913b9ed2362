"""Which tables a statement fills, changes or makes anew, by its first words."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from backend.sql.scanner import TokenKind, scan

_WORDS_READ = 24
_NAMES = (TokenKind.WORD, TokenKind.QUOTED)


class WriteAction(StrEnum):
    CREATE = "CREATE TABLE"
    CREATE_VIEW = "CREATE VIEW"
    ALTER = "ALTER TABLE"
    APPEND = "ALTER TABLE APPEND"
    RENAME = "ALTER TABLE RENAME"
    DROP = "DROP TABLE"
    TRUNCATE = "TRUNCATE"
    INSERT = "INSERT"
    COPY = "COPY"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    MERGE = "MERGE"


REDEFINING = frozenset(
    {
        WriteAction.CREATE,
        WriteAction.CREATE_VIEW,
        WriteAction.ALTER,
        WriteAction.RENAME,
        WriteAction.DROP,
    }
)
"""What may change how a table is laid out, not only what is in it."""


@dataclass(frozen=True, kw_only=True)
class WrittenTable:
    """`name` is `schema.table` in lower case where the schema is given."""

    name: str
    action: WriteAction


_HEADS: tuple[tuple[tuple[str, ...], WriteAction], ...] = (
    (("create", "table"), WriteAction.CREATE),
    (("create", "view"), WriteAction.CREATE_VIEW),
    (("alter", "table"), WriteAction.ALTER),
    (("drop", "table"), WriteAction.DROP),
    (("truncate", "table"), WriteAction.TRUNCATE),
    (("truncate",), WriteAction.TRUNCATE),
    (("insert", "into"), WriteAction.INSERT),
    (("copy",), WriteAction.COPY),
    (("update",), WriteAction.UPDATE),
    (("delete", "from"), WriteAction.DELETE),
    (("delete",), WriteAction.DELETE),
    (("merge", "into"), WriteAction.MERGE),
)
_NOT_COUNTED = frozenset(
    {"or", "replace", "temp", "temporary", "local", "global", "materialized", "if", "not", "exists"}
)


def written_tables(sql: str) -> tuple[WrittenTable, ...]:
    """None where the statement only reads, or begins with WITH. A renamed table counts under
    both names: readers know it by the new one."""
    words = list(_words(sql))
    plain = [word for word in words if word not in _NOT_COUNTED]
    for head, action in _HEADS:
        if tuple(plain[: len(head)]) == head:
            return tuple(_of_table(plain[len(head) :], action))
    return ()


def _of_table(rest: list[str], action: WriteAction) -> Iterator[WrittenTable]:
    """`rest` begins with the name of the table."""
    if not rest or rest[0] == "(":
        return
    name, behind = rest[0], rest[1:]
    if action is WriteAction.ALTER and behind[:1] == ["append"]:
        action = WriteAction.APPEND
    if action is WriteAction.ALTER and behind[:2] == ["rename", "to"] and len(behind) > 2:
        schema, dot, _ = name.rpartition(".")
        yield WrittenTable(name=name, action=WriteAction.RENAME)
        yield WrittenTable(name=f"{schema}{dot}{behind[2]}", action=WriteAction.RENAME)
        return
    yield WrittenTable(name=name, action=action)


def _words(sql: str) -> Iterator[str]:
    """The first words in lower case; a name with its schema is one word, brackets are their own."""
    name = ""
    count = 0
    for token in scan(sql):
        piece = sql[token.start : token.end]
        if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
            continue
        if piece == "." or (name.endswith(".") and token.kind in _NAMES):
            name += piece.strip('"').lower()
            continue
        if name:
            yield name
            count += 1
        name = piece.strip('"').lower()
        if count >= _WORDS_READ:
            return
    if name:
        yield name
