"""Scrubbed SQL for the parser and back: it takes `date '…'` but not `date ?`."""

from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.scanner import TokenKind, scan

_STAND_IN = "'?'"


def with_stand_ins(scrubbed_sql: str) -> str:
    """Every `?` as a string, or as a number where only that will do."""
    pieces: list[str] = []
    last_word = ""
    for token in scan(scrubbed_sql):
        piece = scrubbed_sql[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER:
            pieces.append("0" if last_word == "top" else _STAND_IN)
        else:
            pieces.append(piece)
        if token.kind is not TokenKind.SPACE:
            last_word = piece.lower()
    return "".join(pieces)


def with_placeholders(sql: str) -> str:
    """Scrubbed SQL holds no number and, but for the shapes of LIKE patterns, no string of its
    own, so each one stands for a `?`."""
    values = (TokenKind.STRING, TokenKind.NUMBER)
    pieces = ((token.kind, sql[token.start : token.end]) for token in scan(sql))
    return "".join(
        "?" if kind in values and piece not in LIKE_SHAPES else piece for kind, piece in pieces
    )
