"""Masks every string from outside once more before it is sent, by where it comes from."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from backend.panel.clean_text import plain_line, shortened
from backend.panel.outbound.document import Outside, OutsideKind
from backend.panel.outbound.secrets import mask_secrets
from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.personal_data import mask_personal_data
from backend.sql.scanner import Token, TokenKind, scan
from backend.sql.scrub import mask_text
from backend.sql.wrapped import read_wrapped

LONGEST: Mapping[OutsideKind, int] = {
    OutsideKind.STATEMENT: 16_000,
    OutsideKind.SQL: 2_000,
    OutsideKind.PLAN: 500,
    OutsideKind.MESSAGE: 300,
    OutsideKind.SENTENCE: 1_200,
    OutsideKind.LABEL: 80,
    OutsideKind.TABLE: 390,
}
LONGEST_NAME = 128
"""Redshift's identifiers have 127 bytes; a longer name is none."""

_DATE = re.compile(
    r"\b(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[+-]\d{2}:\d{2})?)?(?: UTC)?"
)
_DIGEST = re.compile(r"\b[a-z]\d-[0-9a-f]{16,}\b")
_VALUES = frozenset({TokenKind.STRING, TokenKind.NUMBER, TokenKind.COMMENT})


class Rescrub:
    """`masked` counts the strings in which a pattern of personal data or of a secret was found."""

    def __init__(self, window_end: datetime) -> None:
        self._window_end = window_end
        self._digests: dict[str, str] = {}
        self.masked = 0

    def __call__(self, outside: Outside) -> str:
        text = plain_line(outside.text, keeps_lines=outside.kind is OutsideKind.STATEMENT)
        limit = LONGEST.get(outside.kind, LONGEST_NAME)
        # What is cut off need not be masked, but a mask must not be cut through.
        text = self._by_kind[outside.kind](self, text[: 4 * limit])
        safe = _without_patterns(text)
        if safe != text:
            self.masked += 1
        return shortened(safe, limit)

    def _name(self, text: str) -> str:
        return text

    def _sql(self, text: str) -> str:
        wrapped = read_wrapped(text)
        if wrapped is None or not wrapped.is_quoted:
            return _masked_code(text)
        parts = (wrapped.head, wrapped.query, wrapped.tail)
        return "'".join(_masked_code(part) for part in parts)

    def _message(self, text: str) -> str:
        return mask_text(text)

    def _sentence(self, text: str) -> str:
        """Our own sentences have figures, which stay, and days, which become distances."""
        return _DIGEST.sub(self._name_of_digest, _DATE.sub(self._distance, text))

    def _name_of_digest(self, match: re.Match[str]) -> str:
        """Plans and steps are told apart by digests, of which only that is of interest."""
        return self._digests.setdefault(match.group(), f"no. {len(self._digests) + 1}")

    def _distance(self, match: re.Match[str]) -> str:
        try:
            day = datetime.fromisoformat(match[1]).replace(tzinfo=self._window_end.tzinfo)
        except ValueError:
            return "?"
        days = (self._window_end - day) / timedelta(days=1)
        return f"({days:.0f} days before the end of the window)"

    _by_kind: Mapping[OutsideKind, Callable[["Rescrub", str], str]] = {
        OutsideKind.DATABASE: _name,
        OutsideKind.SCHEMA: _name,
        OutsideKind.TABLE: _name,
        OutsideKind.COLUMN: _name,
        OutsideKind.USER: _name,
        OutsideKind.NAME: _name,
        OutsideKind.LABEL: _message,
        OutsideKind.STATEMENT: _sql,
        OutsideKind.SQL: _sql,
        OutsideKind.PLAN: _message,
        OutsideKind.MESSAGE: _message,
        OutsideKind.SENTENCE: _sentence,
    }


def _masked_code(text: str) -> str:
    return "".join(_masked_piece(text, token) for token in scan(text))


def _masked_piece(text: str, token: Token) -> str:
    piece = text[token.start : token.end]
    if piece in LIKE_SHAPES:
        return piece
    return "?" if token.is_cut or token.kind in _VALUES else piece


def _without_patterns(text: str) -> str:
    return mask_personal_data(mask_secrets(text))
