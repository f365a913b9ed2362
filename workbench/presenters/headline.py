"""A statement's name on screen: the tables it touches first, then what it does with them."""

import re
from collections import Counter
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
_FROM = re.compile(r"\bfrom\b", re.IGNORECASE)
_STEP = re.compile(r"([\w$\"]+)\s*(?:\([\w$\", ]*\)\s*)?as\s*\(", re.IGNORECASE)
_GAP = re.compile(r"(?<=\() | (?=\))")
TABLES_PART = 0.6
HASH_LETTERS = 4


@dataclass(frozen=True, kw_only=True)
class Room:
    """How much of a statement's name fits, in letters and tables."""

    letters: int
    tables: int


TITLE = Room(letters=110, tables=4)
CELL = Room(letters=54, tables=2)


def headline(pattern: Pattern, room: Room = TITLE, *, is_qualified: bool = False) -> str:
    """`sales, stores: region, sum(amount) …`, on one line; what is cut is cut from its end.

    The tables bear their schemas where `is_qualified`.
    """
    names = [_clean(name) if is_qualified else _bare(name) for name in pattern.table_names]
    if pattern.scrubbed_sql is None:
        tables = _tables(names, room)
        named = f"{pattern.query_type} (text withheld){f' on {tables}' if tables else ''}"
    else:
        named = _named(pattern.scrubbed_sql, names, room)
    return shortened(named, room.letters)


def headlines(patterns: Sequence[Pattern], room: Room = CELL) -> list[str]:
    """A name for each; those of one name are told apart by their schemas, else by their hashes."""
    named = [headline(pattern, room) for pattern in patterns]
    for place in _doubled(named):
        named[place] = headline(patterns[place], room, is_qualified=True)
    shorter = Room(letters=room.letters - HASH_LETTERS - 2, tables=room.tables)
    for place in _doubled(named):
        mark = patterns[place].query_hash[-HASH_LETTERS:]
        named[place] = f"{headline(patterns[place], shorter)} #{mark}"
    return named


def _doubled(named: Sequence[str]) -> list[int]:
    times = Counter(named)
    return [place for place, name in enumerate(named) if times[name] > 1]


def _named(sql: str, names: Sequence[str], room: Room) -> str:
    line = _GAP.sub("", _SPACES.sub(" ", sql[:READ_LENGTH]).strip())
    for target, words in _TARGETS:
        if found := target.match(line):
            return _with_sources(words.format(_bare(found[1])), found[1], names, room)
    if found := _VACUUM.match(line):
        return f"VACUUM {_bare(found[1])}"
    return _read(line, _tables(names, room)) if names else line


def _read(line: str, tables: str) -> str:
    if line[:5].lower() == "with ":
        steps = [_clean(step) for step in _STEP.findall(line)]
        return f"{tables}: WITH {', '.join(steps) or '…'}"
    if found := _SELECT.match(line):
        return f"{tables}: {_gives(line[found.end() :], (found[1] or '').upper())}"
    if line[:6].lower() == "unload":
        return f"UNLOAD FROM {tables}"
    return f"{tables}: {line}"


def _gives(rest: str, prefix: str) -> str:
    columns = _PREFIX.sub("", _before_from(rest)).strip()
    if columns[:1] == "*":
        prefix = f"SELECT {prefix}"
    return f"{prefix} {columns}".replace("  ", " ").strip()


def _before_from(rest: str) -> str:
    """The select list: up to the first FROM that stands outside parentheses."""
    for found in _FROM.finditer(rest):
        before = rest[: found.start()]
        if before.count("(") == before.count(")"):
            return before.strip()
    return rest


def _with_sources(words: str, target: str, names: Sequence[str], room: Room) -> str:
    sources = [name for name in names if _bare(name) != _bare(target)]
    return f"{words} FROM {_tables(sources, room)}" if sources else words


def _tables(names: Sequence[str], room: Room) -> str:
    """As many as fit, at least one; the others are counted."""
    distinct = list(dict.fromkeys(names))
    shown = distinct[:1]
    for name in distinct[1 : room.tables]:
        if len(", ".join([*shown, name])) > room.letters * TABLES_PART:
            break
        shown.append(name)
    more = len(distinct) - len(shown)
    return ", ".join(shown) + (f" +{more}" if more else "")


def _bare(name: str) -> str:
    return _clean(name.rsplit(".", maxsplit=1)[-1])


def _clean(name: str) -> str:
    return name.replace('"', "").strip()
