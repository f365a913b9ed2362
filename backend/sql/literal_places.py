"""The places of a raw statement's literals, as scrubbing leaves them: in order, lists as one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from backend.domain.model_form import LiteralType
from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.literal_kinds import (
    Literal,
    Piece,
    compared_column,
    literal_of,
    structural_value,
)
from backend.sql.scanner import TokenKind, scan
from backend.sql.scrub import LONGEST_LIST, long_lists, masked_places, shortened, value_rows
from backend.sql.wrapped import read_wrapped

_TEXT_BEHIND = 24


class NoFitError(Exception):
    """Raw and scrubbed text do not go together in every place."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """One literal, or the values of one IN list at its first place.

    `shape` is the scrubbed pattern of a LIKE with its quotes. `text_at_position` is what the
    statement has where the scrubbed one has this `?`: for the last of a shortened list all the
    values that are left. `text_of_name` is the literal, or the whole list.
    """

    literal: Literal
    type: LiteralType
    text_at_position: str = field(default="", repr=False)
    text_of_name: str = field(default="", repr=False)
    shape: str = ""
    size: int = 1
    compared_with: str = ""
    structural: str = ""
    list_id: int = 0
    is_first_of_list: bool = False


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a statement, or the query wrapped in it. `marks` belong to its `?` in order,
    `shapes` to its LIKE patterns; `left_out` are rows of a VALUES that were not kept."""

    scrubbed: str
    is_query: bool
    marks: tuple[Place, ...]
    shapes: tuple[Place, ...] = ()
    left_out: tuple[Place, ...] = ()

    @property
    def question_marks(self) -> int:
        return len(self.marks)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """A literal of the raw text and where its scrubbed piece stands in the masked text."""

    literal: Literal
    text: str
    sign: str
    piece: str
    offset: int
    compared_with: str
    structural: str


def read_segments(text: str) -> list[Segment]:
    """As scrubbing takes a text apart: one, or two or three around and in a wrapped query."""
    wrapped = read_wrapped(text)
    if wrapped is None:
        return [_segment(text, is_query=True)]
    head = _segment(wrapped.head, is_query=False)
    query = _segment(wrapped.query, is_query=True, keeps_like_shapes=not wrapped.is_quoted)
    if not wrapped.is_quoted:
        return [head, query]
    return [head, query, _segment(wrapped.tail, is_query=False)]


def literals_in(text: str) -> Iterator[Literal]:
    """Every literal of a text, those of a query inside a string too."""
    wrapped = read_wrapped(text)
    texts = [text] if wrapped is None else [wrapped.head, wrapped.query, wrapped.tail]
    for each in texts:
        for found in _found(each, keeps_like_shapes=False)[1]:
            if not found.structural:
                yield found.literal


def _segment(text: str, *, is_query: bool, keeps_like_shapes: bool = True) -> Segment:
    masked, found = _found(text, keeps_like_shapes=keeps_like_shapes)
    list_ids = count(1)
    kept = {each.offset: each for each in found}
    places: dict[int, Place] = {}
    gone: set[int] = set()
    for start, end in long_lists(masked):
        own = [each for each in found if start <= each.offset < end]
        for place, each in zip(_list_places(own, next(list_ids)), own, strict=False):
            places[each.offset] = place
        gone |= {each.offset for each in own[LONGEST_LIST:]}
    left_out = []
    for start, end in value_rows(masked):
        own_offsets = {each.offset for each in found if start <= each.offset < end}
        gone |= own_offsets
        left_out.append(_rows(masked[start:end].count("(")))
    marks: list[Place] = []
    shapes: list[Place] = []
    for offset, each in kept.items():
        if offset in gone:
            continue
        place = places.get(offset) or _single(each)
        (shapes if each.piece in LIKE_SHAPES else marks).append(place)
    return Segment(
        scrubbed=shortened(masked),
        is_query=is_query,
        marks=tuple(marks),
        shapes=tuple(shapes),
        left_out=tuple(left_out),
    )


def _found(text: str, *, keeps_like_shapes: bool) -> tuple[str, list[_Found]]:
    """The masked text before lists are shortened, and its literals from the left.

    Raises NoFitError where not every place of the masked text has its literal.
    """
    masked = masked_places(text, keeps_like_shapes=keeps_like_shapes)
    spans = iter(masked.spans)
    before: list[Piece] = []
    found: list[_Found] = []
    for token in scan(masked.text):
        piece = masked.text[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER or piece in LIKE_SHAPES:
            start, end = next(spans, (0, 0))
            behind = masked.text[token.end : token.end + _TEXT_BEHIND]
            found.append(_found_at(text[start:end], piece, token.start, before, behind))
        if token.kind is not TokenKind.SPACE:
            before.append(Piece(token.kind, piece, token.kind is TokenKind.PLACEHOLDER))
    if len(found) != len(masked.spans):
        raise NoFitError
    return masked.text, found


def _found_at(
    original: str, piece: str, offset: int, before: Sequence[Piece], behind: str
) -> _Found:
    tokens = list(scan(original))
    # Several tokens are the value of a setting or a key without quotes.
    kind = tokens[0].kind if len(tokens) == 1 else TokenKind.WORD
    literal = literal_of(original, kind=kind, before=before, after=behind)
    return _Found(
        literal=literal,
        text=original,
        sign=_sign(before),
        piece=piece,
        offset=offset,
        compared_with=compared_column(before),
        structural=structural_value(literal, before),
    )


def _sign(before: Sequence[Piece]) -> str:
    """A minus within a list belongs to its value, and goes with it where the list is shortened."""
    is_signed = len(before) > 1 and before[-1].word in {"-", "+"} and before[-2].word in {"(", ","}
    return before[-1].word if is_signed else ""


def _single(found: _Found) -> Place:
    return Place(
        literal=found.literal,
        type=found.literal.type,
        text_at_position=found.text,
        text_of_name=found.text,
        shape=found.piece if found.piece in LIKE_SHAPES else "",
        compared_with=found.compared_with,
        structural=found.structural,
    )


def _list_places(own: Sequence[_Found], list_id: int) -> list[Place]:
    """The places that scrubbing keeps of a list; together they stand for all of its values."""
    longest = max((each.literal for each in own), key=lambda literal: len(literal.value))
    kinds = {each.literal.type.value for each in own}
    literal = Literal(LiteralType.LIST, "", f"{'/'.join(sorted(kinds))}, {longest.length_class}")
    values = [each.sign + each.text for each in own]
    whole = ", ".join(values)
    texts = [*values[: LONGEST_LIST - 1], ", ".join(values[LONGEST_LIST - 1 :])]
    return [
        Place(
            literal=literal,
            type=LiteralType.LIST,
            text_at_position=each,
            text_of_name=whole,
            size=len(own),
            compared_with=own[0].compared_with,
            list_id=list_id,
            is_first_of_list=number == 0,
        )
        for number, each in enumerate(texts)
    ]


def _rows(size: int) -> Place:
    return Place(literal=Literal(LiteralType.ROWS, "", ""), type=LiteralType.ROWS, size=size)
