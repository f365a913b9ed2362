"""Values that need no quotes: what stands behind PASSWORD, IAM_ROLE, SET and their like."""

import re
from typing import NamedTuple

from backend.sql.scanner import Token, TokenKind, token_at

SECRET_WORDS = frozenset(
    {
        "access_key_id",
        "aws_access_key_id",
        "aws_iam_role",
        "aws_secret_access_key",
        "credentials",
        "iam_role",
        "identified",
        "kms_key_id",
        "master_symmetric_key",
        "password",
        "secret_access_key",
        "secret_arn",
        "session_token",
    }
)
SECRET_SEPARATORS = frozenset({"=", "as", "by", "to", "with"})
NO_SECRET = frozenset({"disable", "default", "valid"})

# Up to a blank or what ends a value in SQL; it may begin with a sign that touches what follows.
_RUN = re.compile(r"[^\s,;()'\"\[\]]++")
_SIGNED_RUN = re.compile(r"[@#$&%^~\\/{}+-][^\s,;()'\"\[\]]")
_SETTING_TARGETS = frozenset({"=", ":=", "to"})
# SET … without a value: the words behind these are the language's own, or a name.
_NO_SETTINGS = frozenset(
    {"authorization", "characteristics", "constraints", "names", "role", "schema", "time"}
    | {"transaction"}
)
_SETTING_SCOPES = frozenset({"local", "session"})
_PLAIN_NAME = re.compile(r'"[\w$]*+"')


class Value(NamedTuple):
    """`text[start:end]` is to be replaced by `masked`."""

    start: int
    end: int
    masked: str


def secret_value(text: str, start: int, end: int) -> Value | None:
    """What stands behind a word of SECRET_WORDS that ends at `start`.

    None where it is a string, which is masked anyway, a known word, or no value at all.
    """
    token = _next(text, start, end)
    while token is not None and _piece(text, token).lower() in SECRET_SEPARATORS:
        token = _next(text, token.end, end)
    if token is None:
        return None
    if token.kind is TokenKind.QUOTED:
        return Value(token.start, token.end, '"masked"')
    if token.kind is TokenKind.WORD and _piece(text, token).lower() in NO_SECRET:
        return None
    is_run = token.kind in (TokenKind.WORD, TokenKind.NUMBER)
    is_sign = token.kind is TokenKind.OPERATOR and token.end == token.start + 1
    if is_run or (is_sign and _SIGNED_RUN.match(text, token.start, end)):
        run = _RUN.match(text, token.start, end)
        if run is not None:
            return Value(token.start, max(run.end(), token.end), "?")
    return None


def set_value(text: str, start: int, end: int) -> Value | None:
    """What stands behind TO or `=` of a SET that ends at `start`, up to the end of the statement.

    None where the statement sets no value.
    """
    tokens = _statement_tokens(text, start, end)
    first = next(
        (at for at, token in enumerate(tokens) if _piece(text, token).lower() in _SETTING_TARGETS),
        None,
    )
    if first is None:
        values = _behind_name(text, tokens)
        is_list = False
    else:
        values = tokens[first + 1 :]
        is_list = _is_list(text, values)
    if not values:
        return None
    whole = (values[0].start, values[-1].end)
    if not is_list:
        return Value(*whole, "?")
    names = [_piece(text, token).lower() for token in tokens[:first]]
    keeps_names = names[-1:] == ["search_path"]
    masked = _masked_list(text, values, keeps_names=keeps_names)
    return Value(*whole, masked)


def _piece(text: str, token: Token) -> str:
    return text[token.start : token.end]


def _next(text: str, start: int, end: int) -> Token | None:
    """The next token that is neither space nor comment."""
    while start < end:
        token = token_at(text, start)
        if token is None:
            return None
        if token.kind not in (TokenKind.SPACE, TokenKind.COMMENT):
            return token
        start = token.end
    return None


def _statement_tokens(text: str, start: int, end: int) -> list[Token]:
    tokens = []
    token = _next(text, start, end)
    while token is not None and _piece(text, token) != ";":
        tokens.append(token)
        token = _next(text, token.end, end)
    return tokens


def _behind_name(text: str, tokens: list[Token]) -> list[Token]:
    words = [_piece(text, token).lower() for token in tokens]
    scope = 1 if words[:1] and words[0] in _SETTING_SCOPES else 0
    if len(words) <= scope or words[scope] in _NO_SETTINGS:
        return []
    name_end = scope + 1
    while words[name_end : name_end + 1] == ["."]:
        name_end += 2
    return tokens[name_end:]


def _is_list(text: str, tokens: list[Token]) -> bool:
    """Single values with commas between them; a number may have a sign."""
    needs_item = True
    for token in tokens:
        piece = _piece(text, token)
        if needs_item and piece in {"-", "+"}:
            continue
        if needs_item == (token.kind is TokenKind.OPERATOR):
            return False
        if not needs_item and piece != ",":
            return False
        needs_item = not needs_item
    return not needs_item


def _masked_list(text: str, tokens: list[Token], *, keeps_names: bool) -> str:
    pieces = []
    position = tokens[0].start
    for at, token in enumerate(tokens):
        between = text[position : token.start]
        pieces.append(between if between.isspace() or not between else " ")
        piece = _piece(text, token)
        if token.kind is TokenKind.WORD:
            is_kept = keeps_names if at else piece.lower() in NO_SECRET
        else:
            is_kept = token.kind is TokenKind.OPERATOR or (
                keeps_names and _PLAIN_NAME.fullmatch(piece) is not None
            )
        pieces.append(piece if is_kept else "?")
        position = token.end
    return "".join(pieces)
