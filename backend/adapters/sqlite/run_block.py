"""Runs as one compressed block of columns: numpy in, numpy out, no row is ever touched."""

import json
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, IntColumn, Names, Runs

HEADER_LENGTH_BYTES = 4
COMPRESSION_LEVEL = 1
RISING_COLUMNS = frozenset({"query_id", "started_us"})
"""Kept as steps from row to row: small numbers, since a block is in order of start."""

WIDTHS = ("<u1", "<u2", "<u4", "<u8")


def pack_runs(runs: Runs) -> bytes:
    """Runs in order of start, their names compact. Each column takes only the width that its
    range needs."""
    columns: list[list[object]] = []
    pieces: list[bytes] = []

    def add(name: str, values: NDArray[Any]) -> None:
        base, narrow = _narrowed(values.astype(np.int64, copy=False))
        columns.append([name, base, narrow.dtype.str if narrow is not None else ""])
        if narrow is not None:
            pieces.append(narrow.tobytes())

    names: dict[str, tuple[str, ...]] = {}
    for name in NUMBER_COLUMNS:
        values: IntColumn = getattr(runs, name)
        if name in RISING_COLUMNS:
            columns.append([f"{name}.first", int(values[0]) if len(values) else 0, ""])
            values = np.diff(values)
        add(name, values)
    add("status", runs.status)
    add("is_cache_hit", runs.is_cache_hit)
    for name in NAME_COLUMNS:
        column: Names = getattr(runs, name)
        names[name] = column.names
        add(name, column.codes)
    header = json.dumps([len(runs), columns, names], separators=(",", ":")).encode()
    return zlib.compress(
        len(header).to_bytes(HEADER_LENGTH_BYTES, "little") + header + b"".join(pieces),
        COMPRESSION_LEVEL,
    )


def unpack_runs(block: bytes) -> Runs:
    content = zlib.decompress(block)
    header_end = HEADER_LENGTH_BYTES + int.from_bytes(content[:HEADER_LENGTH_BYTES], "little")
    row_count, columns, names = json.loads(content[HEADER_LENGTH_BYTES:header_end])
    found: dict[str, Any] = {}
    firsts: dict[str, int] = {}
    position = header_end
    for name, base, width in columns:
        if name.endswith(".first"):
            firsts[name.removesuffix(".first")] = base
            continue
        count = max(0, row_count - 1) if name in RISING_COLUMNS else row_count
        if width:
            narrow = np.frombuffer(content, dtype=width, count=count, offset=position)
            position += narrow.nbytes
            values = (narrow.astype(np.uint64) + _wrapped(base)).view(np.int64)
        else:
            values = np.full(count, base, dtype=np.int64)
        if name in RISING_COLUMNS:
            values = _running_total(firsts[name], values, row_count)
        found[name] = values
    for name in NAME_COLUMNS:
        found[name] = Names(codes=found[name].astype(np.int32), names=tuple(names[name]))
    found["status"] = found["status"].astype(np.uint8)
    found["is_cache_hit"] = found["is_cache_hit"].astype(np.bool_)
    return Runs(**found)


def _narrowed(values: IntColumn) -> tuple[int, NDArray[Any] | None]:
    """The smallest value and the distances from it; None where all are the same."""
    if not len(values):
        return 0, None
    smallest, largest = int(values.min()), int(values.max())
    if smallest == largest:
        return smallest, None
    # Unsigned arithmetic wraps around, so that a distance over 2^63 is right as well.
    distance = values.view(np.uint64) - _wrapped(smallest)
    spread = largest - smallest
    width = next(width for width in WIDTHS if spread < 1 << (8 * np.dtype(width).itemsize))
    return smallest, distance.astype(width)


def _wrapped(value: int) -> np.uint64:
    return np.uint64(value % (1 << 64))


def _running_total(first: int, steps: IntColumn, row_count: int) -> IntColumn:
    values = np.empty(row_count, dtype=np.int64)
    if row_count:
        values[0] = first
        values[1:] = steps
        np.cumsum(values, out=values)
    return values
