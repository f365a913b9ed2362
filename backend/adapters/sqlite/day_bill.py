"""How the cluster's time of each day is shared by patterns: worked out once, kept as one row."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.day_figures import Records
from backend.adapters.sqlite.day_of_work import DayOfWork, read_day_of_work
from backend.adapters.sqlite.day_sheet import stored_days
from backend.domain.busy_share import DAY_US, NO_WORK, share_day
from backend.domain.busy_time import BusyTime, ClusterTime

BILL_LINE = np.dtype([("pattern_no", "<u4"), ("busy_us", "<i8"), ("minimum_us", "<i8")])

SELECT_UNSHARED_DAYS = """
    SELECT day FROM day_sheet WHERE day BETWEEN :first_day AND :last_day AND NOT EXISTS (
        SELECT 1 FROM day_bill WHERE day_bill.day = day_sheet.day
    ) ORDER BY day
"""
FORGET_BILLS = "DELETE FROM day_bill WHERE day BETWEEN :day AND :day + 1"
INSERT_BILL = """
    INSERT OR REPLACE INTO day_bill (day, source, first_us, last_us, lines)
    VALUES (:day, :source, :first_us, :last_us, :lines)
"""
SELECT_BILLS = """
    SELECT day, first_us, last_us, lines FROM day_bill
    WHERE day BETWEEN :first_day AND :last_day ORDER BY day, source
"""


@dataclass(frozen=True, kw_only=True)
class BillLines:
    """Of a range of days, all sources together."""

    days: int
    busy_us: int
    covered_us: int
    lines: Records

    @cached_property
    def cluster(self) -> ClusterTime:
        return ClusterTime(
            days=self.days,
            patterns=len(np.unique(self.lines["pattern_no"])),
            busy_seconds=self.busy_us / 1e6,
            idle_seconds=max(self.covered_us - self.busy_us, 0) / 1e6,
            minimum_seconds=int(self.lines["minimum_us"].sum()) / 1e6,
        )

    def of_patterns(self, pattern_nos: Iterable[int]) -> dict[int, BusyTime]:
        """By number; all zero for one that did not work."""
        return {number: self._of_pattern(number) for number in pattern_nos}

    def _of_pattern(self, pattern_no: int) -> BusyTime:
        order, numbers = self._in_order
        first, behind = np.searchsorted(numbers, [pattern_no, pattern_no + 1])
        own = self.lines[order[first:behind]]
        return BusyTime(
            busy_seconds=int(own["busy_us"].sum()) / 1e6,
            minimum_seconds=int(own["minimum_us"].sum()) / 1e6,
        )

    @cached_property
    def _in_order(self) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Rows in order of pattern, and the pattern of each."""
        order = np.argsort(self.lines["pattern_no"], kind="stable")
        return order, np.ascontiguousarray(self.lines["pattern_no"][order])

    def by_pattern(self) -> dict[int, BusyTime]:
        """The busiest first; ties by number."""
        numbers, place = np.unique(self.lines["pattern_no"], return_inverse=True)
        busy_us, minimum_us = (
            np.bincount(place, weights=self.lines[name], minlength=len(numbers))
            for name in ("busy_us", "minimum_us")
        )
        order = np.lexsort((numbers, -busy_us))
        return {
            int(numbers[at]): BusyTime(
                busy_seconds=float(busy_us[at]) / 1e6, minimum_seconds=float(minimum_us[at]) / 1e6
            )
            for at in order.tolist()
        }


def forget_bills(connection: sqlite3.Connection, day: int) -> None:
    """Of a day that got new runs, and of the next one: a run may go on over midnight."""
    connection.execute(FORGET_BILLS, {"day": day})


def share_out_days(connections: Connections, on_day: Callable[[int, int], None]) -> int:
    """Works out every day that has no bill; `on_day` is told how many of how many are done.

    Each day is a transaction of its own. A day that gets new runs meanwhile is found again.
    """
    with connections.reading() as connection:
        first_day, last_day = stored_days(connection) or (0, -1)
        place = {"first_day": first_day, "last_day": last_day}
        days = [row["day"] for row in connection.execute(SELECT_UNSHARED_DAYS, place)]
    before: tuple[int, DayOfWork] | None = None
    for done, day in enumerate(days, start=1):
        with connections.writing() as connection:
            if before is None or before[0] != day - 1:
                before = (day - 1, read_day_of_work(connection, day - 1))
            work = read_day_of_work(connection, day)
            for bill in _bills(day, work, before[1]):
                connection.execute(INSERT_BILL, bill)
            count_a_change(connection)
        before = (day, work)
        on_day(done, len(days))
    return len(days)


def read_bills(connection: sqlite3.Connection, first_day: int, last_day: int) -> BillLines:
    rows = connection.execute(
        SELECT_BILLS, {"first_day": first_day, "last_day": last_day}
    ).fetchall()
    lines = np.frombuffer(b"".join(row["lines"] for row in rows), dtype=BILL_LINE)
    stored = stored_days(connection) or (0, 0)
    return BillLines(
        days=len({row["day"] for row in rows}),
        busy_us=int(lines["busy_us"].sum()),
        covered_us=sum(_covered_us(row, *stored) for row in rows),
        lines=lines,
    )


def _covered_us(row: sqlite3.Row, first_day: int, last_day: int) -> int:
    """The whole day; of the history's first and last day what lies within the history."""
    day_start_us = row["day"] * DAY_US
    begins_us = row["first_us"] if row["day"] == first_day else day_start_us
    ends_us = row["last_us"] if row["day"] == last_day else day_start_us + DAY_US
    return int(ends_us - begins_us)


def _bills(day: int, work: DayOfWork, before: DayOfWork) -> Iterator[dict[str, object]]:
    """One for each source that ran something on the day; `before` is the day before."""
    for source, own in work.items():
        spans = own.joined_with(before.get(source, NO_WORK).reaching(day * DAY_US))
        pattern_nos, owner = np.unique(spans.owner, return_inverse=True)
        spans = replace(spans, owner=owner)
        shares = share_day(spans, day_start_us=day * DAY_US, owner_count=len(pattern_nos))
        has_some = (shares.busy_us > 0) | (shares.minimum_us > 0)
        lines = np.zeros(int(has_some.sum()), dtype=BILL_LINE)
        lines["pattern_no"] = pattern_nos[has_some]
        lines["busy_us"] = np.rint(shares.busy_us[has_some])
        lines["minimum_us"] = np.rint(shares.minimum_us[has_some])
        day_spans = spans.overlapping(day * DAY_US, (day + 1) * DAY_US)
        yield {
            "day": day,
            "source": source,
            "first_us": int(day_spans.start_us.min(initial=(day + 1) * DAY_US)),
            "last_us": int(day_spans.end_us.max(initial=day * DAY_US)),
            "lines": lines.tobytes(),
        }
