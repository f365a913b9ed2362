"""Scrubbed SQL laid out for reading."""

import re
from collections.abc import Callable, Iterator
from itertools import count

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel

from backend.sql.fingerprint import fingerprint_of
from backend.sql.parse import parse
from backend.sql.placeholders import with_placeholders, with_stand_ins
from backend.sql.scanner import TokenKind, scan
from backend.sql.wrapped import read_wrapped

LONGEST_FORMATTED = 100_000
_PLACE = re.compile(r":(\d+)")


def format_sql(scrubbed_sql: str) -> str:
    """Laid out over lines; as it came where it cannot be parsed or its meaning might change."""
    if len(scrubbed_sql) > LONGEST_FORMATTED:
        return scrubbed_sql
    try:
        formatted = _formatted(scrubbed_sql)
        is_same = fingerprint_of(formatted) == fingerprint_of(scrubbed_sql)
    except Exception:  # noqa: BLE001 - not parsed, too deep or an odd tree: it stays as it came
        return scrubbed_sql
    return formatted if is_same else scrubbed_sql


def order_of_places(scrubbed_sql: str) -> list[int] | None:
    """Where formatting puts each `?`: their numbers, from 1, in the order of the formatted text.

    The parser moves some, as in `OFFSET ? LIMIT ?`. None where they cannot be followed.
    """
    numbers = count(1)
    try:
        laid_out = _formatted(_with_numbers(scrubbed_sql, numbers), places=_as_it_is)
    except Exception:  # noqa: BLE001 - as with formatting itself
        return None
    order = [int(number) for number in _PLACE.findall(laid_out)]
    return order if sorted(order) == list(range(1, next(numbers))) else None


def _with_numbers(scrubbed_sql: str, numbers: Iterator[int]) -> str:
    """Strings `':3'` for the parser. TOP takes none: then there is no order."""
    pieces: list[str] = []
    for token in scan(scrubbed_sql):
        piece = scrubbed_sql[token.start : token.end]
        pieces.append(f"':{next(numbers)}'" if token.kind is TokenKind.PLACEHOLDER else piece)
    return "".join(pieces)


def _as_it_is(sql: str) -> str:
    return sql


def _formatted(scrubbed_sql: str, *, places: Callable[[str], str] = with_placeholders) -> str:
    wrapped = read_wrapped(scrubbed_sql)
    if wrapped is None:
        trees = parse(with_stand_ins(scrubbed_sql))
        return ";\n\n".join(places(_laid_out(tree)) for tree in trees)
    head, tail = wrapped.head.strip(), wrapped.tail.strip()
    query = _formatted(wrapped.query, places=places)
    return f"{head}'\n{query}\n'{tail}" if wrapped.is_quoted else f"{head}\n{query}"


def _laid_out(tree: exp.Expr) -> str:
    return Redshift().generate(
        tree,
        pretty=True,
        normalize_functions=False,
        comments=False,
        unsupported_level=ErrorLevel.IGNORE,
    )
