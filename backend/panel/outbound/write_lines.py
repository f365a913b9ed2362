"""Lines of JSON: whatever a string holds, it can end neither itself nor the document."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence

from backend.panel.outbound.document import Tree

EXACT_BELOW = 100_000_000
"""Larger figures are rounded."""
DIGITS_OF_A_PERSON = 9
"""So many in a row could be anybody's number: no figure is written with as many."""

_OPENS_A_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def json_line(tree: Tree) -> str:
    """On one line, figures to six places. Nothing in it can be read as a tag."""
    return "".join(_pieces(tree))


def _pieces(tree: Tree) -> Iterator[str]:
    if tree is None or isinstance(tree, bool):
        yield json.dumps(tree)
    elif isinstance(tree, str):
        yield _OPENS_A_TAG.sub(r"\\u003c", json.dumps(tree, ensure_ascii=False))
    elif isinstance(tree, int | float):
        yield _figure(tree)
    elif isinstance(tree, Mapping):
        yield "{"
        for place, (key, value) in enumerate(tree.items()):
            yield f"{', ' if place else ''}{json.dumps(key)}: "
            yield from _pieces(value)
        yield "}"
    elif isinstance(tree, Sequence):
        yield "["
        for place, value in enumerate(tree):
            yield ", " if place else ""
            yield from _pieces(value)
        yield "]"
    else:
        raise TypeError(f"{type(tree).__name__} is not written as it is")


def _figure(number: float) -> str:
    if not math.isfinite(number):
        return "null"
    if float(number).is_integer() and abs(number) < EXACT_BELOW:
        return str(int(number))
    text = f"{number:.6g}"
    return text if sum(map(str.isdigit, text)) < DIGITS_OF_A_PERSON else f"{number:.4g}"


def texts_in(line: str) -> Iterator[str]:
    """Every string of a written line as its reader gets it, keys too; figures are no strings.

    Raises ValueError for a line that is no JSON.
    """
    pending = [json.loads(line)]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
