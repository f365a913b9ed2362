"""When the runs of one day were at work, by source: on the main cluster, and on scaling ones."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from backend.adapters.sqlite.run_block import every_part, is_rows_form, unpack_runs, unpack_small
from backend.adapters.sqlite.run_rows import Rows, joined_rows, masks_of
from backend.domain.busy_share import ClusterSpans, work_spans
from backend.domain.runs import Runs

SELECT_BLOCKS_TO_SHARE = """
    SELECT pattern_no, source, runs FROM run_block INDEXED BY run_block_by_day WHERE day = :day
"""

DayOfWork = dict[str, ClusterSpans]
"""By source; the owner of a span is the number of its pattern."""


def read_day_of_work(connection: sqlite3.Connection, day: int) -> DayOfWork:
    small: defaultdict[str, list[tuple[int, Rows]]] = defaultdict(list)
    large: defaultdict[str, list[tuple[int, Runs]]] = defaultdict(list)
    for block in connection.execute(SELECT_BLOCKS_TO_SHARE, {"day": day}):
        for part in every_part(block["runs"]):
            if is_rows_form(part):
                small[block["source"]].append((block["pattern_no"], unpack_small(part)))
            else:
                large[block["source"]].append((block["pattern_no"], unpack_runs(part)))
    return {
        source: _of_rows(small[source]).joined_with(*map(_of_runs, large[source]))
        for source in sorted({*small, *large})
    }


def _of_rows(parts: Iterable[tuple[int, Rows]]) -> ClusterSpans:
    """Thousands of short blocks at once: each by itself would take as long as all of them."""
    numbers_and_rows = list(parts)
    rows = joined_rows([rows for _, rows in numbers_and_rows])
    return work_spans(
        started_us=rows["started_us"],
        elapsed_us=rows["elapsed_us"],
        waited_us=rows["queue_us"] + rows["lock_wait_us"],
        **masks_of(rows["flags"]),
        owner=np.repeat(
            np.array([number for number, _ in numbers_and_rows], dtype=np.int64),
            [len(rows) for _, rows in numbers_and_rows],
        ),
    )


def _of_runs(part: tuple[int, Runs]) -> ClusterSpans:
    number, runs = part
    return work_spans(
        started_us=runs.started_us,
        elapsed_us=runs.elapsed_us,
        waited_us=runs.queue_us + runs.lock_wait_us,
        is_cache_hit=runs.is_cache_hit,
        is_scaled=runs.is_scaled,
        owner=np.full(len(runs), number, dtype=np.int64),
    )
