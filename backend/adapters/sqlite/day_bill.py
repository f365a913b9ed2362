"""How the cluster's time of each day is shared by patterns: worked out once, kept as one row."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.charged_apart import charged_rpu_seconds, lake_bytes
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.day_figures import Records
from backend.adapters.sqlite.day_of_work import DayOfWork, read_day_of_work
from backend.adapters.sqlite.day_sheet import stored_days
from backend.domain.busy_share import DAY_US, ClusterSpans, WorkSpans, share_day
from backend.domain.busy_time import FREE_SCALING_SECONDS_A_DAY, BusyTime, ClusterTime

BILL_LINE = np.dtype(
    [("pattern_no", "<u4"), ("busy_us", "<i8"), ("minimum_us", "<i8"), ("scaled_us", "<i8")]
)
FREE_SCALING_US = int(FREE_SCALING_SECONDS_A_DAY * 1e6)

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
    SELECT day, source, first_us, last_us, lines FROM day_bill
    WHERE day BETWEEN :first_day AND :last_day ORDER BY day, source
"""


@dataclass(frozen=True, kw_only=True)
class BillLines:
    """Of a range of days, all sources together."""

    days: int
    busy_us: int
    covered_us: int
    scaling_charged_us: int
    charged_rpu_seconds: float | None
    lake_bytes: int
    lines: Records

    @cached_property
    def cluster(self) -> ClusterTime:
        return ClusterTime(
            days=self.days,
            patterns=len(np.unique(self.lines["pattern_no"])),
            busy_seconds=self.busy_us / 1e6,
            idle_seconds=max(self.covered_us - self.busy_us, 0) / 1e6,
            minimum_seconds=int(self.lines["minimum_us"].sum()) / 1e6,
            scaled_seconds=int(self.lines["scaled_us"].sum()) / 1e6,
            scaling_charged_seconds=self.scaling_charged_us / 1e6,
            charged_rpu_seconds=self.charged_rpu_seconds,
            lake_bytes=self.lake_bytes,
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
            scaled_seconds=int(own["scaled_us"].sum()) / 1e6,
        )

    @cached_property
    def _in_order(self) -> tuple[NDArray[np.intp], NDArray[np.uint32]]:
        """Rows in order of pattern, and the pattern of each."""
        order = np.argsort(self.lines["pattern_no"], kind="stable")
        return order, np.ascontiguousarray(self.lines["pattern_no"][order])

    def by_pattern(self) -> dict[int, BusyTime]:
        """Those with most time on the main and on scaling clusters first; ties by number."""
        numbers, place = np.unique(self.lines["pattern_no"], return_inverse=True)
        busy_us, minimum_us, scaled_us = (
            np.bincount(place, weights=self.lines[name], minlength=len(numbers))
            for name in ("busy_us", "minimum_us", "scaled_us")
        )
        order = np.lexsort((numbers, -(busy_us + scaled_us)))
        return {
            int(numbers[at]): BusyTime(
                busy_seconds=float(busy_us[at]) / 1e6,
                minimum_seconds=float(minimum_us[at]) / 1e6,
                scaled_seconds=float(scaled_us[at]) / 1e6,
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
    worked = [(row["first_us"], row["last_us"]) for row in rows if row["first_us"] < row["last_us"]]
    stored = stored_days(connection) or (0, 0)
    return BillLines(
        days=len({row["day"] for row in rows}),
        busy_us=int(lines["busy_us"].sum()),
        covered_us=sum(_covered_us(row, *stored) for row in rows),
        scaling_charged_us=_scaling_charged_us(rows),
        charged_rpu_seconds=charged_rpu_seconds(connection, worked),
        lake_bytes=lake_bytes(connection, first_day, last_day),
        lines=lines,
    )


def _scaling_charged_us(rows: Sequence[sqlite3.Row]) -> int:
    """Each source is a cluster that earns its own free hours."""
    used_us: defaultdict[str, int] = defaultdict(int)
    free_us: defaultdict[str, int] = defaultdict(int)
    for row in rows:
        lines = np.frombuffer(row["lines"], dtype=BILL_LINE)
        used_us[row["source"]] += int(lines["scaled_us"].sum())
        free_us[row["source"]] += FREE_SCALING_US
    return sum(max(used_us[source] - free_us[source], 0) for source in used_us)


def _covered_us(row: sqlite3.Row, first_day: int, last_day: int) -> int:
    """The whole day; of the history's first and last day what lies within the history."""
    day_start_us = row["day"] * DAY_US
    begins_us = row["first_us"] if row["day"] == first_day else day_start_us
    ends_us = row["last_us"] if row["day"] == last_day else day_start_us + DAY_US
    return int(ends_us - begins_us)


def _bills(day: int, work: DayOfWork, before: DayOfWork) -> Iterator[dict[str, object]]:
    """One for each source that ran something on the day; `before` is the day before."""
    for source, own in work.items():
        start_us, end_us = day * DAY_US, (day + 1) * DAY_US
        both = own.joined_with(before.get(source, ClusterSpans()).reaching(start_us))
        main = both.main.overlapping(start_us, end_us)
        scaling = both.scaling.overlapping(start_us, end_us)
        yield {
            "day": day,
            "source": source,
            "first_us": int(min(part.start_us.min(initial=end_us) for part in (main, scaling))),
            "last_us": int(max(part.end_us.max(initial=start_us) for part in (main, scaling))),
            "lines": _lines(main, scaling, start_us).tobytes(),
        }


def _lines(main: WorkSpans, scaling: WorkSpans, day_start_us: int) -> Records:
    """One for each pattern that has a part of the time."""
    pattern_nos, owner = np.unique(np.concatenate([main.owner, scaling.owner]), return_inverse=True)
    shares, scaled = (
        share_day(
            replace(spans, owner=own), day_start_us=day_start_us, owner_count=len(pattern_nos)
        )
        for spans, own in ((main, owner[: len(main)]), (scaling, owner[len(main) :]))
    )
    lines = np.zeros(len(pattern_nos), dtype=BILL_LINE)
    lines["pattern_no"] = pattern_nos
    lines["busy_us"] = np.rint(shares.busy_us)
    lines["minimum_us"] = np.rint(shares.minimum_us)
    lines["scaled_us"] = np.rint(scaled.busy_us)
    has_some = (shares.busy_us > 0) | (shares.minimum_us > 0) | (scaled.busy_us > 0)
    some: Records = lines[has_some]
    return some
