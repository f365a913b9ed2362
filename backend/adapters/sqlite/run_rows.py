"""Runs as rows of fixed size, names as numbers: what the writer sorts, adds up and packs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.names import NameKind
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, IntColumn, Mask, Names, Runs

Rows = NDArray[np.void]
NumbersOf = Callable[[NameKind, Names], IntColumn]

ROW = np.dtype(
    [
        *((name, "<i8") for name in NUMBER_COLUMNS),
        *((name, "<i4") for name in NAME_COLUMNS),
        ("status", "u1"),
        ("flags", "u1"),
    ]
)
CACHE_HIT, SCALED = 1, 2
"""Bits of `flags`. Stores from before there was a second one hold 0 and 1, which read the same."""

_WHOLE_ROW = np.dtype((np.void, ROW.itemsize))

KIND_OF = {
    "user_name": NameKind.USER,
    "database_name": NameKind.DATABASE,
    "query_label": NameKind.LABEL,
    "redshift_version": NameKind.VERSION,
}


def flags_of(runs: Runs) -> NDArray[np.uint8]:
    hits, scaled = (mask.view(np.uint8) for mask in (runs.is_cache_hit, runs.is_scaled))
    return hits * np.uint8(CACHE_HIT) | scaled * np.uint8(SCALED)


def masks_of(flags: NDArray[np.integer]) -> dict[str, Mask]:
    """The columns of Runs that the flags hold."""
    return {"is_cache_hit": (flags & CACHE_HIT) != 0, "is_scaled": (flags & SCALED) != 0}


def rows_of(runs: Runs, numbers_of: NumbersOf) -> Rows:
    rows = np.empty(len(runs), dtype=ROW)
    for name in (*NUMBER_COLUMNS, "status"):
        rows[name] = getattr(runs, name)
    rows["flags"] = flags_of(runs)
    for name in NAME_COLUMNS:
        rows[name] = numbers_of(KIND_OF[name], getattr(runs, name))
    return rows


def runs_of_rows(rows: Rows, name_of: Callable[[int], str]) -> Runs:
    columns: dict[str, Any] = {
        name: np.ascontiguousarray(rows[name]) for name in (*NUMBER_COLUMNS, "status")
    }
    columns |= masks_of(rows["flags"])
    for name in NAME_COLUMNS:
        numbers, codes = np.unique(rows[name], return_inverse=True)
        names = tuple(name_of(number) for number in numbers.tolist())
        columns[name] = Names(codes=codes.astype(np.int32), names=names)
    return Runs(**columns)


def joined_rows(parts: Sequence[Rows]) -> Rows:
    """A new array. Numpy would compare the columns of every part with each other."""
    whole = [part.view(_WHOLE_ROW) for part in parts]
    rows: Rows = np.concatenate([np.empty(0, dtype=_WHOLE_ROW), *whole]).view(ROW)
    return rows
