"""One day's sheet: elapsed time and runs of every pattern, by database and user.

The ranking adds up 90 days of 5,000 patterns in a moment from these; over rows of a table the
same takes seconds.
"""

import sqlite3
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.day_figures import Records

LINE = np.dtype(
    [
        ("pattern_no", "<u4"),
        ("database_no", "<u4"),
        ("user_no", "<u4"),
        ("runs", "<u4"),
        ("elapsed_us", "<i8"),
    ]
)

SELECT_SHEET = "SELECT lines FROM day_sheet WHERE day = :day"
SELECT_SHEETS = """
    SELECT day, lines FROM day_sheet WHERE day BETWEEN :first_day AND :last_day ORDER BY day
"""
SELECT_FIRST_SHEET_DAY = "SELECT min(day) FROM day_sheet WHERE day > -9223372036854775807"
SELECT_LAST_SHEET_DAY = "SELECT max(day) FROM day_sheet WHERE day > -9223372036854775807"
UPSERT_SHEET = """
    INSERT INTO day_sheet (day, lines) VALUES (:day, :lines)
    ON CONFLICT (day) DO UPDATE SET lines = excluded.lines
"""


@dataclass(frozen=True, kw_only=True)
class SheetLines:
    """The lines of a range of days, one array; `day` has the day of each line."""

    lines: Records
    day: NDArray[np.int64]

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "SheetLines":
        return SheetLines(lines=self.lines[rows], day=self.day[rows])

    @cached_property
    def _by_pattern(self) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Rows in order of pattern, and the pattern of each: found once, then searched."""
        order = np.argsort(self.lines["pattern_no"], kind="stable")
        return order, np.ascontiguousarray(self.lines["pattern_no"][order])

    def of_pattern(self, pattern_no: int) -> "SheetLines":
        order, numbers = self._by_pattern
        first, behind = np.searchsorted(numbers, [pattern_no, pattern_no + 1])
        return self.take(order[first:behind])


def lines_of(pattern_no: NDArray[np.int64], slices: Records) -> Records:
    lines = np.empty(len(slices), dtype=LINE)
    lines["pattern_no"] = pattern_no
    for name in ("database_no", "user_no", "runs", "elapsed_us"):
        lines[name] = slices[name]
    return lines


def replace_lines(
    connection: sqlite3.Connection, day: int, pattern_nos: NDArray[np.int64], lines: Records
) -> None:
    """Writes the lines of these patterns anew and leaves those of the others."""
    row = connection.execute(SELECT_SHEET, {"day": day}).fetchone()
    if row is not None:
        known = np.frombuffer(row["lines"], dtype=LINE)
        lines = np.concatenate([known[~np.isin(known["pattern_no"], pattern_nos)], lines])
    connection.execute(UPSERT_SHEET, {"day": day, "lines": lines.tobytes()})


def stored_days(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """The first and the last day that have runs; None in an empty store."""
    [(first_day,)] = connection.execute(SELECT_FIRST_SHEET_DAY)
    [(last_day,)] = connection.execute(SELECT_LAST_SHEET_DAY)
    return None if first_day is None else (first_day, last_day)


def read_sheets(connection: sqlite3.Connection, first_day: int, last_day: int) -> SheetLines:
    rows = connection.execute(
        SELECT_SHEETS, {"first_day": first_day, "last_day": last_day}
    ).fetchall()
    days = np.array([row["day"] for row in rows], dtype=np.int64)
    lengths = [len(row["lines"]) // LINE.itemsize for row in rows]
    return SheetLines(
        lines=np.frombuffer(b"".join(row["lines"] for row in rows), dtype=LINE),
        day=np.repeat(days, lengths),
    )
