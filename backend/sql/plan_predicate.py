"""What a condition of a plan compares, without the values that it compares with.

Redshift prints `((day >= '2026-01-02'::date) AND ((shop = 3) OR (shop = 5)))`. Whichever values a
run has, however many stand in its IN list (one, some joined by OR, or `= ANY ('{…}')`), and in
whichever order the planner tests them, the shape is `day >= ? and shop = ?`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from backend.domain.plan import TEMPORARY_TABLES
from backend.sql.scanner import TokenKind, scan
from backend.sql.shape import PASSING_NAME

VALUE = "?"
_VALUES = frozenset({TokenKind.STRING, TokenKind.NUMBER, TokenKind.PLACEHOLDER})
_JOINERS = frozenset({"and", "or"})
# Behind these words stands an operand, so a bracket opens no call and a sign belongs to a value.
_BEFORE_AN_OPERAND = frozenset(
    {"all", "and", "any", "array", "case", "distinct", "else", "from", "in", "is", "like", "not"}
    | {"or", "similar", "some", "then", "to", "when"}
)
_OTHER_KEYWORDS = frozenset(
    {"asc", "desc", "end", "false", "first", "hashed", "initplan", "last", "null", "nulls"}
    | {"subplan", "true"}
)
_KEYWORDS = _BEFORE_AN_OPERAND | _OTHER_KEYWORDS
# `timestamp without time zone`, `character varying`, `double precision`
_REST_OF_A_TYPE = frozenset({"varying", "precision", "without", "with", "time", "zone"})
_CLOSING = {"(": ")", "[": "]"}
_NAME = re.compile(r"[^\W\d][\w$#.]*")
_TEMPORARY_NAME = re.compile(rf"\b({'|'.join(TEMPORARY_TABLES)})\w+")


@dataclass(frozen=True, kw_only=True)
class PredicateShape:
    """`parts` are what is tested one by one; `is_cut` where the view had no room for the rest."""

    text: str
    parts: tuple[str, ...] = ()
    is_cut: bool = False

    def agrees_with(self, other: "PredicateShape") -> bool:
        """Whether both say the same, as far as they can be read."""
        if not self.is_cut and not other.is_cut:
            return self.text == other.text
        return _fits(self, other) and _fits(other, self)


def _fits(cut: PredicateShape, other: PredicateShape) -> bool:
    # Of the part at which a text stops, half may be missing.
    return not cut.is_cut or set(cut.parts[:-1]) <= set(other.parts)


NO_PREDICATE = PredicateShape(text="")


def predicate_shape(text: str) -> PredicateShape:
    """Of what stands behind `Filter:`, `Hash Cond:` or `Sort Key:`.

    Casts do not count: `qty > 5` becomes `(qty)::numeric > 5.5` with nothing but another value.
    """
    words, is_cut = _words(text)
    path = [_Open()]
    for word in words:
        if word == "(":
            path.append(_Open(call=_taken_call(path[-1].items)))
        elif word != ")":
            path[-1].items.append(word)
        elif len(path) > 1:
            _close(path)
    while len(path) > 1:
        _close(path)
    whole = _closed(path[0])
    return PredicateShape(text=whole.text, parts=whole.parts, is_cut=is_cut)


def columns_in(text: str) -> tuple[str, ...]:
    """The bare names of the columns that a condition reads, each once."""
    words, _ = _words(text)
    names = (
        word.rpartition(".")[2]
        for at, word in enumerate(words)
        if _NAME.fullmatch(word) and word not in _KEYWORDS and words[at + 1 : at + 2] != ["("]
    )
    return tuple(dict.fromkeys(names))


def stable_name(name: str) -> str:
    """Without what Redshift or a tool makes anew for each run: the fingerprint of the statement
    does not know it either."""
    name = _TEMPORARY_NAME.sub(_without_number, name.replace('"', "").lower())
    return PASSING_NAME.sub("0", name)


def _without_number(name: re.Match[str]) -> str:
    return name[1].rstrip("_")


def _words(text: str) -> tuple[list[str], bool]:
    """Names in lower case, operators, brackets, and one `?` for each value with its sign; and
    whether the text stops in the middle."""
    words: list[str] = []
    is_cut = False
    for token in scan(text):
        if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
            continue
        piece = text[token.start : token.end]
        is_cut = is_cut or token.is_cut
        if token.kind in _VALUES:
            words.append(VALUE)
        elif token.kind not in (TokenKind.QUOTED, TokenKind.WORD):
            words.append(piece)
        elif words and words[-1].endswith("."):
            words[-1] += stable_name(piece)
        else:
            words.append(stable_name(piece))
        if words[-1] == "." and len(words) > 1 and _NAME.fullmatch(words[-2]):
            words[-2:] = [words[-2] + "."]
    missing = words.count("(") - words.count(")")
    return _plain([*words, *")" * missing]), is_cut or missing > 0


def _plain(words: Sequence[str]) -> list[str]:
    """Without casts, signs of values, brackets around one, and lists of them."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        word, at = words[at], at + 1
        if word == "::":
            at = _end_of_type(words, at)
        elif word == "array" and words[at : at + 1] == ["["]:
            kept.append(VALUE)
            at = _behind_bracket(words, at)
        elif word == ")" and kept[-2:] == ["(", VALUE] and not _is_call(kept[-3:-2]):
            kept[-2:] = [VALUE]
        else:
            kept.append(word)
        if kept[-1:] == [VALUE]:
            _take_off_what_belongs_to_a_value(kept)
    return kept


