"""How the time that a cluster was at work is shared by what ran on it.

While n runs work at once each is charged 1/n of the passing time. So the shares add up to the time
in which anything ran, and with the idle time to the whole day: nothing is counted twice, as it is
when elapsed times are added up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import IntColumn, Mask

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
MINIMUM_CHARGE_US = 60_000_000
"""Serverless charges at least 60 seconds each time that it wakes up (Redshift management guide,
serverless-billing)."""

Shares = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class WorkSpans:
    """When runs were at work: from leaving queue and locks to their end, in microseconds. `owner`
    is a number from 0 on for each run's pattern. In order of `start_us`."""

    start_us: IntColumn
    end_us: IntColumn
    owner: IntColumn

    def __len__(self) -> int:
        return len(self.start_us)

    def overlapping(self, first_us: int, last_us: int) -> "WorkSpans":
        """The parts of the spans that lie in this stretch of time."""
        upto = int(np.searchsorted(self.start_us, last_us))
        inside = np.flatnonzero(self.end_us[:upto] > first_us)
        return WorkSpans(
            start_us=np.maximum(self.start_us[inside], first_us),
            end_us=np.minimum(self.end_us[inside], last_us),
            owner=self.owner[inside],
        )

    def reaching(self, moment_us: int) -> "WorkSpans":
        """Those that go on after this moment."""
        still = np.flatnonzero(self.end_us > moment_us)
        return WorkSpans(
            start_us=self.start_us[still], end_us=self.end_us[still], owner=self.owner[still]
        )

    def joined_with(self, *others: "WorkSpans") -> "WorkSpans":
        parts = (self, *others)
        start_us = np.concatenate([part.start_us for part in parts])
        order = np.argsort(start_us, kind="stable")
        return WorkSpans(
            start_us=start_us[order],
            end_us=np.concatenate([part.end_us for part in parts])[order],
            owner=np.concatenate([part.owner for part in parts])[order],
        )


_NOTHING = np.empty(0, dtype=np.int64)
NO_WORK = WorkSpans(start_us=_NOTHING, end_us=_NOTHING, owner=_NOTHING)


@dataclass(frozen=True, kw_only=True)
class ClusterSpans:
    """What ran on the main cluster, and what on concurrency-scaling clusters beside it."""

    main: WorkSpans = NO_WORK
    scaling: WorkSpans = NO_WORK

    def joined_with(self, *others: "ClusterSpans") -> "ClusterSpans":
        return ClusterSpans(
            main=self.main.joined_with(*(other.main for other in others)),
            scaling=self.scaling.joined_with(*(other.scaling for other in others)),
        )

    def reaching(self, moment_us: int) -> "ClusterSpans":
        return ClusterSpans(
            main=self.main.reaching(moment_us), scaling=self.scaling.reaching(moment_us)
        )


@dataclass(frozen=True, kw_only=True)
class BusyShares:
    """Of one day. `busy_us[o]` is what owner `o` has of the time in which anything ran; the sum is
    `total_busy_us`. `minimum_us[o]` is what waking a Serverless workgroup would cost it beyond
    that, up to the 60-second minimum; `hourly_us[h, o]` splits `busy_us` by hour."""

    busy_us: Shares
    minimum_us: Shares
    hourly_us: Shares

    @property
    def total_busy_us(self) -> float:
        return float(self.busy_us.sum())


def work_spans(
    *,
    started_us: IntColumn,
    elapsed_us: IntColumn,
    waited_us: IntColumn,
    is_cache_hit: Mask,
    is_scaled: Mask,
    owner: IntColumn,
) -> ClusterSpans:
    """Of runs in any order, `waited_us` in queues and for locks. Runs that failed or were canceled
    worked as well; those answered from the result cache did not."""
    worked = ~is_cache_hit & (elapsed_us > 0)

    def spans_of(rows: NDArray[np.intp]) -> WorkSpans:
        end_us = (started_us + elapsed_us)[rows]
        start_us = np.minimum((started_us + np.maximum(waited_us, 0))[rows], end_us)
        order = np.argsort(start_us, kind="stable")
        return WorkSpans(start_us=start_us[order], end_us=end_us[order], owner=owner[rows][order])

    return ClusterSpans(
        main=spans_of(np.flatnonzero(worked & ~is_scaled)),
        scaling=spans_of(np.flatnonzero(worked & is_scaled)),
    )


def share_day(spans: WorkSpans, *, day_start_us: int, owner_count: int) -> BusyShares:
    """Spans may begin before the day and end after it: only what lies within counts."""
    hourly_us = np.zeros((24, owner_count))
    for hour in range(24):
        first_us = day_start_us + hour * HOUR_US
        part = spans.overlapping(first_us, first_us + HOUR_US)
        if len(part):
            shares = np.bincount(part.owner, weights=_shared(part), minlength=owner_count)
            hourly_us[hour] = shares
    minimum_us = np.zeros(owner_count)
    day = spans.overlapping(day_start_us, day_start_us + DAY_US)
    for owner, missing_us in _wake_ups(day):
        minimum_us[owner] += missing_us
    return BusyShares(busy_us=hourly_us.sum(axis=0), minimum_us=minimum_us, hourly_us=hourly_us)


def _shared(spans: WorkSpans) -> Shares:
    """What each span has of the time, 1/n of it while n overlap."""
    times = np.concatenate([spans.start_us, spans.end_us])
    change = np.repeat(np.array([1, -1]), len(spans))
    order = np.argsort(times, kind="stable")
    times, at_work = times[order], np.cumsum(change[order])
    passing = np.diff(times, append=times[-1:]).astype(np.float64)
    each = np.divide(passing, at_work, out=np.zeros_like(passing), where=at_work > 0)
    charged = np.concatenate([[0.0], np.cumsum(each)])
    until_end, until_start = (
        charged[np.searchsorted(times, moments)] for moments in (spans.end_us, spans.start_us)
    )
    shares: Shares = until_end - until_start
    return shares


def _wake_ups(spans: WorkSpans) -> Iterator[tuple[int, int]]:
    """Who woke the workgroup, and what was missing to the minimum charge then."""
    if not len(spans):
        return
    covered_us = np.maximum.accumulate(spans.end_us)
    begins = np.concatenate([[0], np.flatnonzero(spans.start_us[1:] > covered_us[:-1]) + 1])
    ends_us = covered_us[np.concatenate([begins[1:] - 1, [len(spans) - 1]])]
    starts_us = spans.start_us[begins]
    paid_until = woken_at = worked_us = 0
    waker = -1
    for place, start_us, end_us in zip(
        begins.tolist(), starts_us.tolist(), ends_us.tolist(), strict=True
    ):
        if waker >= 0 and start_us < paid_until:
            worked_us += end_us - start_us
            paid_until = max(paid_until, end_us)
            continue
        if waker >= 0:
            yield waker, paid_until - woken_at - worked_us
        waker, woken_at = int(spans.owner[place]), start_us
        worked_us = end_us - start_us
        paid_until = max(end_us, start_us + MINIMUM_CHARGE_US)
    yield waker, paid_until - woken_at - worked_us
