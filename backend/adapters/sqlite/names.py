"""Numbers for the few names that many runs share."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import Names

SELECT_NAME_NO = "SELECT name_no FROM name WHERE kind = :kind AND name = :name"
SELECT_NAME = "SELECT name FROM name WHERE name_no = :name_no"
SELECT_NAMES = "SELECT name FROM name WHERE kind = :kind ORDER BY name"
INSERT_NAME = "INSERT INTO name (kind, name) VALUES (:kind, :name)"


class NameKind(StrEnum):
    DATABASE = "database"
    USER = "user"
    LABEL = "label"
    QUERY_TYPE = "query_type"
    VERSION = "version"


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    number_of: dict[tuple[NameKind, str], int] = field(default_factory=dict)
    name_of: dict[int, str] = field(default_factory=lambda: {0: ""})


class NameBook:
    """Gives numbers inside one write transaction; never outlives it.

    What is known may be carried from one transaction to the next, unless the store was cleared.
    """

    def __init__(self, connection: sqlite3.Connection, known: KnownNames | None = None) -> None:
        self._connection = connection
        known = known or KnownNames()
        self._known = known.number_of
        self._name_of = known.name_of

    def number(self, kind: NameKind, name: str) -> int:
        known = self._known.get((kind, name))
        if known is None:
            found = find_number(self._connection, kind, name)
            known = self._added(kind, name) if found is None else found
            self._known[kind, name] = known
            self._name_of[known] = name
        return known

    def name(self, number: int) -> str:
        """The empty name for 0."""
        known = self._name_of.get(number)
        if known is None:
            known = self._name_of[number] = name_of(self._connection, number)
        return known

    def numbers(self, kind: NameKind, column: Names) -> NDArray[np.int64]:
        """The number of each row; 0 for an empty label, as for one that was never set."""
        return self.numbers_of(kind, column.names)[column.codes]

    def numbers_of(self, kind: NameKind, names: Iterable[str]) -> NDArray[np.int64]:
        number_of = [
            0 if kind is NameKind.LABEL and not name else self.number(kind, name) for name in names
        ]
        return np.array(number_of, dtype=np.int64)

    def _added(self, kind: NameKind, name: str) -> int:
        number = self._connection.execute(INSERT_NAME, {"kind": kind, "name": name}).lastrowid
        return int(number or 0)


def find_number(connection: sqlite3.Connection, kind: NameKind, name: str) -> int | None:
    row = connection.execute(SELECT_NAME_NO, {"kind": kind, "name": name}).fetchone()
    return None if row is None else int(row["name_no"])


def known_numbers(
    connection: sqlite3.Connection, kind: NameKind, names: Iterable[str]
) -> list[int]:
    """Of those names that occur at all."""
    found = (find_number(connection, kind, name) for name in names)
    return [number for number in found if number is not None]


def names_of_kind(connection: sqlite3.Connection, kind: NameKind) -> Sequence[str]:
    return [row["name"] for row in connection.execute(SELECT_NAMES, {"kind": kind})]


def name_of(connection: sqlite3.Connection, name_no: int) -> str:
    """The empty name for 0."""
    if not name_no:
        return ""
    row = connection.execute(SELECT_NAME, {"name_no": name_no}).fetchone()
    return str(row["name"])
