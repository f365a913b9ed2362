"""Whether it is clear where the strings of a text begin and end.

A text that begins in the middle of a string, holds an apostrophe that nobody doubled, or has
backslashes that two databases read differently turns inside out: what is a literal to its writer
reads as names. Such a text shows where a string touches a word.
"""

import re

from backend.sql.scanner import Token, TokenKind, scan

_BACKSLASH_QUOTE = re.compile(r"\\['\"]")
_WORD_BEFORE = re.compile(r"[\w$]++\Z")
_WORD_BEHIND = re.compile(r"[\w$]++")
# What stands before or behind a string in SQL, also without a blank.
_WORDS = """
acceptanydate acceptinvchars addquotes all allowoverwrite and any as asc at avro begin between
bigint bool boolean bpchar by bzip2 case cast char cleanpath collate compress compupdate copy
credentials csv date dateformat default delimiter desc distinct do else emptyasnull encoding
encrypted end escape except exclude execute explicit_ids extension fetch fillrecord fixedwidth
for format from group gzip having header iam_role ignoreheader ilike immutable in intersect
interval into is isnull join json language like limit lzop manifest maxerror maxfilesize minus
noload nolog not notnull null nulls numeric offset on or orc order over parallel parquet
partition partitioned password qualify quote range region removequotes returning returns
rounddec rows select shapefile similar some stable statupdate text then time timeformat
timestamp timestamptz timetz to trimblanks truncatecolumns uescape union unknown using valid
values varbyte varchar volatile when where window with zstd
"""
_LANGUAGE = frozenset(_WORDS.split())
_FOLLOWERS = re.compile(r"\s*+(?:\Z|[),;:|=<>!~+*/\]&@-]|([^\W\d]\w*+))")


def may_hide_literals(text: str) -> bool:
    """Whether some reading of the backslashes in front of quotes shows what another one hides.

    Redshift takes `\\'` for a quote within a string; a text of another origin may not. Its reading
    stands where it makes sense as SQL and the other does not.
    """
    if not _BACKSLASH_QUOTE.search(text):
        return False
    escaped, plain = list(scan(text)), list(scan(text, has_plain_backslashes=True))
    if _code(text, escaped) == _code(text, plain):
        return False
    return not _is_sound(text, escaped) or _is_sound(text, plain)


def is_glued(text: str, string: Token) -> bool:
    """Whether a string touches a word that is none of the language, as in `O'Neil'`."""
    before = text[string.start - 1] if string.start else " "
    if _is_word(before):
        start = max(0, string.start - 40)
        word = _WORD_BEFORE.search(text[start : string.start])
        if word is None or word.group().lower() not in _LANGUAGE:
            return True
    elif before in ')]"' or not before.isascii():
        return True
    if string.is_cut or string.end >= len(text):
        return False
    behind = text[string.end]
    if _is_word(behind):
        word = _WORD_BEHIND.match(text, string.end, string.end + 40)
        return word is None or word.group().lower() not in _LANGUAGE
    return behind == '"' or not (behind.isascii() or behind.isspace())


def is_name_glued(text: str, name: Token) -> bool:
    """Whether a quoted name touches a number, or a word follows it, as behind `5" wide, "a"b`."""
    if name.start and text[name.start - 1].isdigit():
        return True
    word = _WORD_BEHIND.match(text, name.end, name.end + 40)
    return word is not None and word.group().lower() not in _LANGUAGE


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_$"


def _code(text: str, tokens: list[Token]) -> list[str]:
    return [
        text[token.start : token.end]
        for token in tokens
        if token.kind in (TokenKind.WORD, TokenKind.QUOTED)
    ]


def _is_sound(text: str, tokens: list[Token]) -> bool:
    """Whether it ends outside of its strings, and each of them stands where SQL has one."""
    return not any(
        token.is_cut
        or text[token.start] == "\\"
        or (
            token.kind is TokenKind.STRING
            and (is_glued(text, token) or not _is_followed_well(text, token.end))
        )
        for token in tokens
    )


def _is_followed_well(text: str, end: int) -> bool:
    follower = _FOLLOWERS.match(text, end)
    return follower is not None and (follower[1] is None or follower[1].lower() in _LANGUAGE)
