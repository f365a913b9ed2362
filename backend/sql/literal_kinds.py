"""What a literal is, without what it says: its type, how long it is, what it stands beside."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from backend.domain.model_form import LiteralType
from backend.sql.like_shape import LIKE_WORDS
from backend.sql.scanner import TokenKind

DATE_PARTS = frozenset(
    {
        *("century", "day", "dayofweek", "dayofyear", "days", "decade", "doy", "dow", "epoch"),
        *("hour", "hours", "minute", "minutes", "month", "months", "quarter", "quarters"),
        *("second", "seconds", "week", "weekday", "weeks", "year", "years"),
    }
)
"""Words of SQL though they stand in quotes: `date_trunc('month', …)`.
https://docs.aws.amazon.com/redshift/latest/dg/r_Dateparts_for_datetime_functions.html"""

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_TIMESTAMP = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?")
_LENGTH_CLASSES = ((4, "1-4"), (16, "5-16"), (64, "17-64"), (256, "65-256"))
_DIGIT_CLASSES = ((3, "1-3"), (6, "4-6"), (9, "7-9"), (18, "10-18"))
_PREFIXED = {
    "date": LiteralType.DATE,
    "timestamp": LiteralType.TIMESTAMP,
    "timestamptz": LiteralType.TIMESTAMP,
    "interval": LiteralType.INTERVAL,
}
_SECRET_BEFORE = frozenset(
    {
        *("access_key_id", "credentials", "iam_role", "identified", "key", "password"),
        *("secret_access_key", "secret_arn", "session_token", "token"),
    }
)
_COMPARISONS = frozenset({"=", "<", ">", "<=", ">=", "<>", "!=", "in", "between"}) | LIKE_WORDS
_BETWEEN_REACH = 12
_LIST_REACH = 12
_BY_REACH = 60
_SMALL_DIGITS = 3
_SIZED = frozenset(
    {"bpchar", "char", "character", "decimal", "numeric", "nvarchar", "varbyte", "varchar"}
)


class Piece(NamedTuple):
    """A token that is no space and no comment: as scrubbed, and in lower case."""

    kind: TokenKind
    masked: str
    is_place: bool

    @property
    def word(self) -> str:
        return self.masked.lower()


class Literal(NamedTuple):
    """`value` is without quotes. `moment` is set where it is a plain date or time."""

    type: LiteralType
    value: str
    length_class: str
    moment: datetime | None = None


def literal_of(text: str, *, kind: TokenKind, before: Sequence[Piece], after: str) -> Literal:
    """`text` as the statement writes it; `after` is the text behind it, which may cast it."""
    if kind is TokenKind.PLACEHOLDER:
        return Literal(LiteralType.BIND, text, "")
    if kind not in {TokenKind.NUMBER, TokenKind.STRING} or _is_secret(before):
        return Literal(LiteralType.SECRET, text, "")
    return _of_number(text) if kind is TokenKind.NUMBER else _of_string(text, before, after)


def _of_number(text: str) -> Literal:
    digits = sum(character.isdigit() for character in text)
    type_ = LiteralType.INTEGER if text.isdigit() else LiteralType.DECIMAL
    return Literal(type_, text, _class(digits, _DIGIT_CLASSES, "19 and more") + " digits")


def _of_string(text: str, before: Sequence[Piece], after: str) -> Literal:
    value = unquoted(text)
    length_class = _class(len(value), _LENGTH_CLASSES, "257 and more") + " characters"
    if before and before[-1].word in LIKE_WORDS:
        return Literal(LiteralType.PATTERN, value, length_class)
    type_, moment = _string_type(value, before, after)
    if moment is not None:
        return Literal(type_, value, "", moment)
    if value.isascii() and value.isdigit():
        length_class += ", digits only"
    return Literal(type_, value, length_class)


def unquoted(string: str) -> str:
    """What stands between the quotes, as written: escapes stay."""
    if string.startswith("$"):
        tag = string[: string.find("$", 1) + 1]
        return string[len(tag) :].removesuffix(tag)
    opening = string.find("'")
    return string[opening + 1 :].removesuffix("'")


def structural_value(literal: Literal, before: Sequence[Piece]) -> str:
    """The value itself where it is a part of the statement's structure and no data."""
    if literal.type is LiteralType.TEXT:
        word = literal.value.strip().lower()
        return word if word in DATE_PARTS else ""
    is_small = literal.type is LiteralType.INTEGER and len(literal.value) <= _SMALL_DIGITS
    if is_small and (_is_limit(before) or _is_size(before) or _is_ordinal(before)):
        return literal.value
    return ""


