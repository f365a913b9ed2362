"""Plan conditions, error messages and labels without their values.

They are no SQL: an apostrophe may be one, dashes rule off, and names and values alike stand in
double quotes.
"""

import re
import unicodedata
from collections.abc import Iterable

from backend.sql.literal_bounds import is_glued, may_hide_literals
from backend.sql.personal_data import mask_personal_data
from backend.sql.scanner import Stop, Stops, Token, TokenKind
from backend.sql.secret_values import SECRET_WORDS, Value, secret_value

# An apostrophe within a word, as in "user's", opens no string; E'…' and its like do.
_APOSTROPHE = re.compile(
    r"(?<=[A-Za-z]{2})'(?=[st]\b(?!'))"
    r"|(?<=[A-Za-z]{2})'(?=[A-Za-z])|(?<![\w$][^\W\d])(?<=[^\W\d_eEbBxXnN])'(?=[A-Za-z])"
)
# In a message they open no comment, and what is behind them has to be masked like the rest.
_DASHES = re.compile(r"--++ ?")
_KEY_VALUES = re.compile(
    r"\)=\([^()]*+\)|\)=\([^\n]*+(?=\) (?:already|is|conflicts|exists))|\)=\([^\n]*+"
)
_WHOLE_ROW = re.compile(
    r"(\brow contains |\braw[ _](?:line|field)(?:[ _]value)?:? ?|\bhex sequence: ?)[^\n]*+",
    re.IGNORECASE,
)
# Written by whoever logs what it was given.
# In a condition of a plan `=` has blanks around it, and `::` is a cast.
_NAMED_VALUE = re.compile(
    r"\b((?:(?:password|passwd|pwd|secret|client_secret|token|api_?key|access_?key|private_?key"
    r"|authorization)(?:=(?=\S)|:(?!:)\s*+)|value:(?!:)\s*+)(?:(?:bearer|basic)\s++)?+|bearer\s++)"
    r"[^\s,;()'\"]++",
    re.IGNORECASE,
)
# Quotes of word processors, and of other databases.
_ODD_QUOTES = re.compile(r"[‘‚“„«‹][^‘‚“„«‹\n]*?[’”“»›]|´[^´\n]*+´")
_BACKTICKS = re.compile(r"`([^`\n]*+)`?+")
_PLAIN_NAME = re.compile(r"[^\W\d][\w$.]*+")
_NAMED_OBJECT = re.compile(
    r"\b(?:relation|column|table|schema|database|function|view|type|index|constraint|library"
    r"|external table|user|group|role|operator|cursor|attribute|field)\s*\Z",
    re.IGNORECASE,
)
_MESSAGE_VALUE = re.compile(r"[:=]\s*\Z|\b(?:value|near)\s*\Z", re.IGNORECASE)
_NAME = re.compile(r'"[^\W\d][\w$]{0,62}"')
_KEYWORD = re.compile(
    r'"(?:select|from|where|group|order|by|having|limit|join|on|as|and|or|not|in|is|null|set|into|'
    r'values|insert|update|delete|create|drop|alter|table|view|with|union|case|when|then|else|end)"',
    re.IGNORECASE,
)
_STOPS = Stops(SECRET_WORDS)


def masked_message(text: str) -> str:
    """With `?` for every value. Raises nothing of its own, yet its caller has to expect anything."""
    text = _as_text(text)
    if may_hide_literals(text):
        return "?"
    out: list[str] = []
    stops = _STOPS.of(text)
    position: int | None = 0
    while position is not None and position < len(text):
        position = _mask_to_value(text, stops.between(position, len(text)), out)
    return "?" if position is None else "".join(out)


def _as_text(text: str) -> str:
    if not text.isascii():
        text = _ODD_QUOTES.sub("?", _seen(text))
    if "`" in text:
        text = _BACKTICKS.sub(_masked_backticks, text)
    if "'" in text:
        text = _APOSTROPHE.sub("’", text)
    text = _DASHES.sub(" ", text)
    if ")=(" in text:
        text = _KEY_VALUES.sub(")=(?)", text)
    text = mask_personal_data(_WHOLE_ROW.sub(r"\1?", text))
    return _NAMED_VALUE.sub(r"\1?", text)


def _masked_backticks(quoted: re.Match[str]) -> str:
    return quoted.group() if _PLAIN_NAME.fullmatch(quoted[1]) else "?"


def _seen(text: str) -> str:
    """Without characters of no width: they would hide an address from its pattern."""
    return "".join(c for c in text if c.isascii() or unicodedata.category(c) != "Cf")


def _mask_to_value(text: str, stops: Iterable[Stop], out: list[str]) -> int | None:
    """Gives where to go on: at the end, or behind a value that stood without quotes.

    None where nobody can tell what is within quotes and what is not.
    """
    for plain_start, token in stops:
        if plain_start < token.start:
            out.append(text[plain_start : token.start])
        if token.start == token.end:
            break
        if token.kind is TokenKind.STRING and is_glued(text, token):
            return None
        out.append(_masked(text, token, out))
        value = _value_behind(text, token)
        if value is not None:
            out += (text[token.end : value.start], value.masked)
            return value.end
    return len(text)


def _value_behind(text: str, token: Token) -> Value | None:
    if token.kind is TokenKind.WORD and text[token.start : token.end].lower() in SECRET_WORDS:
        return secret_value(text, token.end, len(text))
    return None


def _masked(text: str, token: Token, out: list[str]) -> str:
    if token.kind in (TokenKind.WORD, TokenKind.OPERATOR):
        return text[token.start : token.end]
    if token.kind is TokenKind.QUOTED and not token.is_cut:
        after = text[token.end : token.end + 1]
        return _masked_quoted(text[token.start : token.end], "".join(out[-3:]), after)
    return "?"


def _masked_quoted(piece: str, before: str, after: str) -> str:
    """PostgreSQL's messages put names and values alike in double quotes."""
    if after == "." or _NAMED_OBJECT.search(before):
        return piece
    if _KEYWORD.fullmatch(piece):
        return piece
    if _MESSAGE_VALUE.search(before) or not _NAME.fullmatch(piece):
        return '"?"'
    return piece
