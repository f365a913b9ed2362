"""Keep new runs: pack them into blocks, and bring the daily figures up to date with those."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from backend.adapters.sqlite.day_figures import NameNumbers, Records, figures_of
from backend.adapters.sqlite.day_sheet import lines_of, replace_lines
from backend.adapters.sqlite.names import NameBook, NameKind
from backend.adapters.sqlite.patterns import keep_labels, keep_pattern, widened_pattern
from backend.adapters.sqlite.run_block import pack_runs, unpack_runs
from backend.adapters.sqlite.run_spool import RunSpool
from backend.domain.pattern import Pattern
from backend.domain.runs import NAME_COLUMNS, Runs
from backend.services.ports import PatternRuns, RunsAdded

SELECT_BLOCKS_OF_DAY = """
    SELECT source, runs FROM run_block
    WHERE pattern_no = :pattern_no AND day = :day ORDER BY source
"""
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


def put_aside(parts: Iterable[PatternRuns], spool: RunSpool) -> Mapping[str, Pattern]:
    """Reads all parts to their end; gives the patterns that they belong to."""
    patterns: dict[str, Pattern] = {}
    for part in parts:
        query_hash = part.pattern.query_hash
        known = patterns.get(query_hash)
        patterns[query_hash] = widened_pattern(known, part.pattern) if known else part.pattern
        spool.add(query_hash, part.runs)
    return patterns


@dataclass(frozen=True, kw_only=True)
class KeptDay:
    """One pattern's day after the new runs were merged in."""

    new_runs: int
    lines: Records
    labels: tuple[str, ...]


class RunWriter:
    """Works inside one write transaction and never outlives it."""

    def __init__(self, connection: sqlite3.Connection, spool: RunSpool, source: str) -> None:
        self._connection = connection
        self._spool = spool
        self._source = source
        self._names = NameBook(connection)

    def keep(self, patterns: Mapping[str, Pattern]) -> RunsAdded:
        numbers = {
            query_hash: keep_pattern(self._connection, self._names, pattern)
            for query_hash, pattern in patterns.items()
        }
        new_runs = 0
        labels: dict[str, dict[str, None]] = {}
        for day in self._spool.days():
            kept = {
                query_hash: day_kept
                for query_hash in self._spool.hashes_of(day)
                if (day_kept := self._keep_day(query_hash, numbers[query_hash], day))
            }
            if kept:
                changed = [numbers[query_hash] for query_hash in kept]
                lines = np.concatenate([day_kept.lines for day_kept in kept.values()])
                replace_lines(self._connection, day, changed, lines)
            for query_hash, day_kept in kept.items():
                new_runs += day_kept.new_runs
                labels.setdefault(query_hash, {}).update(dict.fromkeys(day_kept.labels))
        for query_hash, found in labels.items():
            keep_labels(self._connection, numbers[query_hash], found)
        return RunsAdded(
            new_runs=new_runs,
            known_runs=len(self._spool) - new_runs,
            touched=frozenset(labels),
        )

    def _keep_day(self, query_hash: str, pattern_no: int, day: int) -> KeptDay | None:
        """None if nothing was new."""
        place = {"pattern_no": pattern_no, "day": day}
        rows = self._connection.execute(SELECT_BLOCKS_OF_DAY, place).fetchall()
        blocks = {row["source"]: unpack_runs(row["runs"]) for row in rows}
        spooled = self._spool.runs(query_hash, day)
        fresh = unknown_runs(spooled, list(blocks.values())) if blocks else spooled
        if not len(fresh):
            return None
        own = blocks.get(self._source)
        block = with_compact_names(fresh if own is None else Runs.concat([own, fresh]).in_order())
        blocks[self._source] = block
        self._connection.execute(
            UPSERT_BLOCK,
            place | {"source": self._source, "run_count": len(block), "runs": pack_runs(block)},
        )
        whole = block if len(blocks) == 1 else with_compact_names(Runs.concat([*blocks.values()]))
        return self._keep_figures(place, whole, len(fresh))

    def _keep_figures(self, place: dict[str, int], whole: Runs, new_runs: int) -> KeptDay:
        figures = figures_of(
            whole,
            NameNumbers(
                database_no=self._names.numbers(NameKind.DATABASE, whole.database_name),
                user_no=self._names.numbers(NameKind.USER, whole.user_name),
                label_no=self._names.numbers(NameKind.LABEL, whole.query_label),
            ),
        )
        self._connection.execute(
            UPSERT_PATTERN_DAY,
            place
            | {
                "slices": figures.slices.tobytes(),
                "digest": figures.digest.tobytes(),
                "labels": figures.labels.tobytes(),
            },
        )
        return KeptDay(
            new_runs=new_runs,
            lines=lines_of(place["pattern_no"], figures.slices),
            labels=tuple(name for name in whole.query_label.names if name),
        )


def with_compact_names(runs: Runs) -> Runs:
    return replace(runs, **{name: getattr(runs, name).compact() for name in NAME_COLUMNS})


def unknown_runs(new: Runs, known: list[Runs]) -> Runs:
    """Those of `new` (each once) that none of the known blocks has, by query id and start."""
    known_count = sum(len(block) for block in known)
    query_id = np.concatenate([*(block.query_id for block in known), new.query_id])
    started_us = np.concatenate([*(block.started_us for block in known), new.started_us])
    # The sort keeps the order of equals: a known run comes before the same one given again.
    order = np.lexsort((query_id, started_us))
    is_first = np.ones(len(order), dtype=np.bool_)
    is_first[1:] = (np.diff(query_id[order]) != 0) | (np.diff(started_us[order]) != 0)
    positions = order[is_first]
    return new.take(np.sort(positions[positions >= known_count]) - known_count)
