"""The runs of one pattern, day and source as one block of bytes, in order of start.

Three forms, told apart by their first byte: a few runs are rows turned on their side, names as
numbers, so that thousands of small blocks cost little; more are columns, each only as wide as its
range needs, with their names; and very many are parts, so that no step needs them all at once.
"""

import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.run_rows import ROW, Rows, flags_of, masks_of
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, IntColumn, Names, Runs

ROWS_AT_MOST = 64
"""From here on columns take less space than rows."""

ROWS_FORM = b"R"
PARTS_FORM = b"P"
PART_HEAD = struct.Struct("<qqI")
"""First and last start of the part, and its length in bytes."""

HEADER_LENGTH_BYTES = 4
COMPRESSION_LEVEL = 1
RISING_COLUMNS = NUMBER_COLUMNS[:2]
"""Query id and start are kept as steps from row to row: small numbers, since a block is in order
of start. The step of the first row is a mere filler."""

ALL_COLUMNS = (*NUMBER_COLUMNS, "status", "flags", *NAME_COLUMNS)
LIMIT_OF_WIDTH = {"<u1": 1 << 8, "<u2": 1 << 16, "<u4": 1 << 32, "<u8": 1 << 64}


@dataclass(frozen=True, kw_only=True)
class BlockPart:
    """Some of a block's runs; `block` is in the form of rows or of columns."""

    first_started_us: int
    last_started_us: int
    block: bytes


def pack_parts(parts: Sequence[BlockPart]) -> bytes:
    """Parts in order of start, none overlapping."""
    if len(parts) == 1:
        return parts[0].block
    pieces = [PARTS_FORM]
    for part in parts:
        head = PART_HEAD.pack(part.first_started_us, part.last_started_us, len(part.block))
        pieces += [head, part.block]
    return b"".join(pieces)


def parts_of(block: bytes, first_us: int, last_us: int) -> Iterator[bytes]:
    """The parts that may have runs which start in this time (both ends included)."""
    if block[:1] != PARTS_FORM:
        yield block
        return
    position = 1
    while position < len(block):
        first_started_us, last_started_us, length = PART_HEAD.unpack_from(block, position)
        position += PART_HEAD.size
        if first_started_us <= last_us and last_started_us >= first_us:
            yield block[position : position + length]
        position += length


def every_part(block: bytes) -> Iterator[bytes]:
    return parts_of(block, -(2**63), 2**63 - 1)


def is_rows_form(block: bytes) -> bool:
    return block[:1] == ROWS_FORM


def pack_small(rows: Rows, starts: IntColumn) -> list[bytes]:
    """A block for each stretch of rows that begins at one of `starts`, rows in order of start."""
    steps = rows.copy()
    for name in RISING_COLUMNS:
        steps[name][1:] = np.diff(rows[name])
        steps[name][starts] = rows[name][starts]
    as_bytes = steps.view(np.uint8).reshape(len(rows), ROW.itemsize)
    ends = [*starts[1:].tolist(), len(rows)]
    return [
        ROWS_FORM + zlib.compress(as_bytes[start:end].T.tobytes(), COMPRESSION_LEVEL)
        for start, end in zip(starts.tolist(), ends, strict=True)
    ]


def unpack_small(block: bytes) -> Rows:
    turned = np.frombuffer(zlib.decompress(block[1:]), dtype=np.uint8)
    rows: Rows = turned.reshape(ROW.itemsize, -1).T.copy(order="C").view(ROW).ravel()
    for name in RISING_COLUMNS:
        rows[name] = np.cumsum(rows[name])
    return rows


def pack_runs(runs: Runs) -> bytes:
    """At least one run, in order of start, names compact: the form of columns."""
    table = _as_table(runs)
    rising = table[: len(RISING_COLUMNS)]
    firsts = rising[:, :1].ravel().tolist()
    rising[:, 1:] = np.diff(rising)
    rising[:, :1] = rising[:, 1:2] if len(runs) > 1 else 0
    columns: list[tuple[int, str]] = []
    pieces: list[bytes] = []
    for base, narrow in _narrowed(table):
        columns.append((base, "" if narrow is None else narrow.dtype.str))
        if narrow is not None:
            pieces.append(narrow.tobytes())
    names = [getattr(runs, name).names for name in NAME_COLUMNS]
    header = json.dumps([len(runs), firsts, columns, names], separators=(",", ":")).encode()
    return zlib.compress(
        len(header).to_bytes(HEADER_LENGTH_BYTES, "little") + header + b"".join(pieces),
        COMPRESSION_LEVEL,
    )


def unpack_runs(block: bytes) -> Runs:
    """Of a block in the form of columns."""
    content = zlib.decompress(block)
    header_end = HEADER_LENGTH_BYTES + int.from_bytes(content[:HEADER_LENGTH_BYTES], "little")
    row_count, firsts, columns, names = json.loads(content[HEADER_LENGTH_BYTES:header_end])
    found: dict[str, Any] = {}
    position = header_end
    for name, (base, width) in zip(ALL_COLUMNS, columns, strict=True):
        values = np.full(row_count, base, dtype=np.int64)
        if width:
            narrow = np.frombuffer(content, dtype=width, count=row_count, offset=position)
            position += narrow.nbytes
            # Unsigned, as a sum that leaves 64 bits comes back to the right number.
            values = (values.view(np.uint64) + narrow).view(np.int64)
        found[name] = values
    for name, first in zip(RISING_COLUMNS, firsts, strict=True):
        found[name][:1] = first
        found[name] = np.cumsum(found[name])
    for name, known in zip(NAME_COLUMNS, names, strict=True):
        found[name] = Names(codes=found[name].astype(np.int32), names=tuple(known))
    found["status"] = found["status"].astype(np.uint8)
    found |= masks_of(found.pop("flags"))
    return Runs(**found)


def _as_table(runs: Runs) -> IntColumn:
    table = np.empty((len(ALL_COLUMNS), len(runs)), dtype=np.int64)
    for place, name in enumerate(ALL_COLUMNS):
        column = flags_of(runs) if name == "flags" else getattr(runs, name)
        table[place] = column.codes if isinstance(column, Names) else column
    return table


def _narrowed(table: IntColumn) -> Iterator[tuple[int, NDArray[Any] | None]]:
    """Of each column the smallest value and the distances from it; None where all are equal."""
    smallest, largest = table.min(axis=1), table.max(axis=1)
    # Unsigned arithmetic wraps around, so that a distance over 2^63 is right as well.
    distances = table.view(np.uint64) - smallest.view(np.uint64)[:, None]
    for place, (base, top) in enumerate(zip(smallest.tolist(), largest.tolist(), strict=True)):
        if base == top:
            yield base, None
            continue
        width = next(width for width, limit in LIMIT_OF_WIDTH.items() if top - base < limit)
        yield base, distances[place].astype(width)
