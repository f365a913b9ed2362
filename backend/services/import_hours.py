"""What the runs of an export add up to by the hour and queue: what no stored run keeps."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from backend.domain.cluster_use import SHORT_QUERY_SECONDS, HourUse, PatternQueue
from backend.domain.runs import IntColumn, Mask, Names, Runs
from backend.services.view_export import UNKNOWN_CLASS, HistoryPart
from backend.sql.scrub import mask_text

HOUR_US = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_US = 24 * HOUR_US
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""An odd number: ids that differ keep apart when multiplied, modulo 2 to the 64th."""
_SHORT_US = int(SHORT_QUERY_SECONDS * 1e6)
_LOADING = ("COPY", "LOAD")
_READING = ("SELECT", "CTAS")

_Key = tuple[int, int, str, str]
"""Hour, service class, queue name, priority."""


@dataclass(frozen=True, kw_only=True)
class RecordedIds:
    """Queries that SYS_QUERY_DETAIL says something about; each sorted."""

    small_inserts: IntColumn
    spilled: IntColumn


class HourBook:
    """Counts in memory by hour and queue: some thousand counters for a month of runs."""

    def __init__(self, ids: RecordedIds, *, may_repeat: bool = True) -> None:
        """`may_repeat` where a run may be in more than one file; it then costs 8 bytes a run."""
        self._ids = ids
        self._seen = _SeenRuns() if may_repeat else None
        self._sums: dict[_Key, NDArray[np.int64]] = {}
        self._queues: dict[str, Counter[tuple[int, str]]] = {}
        self._plain_of: dict[str, str] = {}

    def add(self, part: HistoryPart, hash_of_text: Sequence[str]) -> None:
        """`hash_of_text` has the pattern of each text of the part."""
        counted = ~part.runs.is_cache_hit
        if self._seen:
            counted &= self._seen.first_seen(part.runs)
        if not counted.any():
            return
        self._add_hours(part, counted)
        self._add_queues(part, hash_of_text, counted)

    def hours(self) -> Iterator[HourUse]:
        for (hour, service_class, name, priority), sums in sorted(self._sums.items()):
            figures = dict(zip(_COLUMNS, sums.tolist(), strict=True))
            seconds = {
                f"{column}_seconds": figures.pop(f"{column}_us") / 1e6
                for column in (
                    "elapsed",
                    "queue",
                    "lock_wait",
                    "execution",
                    "scaled",
                    "short_queue",
                )
            }
            yield HourUse(
                hour=_EPOCH + timedelta(hours=hour),
                service_class=None if service_class == UNKNOWN_CLASS else service_class,
                queue_name=name,
                priority=priority,
                **figures,
                **seconds,
            )

    def pattern_queues(self, query_hashes: Callable[[str], bool]) -> Iterator[PatternQueue]:
        """Of those patterns that the function lets through."""
        for query_hash in sorted(self._queues):
            if query_hashes(query_hash):
                for (service_class, name), runs in sorted(self._queues[query_hash].items()):
                    yield PatternQueue(
                        query_hash=query_hash,
                        service_class=service_class,
                        queue_name=name,
                        runs=runs,
                    )

    def _add_hours(self, part: HistoryPart, counted: Mask) -> None:
        queues = part.queues
        hours = part.runs.started_us // HOUR_US
        distinct, group = _grouped(
            hours[counted],
            queues.service_class[counted],
            queues.queue_name.codes[counted],
            queues.priority.codes[counted],
        )
        sums = np.stack(
            [
                # Whole microseconds: an hour's stay far below what a float holds exactly.
                np.bincount(group, weights=column[counted], minlength=distinct.shape[1])
                for column in _values(part, self._ids)
            ]
        ).astype(np.int64)
        for position, (hour, service_class, name, priority) in enumerate(distinct.T.tolist()):
            key = (
                hour,
                service_class,
                self._plain(queues.queue_name, name),
                self._plain(queues.priority, priority).lower(),
            )
            known = self._sums.get(key)
            own = sums[:, position]
            self._sums[key] = own.copy() if known is None else known + own

    def _add_queues(self, part: HistoryPart, hash_of_text: Sequence[str], counted: Mask) -> None:
        queues = part.queues
        is_known = counted & (queues.service_class != UNKNOWN_CLASS)
        if not is_known.any():
            return
        distinct, group = _grouped(
            part.text_of_run[is_known],
            queues.service_class[is_known],
            queues.queue_name.codes[is_known],
        )
        runs = np.bincount(group)
        for (text, service_class, name), count in zip(
            distinct.T.tolist(), runs.tolist(), strict=True
        ):
            own = self._queues.setdefault(hash_of_text[text], Counter())
            own[service_class, self._plain(queues.queue_name, name)] += count

    def _plain(self, names: Names, code: int) -> str:
        """Names of queues are free text of whoever set the cluster up."""
        name = names.names[code]
        plain = self._plain_of.get(name)
        if plain is None:
            plain = self._plain_of[name] = mask_text(name)
        return plain


