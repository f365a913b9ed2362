"""Marks of literals: enough to find a literal in a text that is to be sent, not to read it.

A mark is a keyed BLAKE2b digest cut to 40 bits. With the key in a file of its own, the store alone
gives nothing to guess against, and 40 bits let many texts share a mark.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

from backend.domain.model_form import LiteralMark, LiteralType
from backend.sql.literal_kinds import Literal
from backend.sql.literal_places import literals_in
from backend.sql.scanner import TokenKind, scan

SHORTEST = 4
"""Shorter literals stand in any text by chance."""
LONGEST = 400
"""Of longer ones the first so many characters are marked."""

_DIGEST_BYTES = 5
_LIKE_FIGURES = frozenset(
    {LiteralType.DATE, LiteralType.DECIMAL, LiteralType.INTEGER, LiteralType.TIMESTAMP}
)
_WORD_CHARACTER = re.compile(r"\w")


MOST_MARKS = 2_000
"""Of one text: beyond, it is data that was pasted into a statement."""


class Marked(NamedTuple):
    """`text[start:end]` is an original literal."""

    start: int
    end: int


def marks_of(text: str, key: bytes) -> frozenset[LiteralMark] | None:
    """Of the literals of a raw statement, but for words that the statement has as names or keywords
    as well: those stand in every text about it. None where it fails: then nothing may be sent."""
    try:
        own = _code_words(text)
        literals = (
            literal
            for literal in literals_in(text)
            if literal.type is not LiteralType.BIND
            and len(literal.value.strip()) >= SHORTEST
            and literal.value.strip().lower() not in own
        )
        return frozenset(_mark(literal, key) for literal in islice(literals, MOST_MARKS))
    except Exception:  # noqa: BLE001 - the caller then sends nothing
        return None


def _mark(literal: Literal, key: bytes) -> LiteralMark:
    is_number = literal.type in _LIKE_FIGURES
    return mark_of(literal.value.strip(), key, is_number=is_number)


def _code_words(text: str) -> frozenset[str]:
    words = (TokenKind.WORD, TokenKind.QUOTED)
    return frozenset(
        text[token.start : token.end].strip('"').lower()
        for token in scan(text)
        if token.kind in words and not token.is_cut
    )


def mark_of(literal: str, key: bytes, *, is_number: bool = False) -> LiteralMark:
    """For a literal without its quotes; of at least SHORTEST characters."""
    folded = _folded(literal)[:LONGEST]
    return LiteralMark(length=len(folded), digest=_digest(folded, key), is_number=is_number)


def find_marked(text: str, marks: Collection[LiteralMark], key: bytes) -> Iterator[Marked]:
    """Places of marked literals as whole words, whatever their case, from the left."""
    folded = _folded(text)
    lengths: dict[int, set[str]] = {}
    for mark in marks:
        lengths.setdefault(mark.length, set()).add(mark.digest)
    starts = [
        position
        for position in range(len(folded))
        if not (position and _is_word(folded[position - 1]) and _is_word(folded[position]))
    ]
    for start in starts:
        for length, digests in lengths.items():
            end = start + length
            if end > len(folded) or (
                end < len(folded) and _is_word(folded[end]) and _is_word(folded[end - 1])
            ):
                continue
            if _digest(folded[start:end], key) in digests:
                yield Marked(start, end)


def _folded(text: str) -> str:
    """Character by character, so that places in the text stay where they are."""
    return "".join(
        lower if len(lower := character.lower()) == 1 else character for character in text
    )


def _is_word(character: str) -> bool:
    return _WORD_CHARACTER.match(character) is not None


def _digest(folded: str, key: bytes) -> str:
    encoded = folded.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, key=key, digest_size=_DIGEST_BYTES).hexdigest()
