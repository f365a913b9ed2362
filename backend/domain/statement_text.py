"""The whole text of a statement, put together from what the system views keep of it."""

from collections.abc import Sequence
from itertools import pairwise

CHUNK_BYTES = 4000
"""SYS_QUERY_TEXT.text and SYS_QUERY_HISTORY.query_text are char(4000): bytes, not characters."""


def join_chunks(chunks: Sequence[str]) -> str:
    """The chunks of SYS_QUERY_TEXT in their order, still escaped.

    Drivers trim the blanks at the end of a chunk. Every chunk but the last was full, so they are
    put back; otherwise the words on both sides of the cut would become one. A chunk may also end
    in front of a character that had no room in it. Half characters are expected as surrogates,
    as `errors="surrogateescape"` makes them.
    """
    if not chunks:
        return ""
    full = [chunk + _blanks_behind(chunk, following) for chunk, following in pairwise(chunks)]
    return octets_of("".join([*full, chunks[-1]])).decode("utf-8", "replace").rstrip()


def _blanks_behind(chunk: str, following: str) -> str:
    room = CHUNK_BYTES - len(octets_of(chunk))
    next_character = len(octets_of(following[:1]))
    return "" if 0 < room < next_character else " " * room


def fills_its_column(text: str) -> bool:
    """Whether a text (still escaped) is as long as the view keeps: more may have followed."""
    return len(octets_of(text)) >= CHUNK_BYTES


def octets_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
