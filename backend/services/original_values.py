"""The original values of a statement, put back into a suggested rewrite: on this machine's screen
only. Nothing that is made here may be stored, exported, logged or sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.domain.model_form import LiteralType
from backend.services.raw_text import RawTextStore, is_whole
from backend.sql.format_sql import format_sql
from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.model_form_of import LiteralsOfText, read_literals
from backend.sql.scanner import TokenKind, scan
from backend.sql.scrub import LONGEST_LIST, scrub

_PLACE = re.compile(r":p(\d+)")


@dataclass(frozen=True, kw_only=True)
class OriginalValues:
    """The literals as they were written: by the number of their `?` in the scrubbed statement, and
    by the shape of a LIKE pattern where only one has it. `list_ends` are places that stand for
    several values."""

    by_position: Mapping[int, str] = field(repr=False)
    by_shape: Mapping[str, str] = field(repr=False)
    list_ends: frozenset[int] = frozenset()


def original_values(
    query_hash: str, scrubbed_sql: str | None, *, raw_texts: RawTextStore, now: datetime
) -> OriginalValues | None:
    """None where the text is not kept, or where it is not surely the one that `scrubbed_sql` was
    made from, place by place."""
    text = raw_texts.get(query_hash, now=now) if scrubbed_sql else None
    if text is None or not is_whole(text):
        return None
    scrubbed = scrub(text).text
    # Texts of one pattern differ in the length of their lists, and so in their places.
    if scrubbed is None or (formatted := format_sql(scrubbed)) != scrubbed_sql:
        return None
    literals = read_literals(text, formatted=formatted)
    if literals is None:
        return None
    return OriginalValues(
        by_position=literals.by_position,
        by_shape=literals.by_shape,
        list_ends=_list_ends(literals),
    )


def _list_ends(literals: LiteralsOfText) -> frozenset[int]:
    return frozenset(
        placeholder.positions[-1]
        for placeholder in literals.form.placeholders
        if placeholder.type is LiteralType.LIST
        and placeholder.positions
        and placeholder.size > LONGEST_LIST
    )


def with_originals(rewritten_sql: str, values: OriginalValues) -> str | None:
    """The statement or clause with its values for `:p1`, `:p2` …; None where one is not certain."""
    pieces: list[str] = []
    for token in scan(rewritten_sql):
        piece = rewritten_sql[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER:
            value = _value_at(rewritten_sql, token.start, token.end, values)
        elif token.kind is TokenKind.STRING and piece in LIKE_SHAPES:
            value = values.by_shape.get(piece)
        else:
            pieces.append(piece)
            continue
        if value is None:
            return None
        # Two signs in a row would open a comment.
        is_signed_twice = value.startswith("-") and pieces and pieces[-1].endswith("-")
        pieces.append(f" {value}" if is_signed_twice else value)
    return "".join(pieces)


def _value_at(sql: str, start: int, end: int, values: OriginalValues) -> str | None:
    place = _PLACE.fullmatch(sql, start, end)
    if place is None:
        return None
    position = int(place[1])
    if position in values.list_ends and not _ends_a_list(sql, start, end):
        return None
    return values.by_position.get(position)


def _ends_a_list(sql: str, start: int, end: int) -> bool:
    return sql[:start].rstrip().endswith(",") and sql[end:].lstrip().startswith(")")
