"""The guard's first look, at the words of a statement: what it is, and what it calls.

It needs no parser, so that what a parser takes for something else than Redshift does is found
here. Whatever two readers may end differently (comments in comments, backslashes before quotes,
letters glued to a number, characters that cannot be seen) is rejected rather than decided.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.sql.allowed_functions import ALLOWED_FUNCTIONS
from backend.sql.read_only_rejection import RejectedError, Rejection
from backend.sql.scanner import Token, TokenKind, scan

LONGEST_BYTES = 64 * 1024
DEEPEST_BRACKETS = 60
# The parser tries two readings of each join that waits for its condition, and of each LIMIT within
# a bracket: its time doubles with each that is open.
MOST_WAITING_JOINS = 8
DEEPEST_LIMITS = 8

_CATALOG = "pg_catalog"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_ASCII_SPACE = re.compile(r"[ \t\r\n]+")
_PLAIN_NUMBER = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_PLAIN_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_OPERATOR = re.compile(r"[-+*/%^=<>!~|&#@:.,;()\[\]]+")

# Words that may stand before a bracket and call nothing.
_KEYWORD_LIST = """
all and any as between by case cube distinct else except exclude exists from group having
ilike in intersect is join lateral like limit minus not offset on only or over pivot qualify
rollup select sets similar some then to top union unpivot using values when where with zone
"""
_KEYWORDS = frozenset(_KEYWORD_LIST.split())
_LOCK_WORDS = frozenset({"key", "no", "read", "share", "update"})
_WRITE_LIST = """
alter call copy create delete drop execute grant insert merge revoke truncate unload update
"""
_WRITES = frozenset(_WRITE_LIST.split())
_COMMAND_LIST = """
abort analyze attach begin cancel close comment commit deallocate declare detach fetch load
lock prepare refresh reset rollback set show use vacuum
"""
_COMMANDS = _WRITES | frozenset(_COMMAND_LIST.split())


@dataclass(frozen=True, kw_only=True)
class ReadOnlyCode:
    """`text` is the statement without comments and without the semicolon at its end; positions
    count its characters. `unknown_calls` are names before a bracket that are neither keywords nor
    allowed functions, by where they begin: right only where the parser finds that they name
    columns of a table. `string_ends` is behind each string and quoted name."""

    text: str
    unknown_calls: dict[int, str]
    string_ends: tuple[int, ...]


def read_code(text: str) -> ReadOnlyCode:
    """Raises RejectedError with the first reason found."""
    _check_characters(text)
    _check_readings(text)
    bare = _without_comments(text)
    tokens = [token for token in scan(bare) if token.kind is not TokenKind.SPACE]
    if not tokens:
        raise RejectedError(Rejection.EMPTY)
    words = [_Word(token, bare[token.start : token.end]) for token in tokens]
    _check_first_word(words)
    _check_words(words)
    _check_depth(words)
    return ReadOnlyCode(
        text=bare,
        unknown_calls=dict(_unknown_calls(words)),
        string_ends=tuple(
            word.token.end
            for word in words
            if word.token.kind in (TokenKind.STRING, TokenKind.QUOTED)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Word:
    token: Token
    text: str

    @property
    def keyword(self) -> str:
        """In lower case; empty for all but bare words."""
        return self.text.lower() if self.token.kind is TokenKind.WORD else ""

    @property
    def name(self) -> str:
        """Folded as Redshift does by default, also within quotes; empty where it is no name."""
        if self.token.kind is TokenKind.QUOTED:
            return self.text[1:-1].replace('""', '"').lower()
        return self.keyword


def _check_characters(text: str) -> None:
    if len(text) > LONGEST_BYTES:
        raise RejectedError(Rejection.TOO_LONG)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise RejectedError(Rejection.CONTROL_CHARACTERS) from error
    if size > LONGEST_BYTES:
        raise RejectedError(Rejection.TOO_LONG)
    if _CONTROL.search(text):
        raise RejectedError(Rejection.CONTROL_CHARACTERS)


def _check_readings(text: str) -> None:
    tokens = list(scan(text))
    for token in tokens:
        piece = text[token.start : token.end]
        if token.kind is TokenKind.COMMENT and piece.startswith("/*"):
            if "/*" in piece[2:]:
                raise RejectedError(Rejection.NESTED_COMMENT)
        elif token.kind is not TokenKind.COMMENT:
            _check_piece(token, piece)
        if token.is_cut:
            raise RejectedError(Rejection.CUT_OFF)
    # A reader without backslash escapes ends each piece where one with them does.
    if "\\" in text and tokens != list(scan(text.replace("\\", "^"))):
        raise RejectedError(Rejection.BACKSLASH)


def _check_piece(token: Token, piece: str) -> None:
    if token.kind is TokenKind.STRING:
        if piece[:2] in ("U&", "u&"):
            raise RejectedError(Rejection.UNICODE_ESCAPES)
        if piece.startswith("$") and not piece.split("$", 2)[1].isascii():
            raise RejectedError(Rejection.NOT_READ)
        return
    if not piece.isascii():
        _check_seen(token, piece)
    if token.kind is TokenKind.PLACEHOLDER:
        raise RejectedError(Rejection.PLACEHOLDER)
    if (
        (token.kind is TokenKind.SPACE and not _ASCII_SPACE.fullmatch(piece))
        or (token.kind is TokenKind.NUMBER and not _PLAIN_NUMBER.fullmatch(piece))
        or (token.kind is TokenKind.OPERATOR and not _OPERATOR.fullmatch(piece))
    ):
        raise RejectedError(Rejection.NOT_READ)


def _check_seen(token: Token, piece: str) -> None:
    """Names may have letters of any script, but none that only looks like another."""
    if any(unicodedata.category(letter) in _UNSEEN_CATEGORIES for letter in piece):
        raise RejectedError(Rejection.CONTROL_CHARACTERS)
    if token.kind is TokenKind.WORD and unicodedata.normalize("NFKC", piece) != piece:
        raise RejectedError(Rejection.NOT_READ)


def _without_comments(text: str) -> str:
    pieces = [
        " " if token.kind is TokenKind.COMMENT else text[token.start : token.end]
        for token in scan(text)
    ]
    bare = "".join(pieces).strip()
    while bare.endswith(";"):
        bare = bare[:-1].rstrip()
    return bare


def _check_first_word(words: Sequence[_Word]) -> None:
    first = next((word for word in words if word.text != "("), None)
    if first is None:
        raise RejectedError(Rejection.NOT_READ)
    if first.keyword == "explain":
        raise RejectedError(Rejection.EXPLAIN)
    if any(word.text == ";" for word in words):
        raise RejectedError(Rejection.SEVERAL_STATEMENTS)
    if first.keyword not in ("select", "with"):
        raise RejectedError(Rejection.NOT_A_SELECT)


def _check_words(words: Sequence[_Word]) -> None:
    before = ""
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else None
        if word.token.kind is TokenKind.QUOTED and before == "&" and _is_unicode_name(words, at):
            raise RejectedError(Rejection.UNICODE_ESCAPES)
        if word.keyword == "into":
            raise RejectedError(Rejection.INTO)
        if word.keyword == "for" and after is not None and after.keyword in _LOCK_WORDS:
            raise RejectedError(Rejection.LOCKS)
        if (before == "(" and word.keyword in _COMMANDS) or (
            before == ")" and word.keyword in _WRITES
        ):
            raise RejectedError(Rejection.WRITES)
        before = word.text


def _is_unicode_name(words: Sequence[_Word], at: int) -> bool:
    """`U&"…"` without a blank in it."""
    return (
        at >= 2
        and words[at - 2].keyword == "u"
        and words[at - 2].token.end + 1 == words[at].token.start
    )


def _check_depth(words: Sequence[_Word]) -> None:
    open_brackets: list[bool] = []  # whether it holds a LIMIT
    waiting_joins = 0
    before = ""
    for word in words:
        if word.text in ("(", "["):
            open_brackets.append(False)
        elif word.text in (")", "]"):
            del open_brackets[-1:]
        elif word.keyword == "limit" and open_brackets:
            open_brackets[-1] = True
        elif word.keyword == "join":
            waiting_joins += before not in ("cross", "natural")
        elif word.keyword in ("on", "using"):
            waiting_joins = max(0, waiting_joins - 1)
        if (
            len(open_brackets) > DEEPEST_BRACKETS
            or waiting_joins > MOST_WAITING_JOINS
            or sum(open_brackets) > DEEPEST_LIMITS
        ):
            raise RejectedError(Rejection.TOO_DEEP)
        before = word.keyword


def _unknown_calls(words: Sequence[_Word]) -> Iterator[tuple[int, str]]:
    for at, word in enumerate(words[:-1]):
        if not word.name or words[at + 1].text != "(":
            continue
        if at and words[at - 1].text == ".":
            _check_qualified(words, at)
        elif word.keyword in _KEYWORDS or word.name in ALLOWED_FUNCTIONS:
            continue
        elif word.keyword == "filter" and at and words[at - 1].text == ")":
            continue  # count(*) FILTER (WHERE …)
        else:
            yield word.token.start, word.name


def _check_qualified(words: Sequence[_Word], at: int) -> None:
    schema = words[at - 2].name if at >= 2 else ""
    is_of_database = at >= 3 and words[at - 3].text == "."
    if schema != _CATALOG or is_of_database:
        raise RejectedError(Rejection.FOREIGN_FUNCTION)
    if words[at].name not in ALLOWED_FUNCTIONS:
        raise unknown_function(words[at].name)


def unknown_function(name: str) -> RejectedError:
    return RejectedError(Rejection.FUNCTION, name if _PLAIN_NAME.fullmatch(name) else "")