def _is_limit(before: Sequence[Piece]) -> bool:
    return bool(before) and before[-1].word in {"limit", "top", "offset"}


def _is_size(before: Sequence[Piece]) -> bool:
    """`numeric(12, 2)`, `varchar(40)`."""
    words = [piece.word for piece in before[-4:]]
    return (len(words) > 1 and words[-1] == "(" and words[-2] in _SIZED) or (
        len(words) == 4 and words[3] == "," and words[1] == "(" and words[0] in _SIZED
    )


def _is_ordinal(before: Sequence[Piece]) -> bool:
    """A bare number of a GROUP BY or ORDER BY, behind BY or a comma."""
    if not before or before[-1].word not in {"by", ","}:
        return False
    for position in range(len(before) - 1, max(0, len(before) - _BY_REACH), -1):
        piece = before[position]
        if piece.word == "by":
            return before[position - 1].word in {"group", "order"}
        is_of_list = piece.is_place or piece.kind in {TokenKind.WORD, TokenKind.QUOTED}
        if not is_of_list and piece.word not in {",", "."}:
            return False
    return False


def compared_column(before: Sequence[Piece]) -> str:
    """The column that the literal is compared with, where it stands plainly before it."""
    position = len(before) - 1
    while position >= 0 and before[position].word in {"(", "-", "+", "date", "timestamp"}:
        position -= 1
    if position >= 0 and before[position].word == "and":
        position = _between(before, position)
    elif position >= 0 and before[position].word == ",":
        position = _opening_in(before, position)
    if position < 0 or before[position].word not in _COMPARISONS:
        return ""
    position -= 1
    if position >= 0 and before[position].word == "not":
        position -= 1
    return _name_ending(before, position)


def _is_secret(before: Sequence[Piece]) -> bool:
    position = len(before) - 1
    while position >= 0 and before[position].word in {"=", "as", "by", "to", "(", "with"}:
        position -= 1
    return position >= 0 and before[position].word in _SECRET_BEFORE


def _string_type(
    value: str, before: Sequence[Piece], after: str
) -> tuple[LiteralType, datetime | None]:
    prefixed = _PREFIXED.get(before[-1].word) if before else None
    if prefixed is LiteralType.INTERVAL:
        return LiteralType.INTERVAL, None
    moment = _moment(value)
    if moment is not None:
        is_date = _DATE.fullmatch(value.strip()) is not None
        return (LiteralType.DATE if is_date else LiteralType.TIMESTAMP), moment
    cast = re.match(r"\s*::\s*(\w+)", after)
    by_cast = _PREFIXED.get(cast[1].lower()) if cast else None
    return prefixed or by_cast or LiteralType.TEXT, None


def _moment(value: str) -> datetime | None:
    text = value.strip()
    if not _DATE.fullmatch(text) and not _TIMESTAMP.fullmatch(text):
        return None
    day, _, clock = text.replace("T", " ").partition(" ")
    try:
        year, month, day_of_month = (int(part) for part in day.split("-"))
        hour, minute, second = (*(float(part) for part in clock.split(":") if part), 0, 0, 0)[:3]
        return datetime(year, month, day_of_month, int(hour), int(minute), int(second))  # noqa: DTZ001 - only the distance between two of them counts
    except ValueError:
        return None


def _class(size: int, classes: Sequence[tuple[int, str]], largest: str) -> str:
    return next((name for limit, name in classes if size <= limit), largest)


def _between(before: Sequence[Piece], position: int) -> int:
    """From the AND of a BETWEEN to the word itself; -1 where it is no such AND."""
    for back in range(position - 1, max(-1, position - _BETWEEN_REACH), -1):
        if before[back].word == "between":
            return back
        if before[back].word in {"and", "or", "where", "on", "when"}:
            return -1
    return -1


def _opening_in(before: Sequence[Piece], position: int) -> int:
    """From a comma of an IN list to its IN; -1 in any other list and in long ones."""
    reach = max(-1, position - _LIST_REACH)
    while position > reach and (
        before[position].is_place or before[position].word in {",", "-", "+"}
    ):
        position -= 1
    if position > 0 and before[position].word == "(" and before[position - 1].word == "in":
        return position - 1
    return -1


def _name_ending(before: Sequence[Piece], position: int) -> str:
    names: list[str] = []
    while position >= 0 and before[position].kind in {TokenKind.WORD, TokenKind.QUOTED}:
        names.append(before[position].masked)
        if position < 2 or before[position - 1].word != ".":
            break
        position -= 2
    return ".".join(reversed(names))
