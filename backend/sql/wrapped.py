"""The query inside a statement that the parser does not know: UNLOAD, EXPLAIN, cursors."""

import re
from typing import NamedTuple

from backend.sql.scanner import BLOCK_COMMENT, LINE_COMMENT, TokenKind, scan

_HEAD = re.compile(
    rf"""
    (?:\s++|{LINE_COMMENT}|{BLOCK_COMMENT})*+
    (?: unload\s*+\(\s*+(?P<opens_string>(?=['$]))
      | explain\s++(?:verbose\s++)?+
      | (?:declare\s++(?:"[^"]*+"|[\w$]++)\s++(?:\w++\s++){{0,3}}?cursor\s++(?:\w++\s++){{0,3}}?for
         | prepare\s++[\w$]++\s*+(?:\([^()]*+\)\s*+)?+as)\s++
    )(?=\S)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_QUERY_START = re.compile(
    rf"(?:\s++|\(|{LINE_COMMENT}|{BLOCK_COMMENT})*+(?:select|with)\b", re.IGNORECASE
)
_ESCAPED_QUOTE = re.compile(r"''|\\(.)", re.DOTALL)


class Wrapped(NamedTuple):
    """`query` stands between `head` and `tail`, as a string (`is_quoted`) in an UNLOAD."""

    head: str
    query: str
    tail: str
    is_quoted: bool


def read_wrapped(text: str) -> Wrapped | None:
    """None if there is no statement around a query; a string that holds no query is a literal."""
    head = _HEAD.match(text)
    if head is None:
        return None
    rest = text[head.end() :]
    if head.group("opens_string") is None:
        return Wrapped(head.group(), rest, "", is_quoted=False)
    token = next(scan(rest), None)
    if token is None or token.kind is not TokenKind.STRING or token.is_cut:
        return None
    query = _unquoted(rest[: token.end])
    if _QUERY_START.match(query) is None:
        return None
    return Wrapped(head.group(), query, rest[token.end :], is_quoted=True)


def _unquoted(string: str) -> str:
    if string.startswith("$"):
        tag = string[: string.index("$", 1) + 1]
        return string[len(tag) : -len(tag)]
    return _ESCAPED_QUOTE.sub(lambda match: match.group(1) or "'", string[1:-1])
