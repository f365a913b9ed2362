"""Finds original literals in texts that are about to be sent."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from backend.domain.model_form import LiteralMark
from backend.sql.literal_marks import find_marked

_BETWEEN = "\n\x00\n"
"""No literal runs across it: a text of Redshift holds no zero byte."""


class FoundLiteral(NamedTuple):
    """`texts[place][start:end]` is an original literal."""

    place: int
    start: int
    end: int


def find_literals(
    texts: Sequence[str], marks: Collection[LiteralMark], key: bytes
) -> Iterator[FoundLiteral]:
    """Over all texts in one go, in their order; places may overlap."""
    if not marks:
        return
    starts = []
    length = 0
    for text in texts:
        starts.append(length)
        length += len(text) + len(_BETWEEN)
    place = 0
    for found in find_marked(_BETWEEN.join(texts), marks, key):
        while place + 1 < len(starts) and starts[place + 1] <= found.start:
            place += 1
        yield FoundLiteral(place, found.start - starts[place], found.end - starts[place])


def without_literals(text: str, found: Sequence[FoundLiteral]) -> str:
    """`?` for each place; overlapping ones become one."""
    pieces = []
    position = 0
    for _, start, end in sorted(found):
        if start >= position:
            pieces += [text[position:start], "?"]
        position = max(position, end)
    return "".join((*pieces, text[position:]))
