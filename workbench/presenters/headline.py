"""A statement's name on screen: its verb, what it gives and the tables it touches."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.pattern import Pattern
from workbench.presenters.wording import shortened

READ_LENGTH = 20_000
_SPACES = re.compile(r"\s+")
_NAME = r'[\w$"]+(?:\s*\.\s*[\w$"]+)*'
_TARGETS = (
    (re.compile(rf"insert\s+into\s+({_NAME})", re.IGNORECASE), "INSERT INTO {}"),
    (
        re.compile(rf"create\s+(?:temp\w*\s+|local\s+)*table\s+({_NAME})", re.IGNORECASE),
        "CREATE TABLE {}",
    ),
    (
        re.compile(rf"(?:create|refresh)\s+materialized\s+view\s+({_NAME})", re.IGNORECASE),
        "MATERIALIZED VIEW {}",
    ),
    (re.compile(rf"update\s+({_NAME})", re.IGNORECASE), "UPDATE {}"),
    (re.compile(rf"delete\s+(?:from\s+)?({_NAME})", re.IGNORECASE), "DELETE FROM {}"),
    (re.compile(rf"merge\s+into\s+({_NAME})", re.IGNORECASE), "MERGE INTO {}"),
    (re.compile(rf"copy\s+({_NAME})", re.IGNORECASE), "COPY {}"),
    (re.compile(rf"analyze\s+({_NAME})", re.IGNORECASE), "ANALYZE {}"),
    (re.compile(rf"call\s+({_NAME})", re.IGNORECASE), "CALL {}"),
    (re.compile(rf"alter\s+table\s+({_NAME})", re.IGNORECASE), "ALTER TABLE {}"),
    (re.compile(rf"truncate\s+(?:table\s+)?({_NAME})", re.IGNORECASE), "TRUNCATE {}"),
)
_VACUUM = re.compile(rf"vacuum\s+(?:(?:full|sort|delete|reindex|only)\s+)*({_NAME})", re.IGNORECASE)
_SELECT = re.compile(r"select\s+(?:(distinct|top)\s+(?:\?\s+)?)?", re.IGNORECASE)
_PREFIX = re.compile(r"\b[\w$]+\.(?=[\w*\"])| as [\w$\"]+", re.IGNORECASE)
_CALL = re.compile(r"(\w+)\s*\(")
_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much of a statement's name fits, in letters and tables."""

    letters: int
    columns: int
    tables: int


TITLE = Room(letters=110, columns=44, tables=4)
CELL = Room(letters=60, columns=22, tables=2)


def headline(pattern: Pattern, room: Room = TITLE) -> str:
    """`SELECT region, sum(amount), … FROM sales, stores`, on one line."""
    tables = _tables(pattern.table_names, room)
    if pattern.scrubbed_sql is None:
        named = f"{pattern.query_type} (text withheld){f' on {tables}' if tables else ''}"
    else:
        named = _named(pattern.scrubbed_sql, pattern.table_names, room)
    return shortened(named, room.letters)


def _named(sql: str, table_names: Sequence[str], room: Room) -> str:
    line = _SPACES.sub(" ", sql[:READ_LENGTH]).strip()
    for target, words in _TARGETS:
        if found := target.match(line):
            return _with_sources(words.format(_bare(found[1])), found[1], table_names, room)
    if found := _VACUUM.match(line):
        return f"VACUUM {_bare(found[1])}"
    if line[:5].lower() == "with " or line[:1] == "(":
        return f"WITH … SELECT FROM {_tables(table_names, room)}" if table_names else line
    if found := _SELECT.match(line):
        return _select(line[found.end() :], (found[1] or "").upper(), table_names, room)
    if line[:6].lower() == "unload":
        return "UNLOAD … FROM " + _tables(table_names, room) if table_names else line
    return line


def _select(rest: str, prefix: str, table_names: Sequence[str], room: Room) -> str:
    columns = _PREFIX.sub("", _before_from(rest))
    verb = f"SELECT {prefix}".strip()
    if not table_names:
        return f"{verb} {shortened(rest, 2 * room.columns)}"
    return f"{verb} {_first_columns(columns, room.columns)} FROM {_tables(table_names, room)}"


def _before_from(rest: str) -> str:
    """The select list: up to the first FROM that stands outside parentheses."""
    for found in _FROM.finditer(rest):
        before = rest[: found.start()]
        if before.count("(") == before.count(")"):
            return before.strip()
    return rest


def _first_columns(columns: str, room: int) -> str:
    if len(columns) <= room:
        return columns
    kept: list[str] = []
    depth = 0
    start = 0
    for position, letter in enumerate(columns[:room]):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            kept.append(columns[start:position].strip())
            start = position + 1
    if not kept and (call := _CALL.match(columns)):
        kept.append(f"{call[1]}(…)")
    return ", ".join([*kept, "…"])


def _with_sources(words: str, target: str, table_names: Sequence[str], room: Room) -> str:
    sources = [name for name in table_names if _bare(name) != _bare(target)]
    return f"{words} FROM {_tables(sources, room)}" if sources else words


def _tables(table_names: Sequence[str], room: Room) -> str:
    named = list(dict.fromkeys(_bare(name) for name in table_names))
    more = len(named) - room.tables
    return ", ".join(named[: room.tables]) + (f" +{more}" if more > 0 else "")


def _bare(name: str) -> str:
    return name.rsplit(".", maxsplit=1)[-1].strip().strip('"')
