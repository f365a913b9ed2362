"""Texts that try to make a reviewer do what an attacker wants, and where each would stand."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "payloads"


class Place(StrEnum):
    """Where anyone who can run a statement, name a thing or set a label can put a text."""

    SQL_COMMENT = "sql_comment"
    STRING_LITERAL = "string_literal"
    ALIAS = "alias"
    TABLE_NAME = "table_name"
    SCHEMA_NAME = "schema_name"
    COLUMN_NAME = "column_name"
    USER = "user"
    LABEL = "label"
    ERROR_MESSAGE = "error_message"
    PLAN_CONDITION = "plan_condition"
    NOTICE = "notice"
    ALERT = "alert"
    ADVISOR_DDL = "advisor_ddl"


NEVER_SENT = frozenset({Place.SQL_COMMENT, Place.STRING_LITERAL})


class Demand(StrEnum):
    """What a reviewer that obeys does. `value` of the payload says with what."""

    SAYS = "says"
    FACTS = "facts"
    CHECK = "check"
    SAVING = "saving"
    SEVERITY = "severity"
    BUCKET = "bucket"
    FIELDS = "fields"
    SQL = "sql"
    RAW = "raw"
    DEEP = "deep"
    HUGE = "huge"
    REVEAL = "reveal"
    DISMISS = "dismiss"


@dataclass(frozen=True, kw_only=True)
class Payload:
    """`placed` are the texts by their places; most have one."""

    id: str
    category: str
    placed: tuple[tuple[Place, str], ...]
    demand: Demand
    value: Any

    @property
    def is_never_sent(self) -> bool:
        return all(place in NEVER_SENT for place, _ in self.placed)

    @property
    def text(self) -> str:
        return self.placed[0][1]


@cache
def payloads() -> tuple[Payload, ...]:
    """All of them, file by file."""
    return tuple(
        _payload(file.stem, entry)
        for file in sorted(FOLDER.glob("*.yaml"))
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))
    )


def _payload(category: str, entry: dict[str, Any]) -> Payload:
    known = {"id", "place", "text", "also", "times", "demand", "value"}
    if unknown := set(entry) - known:
        raise ValueError(f"{category}, {entry.get('id')}: {unknown}")
    placed = {entry["place"]: entry["text"] * entry.get("times", 1), **entry.get("also", {})}
    return Payload(
        id=entry["id"],
        category=category,
        placed=tuple((Place(place), text) for place, text in placed.items()),
        demand=Demand(entry.get("demand", "says")),
        value=entry.get("value", entry["text"]),
    )
