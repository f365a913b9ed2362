"""Recommendations as files: CSV that a spreadsheet cannot run, and lines of JSON."""

import csv
import json
import unicodedata
from collections.abc import Iterator
from typing import cast

from backend.domain.recommendation import RecommendationFilter
from backend.domain.visible_text import visible
from backend.services.ports import RecommendationBook
from backend.services.records import RecommendationRecord, recommendation_record
from backend.sql.outgoing_text import outgoing_value

COLUMNS: tuple[str, ...] = tuple(RecommendationRecord.__annotations__)
KEPT_COLUMNS = frozenset({"recommendation_id", "query_hash"})
"""Made by the program: digits of a digest are no account number."""

SET_OFF_WHEN_SEEN_FIRST = frozenset("=+-@'")
"""What starts a formula, and the quote itself."""
MOVES_THE_CELL = frozenset("\t\r\n\0")


def recommendations_csv(store: RecommendationBook, wanted: RecommendationFilter) -> Iterator[str]:
    """The whole filtered set, a line at a time: RFC 4180, header first, CRLF.

    Every text stands in quotes: a spreadsheet that divides at semicolons and tabs as well, as
    LibreOffice offers to, then finds no cell inside of one.
    """
    line = _Line()
    writer = csv.writer(line, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([formula_safe(column) for column in COLUMNS])
    yield line.text
    for record in recommendation_records(store, wanted):
        writer.writerow([_cell(value) for value in record.values()])
        yield line.text


def recommendations_jsonl(store: RecommendationBook, wanted: RecommendationFilter) -> Iterator[str]:
    """The whole filtered set, one JSON object a line."""
    for record in recommendation_records(store, wanted):
        yield json.dumps(record) + "\n"


def recommendation_records(
    store: RecommendationBook, wanted: RecommendationFilter
) -> Iterator[RecommendationRecord]:
    """Scrubbed once more: names and, perhaps, a model's words are in them."""
    return (
        outgoing_record(recommendation_record(triaged))
        for triaged in store.each_recommendation(wanted)
    )


def outgoing_record(record: RecommendationRecord) -> RecommendationRecord:
    """The record fit to leave the machine; keys and figures stay as they are."""
    return cast(
        RecommendationRecord,
        {
            name: _outgoing(value) if name not in KEPT_COLUMNS else value
            for name, value in record.items()
        },
    )


def _outgoing(value: object) -> object:
    match value:
        case str():
            return outgoing_value(value)
        case [*parts]:
            return [_outgoing(part) for part in parts]
        case _:
            return value


def formula_safe(text: str) -> str:
    """The text, after a single quote where a spreadsheet would take it for a formula.

    Spreadsheets skip blanks, byte order marks and control characters in front of a formula, so
    what counts is the first character that can be seen; full-width and small forms count as the
    plain ones. A text that begins with a quote gets another: whoever takes one leading quote off
    has the same values again.
    """
    if text and (text[0] in MOVES_THE_CELL or _first_seen(text) in SET_OFF_WHEN_SEEN_FIRST):
        return f"'{text}"
    return text


def _first_seen(text: str) -> str:
    """In its plain form; empty where nothing can be seen."""
    seen = (letter for letter in text if not letter.isspace() and visible(letter))
    return unicodedata.normalize("NFKC", next(seen, ""))


def _cell(value: object) -> object:
    """Numbers stay numbers; a list is one cell, divided by blanks; nothing is an empty cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return value
        case [*parts]:
            return formula_safe(" ".join(str(part) for part in parts))
        case _:
            return formula_safe(str(value))


class _Line:
    """What csv.writer wrote last."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)
