"""From a raw statement its model form: the scrubbed statement with a typed name for every `?`.

The names are put into the scrubbed text, never taken out of the raw one, so nothing can be in the
model form that is not in the scrubbed statement. Where the two do not fit each other in every
place, there is no model form.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise

from backend.domain.model_form import DateDistance, LiteralType, ModelForm, Placeholder
from backend.sql.format_sql import format_sql, order_of_places
from backend.sql.like_shape import LIKE_SHAPES
from backend.sql.literal_kinds import Literal
from backend.sql.literal_places import NoFitError, Place, Segment, read_segments
from backend.sql.scanner import Token, TokenKind, scan
from backend.sql.scrub import scrub
from backend.sql.wrapped import read_wrapped

MOST_DISTANCES = 12
_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class LiteralsOfText:
    """The model form, and what must never leave the machine: the literals as they were written,
    by the number of their `?` in the formatted scrubbed statement, by their name, and by the shape
    of a LIKE pattern that no other has. Secrets are in none of them."""

    form: ModelForm
    by_position: Mapping[int, str] = field(repr=False)
    by_name: Mapping[str, str] = field(repr=False)
    by_shape: Mapping[str, str] = field(repr=False)


def model_form_of(text: str) -> ModelForm | None:
    """None where the text is withheld, or cannot be named in every place. Never raises."""
    literals = read_literals(text)
    return literals.form if literals else None


def read_literals(text: str, *, formatted: str | None = None) -> LiteralsOfText | None:
    """As `model_form_of`, with the literals: for this machine only. Never raises.

    `formatted` is what `format_sql` made of the scrubbed text, where that is known already.
    """
    try:
        return _read(text, formatted)
    except Exception:  # noqa: BLE001 - whatever went wrong, better no form than a wrong one
        return None


def _read(text: str, formatted: str | None) -> LiteralsOfText | None:
    scrubbed = scrub(text).text
    if scrubbed is None:
        return None
    segments = read_segments(text)
    if not _fits(segments, scrubbed):
        return None
    formatted = format_sql(scrubbed) if formatted is None else formatted
    try:
        return _named(formatted, segments, _orders(segments, is_formatted=formatted != scrubbed))
    except NoFitError:
        # The parser lost or moved a place: the scrubbed text as it came has them all. There the
        # positions are not those of the formatted text that everything else goes by.
        literals = _named(scrubbed, segments, _orders(segments, is_formatted=False))
        return replace(literals, form=_without_positions(literals.form), by_position={})


def _named(
    scrubbed_sql: str, segments: Sequence[Segment], orders: Sequence[Sequence[int]]
) -> LiteralsOfText:
    namer = _Namer()
    parts = zip(_parts(scrubbed_sql, len(segments)), segments, orders, strict=True)
    sql = "".join(_named_part(part, segment, namer, order) for part, segment, order in parts)
    return LiteralsOfText(
        form=ModelForm(
            sql=sql,
            placeholders=tuple(namer.placeholders()),
            distances=tuple(_distances(namer.literals)),
        ),
        by_position=namer.by_position,
        by_name=namer.by_name,
        by_shape=namer.by_lone_shape(),
    )


def _without_positions(form: ModelForm) -> ModelForm:
    bare = tuple(replace(placeholder, positions=()) for placeholder in form.placeholders)
    return replace(form, placeholders=bare)


def _fits(segments: Sequence[Segment], scrubbed: str) -> bool:
    if len(segments) == 1:
        return segments[0].scrubbed == scrubbed
    if len(segments) == 2:
        return f"{segments[0].scrubbed} {segments[1].scrubbed}" == scrubbed
    head, query, tail = (segment.scrubbed for segment in segments)
    return f"{head}'{query}'{tail}" == scrubbed


def _parts(formatted: str, wanted: int) -> list[str]:
    """The text as it stands, or what is before, inside and behind a wrapped query."""
    wrapped = read_wrapped(formatted)
    if wrapped is None:
        parts = [formatted]
    elif wrapped.is_quoted:
        parts = [f"{wrapped.head}'", wrapped.query, f"'{wrapped.tail}"]
    else:
        parts = [wrapped.head, wrapped.query]
    if len(parts) != wanted:
        raise NoFitError
    return parts


def _orders(segments: Sequence[Segment], *, is_formatted: bool) -> list[list[int]]:
    """Of each segment: which of its `?` comes first in the text, which second …"""
    return [_order(segment, is_formatted=is_formatted) for segment in segments]


def _order(segment: Segment, *, is_formatted: bool) -> list[int]:
    plain = list(range(1, segment.question_marks + 1))
    if not is_formatted or not segment.is_query or len(plain) < 2:
        return plain
    order = order_of_places(segment.scrubbed)
    if order is None or len(order) != len(plain):
        raise NoFitError
    return order


def _named_part(part: str, segment: Segment, namer: "_Namer", order: Sequence[int]) -> str:
    """The part with names; the marks of a quoted query around it are no tokens of its own."""
    marks = iter([segment.marks[number - 1] for number in order])
    shapes = iter(segment.shapes)
    pieces: list[str] = []
    for token, piece in _tokens(part):
        if token.kind is TokenKind.PLACEHOLDER:
            place = next(marks, None)
            if place is None:
                raise NoFitError
            namer.at_next_position(place)
            if place.list_id and not place.is_first_of_list:
                _drop_separator(pieces)
                continue
            pieces.append(f":{namer.name_of(place)}")
        elif token.kind is TokenKind.STRING and piece in LIKE_SHAPES:
            place = next(shapes, None)
            if place is None or place.shape != piece:
                raise NoFitError
            namer.at_shape(place)
            pieces.append(f":{namer.name_of(place)}")
        else:
            pieces.append(piece)
    if next(marks, None) is not None or next(shapes, None) is not None:
        raise NoFitError
    for place in segment.left_out:
        namer.name_of(place)
    return "".join(pieces)


def _tokens(part: str) -> Iterator[tuple[Token, str]]:
    """Of a part with the quote of a wrapped query at one end, the quote is a piece of its own."""
    before = "'" if part.startswith("'") and part.count("'") % 2 else ""
    behind = "'" if not before and part.endswith("'") and part.count("'") % 2 else ""
    inner = part.removeprefix(before).removesuffix(behind)
    quote = Token(TokenKind.OPERATOR, 0, 1)
    if before:
        yield quote, before
    for token in scan(inner):
        yield token, inner[token.start : token.end]
    if behind:
        yield quote, behind


def _drop_separator(pieces: list[str]) -> None:
    """Takes off ", " before a value that its list's name already stands for."""
    while pieces and (pieces[-1].isspace() or pieces[-1] == ","):
        pieces.pop()


