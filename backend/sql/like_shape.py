"""What is kept of a LIKE pattern when literals are masked: on which end it has a wildcard.

A pattern that begins with % can use no sort order; nothing of its text is needed to know that.
"""

import re

LIKE_SHAPES = frozenset({"'%?%'", "'%?'", "'?%'"})
LIKE_WORDS = frozenset({"like", "ilike", "~~", "!~~", "~~*", "!~~*"})

_PLAIN_STRING = re.compile(r"[eE]?'(.*)'", re.DOTALL)
_WILDCARD_AT_END = re.compile(r"(?<!\\)(?:\\\\)*%\Z")


def like_shape(literal: str) -> str:
    """One of LIKE_SHAPES for the literal of a LIKE; `?` where it has no wildcard at an end."""
    plain = _PLAIN_STRING.fullmatch(literal)
    if plain is None:
        return "?"
    pattern = plain[1]
    leading = "%" if pattern.startswith("%") else ""
    trailing = "%" if _WILDCARD_AT_END.search(pattern) else ""
    return f"'{leading}?{trailing}'" if leading or trailing else "?"
