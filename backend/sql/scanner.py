"""Redshift text into tokens: one pass, linear, and never an error on any text."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

# Possessive quantifiers: a text that does not match is given up at once, never tried again.
_STRING_BODY = r"(?:[^'\\]++|\\.?|'')*+"
STRING = rf"'{_STRING_BODY}'"
STRING_PREFIX = r"(?<![\w$:#])(?:[eEbBxXnN]|[uU]&)"
QUOTED = r'"(?:[^"]++|"")*+"'
LINE_COMMENT = r"--[^\n\r]*+"
BLOCK_COMMENT = r"/\*[^*]*+(?:\*(?!/)[^*]*+)*+\*/"
PLACEHOLDER = r"\?|\$\d\w*+|(?<!:):[^\W\d]\w*+|%\(\w+\)s\b|(?<![\w)\]?])%s\b"
# Letters glued to a number belong to it (0x1F, 12ab34): half of a value must not survive.
NUMBER_TAIL = r"(?:[eE][+-]?\d++)?(?:(?<=\d)\w++)?"
NUMBER = rf"(?:\d++(?:\.\d*+)?|\.\d++){NUMBER_TAIL}"
WORD = r"#?[^\W\d][\w$]*+"

_BLOCK_MARK = re.compile(r"/\*|\*/")


def _master(string: str) -> re.Pattern[str]:
    return re.compile(
        rf"""
    (?P<space>\s++)
  | (?P<comment>{LINE_COMMENT}|/\*)
  | (?P<string>(?:{string})(?P<string_end>')?+|\$(?:[^\W\d]\w*)?\$)
  | (?P<quoted>"(?:[^"]++|"")*+(?P<quoted_end>")?+)
  | (?P<placeholder>{PLACEHOLDER})
  | (?P<number>{NUMBER})
  | (?P<word>{WORD})
  | (?P<operator>::|:=|<=|>=|<>|!=|\|\||->>?|!?~~?\*?|.)
    """.replace("#?", r"\#?"),
        re.DOTALL | re.VERBOSE,
    )


_MASTER = _master(rf"(?:{STRING_PREFIX})?'{_STRING_BODY}")
# In PostgreSQL's own reading a backslash is one only in E'…'.
_PLAIN_MASTER = _master(rf"(?<![\w$:#])[eE]'{_STRING_BODY}|(?:{STRING_PREFIX})?'(?:[^']++|'')*+")
# What is passed over in one step by a reader that looks for more than plain names: characters that
# begin nothing else. A word before a quote may be its prefix, so it is left to _MASTER.
_PLAIN_OPERATOR = r"[,()=<>*+\[\]{}^|&]|\.(?!\d)|::|-(?!-)|/(?!\*)|!(?!~)"
_ESCAPED = re.compile(r"\\([nrt\\])")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


class TokenKind(StrEnum):
    SPACE = "space"
    COMMENT = "comment"
    STRING = "string"
    QUOTED = "quoted"
    PLACEHOLDER = "placeholder"
    NUMBER = "number"
    WORD = "word"
    OPERATOR = "operator"


_KINDS: dict[str | None, TokenKind] = {kind.value: kind for kind in TokenKind}


class Token(NamedTuple):
    """A piece `text[start:end]`; `is_cut` where a string, quote or comment never ends."""

    kind: TokenKind
    start: int
    end: int
    is_cut: bool = False


def scan(text: str, *, has_plain_backslashes: bool = False) -> Iterator[Token]:
    """Tokens that follow each other without a gap from the first to the last character.

    Strings are read as Redshift reads them: `''` and a backslash escape, `E'…'`, `$tag$…$tag$`.
    Block comments nest. `has_plain_backslashes` reads them as PostgreSQL does today: only `E'…'`
    has backslash escapes.
    """
    position = 0
    master = _PLAIN_MASTER if has_plain_backslashes else _MASTER
    while position < len(text):
        match = master.match(text, position)
        if match is None:  # cannot be: the last alternative takes any character
            break
        token = _token(text, match)
        yield token
        position = token.end


class Stop(NamedTuple):
    """A token, and the plain text `text[plain_start:token.start]` that was passed over before it."""

    plain_start: int
    token: Token


class Stops:
    """`scan` for a reader that needs few tokens: plain names and operators are passed over.

    Stops at comments, strings, quoted names, placeholders, numbers, `words`, and operators that
    are rare in statements. The tokens are those of `scan`.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """`words` are small letters, digits and `_`; they are met in any case."""
        self._words = tuple(sorted(words))
        any_word = r"#?[^\W\d][\w$]*+(?!&?')"
        no_word = rf"(?!(?i:{'|'.join(self._words)})(?![\w$]))"
        self._plain = re.compile(rf"(?:\s++|{no_word}{any_word}|{_PLAIN_OPERATOR})*+")
        self._plain_without_words = re.compile(rf"(?:\s++|{any_word}|{_PLAIN_OPERATOR})*+")

    def of(self, text: str) -> "StopsOfText":
        small = text.lower()
        has_words = any(word in small for word in self._words)
        return StopsOfText(text, self._plain if has_words else self._plain_without_words)


class StopsOfText:
    """The stops of one text, from wherever a token begins."""

    def __init__(self, text: str, plain: re.Pattern[str]) -> None:
        self._text = text
        self._plain = plain

    def between(self, start: int, end: int) -> Iterator[Stop]:
        """Both are where tokens begin or end. The last stop is an empty token of SPACE."""
        text, plain, master = self._text, self._plain.match, _MASTER.match
        position = start
        while True:
            plain_start = position
            passed = plain(text, position, end)
            position = passed.end() if passed else position
            match = master(text, position, end) if position < end else None
            if match is None:
                yield Stop(plain_start, Token(TokenKind.SPACE, end, end))
                return
            token = _token(text, match)
            position = token.end
            yield Stop(plain_start, token)


def token_at(text: str, start: int) -> Token | None:
    """The token that begins at `start`, where one has to begin; None at the end of the text."""
    match = _MASTER.match(text, start)
    return _token(text, match) if match else None


def _token(text: str, match: re.Match[str]) -> Token:
    kind = _KINDS[match.lastgroup]
    start, end = match.span()
    if kind is TokenKind.COMMENT and text.startswith("/*", start):
        return _block_comment(text, start)
    if kind is TokenKind.STRING:
        if text[start] == "$":
            return _dollar_quoted(text, start, match.group())
        return Token(kind, start, end, match.group("string_end") is None)
    if kind is TokenKind.QUOTED:
        return Token(kind, start, end, match.group("quoted_end") is None)
    return Token(kind, start, end)


def _block_comment(text: str, start: int) -> Token:
    depth = 0
    for mark in _BLOCK_MARK.finditer(text, start):
        depth += 1 if mark.group() == "/*" else -1
        if depth == 0:
            return Token(TokenKind.COMMENT, start, mark.end())
    return Token(TokenKind.COMMENT, start, len(text), is_cut=True)


def _dollar_quoted(text: str, start: int, tag: str) -> Token:
    end = text.find(tag, start + len(tag))
    if end < 0:
        return Token(TokenKind.STRING, start, len(text), is_cut=True)
    return Token(TokenKind.STRING, start, end + len(tag))


def unescape(text: str) -> str:
    r"""SYS_QUERY_TEXT and its kin hold line breaks as the two characters `\n`: put them back."""
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _ESCAPES[match.group(1)], text)
