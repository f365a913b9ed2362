"""The literals that scrubbing takes out of a statement, and putting them back."""

import re

from backend.sql.scanner import TokenKind, scan
from backend.sql.scrub import LONGEST_LIST

_LITERALS = (TokenKind.STRING, TokenKind.NUMBER)
_SHOWN = re.compile(r":p(\d+)\b")
_LONG_LIST = re.compile(r"\bin\s*\(\s*[-+]?\?(?:\s*,\s*[-+]?\?)*\s*\)", re.IGNORECASE)


def literals_of(sql: str) -> dict[int, str]:
    """By the number of the `?` that the scrubbed statement has for it.

    Of a list in IN that is cut to three, the third `?` stands for all values from there on.
    """
    literals: list[str] = []
    pieces: list[str] = []
    for token in scan(sql):
        piece = sql[token.start : token.end]
        if token.kind in _LITERALS:
            literals.append(piece)
            piece = "?"
        pieces.append("" if token.kind is TokenKind.COMMENT else piece)
    masked = "".join(pieces)
    values: dict[int, str] = {}
    number, place = 1, 0
    for count in _list_lengths(masked):
        shown = min(count, LONGEST_LIST)
        for each in range(shown):
            last = place + count if each == shown - 1 else place + each + 1
            values[number] = ", ".join(literals[place + each : last])
            number += 1
        place += count
    return values


def _list_lengths(masked: str) -> list[int]:
    """How many literals stand together: the length of each list in IN, else 1 by 1."""
    lengths: list[int] = []
    position = 0
    for match in _LONG_LIST.finditer(masked):
        lengths += [1] * masked.count("?", position, match.start())
        lengths.append(match.group().count("?"))
        position = match.end()
    return lengths + [1] * masked.count("?", position)


def filled(shown_sql: str, values: dict[int, str]) -> str:
    """A rewritten statement with the literals in their places."""
    return _SHOWN.sub(lambda match: values[int(match[1])], shown_sql)