def _grouped(*columns: NDArray[Any]) -> tuple[IntColumn, NDArray[np.intp]]:
    """The distinct combinations, a column each, and which of them each row is. Values are few and
    close together, so that a combination fits into one number: sorting those is fast."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        least = int(column.min())
        key = key * (int(column.max()) - least + 1) + (column - least)
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return np.stack([column[first].astype(np.int64) for column in columns]), group


class _SeenRuns:
    """A run is known by its query id and start, as in the store."""

    def __init__(self) -> None:
        self._of_day: dict[int, NDArray[np.uint64]] = {}

    def first_seen(self, runs: Runs) -> Mask:
        keys = runs.query_id.astype(np.uint64) * _SPREAD ^ runs.started_us.astype(np.uint64)
        is_first = np.zeros(len(keys), dtype=np.bool_)
        is_first[np.unique(keys, return_index=True)[1]] = True
        days = runs.started_us // _DAY_US
        for day in np.unique(days).tolist():
            at = np.flatnonzero(is_first & (days == day))
            known = self._of_day.get(day, np.empty(0, dtype=np.uint64))
            new = at[~is_among(keys[at], known)]
            is_first[np.setdiff1d(at, new)] = False
            self._of_day[day] = np.sort(np.concatenate([known, keys[new]]))
        return is_first


_COLUMNS = (
    "runs",
    "queued_runs",
    "elapsed_us",
    "queue_us",
    "lock_wait_us",
    "execution_us",
    "scaled_runs",
    "scaled_us",
    "short_accelerated_runs",
    "short_queued_runs",
    "short_queue_us",
    "copy_runs",
    "small_inserts",
    "spilling_runs",
)


def _values(part: HistoryPart, ids: RecordedIds) -> tuple[NDArray[np.int64] | Mask, ...]:
    """In the order of _COLUMNS, a row each."""
    runs, queues = part.runs, part.queues
    is_queued = runs.queue_us > 0
    is_short = _is_of_type(part.query_type, _READING) & (runs.execution_us <= _SHORT_US)
    is_short &= is_queued
    return (
        np.ones(len(runs), dtype=np.int64),
        is_queued,
        runs.elapsed_us,
        runs.queue_us,
        runs.lock_wait_us,
        runs.execution_us,
        runs.is_scaled,
        runs.execution_us * runs.is_scaled,
        queues.is_short_accelerated,
        is_short,
        runs.queue_us * is_short,
        _is_of_type(part.query_type, _LOADING),
        is_among(runs.query_id, ids.small_inserts),
        is_among(runs.query_id, ids.spilled),
    )


def _is_of_type(types: Names, wanted: Sequence[str]) -> Mask:
    is_wanted = np.array([name.strip().upper() in wanted for name in types.names], dtype=np.bool_)
    found: Mask = is_wanted[types.codes]
    return found


_Ids = TypeVar("_Ids", IntColumn, NDArray[np.uint64])


def is_among(ids: _Ids, wanted: _Ids) -> Mask:
    """Which of `ids` are in `wanted`, which is sorted."""
    if not len(wanted):
        return np.zeros(len(ids), dtype=np.bool_)
    at = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
    found: Mask = wanted[at] == ids
    return found
