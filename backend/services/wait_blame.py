"""Whose runs held the slots, or the lock, while others waited: from the stored runs of the worst
hours only, so that the cost does not grow with the history."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from backend.domain.cluster_use import MANUAL_CLASSES, SQA_CLASS, PatternQueue
from backend.domain.runs import IntColumn
from backend.domain.wait_blame import Blamed, Spans, blamed_patterns
from backend.services.ports import PatternHead, RunHistory
from backend.sql.statement_head import written_table

MOST_HOURS = 72
MOST_DAYS = 10
MOST_BLAMED = 15
MOST_VICTIMS = 40
MOST_LOCK_WAITERS = 50
WITHOUT_SLOT = ("DDL", "UTILITY", "COMMAND")
"""These run on the leader and hold no slot of a queue."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_US = 3_600_000_000
_WHOLE_CLUSTER = -1


@dataclass(frozen=True, kw_only=True)
class DayRuns:
    """Runs of a day that were not answered from the cache, as columns; microseconds."""

    pattern: IntColumn
    started_us: IntColumn
    has_slot_us: IntColumn
    works_us: IntColumn
    ended_us: IntColumn


@dataclass(frozen=True, kw_only=True)
class Blame:
    """`blamed` by pattern number, `lock_blamed` with the table that both sides name."""

    hours: int
    waited_seconds: float
    charged_seconds: float
    blamed: tuple[Blamed, ...]
    lock_waits: int
    lock_waited_seconds: float
    lock_blamed: tuple[tuple[str, Blamed], ...]
    runs_of: Mapping[int, int]


def worst_hours(seconds_of: Mapping[datetime, float]) -> list[datetime]:
    """Those with most waiting, of at most so many days."""
    by_day: dict[date, float] = {}
    for hour, seconds in seconds_of.items():
        by_day[hour.date()] = by_day.get(hour.date(), 0.0) + seconds
    days = sorted(by_day, key=lambda day: (-by_day[day], day))[:MOST_DAYS]
    hours = [hour for hour in seconds_of if hour.date() in days and seconds_of[hour] > 0]
    return sorted(hours, key=lambda hour: (-seconds_of[hour], hour))[:MOST_HOURS]