def _take_off_what_belongs_to_a_value(kept: list[str]) -> None:
    is_list = kept[-2:-1] in (["any"], ["all"], ["some"])
    has_sign = kept[-2:-1] in (["-"], ["+"]) and not _is_operand(kept[-3:-2])
    if is_list or has_sign:
        del kept[-2]


def _is_operand(last: Sequence[str]) -> bool:
    return last in ([VALUE], [")"], ["]"]) or bool(
        last and _NAME.fullmatch(last[0]) and last[0] not in _BEFORE_AN_OPERAND
    )


def _is_call(last: Sequence[str]) -> bool:
    return bool(last and _NAME.fullmatch(last[0]) and last[0] not in _KEYWORDS)


def _end_of_type(words: Sequence[str], at: int) -> int:
    at += 1
    while at < len(words) and (words[at] in _CLOSING or words[at] in _REST_OF_A_TYPE):
        at = _behind_bracket(words, at) if words[at] in _CLOSING else at + 1
    return min(at, len(words))


def _behind_bracket(words: Sequence[str], at: int) -> int:
    closing = _CLOSING[words[at]]
    while at < len(words) and words[at] != closing:
        at += 1
    return at + 1


@dataclass(frozen=True, slots=True)
class _Closed:
    """What stood between two brackets; `operands` where a joiner connects several."""

    text: str
    parts: tuple[str, ...]
    joiner: str = ""
    operands: tuple[str, ...] = ()

    @property
    def as_operand(self) -> str:
        return f"({self.text})" if " " in self.text else self.text

    @property
    def as_joined(self) -> str:
        return f"({self.text})" if self.joiner else self.text


@dataclass(slots=True)
class _Open:
    call: str = ""
    items: list[str | _Closed] = field(default_factory=list)


def _taken_call(items: list["str | _Closed"]) -> str:
    """The name before a bracket, taken off; nothing where the bracket only groups."""
    last = items[-1] if items else ""
    if not isinstance(last, str) or not _is_call([last]):
        return ""
    items.pop()
    return last


def _close(path: list[_Open]) -> None:
    group = path.pop()
    if group.call:
        path[-1].items.append(f"{group.call}({_joined(group.items)})")
    else:
        path[-1].items.append(_closed(group))


def _closed(group: _Open) -> _Closed:
    joiners = {item for item in group.items if isinstance(item, str) and item in _JOINERS}
    if len(joiners) != 1 or "case" in group.items:
        only = group.items[0] if len(group.items) == 1 else None
        if isinstance(only, _Closed):
            return only
        text = _joined(group.items)
        return _Closed(text, (text,) if text else ())
    joiner = joiners.pop()
    operands = {operand.text: operand for operand in _operands(group.items, joiner)}
    if len(operands) == 1:
        return next(iter(operands.values()))
    texts: set[str] = set()
    for operand in operands.values():
        is_same = operand.joiner == joiner
        texts.update(operand.operands if is_same else [operand.as_joined])
    parts = dict.fromkeys(part for operand in operands.values() for part in operand.parts)
    in_order = tuple(sorted(texts))
    return _Closed(f" {joiner} ".join(in_order), tuple(parts), joiner, in_order)


def _operands(items: Sequence[str | _Closed], joiner: str) -> Iterator[_Closed]:
    operand = _Open()
    for item in [*items, joiner]:
        if item == joiner:
            yield _closed(operand)
            operand = _Open()
        else:
            operand.items.append(item)


def _joined(items: Sequence[str | _Closed]) -> str:
    texts = (item if isinstance(item, str) else item.as_operand for item in items)
    return " ".join(texts).replace(" ,", ",")
