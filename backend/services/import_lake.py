"""What the patterns of an export read from the data lake, and what their COPY runs loaded."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.lake import LakeDay, LakeEvidence, LakeScan
from backend.domain.loads import LoadDay
from backend.domain.runs import IntColumn
from backend.services.import_hours import is_among
from backend.services.ports import PatternRuns
from backend.services.view_export import LakeRow, LoadRow

SCANS_AT_MOST = 100
FILE_COUNTS_AT_MOST = 20
DAYS_KEPT = 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 86_400_000_000


class RunsOfInterest:
    """Of queries whose ids are given: their pattern, start and elapsed time. Only runs that ended
    well count, and 24 bytes an id are kept."""

    def __init__(self, ids: IntColumn) -> None:
        """`ids` are sorted, each once."""
        self._ids = ids
        self._pattern: NDArray[np.int32] = np.full(len(ids), -1, dtype=np.int32)
        self._started_us = np.zeros(len(ids), dtype=np.int64)
        self._elapsed_us = np.zeros(len(ids), dtype=np.int64)
        self._hashes: list[str] = []
        self._number_of: dict[str, int] = {}

    def consider(self, part: PatternRuns) -> None:
        runs = part.runs
        wanted = np.flatnonzero(runs.is_timed & is_among(runs.query_id, self._ids))
        if not len(wanted):
            return
        query_hash = part.pattern.query_hash
        number = self._number_of.setdefault(query_hash, len(self._hashes))
        if number == len(self._hashes):
            self._hashes.append(query_hash)
        at = np.searchsorted(self._ids, runs.query_id[wanted])
        self._pattern[at] = number
        self._started_us[at] = runs.started_us[wanted]
        self._elapsed_us[at] = runs.elapsed_us[wanted]

    def find(self, query_id: int) -> tuple[str, int, int] | None:
        """Pattern, start and elapsed microseconds; None where no run of the history is meant."""
        at = int(np.searchsorted(self._ids, query_id))
        if at == len(self._ids) or self._ids[at] != query_id or self._pattern[at] < 0:
            return None
        return (
            self._hashes[int(self._pattern[at])],
            int(self._started_us[at]),
            int(self._elapsed_us[at]),
        )


@dataclass(slots=True)
class _LakeSums:
    query_ids: set[int] = field(default_factory=set)
    scanned_bytes: int = 0
    scanned_files: int = 0
    duration_us: int = 0


@dataclass(slots=True)
class _Slowest:
    query_id: int
    elapsed_us: int
    rows: list[LakeRow] = field(default_factory=list)


class LakeBook:
    """By pattern: the external scans of its slowest run, and sums by day and table."""

    def __init__(self, runs: RunsOfInterest) -> None:
        self._runs = runs
        self._sums: dict[str, dict[tuple[date, str], _LakeSums]] = {}
        self._slowest: dict[str, _Slowest] = {}
        self._bad_rows: Counter[int] = Counter()

    def read(self, rows: Iterable[LakeRow], errors: Iterable[int]) -> None:
        for row in rows:
            found = self._runs.find(row.query_id)
            if found:
                self._add(row, *found)
        wanted = {slowest.query_id for slowest in self._slowest.values()}
        self._bad_rows.update(query_id for query_id in errors if query_id in wanted)

    def _add(self, row: LakeRow, query_hash: str, started_us: int, elapsed_us: int) -> None:
        slowest = self._slowest.get(query_hash)
        if slowest is None or (elapsed_us, -row.query_id) > (
            slowest.elapsed_us,
            -slowest.query_id,
        ):
            slowest = self._slowest[query_hash] = _Slowest(row.query_id, elapsed_us)
        if slowest.query_id == row.query_id and len(slowest.rows) < SCANS_AT_MOST:
            slowest.rows.append(row)
        if row.source_type.upper() != "S3":
            return
        by_day = self._sums.setdefault(query_hash, {})
        sums = by_day.setdefault((_day(started_us), row.table_name), _LakeSums())
        sums.query_ids.add(row.query_id)
        sums.scanned_bytes += row.scanned_bytes
        sums.scanned_files += row.scanned_files
        sums.duration_us += row.duration_us

    @property
    def query_hashes(self) -> frozenset[str]:
        return frozenset(self._slowest)

    def evidence(self, query_hash: str) -> LakeEvidence | None:
        slowest = self._slowest.get(query_hash)
        if slowest is None:
            return None
        return LakeEvidence(
            query_id=slowest.query_id,
            elapsed_seconds=slowest.elapsed_us / 1e6,
            scans=tuple(
                sorted(
                    map(_scan, slowest.rows), key=lambda scan: (scan.segment_id, scan.table_name)
                )
            ),
            bad_rows=self._bad_rows[slowest.query_id],
        )

    def days(self, query_hash: str) -> tuple[LakeDay, ...]:
        return tuple(
            LakeDay(
                day=day,
                table_name=table_name,
                runs=len(sums.query_ids),
                scanned_bytes=sums.scanned_bytes,
                scanned_files=sums.scanned_files,
                seconds=sums.duration_us / 1e6,
            )
            for (day, table_name), sums in sorted(self._sums.get(query_hash, {}).items())
        )


def _scan(row: LakeRow) -> LakeScan:
    return LakeScan(
        table_name=row.table_name,
        source_type=row.source_type,
        segment_id=row.segment_id,
        duration_seconds=row.duration_us / 1e6,
        total_partitions=row.total_partitions,
        qualified_partitions=row.qualified_partitions,
        scanned_files=row.scanned_files,
        scanned_rows=row.scanned_rows,
        scanned_bytes=row.scanned_bytes,
        file_format=row.file_format,
        listing_seconds=row.listing_ms / 1e3,
        warning=row.warning or None,
    )


@dataclass(slots=True)
class _LoadSums:
    copies: int = 0
    files: int = 0
    file_bytes: int = 0
    loaded_rows: int = 0
    duration_us: int = 0
    errors: int = 0
    file_counts: Counter[int] = field(default_factory=Counter)


def load_days(rows: Iterable[LoadRow], runs: RunsOfInterest) -> dict[str, tuple[LoadDay, ...]]:
    """By pattern; a row that the export holds twice counts once."""
    sums: dict[str, dict[tuple[date, str, str], _LoadSums]] = {}
    seen: set[tuple[int, str]] = set()
    for row in rows:
        found = runs.find(row.query_id)
        if found is None or (row.query_id, row.table_name) in seen:
            continue
        seen.add((row.query_id, row.table_name))
        query_hash, started_us, _ = found
        key = (_day(started_us), row.table_name, row.file_format.lower())
        own = sums.setdefault(query_hash, {}).setdefault(key, _LoadSums())
        own.copies += 1
        own.files += row.files
        own.file_bytes += row.file_bytes
        own.loaded_rows += row.loaded_rows
        own.duration_us += row.duration_us
        own.errors += row.errors
        own.file_counts[row.files] += 1
    return {query_hash: tuple(_load_days(by_day)) for query_hash, by_day in sums.items()}


def _load_days(by_day: dict[tuple[date, str, str], _LoadSums]) -> Iterator[LoadDay]:
    for (day, table_name, file_format), own in sorted(by_day.items()):
        yield LoadDay(
            day=day,
            table_name=table_name,
            file_format=file_format,
            copies=own.copies,
            files=own.files,
            file_bytes=own.file_bytes,
            loaded_rows=own.loaded_rows,
            seconds=own.duration_us / 1e6,
            errors=own.errors,
            file_counts=tuple(sorted(own.file_counts.most_common(FILE_COUNTS_AT_MOST))),
        )


def joined_lake_days(new: Sequence[LakeDay], known: Sequence[LakeDay]) -> tuple[LakeDay, ...]:
    """Of the same day and table, the figures over more runs; the newest days only."""
    kept: dict[tuple[date, str], LakeDay] = {}
    for one in (*known, *new):
        key = (one.day, one.table_name)
        if key not in kept or one.runs >= kept[key].runs:
            kept[key] = one
    return tuple(kept[key] for key in _newest(kept))


def joined_load_days(new: Sequence[LoadDay], known: Sequence[LoadDay]) -> tuple[LoadDay, ...]:
    """As `joined_lake_days`, by copies."""
    kept: dict[tuple[date, str, str], LoadDay] = {}
    for one in (*known, *new):
        key = (one.day, one.table_name, one.file_format)
        if key not in kept or one.copies >= kept[key].copies:
            kept[key] = one
    return tuple(kept[key] for key in _newest(kept))


_DayKey = TypeVar("_DayKey", tuple[date, str], tuple[date, str, str])


def _newest(kept: Iterable[_DayKey]) -> list[_DayKey]:
    keys = sorted(kept)
    days = sorted({key[0] for key in keys})[-DAYS_KEPT:]
    return [key for key in keys if days and key[0] >= days[0]]


def _day(started_us: int) -> date:
    return (_EPOCH + timedelta(days=started_us // _DAY_US)).date()
