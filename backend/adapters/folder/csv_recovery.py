"""Good records out of CSV that is partly broken."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

RECORD_BYTES_AT_MOST = 1024 * 1024
_QUOTE = ord('"')


def quotes_are_sound(octets: bytes, delimiter: str) -> bool:
    """Whether every quoted field begins and ends at a delimiter or line break.

    A quote that is opened and not closed would otherwise swallow the rows up to the next one
    without any error.
    """
    text = np.frombuffer(octets, dtype=np.uint8)
    quotes = np.flatnonzero(text == _QUOTE)
    if len(quotes) % 2:
        return False
    may_stand_beside = np.zeros(256, dtype=np.bool_)
    may_stand_beside[[ord(delimiter), ord("\n"), ord("\r"), _QUOTE]] = True
    before = quotes[0::2] - 1
    after = quotes[1::2] + 1
    return bool(
        may_stand_beside[text[before[before >= 0]]].all()
        and may_stand_beside[text[after[after < len(text)]]].all()
    )


@dataclass(kw_only=True, slots=True)
class RecoveredRecords:
    """`row_numbers` and `bad_rows` count from 1 within the bytes that were given.

    A record of the wrong width counts as one row, whatever lines it has; reading goes on at its
    second line, so good records that a stray quote made part of it are found.
    """

    records: list[list[bytes]] = field(default_factory=list)
    row_numbers: list[int] = field(default_factory=list)
    bad_rows: list[tuple[int, str]] = field(default_factory=list)
    rows_seen: int = 0
    used_bytes: int = 0


def recover_records(
    octets: bytes, *, delimiter: str, width: int, is_last: bool
) -> RecoveredRecords:
    """If not `is_last`, an unfinished record at the end is left for later unless too long."""
    lines = octets.split(b"\n")
    ends_in_record = bool(lines[-1])
    if not ends_in_record:
        lines.pop()
    recovered = RecoveredRecords()
    at_line = 0
    swallowed_until = 0
    while at_line < len(lines):
        record = _read_record(lines, at_line, delimiter=delimiter, width=width)
        reaches_end = record.next_line >= len(lines) and record.size < RECORD_BYTES_AT_MOST
        if reaches_end and not is_last and (record.is_open or ends_in_record):
            recovered.used_bytes = sum(len(line) + 1 for line in lines[:at_line])
            return recovered
        if record.fields:
            recovered.rows_seen += 1
            recovered.records.append(record.fields)
            recovered.row_numbers.append(recovered.rows_seen)
            # In step with the rows again: what follows is no longer part of a broken record.
            at_line, swallowed_until = record.next_line, 0
        elif record.problem:
            if at_line >= swallowed_until:
                recovered.rows_seen += 1
                recovered.bad_rows.append((recovered.rows_seen, record.problem))
                # Where an open quote should have ended nobody knows; the views write line breaks
                # as `\\n`, so most likely at the end of its line.
                swallowed_until = at_line + 1 if record.is_open else record.next_line
            at_line += 1
        else:
            at_line += 1
    recovered.used_bytes = len(octets)
    return recovered


@dataclass(frozen=True, kw_only=True, slots=True)
class _Record:
    """Neither fields nor problem: an empty line. `is_open`: a quote is still to be closed."""

    next_line: int
    size: int
    fields: list[bytes] = field(default_factory=list)
    problem: str = ""
    is_open: bool = False


def _read_record(lines: list[bytes], at_line: int, *, delimiter: str, width: int) -> _Record:
    csv.field_size_limit(2 * RECORD_BYTES_AT_MOST)
    reader = csv.reader(_some_lines(lines, at_line), delimiter=delimiter, strict=True)
    fields: list[str] = []
    problem = ""
    is_open = False
    try:
        fields = next(reader, [])
    except csv.Error:
        is_open = True
    next_line = at_line + max(reader.line_num, 1)
    # On one line, a quote inside of a field that is not quoted is taken as it is.
    if reader.line_num > 1 and not is_open:
        is_open = not quotes_are_sound(b"\n".join(lines[at_line:next_line]), delimiter)
    if is_open:
        problem = "a quote is opened or closed in the wrong place"
    elif fields and len(fields) != width:
        columns = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
        problem = f"has {columns} where the header has {width}"
    return _Record(
        next_line=next_line,
        size=sum(len(line) for line in lines[at_line:next_line]),
        fields=[] if problem else [text.encode("utf-8", "surrogateescape") for text in fields],
        problem=problem,
        is_open=is_open,
    )


def _some_lines(lines: list[bytes], at_line: int) -> Iterator[str]:
    size = 0
    for position in range(at_line, len(lines)):
        yield lines[position].decode("utf-8", "surrogateescape") + "\n"
        size += len(lines[position])
        if size > RECORD_BYTES_AT_MOST:
            return
