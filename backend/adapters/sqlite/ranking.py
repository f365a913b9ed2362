"""Which patterns cost the most: the ranking from the day sheets, the rows from the day figures."""

import json
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.changes import changes
from backend.adapters.sqlite.codec import day_number, day_of
from backend.adapters.sqlite.day_bill import BillLines, read_bills
from backend.adapters.sqlite.day_figures import (
    DIGEST,
    LABEL,
    SLICE,
    Records,
    buckets_of,
    digest_of,
    seconds,
)
from backend.adapters.sqlite.day_sheet import SheetLines, read_sheets, stored_days
from backend.adapters.sqlite.names import NameKind, known_numbers, name_of
from backend.adapters.sqlite.patterns import (
    hashes_by_no,
    nos_of_text,
    nos_of_types,
    pattern_by_no,
)
from backend.domain.busy_time import BusyTime
from backend.domain.elapsed_digest import ElapsedDigest
from backend.domain.pattern import NameShare, PatternFilter, RankedPattern, RankedPatterns

NAMES_SHOWN = 5
RANKINGS_REMEMBERED = 2

SELECT_DAYS_OF_PATTERN = """
    SELECT day, slices, digest, labels FROM pattern_day
    WHERE pattern_no = :pattern_no AND day BETWEEN :first_day AND :last_day ORDER BY day
"""
SELECT_OPEN_COUNTS = """
    SELECT query_hash, count(*) AS open_count FROM recommendation
    INDEXED BY recommendation_by_pattern
    WHERE query_hash IN (SELECT value FROM json_each(:query_hashes))
    AND state = 'open' AND is_still_raised
    GROUP BY query_hash
"""
SELECT_SLOWER = "SELECT pattern_no FROM pattern WHERE regression IS NOT NULL"


@dataclass(frozen=True, kw_only=True)
class WantedLines:
    """The sheets' lines that a filter lets through, over the days from `first` to `last`."""

    first_day: int
    last_day: int
    database_nos: Sequence[int] | None
    user_nos: Sequence[int] | None
    sheet: SheetLines
    whole_sheet: SheetLines
    """Before the filter."""

    bills: BillLines | None
    """None where a day of the range has yet to be shared out."""

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(day_of(number) for number in range(self.first_day, self.last_day + 1))

    def daily_us(self, lines: SheetLines) -> NDArray[np.float64]:
        """Elapsed microseconds a day of the range."""
        return _summed(lines.day - self.first_day, lines.lines["elapsed_us"], len(self.days))


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """All patterns with runs among the wanted lines, the costliest first."""

    pattern_nos: list[int]
    total_us: float
    total_runs: int

    @cached_property
    def rank_of(self) -> dict[int, int]:
        return {number: rank for rank, number in enumerate(self.pattern_nos, start=1)}


@dataclass(frozen=True, kw_only=True)
class RankedLines:
    """What a filter lets through, and its ranking."""

    lines: WantedLines
    ranking: Ranking


class RankingMemory:
    """The last few rankings, good as long as the runs have not changed.

    Reviewing thousands of patterns asks for each one's place in the same ranking.
    """

    def __init__(self) -> None:
        self._known: dict[object, RankedLines] = {}
        self._turn = threading.Lock()

    def ranked(self, connection: sqlite3.Connection, wanted: PatternFilter) -> RankedLines:
        key = (changes(connection), wanted)
        with self._turn:
            found = self._known.get(key)
        if found is None:
            lines = wanted_lines(connection, wanted)
            found = RankedLines(lines=lines, ranking=rank(connection, lines.sheet))
            with self._turn:
                self._known[key] = found
                while len(self._known) > RANKINGS_REMEMBERED:
                    self._known.pop(next(iter(self._known)))
        return found


def wanted_lines(connection: sqlite3.Connection, wanted: PatternFilter) -> WantedLines:
    """Days before the first run or after the last are cut off the range."""
    first_day, last_day = _range(connection, wanted)
    sheet = read_sheets(connection, first_day, last_day)
    lines = sheet.lines
    mask = np.ones(len(lines), dtype=np.bool_)
    database_nos = user_nos = None
    if wanted.databases:
        database_nos = known_numbers(connection, NameKind.DATABASE, wanted.databases)
        mask &= np.isin(lines["database_no"], database_nos)
    if wanted.users:
        user_nos = known_numbers(connection, NameKind.USER, wanted.users)
        mask &= np.isin(lines["user_no"], user_nos)
    allowed = _allowed_patterns(connection, wanted)
    if allowed is not None:
        mask &= np.isin(lines["pattern_no"], np.fromiter(allowed, dtype=np.uint32))
    return WantedLines(
        first_day=first_day,
        last_day=last_day,
        database_nos=database_nos,
        user_nos=user_nos,
        whole_sheet=sheet,
        bills=_bills(connection, sheet, first_day, last_day),
        sheet=sheet if mask.all() else sheet.take(mask),
    )


