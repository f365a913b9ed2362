"""Some patterns' runs of one day: merge the new ones in, pack them, write what they add up to."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.day_bill import forget_bills
from backend.adapters.sqlite.day_figures import Records
from backend.adapters.sqlite.day_sheet import lines_of, replace_lines
from backend.adapters.sqlite.known_runs import KnownBlock, known_blocks
from backend.adapters.sqlite.names import NameBook, NameKind
from backend.adapters.sqlite.run_block import (
    ROWS_AT_MOST,
    BlockPart,
    pack_parts,
    pack_runs,
    pack_small,
)
from backend.adapters.sqlite.run_rows import KIND_OF, Rows, joined_rows, runs_of_rows
from backend.adapters.sqlite.run_spool import RunSpool
from backend.adapters.sqlite.sum_up_runs import Figures, added_up, figures_of, limited, starts_of
from backend.domain.runs import IntColumn, Mask

ROWS_AT_ONCE = 250_000
"""So many runs are in memory at a time, and about so many are written in one transaction."""

BEFORE_ALL, AFTER_ALL = -(2**63), 2**63 - 1
Window = tuple[int, int]
"""The first and the last microsecond in which a run may start."""

UPSERT_BLOCK = """
    INSERT INTO run_block (pattern_no, day, source, run_count, runs)
    VALUES (:pattern_no, :day, :source, :run_count, :runs)
    ON CONFLICT (pattern_no, day, source)
    DO UPDATE SET run_count = excluded.run_count, runs = excluded.runs
"""
UPSERT_PATTERN_DAY = """
    INSERT INTO pattern_day (pattern_no, day, slices, digest, labels)
    VALUES (:pattern_no, :day, :slices, :digest, :labels)
    ON CONFLICT (pattern_no, day)
    DO UPDATE SET slices = excluded.slices, digest = excluded.digest, labels = excluded.labels
"""


@dataclass(frozen=True, kw_only=True)
class SpooledGroup:
    """Some patterns of one day. `place` is everywhere a position in `pattern_nos`."""

    spool: RunSpool
    source: str
    day: int
    query_hashes: Sequence[str]
    pattern_nos: IntColumn
    names: Mapping[NameKind, Sequence[str]]
    """In order of the codes that the spooled rows have."""

    is_large: bool
    """One pattern with so many runs that they are not to be in memory all at once."""

    def rows(self, first_us: int, last_us: int) -> Iterator[tuple[int, Rows]]:
        for place, query_hash in enumerate(self.query_hashes):
            for rows in self.spool.rows(self.day, query_hash, first_us, last_us):
                yield place, rows


@dataclass(frozen=True, kw_only=True)
class MergedRuns:
    """Each run once, in order of place and start."""

    rows: Rows
    place: IntColumn
    is_new: Mask
    is_own: Mask
    """New, or kept before from the same source."""

    def take(self, positions: NDArray[np.intp]) -> "MergedRuns":
        return MergedRuns(
            rows=self.rows[positions],
            place=self.place[positions],
            is_new=self.is_new[positions],
            is_own=self.is_own[positions],
        )

    def only(self, mask: Mask) -> "MergedRuns":
        return self if mask.all() else self.take(np.flatnonzero(mask))


@dataclass(frozen=True, kw_only=True)
class KeptDay:
    new_runs: int
    changed: Sequence[int]
    """The places that got new runs."""

    labels: Mapping[int, Sequence[int]]
    """The numbers of the labels that runs of a place have."""


def keep_day(connection: sqlite3.Connection, names: NameBook, group: SpooledGroup) -> KeptDay:
    """Inside one write transaction, so that a pattern's block, figures and line always agree."""
    new_runs = np.zeros(len(group.pattern_nos), dtype=np.int64)
    own_runs = np.zeros_like(new_runs)
    parts: dict[int, list[BlockPart]] = defaultdict(list)
    figures: list[Figures] = []
    labels: dict[int, list[int]] = defaultdict(list)
    blocks = known_blocks(connection, group.day, group.pattern_nos.tolist())
    windows = _windows(group, blocks)
    for window in windows:
        merged = _merged(names, group, blocks, window)
        new_runs += np.bincount(merged.place[merged.is_new], minlength=len(new_runs))
        if len(windows) == 1:
            merged = merged.only((new_runs > 0)[merged.place])
        if not len(merged.rows):
            continue
        own_runs += np.bincount(merged.place[merged.is_own], minlength=len(own_runs))
        figures.append(figures_of(merged.rows, merged.place))
        _pack(merged, names, parts)
        for place, label_no in _labels(merged):
            labels[place].append(label_no)
    changed = np.flatnonzero(new_runs).tolist()
    if changed:
        forget_bills(connection, group.day)
        count_a_change(connection)
        _write_blocks(connection, group, own_runs, {place: parts[place] for place in changed})
        _write_figures(connection, group, limited(added_up(figures)))
    return KeptDay(new_runs=int(new_runs.sum()), changed=changed, labels=labels)


def _windows(group: SpooledGroup, blocks: Sequence[KnownBlock]) -> list[Window]:
    """All time; or, for a pattern with very many runs, one stretch of time after the other."""
    if not group.is_large:
        return [(BEFORE_ALL, AFTER_ALL)]
    started_us = np.concatenate(
        [
            group.spool.started_us(group.day, group.query_hashes[0]),
            *(block.started_us() for block in blocks),
        ]
    )
    started_us.sort()
    bounds = np.unique(started_us[ROWS_AT_ONCE::ROWS_AT_ONCE]).tolist()
    return list(
        zip([BEFORE_ALL, *bounds], [*(bound - 1 for bound in bounds), AFTER_ALL], strict=True)
    )


