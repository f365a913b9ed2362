"""The query that an UNLOAD carries as a string."""

import re
from typing import NamedTuple

from backend.sql.scanner import BLOCK_COMMENT, LINE_COMMENT, TokenKind, scan

_HEAD = re.compile(rf"(?:\s++|{LINE_COMMENT}|{BLOCK_COMMENT})*+unload\s*+\(\s*+", re.IGNORECASE)
_ESCAPED_QUOTE = re.compile(r"''|\\(.)", re.DOTALL)


class Unload(NamedTuple):
    """`head` ends before the string that holds `query`, `tail` begins behind it."""

    head: str
    query: str
    tail: str


def read_unload(text: str) -> Unload | None:
    """None if the text is no UNLOAD, or its query is not one whole string."""
    head = _HEAD.match(text)
    if head is None:
        return None
    token = next(scan(text[head.end() :]), None)
    if token is None or token.kind is not TokenKind.STRING or token.is_cut:
        return None
    end = head.end() + token.end
    return Unload(head.group(), _unquoted(text[head.end() : end]), text[end:])


def _unquoted(string: str) -> str:
    if string.startswith("$"):
        tag = string[: string.index("$", 1) + 1]
        return string[len(tag) : -len(tag)]
    body = string[string.index("'") + 1 : -1]
    return _ESCAPED_QUOTE.sub(lambda match: match.group(1) or "'", body)