def _bills(
    connection: sqlite3.Connection, sheet: SheetLines, first_day: int, last_day: int
) -> BillLines | None:
    bills = read_bills(connection, first_day, last_day)
    return bills if bills.days == len(np.unique(sheet.day)) else None


def rank(connection: sqlite3.Connection, sheet: SheetLines) -> Ranking:
    lines = sheet.lines
    pattern_no = lines["pattern_no"].astype(np.int64)
    elapsed_us = _summed(pattern_no, lines["elapsed_us"])
    present = np.flatnonzero(np.bincount(pattern_no))
    order = present[np.lexsort((present, -elapsed_us[present]))]
    return Ranking(
        pattern_nos=_ties_by_hash(connection, order, elapsed_us),
        total_us=float(elapsed_us.sum()),
        total_runs=int(lines["runs"].sum(dtype=np.int64)),
    )


def ranked_patterns(
    connection: sqlite3.Connection,
    ranked: RankedLines,
    wanted: PatternFilter,
    *,
    limit: int,
    offset: int,
) -> RankedPatterns:
    lines, ranking = ranked.lines, ranked.ranking
    page = ranking.pattern_nos[offset : offset + limit]
    ranks = dict(zip(page, range(offset + 1, offset + 1 + len(page)), strict=True))
    days = lines.days
    return RankedPatterns(
        rows=ranked_rows(connection, lines, ranking, ranks),
        pattern_count=len(ranking.pattern_nos),
        total_runs=ranking.total_runs,
        total_elapsed_seconds=ranking.total_us / 1e6,
        first_day=days[0] if days else wanted.first_day,
        last_day=days[-1] if days else wanted.last_day,
        days=days,
        slower_count=_slower_count(connection, ranking.pattern_nos),
        cluster=lines.bills.cluster if lines.bills else None,
    )


def ranked_rows(
    connection: sqlite3.Connection, lines: WantedLines, ranking: Ranking, ranks: dict[int, int]
) -> tuple[RankedPattern, ...]:
    """The rows of the patterns in `ranks`, which gives each its rank."""
    patterns = {number: pattern_by_no(connection, number) for number in ranks}
    open_counts = _open_counts(connection, [p.query_hash for p in patterns.values()])
    names: dict[int, str] = {}
    busy = _busy_times(lines, list(ranks))
    rows = []
    for number, pattern in patterns.items():
        slices, digest, labels = _figures(connection, lines, number)
        own_lines = lines.sheet.of_pattern(number)
        p50, p95 = digest.quantiles_seconds((0.5, 0.95))
        total_us = int(slices["elapsed_us"].sum())
        rows.append(
            RankedPattern(
                rank=ranks[number],
                pattern=pattern,
                runs=int(slices["runs"].sum()),
                failed_runs=int(slices["failed_runs"].sum()),
                canceled_runs=int(slices["canceled_runs"].sum()),
                cache_hits=int(slices["cache_hits"].sum()),
                failed_seconds=seconds(slices, "failed_us"),
                total_elapsed_seconds=total_us / 1e6,
                p50_elapsed_seconds=p50,
                p95_elapsed_seconds=p95,
                max_elapsed_seconds=int(slices["max_elapsed_us"].max(initial=0)) / 1e6,
                has_exact_quantiles=digest.is_exact,
                share=total_us / ranking.total_us if ranking.total_us else 0.0,
                buckets=buckets_of(slices),
                daily_seconds=tuple((lines.daily_us(own_lines) / 1e6).tolist()),
                users=_shares(connection, slices, "user_no", names),
                databases=_shares(connection, slices, "database_no", names),
                labels=_shares(connection, labels, "label_no", names),
                open_recommendations=open_counts.get(pattern.query_hash, 0),
                busy=busy.get(number),
                cluster=lines.bills.cluster if lines.bills else None,
            )
        )
    return tuple(rows)


def _busy_times(lines: WantedLines, pattern_nos: Sequence[int]) -> dict[int, BusyTime]:
    if lines.bills is None:
        return {}
    busy = lines.bills.of_patterns(pattern_nos)
    if lines.database_nos is None and lines.user_nos is None:
        return busy
    return {number: busy[number].part(_part_let_through(lines, number)) for number in pattern_nos}


def _part_let_through(lines: WantedLines, pattern_no: int) -> float:
    """0..1 of the pattern's elapsed time in the range."""
    whole_us = int(lines.whole_sheet.of_pattern(pattern_no).lines["elapsed_us"].sum())
    own_us = int(lines.sheet.of_pattern(pattern_no).lines["elapsed_us"].sum())
    return own_us / whole_us if whole_us else 0.0


def _range(connection: sqlite3.Connection, wanted: PatternFilter) -> tuple[int, int]:
    stored = stored_days(connection)
    if stored is None:
        return 0, -1
    first_day, last_day = stored
    if wanted.first_day:
        first_day = max(first_day, day_number(wanted.first_day))
    if wanted.last_day:
        last_day = min(last_day, day_number(wanted.last_day))
    return (first_day, last_day) if first_day <= last_day else (0, -1)


