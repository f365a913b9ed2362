"""The runs that a day has already, read for the writer."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from backend.adapters.sqlite.names import NameBook
from backend.adapters.sqlite.run_block import (
    every_part,
    is_rows_form,
    parts_of,
    unpack_runs,
    unpack_small,
)
from backend.adapters.sqlite.run_rows import Rows, rows_of
from backend.domain.runs import IntColumn

SELECT_BLOCKS_OF_DAY = """
    SELECT pattern_no, source, runs
    FROM json_each(:pattern_nos) AS wanted CROSS JOIN run_block ON pattern_no = wanted.value
    WHERE day = :day ORDER BY pattern_no, source
"""
SELECT_RUN_COUNTS_OF_DAY = """
    SELECT pattern_no, sum(run_count) AS run_count
    FROM json_each(:pattern_nos) AS wanted CROSS JOIN run_block ON pattern_no = wanted.value
    WHERE day = :day GROUP BY pattern_no
"""


@dataclass(frozen=True, kw_only=True)
class KnownBlock:
    pattern_no: int
    source: str
    block: bytes

    def rows(self, names: NameBook, first_us: int, last_us: int) -> Iterator[Rows]:
        """The runs that start in this time (both ends included)."""
        for part in parts_of(self.block, first_us, last_us):
            is_small = is_rows_form(part)
            rows = unpack_small(part) if is_small else rows_of(unpack_runs(part), names.numbers)
            started_us = rows["started_us"]
            if started_us[0] < first_us or started_us[-1] > last_us:
                rows = rows[(started_us >= first_us) & (started_us <= last_us)]
            yield rows

    def started_us(self) -> IntColumn:
        """Of all its runs."""
        return np.concatenate(
            [
                unpack_small(part)["started_us"].copy()
                if is_rows_form(part)
                else unpack_runs(part).started_us
                for part in every_part(self.block)
            ]
        )


def known_blocks(
    connection: sqlite3.Connection, day: int, pattern_nos: Iterable[int]
) -> list[KnownBlock]:
    rows = connection.execute(SELECT_BLOCKS_OF_DAY, _wanted(day, pattern_nos))
    return [
        KnownBlock(pattern_no=row["pattern_no"], source=row["source"], block=row["runs"])
        for row in rows
    ]


def known_run_counts(
    connection: sqlite3.Connection, day: int, pattern_nos: Iterable[int]
) -> dict[int, int]:
    """0 for a pattern without runs on that day."""
    counts: dict[int, int] = defaultdict(int)
    for row in connection.execute(SELECT_RUN_COUNTS_OF_DAY, _wanted(day, pattern_nos)):
        counts[row["pattern_no"]] = row["run_count"]
    return counts


def _wanted(day: int, pattern_nos: Iterable[int]) -> dict[str, object]:
    return {"day": day, "pattern_nos": json.dumps(list(pattern_nos))}
