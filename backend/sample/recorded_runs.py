"""Which runs have a recorded plan and steps: the slowest few and typical ones of each pattern."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backend.sample.cost_model import SUCCESS, PatternRunTimes
from backend.sample.history import SampleHistory
from backend.sample.sample_plan import SamplePlan

SLOWEST_RUNS = 3
TYPICAL_PARTS = (0.3, 0.5, 0.7)
"""Of the runs by the time they execute, where something changed; else only the middle one."""


@dataclass(frozen=True, kw_only=True)
class RecordedRun:
    query_id: int
    user_id: int
    pattern_position: int
    row: int
    executes_from_us: int
    execution_us: int
    plan: SamplePlan


def recorded_runs(history: SampleHistory) -> list[RecordedRun]:
    """By query id; statements without a plan (COPY, UNLOAD, DDL) have none."""
    found = [
        run
        for position, times in enumerate(history.patterns)
        if times.pattern.plan
        for run in _of_pattern(history, position, times)
    ]
    return sorted(found, key=lambda run: run.query_id)


def _of_pattern(
    history: SampleHistory, position: int, times: PatternRunTimes
) -> Iterator[RecordedRun]:
    pattern = times.pattern
    plan_before = pattern.plan() if pattern.plan else None
    plan_after = pattern.change.plan_after() if pattern.change else plan_before
    query_ids = history.query_ids_of(position)
    user_ids = history.user_ids_of(position)
    waited_us = times.queue_us + times.planning_us + times.compile_us + times.lock_wait_us
    for row in _rows_worth_recording(times):
        plan = plan_after if times.is_after_change[row] else plan_before
        if plan is None:
            continue
        yield RecordedRun(
            query_id=int(query_ids[row]),
            user_id=int(user_ids[row]),
            pattern_position=position,
            row=row,
            executes_from_us=int(times.started_us[row] + waited_us[row]),
            execution_us=int(times.execution_us[row]),
            plan=plan,
        )


def _rows_worth_recording(times: PatternRunTimes) -> list[int]:
    timed = np.flatnonzero((times.status == SUCCESS) & ~times.is_cache_hit)
    slowest = timed[np.argsort(-times.elapsed_us[timed], kind="stable")][:SLOWEST_RUNS]
    rows = set(slowest.tolist())
    for part in (timed[times.is_after_change[timed]], timed[~times.is_after_change[timed]]):
        if len(part):
            by_time = part[np.argsort(times.execution_us[part], kind="stable")]
            parts = TYPICAL_PARTS if times.pattern.change else TYPICAL_PARTS[1:2]
            rows.update(int(by_time[int(len(by_time) * share)]) for share in parts)
    return sorted(rows)
