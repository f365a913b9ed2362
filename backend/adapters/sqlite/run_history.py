"""Patterns and their runs in the SQLite store."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from backend.adapters.sqlite.add_runs import RunWriter, put_aside
from backend.adapters.sqlite.codec import day_number, day_of
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.day_bill import read_bills, share_out_days
from backend.adapters.sqlite.day_figures import DIGEST, SLICE, pattern_day
from backend.adapters.sqlite.day_sheet import read_sheets, stored_days
from backend.adapters.sqlite.joined_runs import joined_runs
from backend.adapters.sqlite.names import NameKind, name_of, names_of_kind
from backend.adapters.sqlite.patterns import (
    find_pattern,
    hashes_by_no,
    pattern_heads,
    set_regression,
)
from backend.adapters.sqlite.ranking import (
    RankingMemory,
    ranked_patterns,
    ranked_rows,
    wanted_lines,
)
from backend.adapters.sqlite.run_spool import RunSpool
from backend.adapters.sqlite.run_times import run_times
from backend.domain.busy_time import ClusterTime, PatternBusyTime
from backend.domain.pattern import (
    KnownNames,
    Pattern,
    PatternDay,
    PatternFilter,
    RankedPattern,
    RankedPatterns,
)
from backend.domain.regression import Regression
from backend.domain.runs import Runs, RunTimes
from backend.services.ports import PatternHead, PatternRuns, RunsAdded, no_progress

SELECT_BLOCKS = """
    SELECT run_count, runs FROM pattern CROSS JOIN run_block USING (pattern_no)
    WHERE query_hash = :query_hash AND day BETWEEN :first_day AND :last_day ORDER BY day
"""
SELECT_BLOCKS_OF_DAY = """
    SELECT runs FROM run_block WHERE pattern_no = :pattern_no AND day = :day
"""
SELECT_DAYS_OF_HASH = """
    SELECT day, slices, digest FROM pattern CROSS JOIN pattern_day USING (pattern_no)
    WHERE query_hash = :query_hash AND day BETWEEN :first_day AND :last_day ORDER BY day
