"""Scrubbed SQL for the parser and back: it takes `date '…'` but not `date ?`."""

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
    """Scrubbed SQL holds no number and no string of its own, so each one stands for a `?`."""
    values = (TokenKind.STRING, TokenKind.NUMBER)
    return "".join(
        "?" if token.kind in values else sql[token.start : token.end] for token in scan(sql)
    )
