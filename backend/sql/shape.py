"""A statement's shape: its text on one line with every literal masked as `''`.

Texts that differ only in literals, comments, case or white space have the same shape. All that a
fingerprint knows of a statement it reads from the shape, so equal shapes are equal fingerprints.
"""

import re

from backend.sql.scanner import (
    BLOCK_COMMENT,
    LINE_COMMENT,
    NUMBER_TAIL,
    QUOTED,
    STRING,
    STRING_PREFIX,
    Token,
    TokenKind,
    scan,
)
from backend.sql.wrapped import read_wrapped

MASK = "''"
# Ends the shape of a text that stops inside a string, a quote or a comment.
CUT = "\x1a"

# Pieces that hold anything at all; a lone quote or `/*` among them has no end.
_OPAQUE = re.compile(rf"""({STRING}|{QUOTED}|{LINE_COMMENT}|{BLOCK_COMMENT}|/\*|['"])""", re.DOTALL)
_PREFIX_AT_END = re.compile(rf"{STRING_PREFIX}\Z")
# Numbers and placeholders as the scanner knows them, but for `$1`. Written so that each match
# begins with one of a few characters: the search then skips all others.
_VALUE = re.compile(
    r"[\d.?:%](?:"
    rf"(?<=\d)(?<![\w$]\d)\d*+(?:\.\d*+)?{NUMBER_TAIL}|(?<=\.)\d++{NUMBER_TAIL}"
    r"|(?<=\?)|(?<=:)(?<!::)[^\W\d]\w*+|(?<=%)(?:\(\w+\)s|(?<![\w)\]?]%)s)\b)"
)
# Stands for a quoted identifier, which holds anything, while the rest is worked on.
_HOLE = "\x00"

_SIGNED = r"(?:[-+] ?)?''"
_MASK_LIST = re.compile(
    r"[(\[](?:(?<=\bin\()|(?<=\barray[(\[]))" rf"{_SIGNED}(?:,{_SIGNED})*+(?=[)\]])"
)
_ITEM = rf"(?:{_SIGNED}|null|default|true|false)"
_ROW = rf"\({_ITEM}(?:,{_ITEM})*+\)"
_ROWS = re.compile(rf"\bvalues({_ROW})(?:,{_ROW})*+")
# Names made by tools for one day or one session: dates and sequence numbers of six digits and
# more, hexadecimal digests, Redshift's own volatile tables.
PASSING_NAME = re.compile(r"volt_tt_\w+|\d{6,}|(?<![a-z0-9])(?=[a-f]*\d)[0-9a-f]{16,}(?![a-z0-9])")
_MAYBE_PASSING = re.compile(r"[0-9a-f]{6}")


def shape_of(text: str) -> str:
    """The masked one-line form. Lists of literals (IN, VALUES, ARRAY) keep one entry.

    A query inside another statement (UNLOAD, EXPLAIN, a cursor) stands on a line of its own,
    between what is before and behind it.
    """
    wrapped = read_wrapped(text)
    if wrapped is None:
        return _shape_of_statement(text)
    parts = (wrapped.head, wrapped.query, wrapped.tail)
    return "\n".join(_shape_of_statement(part) for part in parts)


def _shape_of_statement(text: str) -> str:
    if _HOLE in text:
        return shape_of_tokens(text)
    pieces = _OPAQUE.split(text)
    quoted = _mask_opaque(pieces)
    if quoted is None:
        return shape_of_tokens(text)
    code = "".join(pieces)
    if "$" in code:  # `$1` and `$tag$…$tag$`
        return shape_of_tokens(text)
    return _tidied(_VALUE.sub(f" {MASK} ", code), quoted)


def shape_of_tokens(text: str) -> str:
    """The same shape, token by token: slower, for nested comments, `$$` and cut texts."""
    quoted: list[str] = []
    masked = [_masked(text, token, quoted) for token in scan(text)]
    return _tidied("".join(masked), quoted)


def _mask_opaque(pieces: list[str]) -> list[str] | None:
    """Masks every second piece in place and gives the quoted identifiers; None if one is cut."""
    quoted = []
    for index in range(1, len(pieces), 2):
        piece = pieces[index]
        first = piece[0]
        if piece in {"'", '"', "/*"} or (first == "/" and "/*" in piece[2:]):
            return None
        if first == "'":
            before = pieces[index - 1]
            if before[-1:] in "eEbBxXnN&":
                pieces[index - 1] = _PREFIX_AT_END.sub("", before)
            pieces[index] = f" {MASK} "
        elif first == '"':
            quoted.append(piece)
            pieces[index] = f" {_HOLE} "
        else:
            pieces[index] = " "
    return quoted


def _masked(text: str, token: Token, quoted: list[str]) -> str:
    if token.is_cut:
        return f" {CUT} "
    if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
        return " "
    if token.kind in (TokenKind.STRING, TokenKind.NUMBER, TokenKind.PLACEHOLDER):
        return f" {MASK} "
    piece = text[token.start : token.end]
    if token.kind is TokenKind.QUOTED:
        quoted.append(piece.replace(_HOLE, " "))
        return f" {_HOLE} "
    return piece.replace(_HOLE, " ")


def _tidied(text: str, quoted: list[str]) -> str:
    shape = _tight(" ".join(text.lower().split())).strip("; ")
    if "in(" in shape or "array" in shape:
        shape = _MASK_LIST.sub(_one_mask, shape)
    if "values(" in shape:
        shape = _ROWS.sub(_one_row, shape)
    if "top ''" in shape:
        shape = shape.replace("top ''", "top 0")  # sqlglot takes no string here
    if quoted:
        shape = _with_quoted(shape, quoted)
    if "volt_tt_" in shape or _MAYBE_PASSING.search(shape):
        shape = PASSING_NAME.sub("0", shape)
    return shape


def _tight(line: str) -> str:
    for mark in ("(", ")", ","):
        line = line.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return line


def _one_mask(entries: re.Match[str]) -> str:
    return entries.group()[0] + MASK


def _one_row(rows: re.Match[str]) -> str:
    columns = rows.group(1).count(",") + 1
    return f"values({','.join([MASK] * columns)})"


def _with_quoted(shape: str, quoted: list[str]) -> str:
    around = shape.split(_HOLE)
    filled = [around[0]]
    for name, after in zip(quoted, around[1:], strict=True):
        filled += (" ".join(name.lower().split()), after)
    return "".join(filled)
