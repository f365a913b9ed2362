"""A statement as a model may see it: no literal, but what a reviewer needs to know of each.

Beside the scrubbed statement, whose every literal is `?`, the model form names its places:
`:date_1`, `:text_2`. Equal literals share a name, so that a reviewer sees which are equal.
"""

from dataclasses import dataclass
from enum import StrEnum


class LiteralType(StrEnum):
    """What kind of value stands behind a placeholder; its name begins with it."""

    TEXT = "text"
    PATTERN = "pattern"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    LIST = "list"
    """All values of one IN list."""
    ROWS = "rows"
    """All rows of one VALUES but the first."""
    BIND = "bind"
    """A bind value of the client: the text holds no literal there."""
    SECRET = "secret"  # noqa: S105 - a kind, not a secret
    """A password, a key, a role: nothing is told of it but that it is there."""


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """`name` is without its colon. `length_class` counts characters of a text and digits of a
    number ("5-16"); `size` is how many values a LIST holds or rows ROWS holds, else 1.
    `positions` are those places of the scrubbed statement's `?`, counted from 1, that it stands
    for. `like_shape` is "%?", "?%" or "%?%" for a PATTERN with wildcards at its ends.
    `compared_with` is the column beside it, as the statement writes it, where that is plain.
    `structural` is the value itself where it belongs to the structure of the statement: a date part
    (`date_trunc('month', …)`), an ordinal of GROUP BY or ORDER BY, the size of a type, a small
    LIMIT."""

    name: str
    type: LiteralType
    length_class: str = ""
    size: int = 1
    positions: tuple[int, ...] = ()
    like_shape: str = ""
    compared_with: str = ""
    structural: str = ""


@dataclass(frozen=True, kw_only=True)
class DateDistance:
    """How far two dates of the statement are apart; never which dates."""

    earlier: str
    later: str
    days: float


@dataclass(frozen=True, kw_only=True)
class ModelForm:
    """`sql` holds `:name` for every literal, and no comment."""

    sql: str
    placeholders: tuple[Placeholder, ...] = ()
    distances: tuple[DateDistance, ...] = ()


@dataclass(frozen=True, kw_only=True, order=True)
class LiteralMark:
    """A keyed digest of a literal of four characters and more, shortened so that it tells nothing
    of the literal but can find it again in a text that is about to be sent.

    `length` is in characters, after folding the case. `is_number` is set for dates too: measured
    figures may equal these by chance.
    """

    length: int
    digest: str
    is_number: bool = False