class BlameBook:
    """Reads each day once, a day at a time."""

    def __init__(
        self,
        store: RunHistory,
        heads: Sequence[PatternHead],
        queues_of: Callable[[Iterable[str]], Mapping[str, PatternQueue]],
    ) -> None:
        self._store = store
        self._heads = heads
        self._number_of = {head.query_hash: number for number, head in enumerate(heads)}
        self._queues_of = queues_of
        self._days: dict[date, DayRuns] = {}
        self._has_slot = np.array(
            [head.query_type.upper() not in WITHOUT_SLOT for head in heads] or [True],
            dtype=np.bool_,
        )

    def blame(self, queued: Sequence[datetime], locked: Sequence[datetime]) -> Blame:
        waiting: list[Spans] = []
        holding: list[Spans] = []
        lock_waiting: list[Spans] = []
        working: list[Spans] = []
        for day in sorted({hour.date() for hour in (*queued, *locked)}):
            runs = self._around(day)
            hours = np.array([_hour_number(hour) for hour in queued if hour.date() == day])
            in_hours = np.isin(runs.started_us // _HOUR_US, hours)
            waits = _spans(runs, runs.started_us, runs.has_slot_us, in_hours)
            waiting.append(waits)
            holding.append(_overlapping(_spans(runs, runs.has_slot_us, runs.ended_us), waits))
            hours = np.array([_hour_number(hour) for hour in locked if hour.date() == day])
            in_hours = np.isin(runs.started_us // _HOUR_US, hours)
            lock_waits = _spans(runs, runs.has_slot_us, runs.works_us, in_hours)
            lock_waiting.append(lock_waits)
            working.append(_overlapping(_spans(runs, runs.works_us, runs.ended_us), lock_waits))
        waits = Spans.concat(waiting)
        # A run that goes on past midnight is read with both days.
        holds = Spans.concat(holding).distinct()
        holds = holds.take(self._has_slot[holds.pattern])
        blamed, waited, charged = self._in_scopes(waits, holds)
        locks = Spans.concat(lock_waiting)
        lock_blamed = tuple(self._lock_blame(locks, Spans.concat(working).distinct()))
        return Blame(
            hours=len(queued),
            waited_seconds=waited,
            charged_seconds=charged,
            blamed=tuple(blamed),
            lock_waits=len(locks),
            lock_waited_seconds=locks.seconds,
            lock_blamed=lock_blamed,
            runs_of=dict(zip(*_counts(holds.pattern), strict=True)),
        )

    def _around(self, day: date) -> DayRuns:
        """The runs of the day, and of the day before: they may still hold a slot."""
        kept = {wanted: self._day(wanted) for wanted in (day - timedelta(days=1), day)}
        self._days = kept
        parts = list(kept.values())
        return DayRuns(
            pattern=np.concatenate([part.pattern for part in parts]),
            started_us=np.concatenate([part.started_us for part in parts]),
            has_slot_us=np.concatenate([part.has_slot_us for part in parts]),
            works_us=np.concatenate([part.works_us for part in parts]),
            ended_us=np.concatenate([part.ended_us for part in parts]),
        )

    def _day(self, day: date) -> DayRuns:
        known = self._days.get(day)
        if known is not None:
            return known
        hashes, times = self._store.times_of_day(day)
        numbers = [self._number_of.get(query_hash, -1) for query_hash in hashes]
        pattern = np.array([*numbers, -1], dtype=np.int64)[times.pattern]
        has_slot = times.started_us + times.queue_us
        works = has_slot + times.lock_wait_us
        is_known = pattern >= 0
        return DayRuns(
            pattern=pattern[is_known],
            started_us=times.started_us[is_known],
            has_slot_us=has_slot[is_known],
            works_us=works[is_known],
            ended_us=np.maximum(times.started_us + times.elapsed_us, works)[is_known],
        )

    def _in_scopes(self, waits: Spans, holds: Spans) -> tuple[list[Blamed], float, float]:
        """Under manual WLM and for short queries by queue, else over the whole cluster."""
        scope_of = self._scopes(np.unique(np.concatenate([waits.pattern, holds.pattern])))
        blamed: list[Blamed] = []
        waited = charged = 0.0
        for scope in sorted(set(scope_of.values())):
            own = np.array([n for n, s in scope_of.items() if s == scope], dtype=np.int64)
            found, charges = blamed_patterns(
                waits.take(np.isin(waits.pattern, own)),
                holds.take(np.isin(holds.pattern, own)),
                most=MOST_BLAMED,
                most_victims=MOST_VICTIMS,
            )
            blamed.extend(found)
            waited += charges.waited_seconds
            charged += charges.charged_seconds
        blamed.sort(key=lambda one: (-one.others_seconds, one.pattern))
        return blamed[:MOST_BLAMED], waited, charged

    def _scopes(self, numbers: IntColumn) -> dict[int, int]:
        hashes = [self._heads[number].query_hash for number in numbers.tolist()]
        queues = self._queues_of(hashes)
        scopes: dict[int, int] = {}
        for number, query_hash in zip(numbers.tolist(), hashes, strict=True):
            queue = queues.get(query_hash)
            service_class = queue.service_class if queue else _WHOLE_CLUSTER
            is_own = service_class in MANUAL_CLASSES or service_class == SQA_CLASS
            scopes[number] = service_class if is_own else _WHOLE_CLUSTER
        return scopes

    def _lock_blame(self, waits: Spans, works: Spans) -> Iterator[tuple[str, Blamed]]:
        """Candidates: runs that change a table which the waiting statement names."""
        written = {
            number: table
            for number in np.unique(works.pattern).tolist()
            if (table := written_table(self._heads[number].statement))
        }
        found: dict[tuple[str, int], list[Blamed]] = {}
        for waiter in _longest(waits, MOST_LOCK_WAITERS):
            names = self._heads[waiter].table_names
            own_waits = waits.take(waits.pattern == waiter)
            for table in sorted({t for t in written.values() if _is_named(t, names)}):
                writers = [number for number, name in written.items() if name == table]
                blamed, _ = blamed_patterns(
                    own_waits,
                    works.take(np.isin(works.pattern, writers)),
                    most=MOST_BLAMED,
                    most_victims=1,
                )
                for one in blamed:
                    found.setdefault((table, one.pattern), []).append(one)
        joined = [(table, _joined(same)) for (table, _), same in found.items()]
        joined.sort(key=lambda pair: (-pair[1].others_seconds, pair[0], pair[1].pattern))
        yield from joined[:MOST_BLAMED]


def _spans(
    runs: DayRuns,
    start_us: IntColumn,
    end_us: IntColumn,
    wanted: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None,
) -> Spans:
    """Those that last at all."""
    lasts = end_us > start_us
    if wanted is not None:
        lasts &= wanted
    return Spans(pattern=runs.pattern[lasts], start_us=start_us[lasts], end_us=end_us[lasts])


def _overlapping(spans: Spans, waits: Spans) -> Spans:
    """Roughly: within the time in which anything waits."""
    if not len(waits):
        return spans.take(np.zeros(len(spans), dtype=np.bool_))
    first, last = int(waits.start_us.min()), int(waits.end_us.max())
    return spans.take((spans.end_us > first) & (spans.start_us < last))


def _longest(waits: Spans, most: int) -> list[int]:
    numbers, place = np.unique(waits.pattern, return_inverse=True)
    if not len(numbers):
        return []
    seconds = np.bincount(place, weights=waits.end_us - waits.start_us)
    return [int(numbers[at]) for at in np.argsort(-seconds, kind="stable")[:most]]


def _is_named(table: str, names: Sequence[str]) -> bool:
    """A bare name on either side stands for any schema."""
    wanted = table.split(".")[-2:]
    for name in names:
        own = name.lower().split(".")[-2:]
        length = min(len(own), len(wanted))
        if own[-length:] == wanted[-length:]:
            return True
    return False


def _joined(same: Sequence[Blamed]) -> Blamed:
    """The charges of several waiting patterns to one holder."""
    victims: dict[int, float] = {}
    for victim, seconds in (pair for one in same for pair in one.victims):
        victims[victim] = victims.get(victim, 0.0) + seconds
    return Blamed(
        pattern=same[0].pattern,
        others_seconds=sum(one.others_seconds for one in same),
        own_seconds=sum(one.own_seconds for one in same),
        hours=max(one.hours for one in same),
        victims=tuple(sorted(victims.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _counts(numbers: IntColumn) -> tuple[list[int], list[int]]:
    distinct, counts = np.unique(numbers, return_counts=True)
    return distinct.tolist(), counts.tolist()


def _hour_number(hour: datetime) -> int:
    return (hour - _EPOCH) // timedelta(hours=1)
