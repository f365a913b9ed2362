"""The runs of many blocks as one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from backend.adapters.sqlite.run_block import (
    every_part,
    is_rows_form,
    unpack_runs,
    unpack_small,
)
from backend.adapters.sqlite.run_rows import Rows, joined_rows, runs_of_rows
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Names, Runs

PLAIN_COLUMNS: dict[str, type[np.generic]] = {
    **dict.fromkeys(NUMBER_COLUMNS, np.int64),
    "status": np.uint8,
    "is_cache_hit": np.bool_,
    "is_scaled": np.bool_,
}


def joined_runs(blocks: Iterable[bytes], name_of: Callable[[int], str], *, run_count: int) -> Runs:
    """All of the blocks' `run_count` runs, oldest first; `name_of` gives the name of a number."""
    runs = _together(blocks, name_of, run_count)
    # Blocks of two sources on one day run into each other.
    step_us = np.diff(runs.started_us)
    is_in_order = (step_us > 0) | ((step_us == 0) & (np.diff(runs.query_id) > 0))
    return runs if is_in_order.all() else runs.in_order()


def _together(blocks: Iterable[bytes], name_of: Callable[[int], str], run_count: int) -> Runs:
    columns = _Columns(run_count)
    for runs in _each(blocks, name_of):
        if len(runs) == run_count:
            return runs
        columns.add(runs)
    return columns.runs()


def _each(blocks: Iterable[bytes], name_of: Callable[[int], str]) -> Iterator[Runs]:
    small: list[Rows] = []
    for block in blocks:
        for part in every_part(block):
            if is_rows_form(part):
                small.append(unpack_small(part))
            else:
                yield unpack_runs(part)
    if small:
        yield runs_of_rows(joined_rows(small), name_of)


class _Columns:
    """Of their final length from the start: millions of runs are not to be in memory twice."""

    def __init__(self, length: int) -> None:
        self._filled = 0
        self._plain = {name: np.empty(length, dtype=kind) for name, kind in PLAIN_COLUMNS.items()}
        self._codes = {name: np.empty(length, dtype=np.int32) for name in NAME_COLUMNS}
        self._code_of: dict[str, dict[str, int]] = {name: {} for name in NAME_COLUMNS}

    def add(self, runs: Runs) -> None:
        place = slice(self._filled, self._filled + len(runs))
        self._filled += len(runs)
        for name, column in self._plain.items():
            column[place] = getattr(runs, name)
        for name, codes in self._codes.items():
            known = self._code_of[name]
            names: Names = getattr(runs, name)
            new_codes = [known.setdefault(one, len(known)) for one in names.names]
            codes[place] = np.array(new_codes, dtype=np.int32)[names.codes]

    def runs(self) -> Runs:
        columns: dict[str, Any] = {**self._plain}
        for name, codes in self._codes.items():
            columns[name] = Names(codes=codes, names=tuple(self._code_of[name]))
        return Runs(**columns)