class _Namer:
    """Names in the order in which they are first needed; equal literals share one."""

    def __init__(self) -> None:
        self.literals: dict[str, Literal] = {}
        self.by_name: dict[str, str] = {}
        self.by_position: dict[int, str] = {}
        self._placeholders: dict[str, Placeholder] = {}
        self._name_of_key: dict[tuple[object, ...], str] = {}
        self._numbers: dict[LiteralType, Iterator[int]] = {}
        self._positions = count(1)
        self._texts_of_shape: dict[str, list[str]] = {}

    def at_next_position(self, place: Place) -> None:
        """The place is the next `?` of the statement."""
        position = next(self._positions)
        name = self.name_of(place)
        if place.type is not LiteralType.SECRET:
            self.by_position[position] = place.text_at_position
        known = self._placeholders[name]
        self._placeholders[name] = replace(known, positions=(*known.positions, position))

    def name_of(self, place: Place) -> str:
        key = _key(place)
        name = self._name_of_key.get(key)
        if name is None:
            name = self._new_name(place)
            self._name_of_key[key] = name
        return name

    def placeholders(self) -> Iterable[Placeholder]:
        return self._placeholders.values()

    def at_shape(self, place: Place) -> None:
        self._texts_of_shape.setdefault(place.shape, []).append(place.text_at_position)

    def by_lone_shape(self) -> dict[str, str]:
        return {shape: texts[0] for shape, texts in self._texts_of_shape.items() if len(texts) == 1}

    def _new_name(self, place: Place) -> str:
        type_ = place.type
        name = f"{type_.value}_{next(self._numbers.setdefault(type_, count(1)))}"
        self.literals[name] = place.literal
        if type_ not in {LiteralType.ROWS, LiteralType.SECRET}:
            self.by_name[name] = place.text_of_name
        self._placeholders[name] = Placeholder(
            name=name,
            type=type_,
            length_class=place.literal.length_class,
            size=place.size,
            like_shape=place.shape.strip("'") if place.shape else "",
            compared_with=place.compared_with,
            structural=place.structural,
        )
        return name


def _key(place: Place) -> tuple[object, ...]:
    """Secrets, lists and bind values are never told to be equal to others."""
    if place.type in {LiteralType.SECRET, LiteralType.BIND, LiteralType.ROWS}:
        return (place.type, id(place))
    if place.list_id:
        return (place.type, place.list_id)
    return (place.type, place.literal.value, place.shape, place.structural)


def _distances(literals: Mapping[str, Literal]) -> Iterator[DateDistance]:
    """Between neighbours in time: the others follow from these."""
    dated = sorted(
        ((literal.moment, name) for name, literal in literals.items() if literal.moment),
        key=lambda each: each[0],
    )
    for (earlier, earlier_name), (later, later_name) in list(pairwise(dated))[:MOST_DISTANCES]:
        days = (later - earlier).total_seconds() / _SECONDS_A_DAY
        yield DateDistance(earlier=earlier_name, later=later_name, days=round(days, 4))
