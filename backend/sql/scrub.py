"""Takes every literal out of SQL, plan conditions and messages before anything is kept or shown.

Structure and line layout stay, and of a LIKE pattern whether it begins or ends with a wildcard
('%?'). On any doubt the whole text is withheld.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.sql.like_shape import LIKE_SHAPES, LIKE_WORDS, like_shape
from backend.sql.literal_bounds import is_glued, is_name_glued, may_hide_literals
from backend.sql.masked_message import masked_message
from backend.sql.masked_names import MASKED_NAME, masked_quoted, masked_words
from backend.sql.personal_data import has_personal_data_in_code
from backend.sql.scanner import QUOTED, Stops, Token, TokenKind, scan
from backend.sql.secret_values import SECRET_WORDS, Value, secret_value, set_value
from backend.sql.wrapped import read_wrapped

LONGEST_LIST = 3

_AMBIGUOUS = "It reads differently with and without backslash escapes, so a literal could slip out."
_UNBOUND = (
    "What is in quotes touches a word in it, so it is not clear where a string begins or ends."
)
_ODD_CHARACTER = "A quote or a control character that is none of SQL stands outside its strings."
_HALF_COMMENT = "It seems to begin within a comment."
_PERSONAL_NAME = "A name in it looks like personal data."
_UNQUOTED = "A value in it seems to have lost its quotes."
_LITERAL_LEFT = "A literal was still there after masking."
_FAILED = "It could not be scrubbed."

_STOPS = Stops({"alter", "set", "like", "ilike"} | SECRET_WORDS)
_ALTERS_SETTINGS = re.compile(
    r"\s++(?:user(?!\s++mapping\b)|role|group|database|system)\b", re.IGNORECASE
)
_VALUES = (TokenKind.STRING, TokenKind.NUMBER)
_SHORTEST_LITERAL = 4
_FEW_LITERALS = 50
_QUOTED_NAME = re.compile(QUOTED)
_MASKED_WORD = re.compile(r"[\w$.@+-]+")
# Quotes of word processors and other databases, characters that cannot be seen, half a comment.
_ODD = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "‘’‚‛“”„‟′″´ʼʹ«»‹›＇＂｀]|\\*/|\\$[^\x00-\x7f]"
)
_VALUE = r"(?:[-+]\s*+)?\?"
# Begins with letters, so that the search skips all others.
_LONG_LIST = re.compile(
    rf"([iI](?<!\w[iI])[nN]\s*+\()\s*+{_VALUE}(?:\s*+,\s*+{_VALUE}){{{LONGEST_LIST},}}+\s*+\)"
)
_ITEM = rf"(?:{_VALUE}|null\b|default\b|true\b|false\b)\s*+"
_ROW = rf"\(\s*+{_ITEM}(?:,\s*+{_ITEM})*+\)"
_ROWS = re.compile(rf"([vV](?<!\w[vV])alues\s*+{_ROW})(?:\s*+,\s*+{_ROW})++", re.IGNORECASE)
_INNER = r"[^()]*+(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)[^()]*+)*+"
_INSERTED = re.compile(
    rf"\bvalues\s*+\({_INNER}\)(?:\s*+,\s*+\({_INNER}\))*+|\bvalues\s*+\([^()]*+\Z", re.IGNORECASE
)
_UNDOTTED_NAME = re.compile(rf"(?<!\.){QUOTED}(?!\s*+\.)")
_WORD = re.compile(r"(?<![\w$.])[^\W\d][\w$]*+")
_EXPRESSION_WORDS = """
and array as at between by case cast character day distinct double else end extract false from
group hour ilike in interval is like minute month not null on or order over partition precision
returning second select similar then time timestamp to true using values varying when where with
within without year zone
"""
_BARE_ITEM = re.compile(r"(?<=[(,])(\s*+)([^\W\d][\w$]*+)(?=\s*+[,)])")
_KNOWN_ITEMS = frozenset({"null", "default", "true", "false", "sysdate", "user"})
_IN_EXPRESSIONS = frozenset(_EXPRESSION_WORDS.split())


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


def mask_text(text: str) -> str:
    """Plan conditions, error messages and labels with `?` for every value. Never raises."""
    try:
        return masked_message(text)
    except Exception:  # noqa: BLE001 - whatever went wrong, the text must not get out
        return "?"


def _scrubbed(text: str) -> str:
    if may_hide_literals(text):
        raise _WithheldError(_AMBIGUOUS)
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


@dataclass(frozen=True, kw_only=True)
class MaskedText:
    """A stretch of a statement before its lists are shortened; `spans` are where in the raw text
    the literals stood, in the order of the `?` and the shapes of LIKE patterns."""

    text: str
    spans: tuple[tuple[int, int], ...]


def masked_places(text: str, *, keeps_like_shapes: bool = True) -> MaskedText:
    """Raises an error of no use to others where the text is to be withheld."""
    if may_hide_literals(text):
        raise _WithheldError(_AMBIGUOUS)
    masker = _Masker(text, keeps_like_shapes=keeps_like_shapes)
    masked = masked_words("".join(masker.pieces()))
    _refuse_odd_code(masked)
    masked = _with_sound_rows(masked)
    _refuse_literals_left(text, masker.literals, masked)
    return MaskedText(text=masked, spans=tuple(masker.spans))


def _masked_statement(text: str, *, keeps_like_shapes: bool = True) -> str:
    return shortened(masked_places(text, keeps_like_shapes=keeps_like_shapes).text)


def shortened(masked: str) -> str:
    """Masked text without long lists, further rows of VALUES and blank lines."""
    masked = _LONG_LIST.sub(rf"\1{', '.join('?' * LONGEST_LIST)})", masked)
    return _without_blank_lines(_ROWS.sub(r"\1", masked))


def long_lists(masked: str) -> Iterator[tuple[int, int]]:
    """Where the values of the lists stand that `shortened` shortens."""
    return ((match.end(1), match.end()) for match in _LONG_LIST.finditer(masked))


def value_rows(masked: str) -> Iterator[tuple[int, int]]:
    """Where the rows of VALUES stand that `shortened` leaves out."""
    return ((match.end(1), match.end()) for match in _ROWS.finditer(masked))


def _without_blank_lines(text: str) -> str:
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line).strip()


class _Masker:
    """One pass over a statement; `literals` are then the strings and numbers that were met,
    `spans` the places of all that became a `?` or the shape of a pattern."""

    def __init__(self, text: str, *, keeps_like_shapes: bool) -> None:
        self.literals: set[str] = set()
        self.spans: list[tuple[int, int]] = []
        self._text = text
        self._stops = _STOPS.of(text)
        self._keeps_like_shapes = keeps_like_shapes
        self._out: list[str] = []
        self._is_at_start = True
        self._alters_settings = False
        self._is_pattern_next = False

    def pieces(self) -> list[str]:
        self._run(0, len(self._text))
        return self._out

    def _run(self, start: int, end: int) -> None:
        while start < end:
            start = self._run_to_value(start, end)

    def _run_to_value(self, start: int, end: int) -> int:
        """Gives where to go on: at the end, or behind a value that stood without quotes."""
        for plain_start, token in self._stops.between(start, end):
            if plain_start < token.start:
                self._pass_over(self._text[plain_start : token.start])
            if token.start == token.end:
                break
            if token.kind is not TokenKind.WORD:
                self._take(token)
                continue
            value = self._take_word(token, end)
            if value is not None:
                self._run(token.end, value.start)
                self._emit(value.masked, value.start, value.end)
                self._is_pattern_next = False
                return value.end
        return end

    def _pass_over(self, plain: str) -> None:
        self._out.append(plain)
        if self._is_at_start and not plain.isspace():
            self._is_at_start = False
        if self._is_pattern_next and plain.replace("(", "").strip():
            self._is_pattern_next = False

    def _emit(self, piece: str, start: int, end: int) -> None:
        if piece == "?" or piece in LIKE_SHAPES:
            self.spans.append((start, end))
        if piece == "?" and self._out:
            last = self._out[-1][-1:]
            if last.isalnum() or last in "_$?":
                piece = " ?"
        self._out.append(piece)

    def _take(self, token: Token) -> None:
        kind = token.kind
        if kind is TokenKind.COMMENT:
            self._out.append(" ")
            return
        is_pattern, self._is_pattern_next = self._is_pattern_next, False
        self._is_at_start = False
        if kind is TokenKind.STRING:
            masked = self._masked_string(token, is_pattern=is_pattern)
            self._emit(masked, token.start, token.end)
        elif kind is TokenKind.NUMBER:
            self._note_literal(token)
            self._emit("?", token.start, token.end)
        elif kind is TokenKind.PLACEHOLDER:
            self._refuse_resource_name(token)
            self._emit("?", token.start, token.end)
        elif kind is TokenKind.QUOTED:
            if is_name_glued(self._text, token):
                raise _WithheldError(_UNBOUND)
            name = masked_quoted(self._text, token)
            masked = MASKED_NAME if is_pattern and "%" in name else name
            self._emit(masked, token.start, token.end)
        else:
            self._take_operator(token)

    def _masked_string(self, token: Token, *, is_pattern: bool) -> str:
        self._note_literal(token)
        if is_glued(self._text, token):
            raise _WithheldError(_UNBOUND)
        if is_pattern and self._keeps_like_shapes and not token.is_cut:
            return like_shape(self._text[token.start : token.end])
        return "?"

    def _note_literal(self, token: Token) -> None:
        if token.end - token.start >= _SHORTEST_LITERAL:
            self.literals.add(_unquoted(self._text[token.start : token.end]))

    def _refuse_resource_name(self, token: Token) -> None:
        """`arn:aws:…` names accounts, users and roles."""
        if self._text[max(0, token.start - 3) : token.start].lower() == "arn":
            raise _WithheldError(_UNQUOTED)

    def _take_operator(self, token: Token) -> None:
        piece = self._text[token.start : token.end]
        self._out.append(piece)
        self._is_pattern_next = piece in LIKE_WORDS
        if piece == ";":
            self._is_at_start, self._alters_settings = True, False

    def _take_word(self, token: Token, end: int) -> Value | None:
        piece = self._text[token.start : token.end]
        word = piece.lower()
        self._out.append(piece)
        self._is_pattern_next = word in LIKE_WORDS
        is_first, self._is_at_start = self._is_at_start, False
        if word in SECRET_WORDS:
            return secret_value(self._text, token.end, end)
        if word == "set" and (is_first or self._alters_settings):
            return set_value(self._text, token.end, end)
        if word == "alter" and is_first:
            self._alters_settings = _ALTERS_SETTINGS.match(self._text, token.end) is not None
        return None


def _unquoted(literal: str) -> str:
    return literal.strip("eEnNbBxXuU&'\"$").lower()


def _refuse_odd_code(masked: str) -> None:
    """Names in quotes are judged where they are met."""
    if _ODD.search(masked) is None and not has_personal_data_in_code(masked):
        return
    code = _QUOTED_NAME.sub('""', masked)
    if has_personal_data_in_code(code):
        raise _WithheldError(_PERSONAL_NAME)
    odd = _ODD.search(code)
    if odd is not None:
        raise _WithheldError(_HALF_COMMENT if odd.group() == "*/" else _ODD_CHARACTER)


def _with_sound_rows(masked: str) -> str:
    """Values of an INSERT that are neither in quotes nor numbers: two words side by side are none
    of SQL, and in double quotes they are no names."""
    small = masked.lower()
    if "values" not in small:
        return masked
    # Only those of a MERGE may be columns.
    if "merge" not in small:
        masked = _INSERTED.sub(_with_masked_items, masked)
    return _INSERTED.sub(_with_sound_row, masked)


def _with_masked_items(rows: re.Match[str]) -> str:
    """Only what is a value of its own: an argument of a function may be anything."""
    text = rows.group()
    pieces: list[str] = []
    position = depth = 0
    for item in _BARE_ITEM.finditer(text):
        between = text[position : item.start()]
        depth += between.count("(") - between.count(")")
        is_known = item[2].lower() in _KNOWN_ITEMS or item[2].lower().startswith("current_")
        masked = item.group() if is_known or depth != 1 else f"{item[1]}?"
        pieces += (between, masked)
        position = item.end()
    return "".join((*pieces, text[position:]))


def _with_sound_row(rows: re.Match[str]) -> str:
    text = _UNDOTTED_NAME.sub(MASKED_NAME, rows.group())
    last_end, last_word = -1, ""
    for match in _WORD.finditer(text):
        word = match.group().lower()
        between = text[last_end : match.start()] if last_end >= 0 else ","
        if between.isspace() and not {word, last_word} & _IN_EXPRESSIONS:
            raise _WithheldError(_UNQUOTED)
        last_end, last_word = match.end(), word
    return text


def _refuse_literals_left(text: str, literals: Iterable[str], masked: str) -> None:
    """No literal of four characters and more may stand in the masked text, unless the statement
    uses the same word as a name or keyword as well, and not more often than that."""
    wanted = {literal for literal in literals if len(literal) >= _SHORTEST_LITERAL}
    small = masked.lower()
    if len(wanted) <= _FEW_LITERALS and not any(literal in small for literal in wanted):
        return
    words = _MASKED_WORD.findall(small)
    if wanted.isdisjoint(words):
        return
    left, own = Counter(words), Counter(_MASKED_WORD.findall(_code(text).lower()))
    if any(left[literal] > own[literal] for literal in wanted):
        raise _WithheldError(_LITERAL_LEFT)


def _code(text: str) -> str:
    hidden = (*_VALUES, TokenKind.COMMENT)
    return "".join(
        " ? " if token.kind in hidden or token.is_cut else text[token.start : token.end]
        for token in scan(text)
    )
