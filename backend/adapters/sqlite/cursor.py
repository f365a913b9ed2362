"""Where a page ended, as a text that callers hand back without looking inside."""

import base64
import binascii
import json
import math
from collections.abc import Sequence

from backend.domain.errors import BadCursorError

CURSOR_LENGTH_AT_MOST = 2_000


def cursor_after(list_name: str, key: Sequence[str | float]) -> str:
    """The cursor of a list that goes on behind `key`."""
    text = json.dumps([list_name, *key], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(
    list_name: str, cursor: str, kinds: Sequence[type[str] | type[float]]
) -> tuple[str | float, ...]:
    """Raises BadCursorError for anything that `cursor_after` did not make for this list."""
    if len(cursor) > CURSOR_LENGTH_AT_MOST:
        raise BadCursorError
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursorError from error
    if not isinstance(found, list) or found[:1] != [list_name] or len(found) != len(kinds) + 1:
        raise BadCursorError
    return tuple(_checked(part, kind) for part, kind in zip(found[1:], kinds, strict=True))


def _checked(part: object, kind: type[str] | type[float]) -> str | float:
    if kind is str and isinstance(part, str):
        return part
    if kind is float and isinstance(part, int | float) and not isinstance(part, bool):
        # SQLite holds whole numbers up to 64 bits; an order or a saving never comes near.
        number = float(part) if abs(part) < 2**63 or isinstance(part, float) else math.nan
        if not math.isnan(number):
            return number
    raise BadCursorError
