"""What the condition of a join in a plan sets equal: `"outer".order_id = "inner".order_id`."""

import re
from typing import NamedTuple

_NAME = r'(?:"(?P<{0}_quoted>[^"]+)"|(?P<{0}_bare>[A-Za-z_][A-Za-z0-9_$]*))'
_SIDE = r'\(*"{0}"\.' + _NAME + r"\)*(?:::[a-z ]+(?:\(\d+(?:,\s*\d+)?\))?)?\)*"
_EQUALITY = re.compile(
    _SIDE.format("outer") + r"\s*=\s*" + _SIDE.format("inner")
    + "|"
    + _SIDE.format("inner").replace("inner_", "inner2_")
    + r"\s*=\s*"
    + _SIDE.format("outer").replace("outer_", "outer2_")
)  # fmt: skip


class Equality(NamedTuple):
    """Column names as the plan writes them, without quotes."""

    outer: str
    inner: str


def equalities(condition: str) -> tuple[Equality, ...]:
    """The pairs of bare columns that the condition sets equal, a cast around them or not."""
    found = []
    for match in _EQUALITY.finditer(condition):
        names = match.groupdict()
        outer = _first(names, "outer_quoted", "outer_bare", "outer2_quoted", "outer2_bare")
        inner = _first(names, "inner_quoted", "inner_bare", "inner2_quoted", "inner2_bare")
        found.append(Equality(outer, inner))
    return tuple(found)


def _first(names: dict[str, str | None], *keys: str) -> str:
    return next((value for key in keys if (value := names.get(key))), "")
