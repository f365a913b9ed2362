"""Of all runs of a day only when they started and how long they waited: for many patterns at once,
names and the other columns are never made."""

from collections.abc import Iterable, Iterator

import numpy as np

from backend.adapters.sqlite.run_block import (
    every_part,
    is_rows_form,
    unpack_runs,
    unpack_small,
)
from backend.adapters.sqlite.run_rows import masks_of
from backend.domain.runs import TIME_COLUMNS, RunTimes

_Part = tuple[int, list[np.ndarray]]


def run_times(blocks: Iterable[tuple[int, bytes]]) -> RunTimes:
    """Of each block with the number of its pattern."""
    parts = list(_each(blocks))
    counts = [len(columns[0]) for _, columns in parts]
    pattern = np.repeat(np.array([number for number, _ in parts], dtype=np.int64), counts)
    nothing = np.empty(0, dtype=np.int64)
    *times, is_cache_hit = (
        np.concatenate([nothing, *(columns[place] for _, columns in parts)])
        for place in range(len(TIME_COLUMNS) + 1)
    )
    counted = is_cache_hit == 0
    own = dict(zip(TIME_COLUMNS, (column[counted] for column in times), strict=True))
    return RunTimes(pattern=pattern[counted], **own)


def _each(blocks: Iterable[tuple[int, bytes]]) -> Iterator[_Part]:
    for number, block in blocks:
        for part in every_part(block):
            if is_rows_form(part):
                rows = unpack_small(part)
                times = [rows[name] for name in TIME_COLUMNS]
                yield number, [*times, masks_of(rows["flags"])["is_cache_hit"]]
            else:
                runs = unpack_runs(part)
                yield number, [*(getattr(runs, name) for name in TIME_COLUMNS), runs.is_cache_hit]
