"""How the cluster's time of each day is shared by patterns: worked out once, kept as one row."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.day_figures import Records
from backend.adapters.sqlite.day_sheet import stored_days
from backend.adapters.sqlite.run_block import every_part, is_rows_form, unpack_runs, unpack_small
from backend.domain.busy_share import DAY_US, WorkSpans, share_day, work_spans
from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.runs import IntColumn

BILL_LINE = np.dtype([("pattern_no", "<u4"), ("busy_us", "<i8"), ("minimum_us", "<i8")])

SELECT_UNSHARED_DAYS = """
    SELECT day FROM day_sheet WHERE day BETWEEN :first_day AND :last_day AND NOT EXISTS (
        SELECT 1 FROM day_bill WHERE day_bill.day = day_sheet.day
    ) ORDER BY day
"""
SELECT_BLOCKS_AROUND = """
    SELECT day, pattern_no, source, runs FROM run_block INDEXED BY run_block_by_day
    WHERE day BETWEEN :day - 1 AND :day
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

    @property
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
        wanted = np.fromiter(pattern_nos, dtype=np.int64)
        own = self.lines[np.isin(self.lines["pattern_no"], wanted)]
        found = BillLines(days=0, busy_us=0, covered_us=0, lines=own).by_pattern()
        return {number: found.get(number, BusyTime()) for number in wanted.tolist()}

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
    for done, day in enumerate(days, start=1):
        with connections.writing() as connection:
            for bill in _bills(connection, day):
                connection.execute(INSERT_BILL, bill)
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


def _bills(connection: sqlite3.Connection, day: int) -> Iterator[dict[str, object]]:
    """One for each source that ran something on the day."""
    worked = _Worked()
    for row in connection.execute(SELECT_BLOCKS_AROUND, {"day": day}):
        worked.add(row, since_us=day * DAY_US)
    for source, spans in worked.spans().items():
        shares = share_day(spans, day_start_us=day * DAY_US, owner_count=worked.owner_count)
        has_some = (shares.busy_us > 0) | (shares.minimum_us > 0)
        lines = np.zeros(int(has_some.sum()), dtype=BILL_LINE)
        lines["pattern_no"] = worked.pattern_nos[has_some]
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


class _Worked:
    """The runs of a day as columns, those of the day before only as far as they reach into it."""

    def __init__(self) -> None:
        self._number_of: dict[int, int] = {}
        self._columns: dict[str, list[tuple[IntColumn, ...]]] = {}

    @property
    def owner_count(self) -> int:
        return len(self._number_of)

    @property
    def pattern_nos(self) -> NDArray[np.uint32]:
        return np.array(list(self._number_of), dtype=np.uint32)

    def add(self, block: sqlite3.Row, *, since_us: int) -> None:
        owner = self._number_of.setdefault(block["pattern_no"], len(self._number_of))
        for part in every_part(block["runs"]):
            started, elapsed, waited, is_hit = _columns(part)
            if block["day"] * DAY_US < since_us:
                reaches = started + elapsed > since_us
                started, elapsed, waited, is_hit = (
                    column[reaches] for column in (started, elapsed, waited, is_hit)
                )
            owners = np.full(len(started), owner, dtype=np.int64)
            self._columns.setdefault(block["source"], []).append(
                (started, elapsed, waited, is_hit, owners)
            )

    def spans(self) -> dict[str, WorkSpans]:
        """By source."""
        found = {}
        for source, parts in self._columns.items():
            started, elapsed, waited, is_hit, owners = (
                np.concatenate(column) for column in zip(*parts, strict=True)
            )
            found[source] = work_spans(
                started_us=started,
                elapsed_us=elapsed,
                waited_us=waited,
                is_cache_hit=is_hit.astype(np.bool_),
                owner=owners,
            )
        return found


def _columns(part: bytes) -> tuple[IntColumn, ...]:
    """Start, elapsed time, wait and cache hit of a part's runs."""
    if is_rows_form(part):
        rows = unpack_small(part)
        return (
            rows["started_us"],
            rows["elapsed_us"],
            rows["queue_us"] + rows["lock_wait_us"],
            rows["is_cache_hit"].astype(np.int64),
        )
    runs = unpack_runs(part)
    waited_us = runs.queue_us + runs.lock_wait_us
    return runs.started_us, runs.elapsed_us, waited_us, runs.is_cache_hit.astype(np.int64)
