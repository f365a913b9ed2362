"""Takes every literal out of SQL, plan conditions and messages before anything is kept or shown.

Structure and line layout stay, and of a LIKE pattern whether it begins or ends with a wildcard
('%?'). On any doubt the whole text is withheld.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.sql.like_shape import LIKE_WORDS, like_shape
from backend.sql.personal_data import (
    has_personal_data,
    has_personal_data_in_code,
    mask_personal_data,
)
from backend.sql.scanner import Token, TokenKind, scan
from backend.sql.wrapped import read_wrapped

MASKED_NAME = '"masked"'
LONGEST_LIST = 3

_AMBIGUOUS = "It reads differently with and without backslash escapes, so a literal could slip out."
_PERSONAL_NAME = "A name in it looks like personal data."
_LITERAL_LEFT = "A literal was still there after masking."
_FAILED = "It could not be scrubbed."

# Words behind these are values even without quotes.
_SECRET_WORDS = frozenset(
    {
        "access_key_id",
        "credentials",
        "identified",
        "password",
        "secret_access_key",
        "session_token",
    }
)
_SECRET_SEPARATORS = frozenset({"=", "as", "by", "to", "with"})
_NO_SECRET = frozenset({"disable", "default", "valid"})
_BACKSLASH_QUOTE = re.compile(r"\\['\"]")
_PLAIN_NAME = re.compile(r'"[\w$]*+"')
# A card number as a name; a time in the name of a table is shorter.
_LONG_NUMBER = re.compile(r"\d{15,}")
_VALUE = r"(?:[-+]\s*+)?\?"
_LONG_LIST = re.compile(
    rf"(\bin\s*+\()\s*+{_VALUE}(?:\s*+,\s*+{_VALUE}){{{LONGEST_LIST},}}+\s*+\)", re.IGNORECASE
)
_ITEM = rf"(?:{_VALUE}|null\b|default\b|true\b|false\b)\s*+"
_ROW = rf"\(\s*+{_ITEM}(?:,\s*+{_ITEM})*+\)"
_ROWS = re.compile(rf"(\bvalues\s*+{_ROW})(?:\s*+,\s*+{_ROW})++", re.IGNORECASE)


class _WithheldError(Exception):
    """Says why the text is withheld."""


@dataclass(frozen=True, kw_only=True)
class ScrubbedText:
    """`text` is None where it was withheld; `withheld_reason` then says why, in a sentence."""

    text: str | None
    withheld_reason: str | None = None


def scrub(text: str) -> ScrubbedText:
    """A statement with `?` for every literal and without comments. Never raises."""
    try:
        return ScrubbedText(text=_scrubbed(text))
    except _WithheldError as error:
        return ScrubbedText(text=None, withheld_reason=str(error))
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get out
        return ScrubbedText(text=None, withheld_reason=_FAILED)


def _scrubbed(text: str) -> str:
    wrapped = read_wrapped(text)
    if wrapped is None:
        return _masked_statement(text)
    head = _masked_statement(wrapped.head)
    # A string within a string would have to be quoted twice: there no shape is kept.
    query = _masked_statement(wrapped.query, keeps_like_shapes=not wrapped.is_quoted)
    if not wrapped.is_quoted:
        return f"{head} {query}"
    if "'" in query:
        raise _WithheldError(_LITERAL_LEFT)
    return f"{head}'{query}'{_masked_statement(wrapped.tail)}"


def _masked_statement(text: str, *, keeps_like_shapes: bool = True) -> str:
    _refuse_two_readings(text)
    tokens = list(scan(text))
    patterns = like_patterns(text, tokens) if keeps_like_shapes else frozenset()
    masked = "".join(masked_pieces(text, tokens, patterns))
    if has_personal_data_in_code(masked):
        raise _WithheldError(_PERSONAL_NAME)
    _refuse_literals_left(text, tokens, masked)
    return shortened(masked)


def shortened(masked: str) -> str:
    """Masked text without long lists, further rows of VALUES and blank lines."""
    masked = _LONG_LIST.sub(rf"\1{', '.join('?' * LONGEST_LIST)})", masked)
    masked = _ROWS.sub(r"\1", masked)
    return _without_blank_lines(masked)


def long_lists(masked: str) -> Iterator[tuple[int, int]]:
    """Where the values of the lists stand that `shortened` shortens."""
    return ((match.end(1), match.end()) for match in _LONG_LIST.finditer(masked))


def value_rows(masked: str) -> Iterator[tuple[int, int]]:
    """Where the rows of VALUES stand that `shortened` leaves out."""
    return ((match.end(1), match.end()) for match in _ROWS.finditer(masked))


def _without_blank_lines(text: str) -> str:
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line).strip()


def like_patterns(text: str, tokens: Iterable[Token]) -> frozenset[int]:
    """Where the string behind each LIKE starts, also within a bracket."""
    starts = set()
    is_next = False
    for token in tokens:
        if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
            continue
        piece = text[token.start : token.end]
        if is_next and token.kind is TokenKind.STRING and not token.is_cut:
            starts.add(token.start)
        is_next = piece.lower() in LIKE_WORDS or (is_next and piece == "(")
    return frozenset(starts)


def masked_pieces(text: str, tokens: Iterable[Token], patterns: frozenset[int]) -> Iterable[str]:
    expects_secret = False
    last = " "
    is_setting = None
    for token in tokens:
        piece = text[token.start : token.end]
        word = piece.lower()
        if token.kind is TokenKind.COMMENT:
            piece = " "
        elif token.kind is not TokenKind.SPACE:
            if is_setting is None or word == ";":
                is_setting = word == "set" if word != ";" else None
            if token.kind is TokenKind.WORD and expects_secret and word not in _SECRET_SEPARATORS:
                piece = piece if word in _NO_SECRET else "?"
            elif token.start in patterns:
                piece = like_shape(piece)
            else:
                piece = _masked(token, piece)
            if word not in _SECRET_SEPARATORS:
                expects_secret = word in _SECRET_WORDS
            elif is_setting:
                expects_secret = True
            if piece == "?" and (last[-1].isalnum() or last[-1] in "_$?"):
                piece = " ?"
        yield piece
        last = piece or last


def _masked(token: Token, piece: str) -> str:
    if token.is_cut:
        return "?"
    if token.kind in (TokenKind.STRING, TokenKind.NUMBER, TokenKind.PLACEHOLDER):
        return "?"
    if token.kind is TokenKind.QUOTED:
        if _PLAIN_NAME.fullmatch(piece):
            return _LONG_NUMBER.sub("0", piece)
        return MASKED_NAME if has_personal_data(piece) else piece
    if token.kind is TokenKind.WORD:
        return _LONG_NUMBER.sub("0", piece)
    return piece


def _refuse_two_readings(text: str) -> None:
    """Redshift reads `\\'` as a quote within a string. A text of another origin may not."""
    if not _BACKSLASH_QUOTE.search(text):
        return
    plain = _with_plain_backslashes(text)
    escaped_end, plain_end = _ends_inside(text), _ends_inside(plain)
    if not escaped_end and plain_end:
        return
    if _code_words(text) != _code_words(plain):
        raise _WithheldError(_AMBIGUOUS)


def _with_plain_backslashes(text: str) -> str:
    """As a reader without escapes takes it; only E'…' has them everywhere."""
    pieces = (text[token.start : token.end] for token in scan(text))
    return "".join(piece if piece[:1] in "eE" else piece.replace("\\", "/") for piece in pieces)


def _ends_inside(text: str) -> bool:
    return any(token.is_cut for token in scan(text))


def _code_words(text: str) -> list[str]:
    return [text[token.start : token.end] for token in scan(text) if token.kind is TokenKind.WORD]


def _refuse_literals_left(text: str, tokens: Iterable[Token], masked: str) -> None:
    """No literal of four characters and more may stand in the masked text, unless the statement
    uses the same word as a name or keyword as well, and not more often than that."""
    literals = {
        text[token.start : token.end].strip("eEnN'\"$").lower()
        for token in tokens
        if token.kind in (TokenKind.STRING, TokenKind.NUMBER)
    }
    wanted = {literal for literal in literals if len(literal) >= 4}
    if not wanted:
        return
    left = Counter(re.findall(r"[\w$.@+-]+", masked.lower()))
    own = Counter(re.findall(r"[\w$.@+-]+", _code(text, tokens).lower()))
    if any(left[literal] > own[literal] for literal in wanted):
        raise _WithheldError(_LITERAL_LEFT)


def _code(text: str, tokens: Iterable[Token]) -> str:
    values = (TokenKind.STRING, TokenKind.NUMBER, TokenKind.COMMENT)
    return "".join(
        " ? " if token.kind in values or token.is_cut else text[token.start : token.end]
        for token in tokens
    )


# An apostrophe within a word of a message, as in "user's", opens no string.
_APOSTROPHE = re.compile(r"(?<=[A-Za-z]{2})'(?=[st]\b(?!'))")
# In a message they open no comment, and what is behind them has to be masked like the rest.
_DASHES = re.compile(r"--++ ?")
_KEY_VALUES = re.compile(r"\)=\([^()]*+\)")
_NAMED_OBJECT = re.compile(
    r"\b(?:relation|column|table|schema|database|function|view|type|index|constraint|library"
    r"|external table|user|group|role|operator|cursor|attribute|field)\s*\Z",
    re.IGNORECASE,
)
_MESSAGE_VALUE = re.compile(r"[:=]\s*\Z|\bvalue\s*\Z", re.IGNORECASE)


def mask_text(text: str) -> str:
    """Plan conditions, error messages and labels with `?` for every value. Never raises."""
    try:
        return _masked_message(text)
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get out
        return "?"


def _masked_message(text: str) -> str:
    text = _KEY_VALUES.sub(")=(?)", _APOSTROPHE.sub("’", _DASHES.sub(" ", text)))
    text = mask_personal_data(text)
    masked: list[str] = []
    expects_secret = False
    for token in scan(text):
        piece = text[token.start : token.end]
        word = piece.lower()
        if token.kind is TokenKind.COMMENT:
            masked.append("?")
            continue
        if token.kind is TokenKind.WORD and expects_secret and word not in _SECRET_SEPARATORS:
            masked.append("?")
        elif token.kind is TokenKind.QUOTED and not token.is_cut:
            after = text[token.end : token.end + 1]
            masked.append(_masked_quoted(piece, "".join(masked[-4:]), after))
        else:
            masked.append(_masked(token, piece))
        if token.kind is not TokenKind.SPACE and word not in _SECRET_SEPARATORS:
            expects_secret = word in _SECRET_WORDS
    return "".join(masked)


def _masked_quoted(piece: str, before: str, after: str) -> str:
    """PostgreSQL's messages put names and values alike in double quotes."""
    if after == "." or _NAMED_OBJECT.search(before):
        return piece
    if _MESSAGE_VALUE.search(before) or not re.fullmatch(r'"[^\W\d][\w$]{0,62}"', piece):
        return '"?"'
    return piece
