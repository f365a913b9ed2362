"""The whole text of a statement, put together from what the system views keep of it."""

from collections.abc import Sequence

CHUNK_BYTES = 4000
"""SYS_QUERY_TEXT.text and SYS_QUERY_HISTORY.query_text are char(4000): bytes, not characters."""


def join_chunks(chunks: Sequence[str]) -> str:
    """The chunks of SYS_QUERY_TEXT in their order, still escaped.

    Drivers trim the blanks at the end of a chunk. Every chunk but the last was full, so they are
    put back; otherwise the words on both sides of the cut would become one.
    """
    if not chunks:
        return ""
    full = [chunk + " " * (CHUNK_BYTES - len(chunk.encode())) for chunk in chunks[:-1]]
    return "".join([*full, chunks[-1]]).rstrip()


def fills_its_column(text: str) -> bool:
    """Whether a text (still escaped) is as long as the view keeps: more may have followed."""
    return len(text.encode()) >= CHUNK_BYTES
