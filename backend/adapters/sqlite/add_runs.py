"""Keep new runs, a few hundred thousand at a time, so that nobody waits long for the store."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic, sleep

import numpy as np

from backend.adapters.sqlite.changes import count_a_change
from backend.adapters.sqlite.connection import Connections
from backend.adapters.sqlite.known_runs import known_run_counts
from backend.adapters.sqlite.names import KnownNames, NameBook
from backend.adapters.sqlite.patterns import (
    LABELS_SEARCHED,
    keep_labels,
    keep_pattern,
    widened_pattern,
)
from backend.adapters.sqlite.run_spool import RunSpool
from backend.adapters.sqlite.write_day import ROWS_AT_ONCE, SpooledGroup, keep_day
from backend.domain.errors import StoreUnavailableError
from backend.domain.pattern import Pattern
from backend.services.ports import PatternRuns, RunsAdded

PATTERNS_AT_ONCE = 500
PAUSE_SHARE = 0.1
"""Of the time that a transaction took: others, who look every 0.1 seconds, then get their turn."""

SELECT_CLEARED = "SELECT value FROM counter WHERE name = 'cleared'"


def put_aside(parts: Iterable[PatternRuns], spool: RunSpool) -> Mapping[str, Pattern]:
    """Reads all parts to their end; gives the patterns that they belong to."""
    patterns: dict[str, Pattern] = {}
    for part in parts:
        query_hash = part.pattern.query_hash
        known = patterns.get(query_hash)
        patterns[query_hash] = widened_pattern(known, part.pattern) if known else part.pattern
        spool.add(query_hash, part.runs)
    spool.finish()
    return patterns


class RunWriter:
    """Works in many transactions, after each of which all that was kept so far agrees."""

    def __init__(self, connections: Connections, spool: RunSpool, source: str) -> None:
        self._connections = connections
        self._spool = spool
        self._source = source
        self._names = KnownNames()
        self._pattern_nos: dict[str, int] = {}
        self._labels_kept: dict[int, set[int]] = {}
        self._times_cleared: int | None = None

    def keep(self, patterns: Mapping[str, Pattern]) -> RunsAdded:
        self._keep_patterns(list(patterns.values()))
        new_runs = 0
        touched: set[str] = set()
        for day in self._spool.days():
            for query_hashes, is_large in self._groups(day):
                changed, new = self._keep_day(day, query_hashes, is_large=is_large)
                touched.update(changed)
                new_runs += new
        return RunsAdded(
            new_runs=new_runs,
            known_runs=len(self._spool) - new_runs,
            touched=frozenset(touched),
        )

    def _keep_patterns(self, patterns: Sequence[Pattern]) -> None:
        for start in range(0, len(patterns), PATTERNS_AT_ONCE):
            with self._turn() as (connection, names):
                count_a_change(connection)
                for pattern in patterns[start : start + PATTERNS_AT_ONCE]:
                    number = keep_pattern(connection, names, pattern)
                    self._pattern_nos[pattern.query_hash] = number

    def _groups(self, day: int) -> Iterator[tuple[Sequence[str], bool]]:
        """Patterns that have few enough runs on that day together; one with too many is alone
        (True)."""
        spooled = self._spool.run_counts(day)
        with self._connections.reading() as connection:
            known = known_run_counts(connection, day, [self._pattern_nos[h] for h in spooled])
        group: list[str] = []
        size = 0
        for query_hash, new_count in spooled.items():
            count = new_count + known[self._pattern_nos[query_hash]]
            if group and size + count > ROWS_AT_ONCE:
                yield group, size > ROWS_AT_ONCE
                group, size = [], 0
            group.append(query_hash)
            size += count
        yield group, size > ROWS_AT_ONCE

    def _keep_day(
        self, day: int, query_hashes: Sequence[str], *, is_large: bool
    ) -> tuple[Sequence[str], int]:
        """Which of them got new runs, and how many."""
        with self._turn() as (connection, names):
            pattern_nos = [self._pattern_nos[query_hash] for query_hash in query_hashes]
            group = SpooledGroup(
                spool=self._spool,
                source=self._source,
                day=day,
                query_hashes=query_hashes,
                pattern_nos=np.array(pattern_nos, dtype=np.int64),
                names=self._spool.names(),
                is_large=is_large,
            )
            kept = keep_day(connection, names, group)
            for place, label_nos in kept.labels.items():
                self._keep_labels(connection, names, pattern_nos[place], label_nos)
        return [query_hashes[place] for place in kept.changed], kept.new_runs

    def _keep_labels(
        self,
        connection: sqlite3.Connection,
        names: NameBook,
        pattern_no: int,
        label_nos: Sequence[int],
    ) -> None:
        kept = self._labels_kept.setdefault(pattern_no, set())
        if len(kept) < LABELS_SEARCHED and not kept.issuperset(label_nos):
            keep_labels(connection, pattern_no, [names.name(number) for number in label_nos])
            kept.update(label_nos)

    @contextmanager
    def _turn(self) -> Iterator[tuple[sqlite3.Connection, NameBook]]:
        """A write transaction, and a moment for others after it."""
        with self._connections.writing() as connection:
            began = monotonic()
            self._require_uncleared(connection)
            yield connection, NameBook(connection, self._names)
        sleep((monotonic() - began) * PAUSE_SHARE)

    def _require_uncleared(self, connection: sqlite3.Connection) -> None:
        """Our numbers of patterns and names would be those of others by now."""
        row = connection.execute(SELECT_CLEARED).fetchone()
        times_cleared = row["value"] if row else 0
        if self._times_cleared is None:
            self._times_cleared = times_cleared
        if self._times_cleared != times_cleared:
            raise StoreUnavailableError(
                "The history was cleared by another process while runs were being added to it. "
                "Import them again."
            )