"""


class SqliteRunHistory:
    """Fulfils RunHistory. The days of a range that lie outside the stored ones are cut off."""

    def __init__(self, connections: Connections, folder: Path) -> None:
        self._connections = connections
        self._folder = folder
        self._rankings = RankingMemory()

    def add_runs(self, parts: Iterable[PatternRuns], *, source: str) -> RunsAdded:
        """Reads `parts` to their end before it locks the store."""
        with RunSpool(self._folder) as spool:
            patterns = put_aside(parts, spool)
            return RunWriter(self._connections, spool, source).keep(patterns)

    def pattern(self, query_hash: str) -> Pattern:
        with self._connections.reading() as connection:
            return find_pattern(connection, query_hash)[1]

    def rank_patterns(
        self, wanted: PatternFilter, *, limit: int, offset: int = 0
    ) -> RankedPatterns:
        with self._connections.reading() as connection:
            ranked = self._rankings.ranked(connection, wanted)
            return ranked_patterns(connection, ranked, wanted, limit=limit, offset=offset)

    def ranked_hashes(self, wanted: PatternFilter, *, limit: int) -> Sequence[str]:
        with self._connections.reading() as connection:
            numbers = self._rankings.ranked(connection, wanted).ranking.pattern_nos[:limit]
            hashes = hashes_by_no(connection, numbers)
        return [hashes[number] for number in numbers]

    def ranked_pattern(self, query_hash: str, wanted: PatternFilter) -> RankedPattern:
        """A pattern without runs among the wanted ones has a row of zeros, behind the last."""
        with self._connections.reading() as connection:
            number, _ = find_pattern(connection, query_hash)
            ranked = self._rankings.ranked(connection, wanted)
            lines, ranking = ranked.lines, ranked.ranking
            if number not in ranking.rank_of:
                lines = replace(lines, database_nos=())
            place = ranking.rank_of.get(number, len(ranking.pattern_nos) + 1)
            [row] = ranked_rows(connection, lines, ranking, {number: place})
            return row

    def pattern_days(
        self, query_hash: str, first_day: date | None = None, last_day: date | None = None
    ) -> Sequence[PatternDay]:
        with self._connections.reading() as connection:
            place = {"query_hash": query_hash} | _bounds(first_day, last_day)
            return [
                pattern_day(
                    query_hash,
                    day_of(row["day"]),
                    np.frombuffer(row["slices"], dtype=SLICE),
                    np.frombuffer(row["digest"], dtype=DIGEST),
                )
                for row in connection.execute(SELECT_DAYS_OF_HASH, place)
            ]

    def daily_seconds(self, wanted: PatternFilter) -> Mapping[date, float]:
        with self._connections.reading() as connection:
            lines = wanted_lines(connection, wanted)
        daily = (lines.daily_us(lines.sheet) / 1e6).tolist()
        return dict(zip(lines.days, daily, strict=True))

    def share_out_time(self, on_day: Callable[[int, int], None] = no_progress) -> int:
        return share_out_days(self._connections, on_day)

    def busiest_patterns(
        self, first_day: date | None = None, last_day: date | None = None, *, limit: int
    ) -> tuple[ClusterTime, Sequence[PatternBusyTime]]:
        with self._connections.reading() as connection:
            bills = read_bills(connection, *_bounds(first_day, last_day).values())
            busiest = list(bills.by_pattern().items())[:limit]
            hashes = hashes_by_no(connection, [number for number, _ in busiest])
        return bills.cluster, [
            PatternBusyTime(query_hash=hashes[number], busy=busy) for number, busy in busiest
        ]

    def runs_of(
        self, query_hash: str, first_day: date | None = None, last_day: date | None = None
    ) -> Runs:
        with self._connections.reading() as connection:
            place = {"query_hash": query_hash} | _bounds(first_day, last_day)
            rows = connection.execute(SELECT_BLOCKS, place).fetchall()
            return joined_runs(
                (row["runs"] for row in rows),
                lambda number: name_of(connection, number),
                run_count=sum(row["run_count"] for row in rows),
            )

    def times_of_day(self, day: date) -> tuple[Sequence[str], RunTimes]:
        number = day_number(day)
        with self._connections.reading() as connection:
            pattern_nos = np.unique(read_sheets(connection, number, number).lines["pattern_no"])
            hash_of = sorted(hashes_by_no(connection, pattern_nos.tolist()).items())
            blocks = (
                (place, row["runs"])
                for place, (pattern_no, _) in enumerate(hash_of)
                for row in connection.execute(
                    SELECT_BLOCKS_OF_DAY, {"pattern_no": pattern_no, "day": number}
                )
            )
            return [query_hash for _, query_hash in hash_of], run_times(blocks)

    def pattern_heads(self) -> Iterator[PatternHead]:
        with self._connections.reading() as connection:
            yield from pattern_heads(connection)

    def set_regression(self, query_hash: str, regression: Regression | None) -> None:
        with self._connections.writing() as connection:
            set_regression(connection, query_hash, regression)

    def known_names(self) -> KnownNames:
        with self._connections.reading() as connection:
            days = stored_days(connection)
            return KnownNames(
                databases=tuple(names_of_kind(connection, NameKind.DATABASE)),
                users=tuple(names_of_kind(connection, NameKind.USER)),
                query_types=tuple(names_of_kind(connection, NameKind.QUERY_TYPE)),
                first_day=day_of(days[0]) if days else None,
                last_day=day_of(days[1]) if days else None,
            )


def _bounds(first_day: date | None, last_day: date | None) -> dict[str, int]:
    return {
        "first_day": day_number(first_day or date.min),
        "last_day": day_number(last_day or date.max),
    }
