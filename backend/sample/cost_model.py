"""How long the sample's runs take: queue, planning, compile, lock wait and execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from backend.sample.catalogue import generator_for
from backend.sample.sample_pattern import Change, Queue, SamplePattern
from backend.sample.sample_plan import SamplePlan
from backend.sample.schedule import DAY_US, DAYS, HOUR_US, Times, day_start_us
from backend.sample.story import storm_us, version_change_us

SCANNED_MB_PER_SECOND = 1_000.0
LAKE_MB_PER_SECOND = 260.0
MOVED_ROWS_PER_SECOND = 3.5e6
HANDLED_ROWS_PER_SECOND = 150e6
SPILLED_MB_PER_SECOND = 300.0
FLOOD_RUNS = 26
FLOOD_SLOTS = 3
LONGEST_STORM_WAIT_SECONDS = 1_200.0

SUCCESS, FAILED, CANCELED = 0, 1, 2

Seconds = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PatternRunTimes:
    """The runs of one pattern as columns of equal length, oldest first."""

    pattern: SamplePattern
    started_us: Times
    variant: NDArray[np.int64]
    status: NDArray[np.int64]
    is_cache_hit: NDArray[np.bool_]
    is_after_change: NDArray[np.bool_]
    queue_us: Times
    planning_us: Times
    compile_us: Times
    lock_wait_us: Times
    execution_us: Times
    returned_rows: NDArray[np.int64]

    @property
    def elapsed_us(self) -> Times:
        # Fetching the last rows is in no bucket.
        spent = self.queue_us + self.planning_us + self.compile_us + self.lock_wait_us
        elapsed: Times = spent + self.execution_us + 900 + self.returned_rows // 4
        return elapsed


def plan_seconds(plan: SamplePlan) -> float:
    """Execution on an idle cluster: reading, moving and handling rows, and spilling."""
    nodes = [node for node in plan.root.walk() if node.step_name != "lake"]
    return (
        sum(node.blocks_read for node in nodes) / SCANNED_MB_PER_SECOND
        + sum(node.lake.size_mb for node in nodes if node.lake) / LAKE_MB_PER_SECOND
        + sum(node.moved_rows for node in nodes) / MOVED_ROWS_PER_SECOND
        + sum(node.actual_rows for node in nodes) / HANDLED_ROWS_PER_SECOND
        + sum(node.spilled_blocks for node in nodes) / SPILLED_MB_PER_SECOND
    )


def run_times(
    pattern: SamplePattern, last_day: date, lock_holders: Mapping[str, PatternRunTimes]
) -> PatternRunTimes:
    rng = generator_for(pattern, "runs")
    started_us = _starts(pattern, last_day, rng)
    count = len(started_us)
    day_of = (started_us - day_start_us(last_day)) // DAY_US + DAYS - 1
    is_after_change = started_us >= _change_us(pattern.change, last_day)
    execution = _execution_seconds(pattern, day_of, started_us, is_after_change, rng)
    queue = _queue_seconds(pattern, started_us, last_day, rng)
    compile_s = _compile_seconds(pattern, started_us, last_day, rng)
    lock_wait = _lock_wait_seconds(pattern, started_us, queue, lock_holders)
    if pattern.is_flood:
        queue = _flood_queue_seconds(started_us, execution)
    status = _statuses(pattern, is_after_change, rng)
    # A run that does not end well stops somewhere on its way.
    execution *= np.where(status == SUCCESS, 1.0, rng.uniform(0.05, 0.9, count))
    planning = rng.lognormal(np.log(0.035), 0.5, count)
    is_cache_hit = (rng.random(count) < pattern.cache_hit_share) & (status == SUCCESS)
    works = ~is_cache_hit
    return PatternRunTimes(
        pattern=pattern,
        started_us=started_us,
        variant=rng.integers(0, pattern.variants, count) if pattern.variants else day_of,
        status=status,
        is_cache_hit=is_cache_hit,
        is_after_change=is_after_change,
        queue_us=_us(queue * works),
        planning_us=_us(planning),
        compile_us=_us(compile_s * works),
        lock_wait_us=_us(lock_wait * works),
        execution_us=_us(execution * works),
        returned_rows=_returned_rows(pattern, status, rng),
    )


def _starts(pattern: SamplePattern, last_day: date, rng: np.random.Generator) -> Times:
    if not pattern.is_flood:
        return pattern.schedule.starts(last_day, rng)
    storm_start, _ = storm_us(last_day)
    offsets = np.sort(rng.uniform(0, 0.5 * HOUR_US, FLOOD_RUNS)).astype(np.int64)
    starts: Times = storm_start + offsets
    return starts


def _change_us(change: Change | None, last_day: date) -> int:
    if change is None:
        return np.iinfo(np.int64).max
    changed_on = last_day - timedelta(days=change.days_before_end)
    return day_start_us(changed_on) + int(change.hour * HOUR_US)


def _execution_seconds(
    pattern: SamplePattern,
    day_of: NDArray[np.int64],
    started_us: Times,
    is_after_change: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Seconds:
    before = plan_seconds(pattern.plan()) if pattern.plan else 0.0
    after = plan_seconds(pattern.change.plan_after()) if pattern.change else before
    planned = np.where(is_after_change, after, before) * pattern.slowdown
    growth = 1 + pattern.growth_in_28_days * (day_of / DAYS)
    hour = started_us % DAY_US / HOUR_US
    crowding = 1 + 0.12 * np.exp(-(((hour - 10.5) / 3.0) ** 2))
    noise = rng.lognormal(0.0, pattern.noise, len(day_of))
    seconds: Seconds = (pattern.fixed_seconds + planned) * growth * crowding * noise
    return seconds


def _queue_seconds(
    pattern: SamplePattern, started_us: Times, last_day: date, rng: np.random.Generator
) -> Seconds:
    count = len(started_us)
    queue = pattern.queue
    waits = rng.random(count) < queue.waiting_share
    seconds = waits * rng.lognormal(np.log(max(queue.waiting_seconds, 0.01)), 0.6, count)
    storm_start, storm_end = storm_us(last_day)
    typical = {Queue.SHORT: 0.0, Queue.LOADS: 420.0, Queue.DEFAULT: 45.0}.get(queue, 30.0)
    remaining = (storm_end - started_us) / (storm_end - storm_start)
    in_storm = (remaining > 0) & (remaining <= 0.97)
    storm = in_storm * typical * np.sqrt(np.clip(remaining, 0, 1)) * rng.lognormal(0.3, 0.5, count)
    total: Seconds = seconds + np.minimum(storm, LONGEST_STORM_WAIT_SECONDS)
    return total


def _flood_queue_seconds(started_us: Times, execution_seconds: Seconds) -> Seconds:
    """Each run takes the slot that comes free first."""
    free_at = [0.0] * FLOOD_SLOTS
    waits = np.zeros(len(started_us))
    for position, start in enumerate((started_us / 1e6).tolist()):
        slot = free_at.index(min(free_at))
        begins = max(start, free_at[slot])
        waits[position] = begins - start
        free_at[slot] = begins + float(execution_seconds[position])
    return waits


def _compile_seconds(
    pattern: SamplePattern, started_us: Times, last_day: date, rng: np.random.Generator
) -> Seconds:
    """At the first run, after the version change, now and then, or each time."""
    count = len(started_us)
    changed_at = int(np.searchsorted(started_us, version_change_us(last_day)))
    compiles = rng.random(count) < 0.004
    compiles[:1] = True
    compiles[changed_at : changed_at + 1] = True
    if pattern.compiles_each_run:
        compiles = rng.random(count) < 0.93
    seconds: Seconds = compiles * pattern.compile_seconds * rng.lognormal(0.0, 0.3, count)
    return seconds


def _lock_wait_seconds(
    pattern: SamplePattern,
    started_us: Times,
    queue: Seconds,
    lock_holders: Mapping[str, PatternRunTimes],
) -> Seconds:
    """Until the statement that holds the lock has ended."""
    if pattern.waits_for is None:
        return np.zeros(len(started_us))
    holder = lock_holders[pattern.waits_for]
    asks_at = started_us + _us(queue)
    latest = np.searchsorted(holder.started_us, asks_at) - 1
    held_until = (holder.started_us + holder.elapsed_us)[np.maximum(latest, 0)]
    waits: Seconds = np.where(latest >= 0, np.maximum(held_until - asks_at, 0), 0) / 1e6
    return waits


def _statuses(
    pattern: SamplePattern, is_after_change: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.int64]:
    drawn = rng.random(len(is_after_change))
    # People lose patience with what has become slow.
    canceled_share = pattern.failures.canceled_share + 0.04 * is_after_change
    status = np.full(len(drawn), SUCCESS)
    status[drawn < pattern.failures.failed_share + canceled_share] = CANCELED
    status[drawn < pattern.failures.failed_share] = FAILED
    return status


def _returned_rows(
    pattern: SamplePattern, status: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    rows = pattern.returned_rows * rng.uniform(0.93, 1.07, len(status))
    if pattern.returned_rows <= 1:
        rows = np.full(len(status), pattern.returned_rows, dtype=np.float64)
    return np.where(status == SUCCESS, np.rint(rows), 0).astype(np.int64)


def _us(seconds: Seconds) -> Times:
    return np.rint(seconds * 1e6).astype(np.int64)
