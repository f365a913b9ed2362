"""Names in SQL that are no names: personal data, keys and whole values in double quotes."""

import re

from backend.sql.personal_data import (
    has_account_number,
    has_personal_data,
    has_personal_data_in_word,
)
from backend.sql.scanner import Token

MASKED_NAME = '"masked"'

# Redshift cuts names off at 127 bytes.
_LONGEST_NAME = 127
_PLAIN_NAME = re.compile(r'"[\w$]*+"')
# A card number as a name; a time in the name of a table is shorter.
_LONG_NUMBER = re.compile(r"\d{15,}")
_ODD_WORD = re.compile(
    r"\d{9}|(?<![^\W_])[A-Za-z]{2}\d{2}[A-Za-z\d]{11}|[A-Z\d]{20}|[A-Za-z\d]{40}|eyJ"
)
_WORD = re.compile(r"\d{9}|(?<![^\W_])[A-Za-z]{2}\d{2}[A-Za-z\d]{11}|[A-Za-z\d]{40}")
# Of names without quotes; keys of AWS in them are none of its business.
_TWO_DIGITS = re.compile(r"\d\d")
_NUMBERED_WORD = re.compile(r"\d{9}|(?<![^\W_])[A-Za-z]{2}\d{2}[A-Za-z\d]{11}")
_WORD = re.compile(r"[^\W_]{13,}+")
# Unseen characters, and what only text between the quotes of two names has.
_NO_NAME = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff;]"
    r"|[=<>,(]\s*+'|\b(?:like|in|and|or|where|from|select|values)\s++\(?'",
    re.IGNORECASE,
)


def masked_quoted(text: str, token: Token) -> str:
    """A quoted name as it may be kept."""
    piece = text[token.start : token.end]
    if token.is_cut:
        return "?"
    if len(piece) > _LONGEST_NAME + 2:
        return MASKED_NAME
    if _PLAIN_NAME.fullmatch(piece):
        if _ODD_WORD.search(piece) is None:
            return piece
        name = _LONG_NUMBER.sub("0", piece)
        return MASKED_NAME if has_personal_data_in_word(name.strip('"')) else name
    is_odd = _NO_NAME.search(piece) is not None
    return MASKED_NAME if is_odd or has_personal_data(piece[1:-1]) else piece


def masked_words(masked_sql: str) -> str:
    """Without the numbers of cards and accounts in names that need no quotes."""
    # The first search is the cheap one, and mostly finds nothing.
    if _TWO_DIGITS.search(masked_sql) is None or _NUMBERED_WORD.search(masked_sql) is None:
        return masked_sql
    return _LONG_NUMBER.sub("0", _WORD.sub(_masked_word, masked_sql))


def _masked_word(word: re.Match[str]) -> str:
    name = _LONG_NUMBER.sub("0", word.group())
    return "masked" if has_account_number(name) else name
