"""Runs as one compressed block of columns: numpy in, numpy out, no row is ever touched."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, IntColumn, Names, Runs

HEADER_LENGTH_BYTES = 4
COMPRESSION_LEVEL = 1
RISING_COLUMNS = NUMBER_COLUMNS[:2]
"""Query id and start are kept as steps from row to row: small numbers, since a block is in order
of start. The step of the first row is a mere filler."""

ALL_COLUMNS = (*NUMBER_COLUMNS, "status", "is_cache_hit", *NAME_COLUMNS)
LIMIT_OF_WIDTH = {"<u1": 1 << 8, "<u2": 1 << 16, "<u4": 1 << 32, "<u8": 1 << 64}


def pack_runs(runs: Runs) -> bytes:
    """At least one run, in order of start, names compact. Each column takes only the width that its
    range needs."""
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
    found["is_cache_hit"] = found["is_cache_hit"].astype(np.bool_)
    return Runs(**found)


def _as_table(runs: Runs) -> IntColumn:
    table = np.empty((len(ALL_COLUMNS), len(runs)), dtype=np.int64)
    for place, name in enumerate(ALL_COLUMNS):
        column = getattr(runs, name)
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
