"""Each `?` of a scrubbed statement by its number: into the parser and back out as `:p3`."""

import re

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel

from backend.sql.scanner import TokenKind, scan

# The parser turns calls of these into others that differ at month ends, in type or in length.
_KEPT_AS_WRITTEN = frozenset({"add_months", "convert_timezone", "date_part", "datepart"})
_KEPT = "kept_as_written_"
_AS_WRITTEN = re.compile(_KEPT, re.IGNORECASE)
_NUMBERED = re.compile(r"'?:[pP](\d+)'?")
_INTERVAL_WITH_UNIT = re.compile(r"':[pP](\d+) ([A-Za-z]+)'")
_SHOWN = re.compile(r":p(\d+)\b")


def with_numbers(scrubbed_sql: str, first: int = 1) -> str:
    """The first `?` as the string `':p1'`, and so on: text that the parser takes."""
    number = first
    pieces: list[str] = []
    for token in scan(scrubbed_sql):
        piece = scrubbed_sql[token.start : token.end]
        if token.kind is TokenKind.PLACEHOLDER:
            piece = f"':p{number}'"
            number += 1
        elif piece.lower() in _KEPT_AS_WRITTEN and _is_called(scrubbed_sql, token.end):
            piece = _KEPT + piece
        pieces.append(piece)
    return "".join(pieces)


def _is_called(text: str, end: int) -> bool:
    return text[end:].lstrip().startswith("(")


def placeholder_count(scrubbed_sql: str) -> int:
    return sum(token.kind is TokenKind.PLACEHOLDER for token in scan(scrubbed_sql))


def is_date_part(column: exp.Column) -> bool:
    """`year` in DATE_PART(year, c), which the parser takes for a column."""
    call = column.parent
    return (
        isinstance(call, exp.Anonymous)
        and call.name.lower().startswith(_KEPT)
        and call.expressions[0] is column
        and not column.table
    )


def name_as_written(call: exp.Anonymous) -> str:
    return call.name.lower().removeprefix(_KEPT)


def shown(node: exp.Expr, *, is_pretty: bool = True) -> str:
    """As SQL with `:p3` for each place of a value. Raises what sqlglot raises."""
    sql = Redshift().generate(
        node,
        pretty=is_pretty,
        normalize_functions=False,
        comments=False,
        unsupported_level=ErrorLevel.IGNORE,
    )
    sql = _INTERVAL_WITH_UNIT.sub(r":p\1 \2", sql)
    return _AS_WRITTEN.sub("", _NUMBERED.sub(r":p\1", sql))


def numbers_in(shown_sql: str) -> list[int]:
    return [int(number) for number in _SHOWN.findall(shown_sql)]


def with_stand_ins(shown_sql: str) -> str:
    """`:p3` as a string again, for another look by the parser."""
    named = _SHOWN.sub(r"':p\1'", shown_sql)
    return with_numbers(named)


def with_question_marks(shown_sql: str) -> str:
    """As scrubbing writes it."""
    return _SHOWN.sub("?", shown_sql)