def _allowed_patterns(connection: sqlite3.Connection, wanted: PatternFilter) -> set[int] | None:
    """None = all."""
    allowed = nos_of_types(connection, wanted.query_types) if wanted.query_types else None
    text = wanted.text.strip()
    if text:
        found = nos_of_text(connection, text)
        allowed = found if allowed is None else allowed & found
    return allowed


def _ties_by_hash(
    connection: sqlite3.Connection, order: NDArray[np.intp], elapsed_us: NDArray[np.float64]
) -> list[int]:
    totals = elapsed_us[order]
    is_tied = np.zeros(len(order), dtype=np.bool_)
    is_tied[1:] = totals[1:] == totals[:-1]
    is_tied[:-1] |= is_tied[1:]
    ranked: list[int] = order.tolist()
    if is_tied.any():
        hashes = hashes_by_no(connection, order[is_tied].tolist())
        ranked.sort(key=lambda number: (-elapsed_us[number], hashes.get(number, "")))
    return ranked


def _figures(
    connection: sqlite3.Connection, lines: WantedLines, pattern_no: int
) -> tuple[Records, ElapsedDigest, Records]:
    """The pattern's slices that the filter lets through, with their digest and labels."""
    place = {
        "pattern_no": pattern_no,
        "first_day": lines.first_day,
        "last_day": lines.last_day,
    }
    rows = connection.execute(SELECT_DAYS_OF_PATTERN, place).fetchall()
    slices = np.frombuffer(b"".join(row["slices"] for row in rows), dtype=SLICE)
    digest = np.frombuffer(b"".join(row["digest"] for row in rows), dtype=DIGEST)
    labels = np.frombuffer(b"".join(row["labels"] for row in rows), dtype=LABEL)
    if lines.database_nos is not None or lines.user_nos is not None:
        first_slice = _starts([len(row["slices"]) // SLICE.itemsize for row in rows])
        passes = _passes(lines, slices)
        digest = digest[passes[_slice_positions(digest, DIGEST, rows, "digest", first_slice)]]
        labels = labels[passes[_slice_positions(labels, LABEL, rows, "labels", first_slice)]]
        slices = slices[passes]
    return slices, digest_of(digest, is_exact=bool(slices["is_exact"].all())), labels


def _passes(lines: WantedLines, slices: Records) -> NDArray[np.bool_]:
    passes = np.ones(len(slices), dtype=np.bool_)
    if lines.database_nos is not None:
        passes &= np.isin(slices["database_no"], lines.database_nos)
    if lines.user_nos is not None:
        passes &= np.isin(slices["user_no"], lines.user_nos)
    return passes


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    starts = np.zeros(len(lengths), dtype=np.int64)
    starts[1:] = np.cumsum(lengths)[:-1]
    return starts


def _slice_positions(
    records: Records,
    kind: np.dtype[np.void],
    rows: Sequence[sqlite3.Row],
    column: str,
    first_slice: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Where each record's slice stands among the slices of all rows put together."""
    counts = [len(row[column]) // kind.itemsize for row in rows]
    positions: NDArray[np.int64] = np.repeat(first_slice, counts) + records["slice_no"]
    return positions


def _shares(
    connection: sqlite3.Connection, records: Records, column: str, names: dict[int, str]
) -> tuple[NameShare, ...]:
    """The names with the most elapsed time."""
    numbers, position = np.unique(records[column], return_inverse=True)
    runs = _summed(position, records["runs"], len(numbers))
    elapsed_us = _summed(position, records["elapsed_us"], len(numbers))
    shares = []
    for place in np.lexsort((numbers, -elapsed_us))[:NAMES_SHOWN].tolist():
        number = int(numbers[place])
        if number not in names:
            names[number] = name_of(connection, number)
        if runs[place]:
            shares.append(
                NameShare(
                    name=names[number],
                    runs=int(runs[place]),
                    total_elapsed_seconds=float(elapsed_us[place]) / 1e6,
                )
            )
    return tuple(shares)


def _summed(
    position: NDArray[np.int64], values: NDArray[np.int64], length: int = 0
) -> NDArray[np.float64]:
    """The sum of the values at each position; whole below 2^53 (as microseconds: 285 years)."""
    return np.bincount(position, weights=values, minlength=length).astype(np.float64, copy=False)


def _open_counts(connection: sqlite3.Connection, query_hashes: Sequence[str]) -> dict[str, int]:
    wanted = {"query_hashes": json.dumps(list(query_hashes))}
    rows = connection.execute(SELECT_OPEN_COUNTS, wanted)
    return {row["query_hash"]: row["open_count"] for row in rows}


def _slower_count(connection: sqlite3.Connection, pattern_nos: Sequence[int]) -> int:
    slower = {row["pattern_no"] for row in connection.execute(SELECT_SLOWER)}
    return len(slower.intersection(pattern_nos))