def _merged(
    names: NameBook, group: SpooledGroup, blocks: Sequence[KnownBlock], window: Window
) -> MergedRuns:
    place_of = {number: place for place, number in enumerate(group.pattern_nos.tolist())}
    known = [
        (place_of[block.pattern_no], block.source == group.source, rows)
        for block in blocks
        for rows in block.rows(names, *window)
    ]
    new = [(place, True, rows) for place, rows in group.rows(*window)]
    known_count = sum(len(rows) for _, _, rows in known)
    lengths = [len(rows) for _, _, rows in (*known, *new)]
    rows = joined_rows([rows for _, _, rows in (*known, *new)])
    for name, kind in KIND_OF.items():
        new_codes = rows[name][known_count:]
        new_codes[:] = _numbers_by_code(names, kind, group.names[kind], new_codes)[new_codes]
    place = np.repeat([place for place, _, _ in (*known, *new)], lengths).astype(np.int64)
    is_own = np.repeat([is_own for _, is_own, _ in (*known, *new)], lengths).astype(np.bool_)
    merged = MergedRuns(
        rows=rows, place=place, is_new=np.arange(len(rows)) >= known_count, is_own=is_own
    )
    return _in_order(merged)


def _numbers_by_code(
    book: NameBook, kind: NameKind, names: Sequence[str], codes: IntColumn
) -> IntColumn:
    """Of the names that the rows use: one that no run has is not to be known."""
    used = np.flatnonzero(np.bincount(codes))
    numbers = np.zeros(len(names), dtype=np.int64)
    numbers[used] = book.numbers_of(kind, [names[code] for code in used.tolist()])
    return numbers


def _in_order(merged: MergedRuns) -> MergedRuns:
    """Each run once; where a known one is given again, the known one is kept."""
    place = merged.place
    started_us, query_id = (
        np.ascontiguousarray(merged.rows[n]) for n in ("started_us", "query_id")
    )
    is_later = (place[1:] > place[:-1]) | (
        (place[1:] == place[:-1]) & (started_us[1:] > started_us[:-1])
    )
    if is_later.all():
        return merged
    # The sort keeps the order of equals, and known runs come first.
    order = np.lexsort((query_id, started_us, place))
    first = starts_of(place[order], started_us[order], query_id[order])
    return merged.take(order[first])


def _pack(merged: MergedRuns, names: NameBook, parts: dict[int, list[BlockPart]]) -> None:
    """Adds a part to each place that has runs of this source."""
    own = merged.only(merged.is_own)
    if not len(own.rows):
        return
    starts = starts_of(own.place)
    counts = np.diff(starts, append=len(own.rows))
    is_small = counts <= ROWS_AT_MOST
    blocks: dict[int, bytes] = {}
    if is_small.any():
        small_rows = own.rows[np.repeat(is_small, counts)]
        small_starts = np.cumsum(counts[is_small]) - counts[is_small]
        small = pack_small(small_rows, small_starts)
        blocks = dict(zip(starts[is_small].tolist(), small, strict=True))
    for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
        rows = own.rows[start : start + count]
        part = BlockPart(
            first_started_us=int(rows["started_us"][0]),
            last_started_us=int(rows["started_us"][-1]),
            block=blocks.get(start) or pack_runs(runs_of_rows(rows, names.name)),
        )
        parts[int(own.place[start])].append(part)


def _labels(merged: MergedRuns) -> Iterator[tuple[int, int]]:
    label_no = merged.rows["query_label"].astype(np.int64)
    labelled = np.unique((merged.place << 32 | label_no)[label_no > 0])
    yield from zip((labelled >> 32).tolist(), (labelled & 0xFFFFFFFF).tolist(), strict=True)


def _write_blocks(
    connection: sqlite3.Connection,
    group: SpooledGroup,
    own_runs: IntColumn,
    parts: Mapping[int, Sequence[BlockPart]],
) -> None:
    connection.executemany(
        UPSERT_BLOCK,
        (
            {
                "pattern_no": int(group.pattern_nos[place]),
                "day": group.day,
                "source": group.source,
                "run_count": int(own_runs[place]),
                "runs": pack_parts(of_place),
            }
            for place, of_place in parts.items()
        ),
    )


def _write_figures(connection: sqlite3.Connection, group: SpooledGroup, figures: Figures) -> None:
    """The figures of a row count their slices from the row's own first."""
    places = np.unique(figures.place)
    first_slice = np.searchsorted(figures.place, places)
    columns = {"slices": _pieces(figures.slices, first_slice)}
    for name, records in (("digest", figures.digest), ("labels", figures.labels)):
        firsts = np.searchsorted(records["slice_no"], first_slice)
        lengths = np.diff(firsts, append=len(records))
        records["slice_no"] -= np.repeat(first_slice, lengths).astype(np.uint32)
        columns[name] = _pieces(records, firsts)
    pattern_nos = group.pattern_nos[places].tolist()
    connection.executemany(
        UPSERT_PATTERN_DAY,
        (
            {"pattern_no": number, "day": group.day, **dict(zip(columns, pieces, strict=True))}
            for number, *pieces in zip(pattern_nos, *columns.values(), strict=True)
        ),
    )
    lines = lines_of(group.pattern_nos[figures.place], figures.slices)
    replace_lines(connection, group.day, group.pattern_nos[places], lines)


def _pieces(records: Records, starts: IntColumn) -> list[bytes]:
    ends = [*starts[1:].tolist(), len(records)]
    return [records[start:end].tobytes() for start, end in zip(starts.tolist(), ends, strict=True)]
