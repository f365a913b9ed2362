"""What the sample tells: two regressions, one queue storm, locks, a new version that is innocent."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from backend.domain.regression import Regression, find_regression
from backend.domain.runs import Names, Runs
from backend.sample.cost_model import PatternRunTimes
from backend.sample.history import SampleHistory, sample_history
from backend.sample.sample_pattern import Queue
from backend.sample.story import storm_day, storm_us, version_change_us
from tests.unit.sample.conftest import LAST_DAY

# A month of different weekdays, a leap day, a year's end.
DAYS = [LAST_DAY, date(2027, 1, 3), date(2027, 6, 16), date(2028, 2, 29), date(2026, 12, 31)]


@pytest.mark.parametrize("last_day", DAYS, ids=str)
def test_two_patterns_regress_and_no_others(last_day: date) -> None:
    regressions = _regressions(sample_history(last_day))

    assert set(regressions) == {"inventory_on_hand", "segment_revenue"}


def test_the_regressions_begin_with_their_cause(history: SampleHistory) -> None:
    regressions = _regressions(history)

    for part in history.patterns:
        if change := part.pattern.change:
            changed_on = LAST_DAY - timedelta(days=change.days_before_end)
            found_at = regressions[part.pattern.name].changed_at
            assert changed_on <= found_at.date() <= changed_on + timedelta(days=2)
            assert regressions[part.pattern.name].ratio > 2


def test_the_new_version_makes_nothing_slower(history: SampleHistory) -> None:
    changed_at = datetime.fromtimestamp(version_change_us(LAST_DAY) / 1e6, tz=UTC)

    near = timedelta(days=2)
    found = [regression.changed_at for regression in _regressions(history).values()]
    assert all(abs(moment - changed_at) > near for moment in found)


def test_everything_compiles_again_after_the_new_version(history: SampleHistory) -> None:
    changed_at = version_change_us(LAST_DAY)

    for part in history.patterns:
        is_after = part.started_us >= changed_at
        if is_after.any() and not part.pattern.compiles_each_run and part.pattern.compile_seconds:
            first = int(np.argmax(is_after))
            assert part.compile_us[first] > 0 or part.is_cache_hit[first], part.pattern.name


def test_runs_wait_on_the_morning_of_the_storm_and_not_on_the_day_before(
    history: SampleHistory,
) -> None:
    start, end = storm_us(LAST_DAY)
    day = 24 * 3_600_000_000

    stormy = _mean_queue_seconds(history, start, end)
    calm = _mean_queue_seconds(history, start - day, end - day)
    assert storm_day(LAST_DAY).weekday() < 5
    assert stormy > 10 > 3 * calm


def test_an_update_waits_until_the_delete_has_ended(history: SampleHistory) -> None:
    update = _named(history, "update_deliveries")
    delete = _named(history, "delete_old_shipments")

    gets_lock_at = update.started_us + update.queue_us + update.lock_wait_us
    waits = update.lock_wait_us > 0
    ends = delete.started_us + delete.elapsed_us
    assert waits.mean() > 0.5
    assert np.isin(gets_lock_at[waits], ends).mean() > 0.95


def test_some_runs_fail_some_are_canceled_and_most_end_well(history: SampleHistory) -> None:
    status = history.column("status")

    counts = np.bincount(status, minlength=3)
    assert counts[0] / len(status) > 0.97
    assert counts[1] > 10
    assert counts[2] > 10


def test_weekends_are_quieter(history: SampleHistory) -> None:
    day_of = history.started_us // (24 * 3_600_000_000)
    is_weekend = (day_of + 3) % 7 >= 5

    assert is_weekend.sum() / 8 < 0.8 * (~is_weekend).sum() / 20


def _regressions(history: SampleHistory) -> dict[str, Regression]:
    found = {
        part.pattern.name: find_regression(_runs(history, position))
        for position, part in enumerate(history.patterns)
    }
    return {name: regression for name, regression in found.items() if regression}


def _runs(history: SampleHistory, position: int) -> Runs:
    part = history.patterns[position]
    nobody = Names.of([""] * len(part.started_us))
    return Runs(
        query_id=history.query_ids_of(position),
        started_us=part.started_us,
        elapsed_us=part.elapsed_us,
        queue_us=part.queue_us,
        planning_us=part.planning_us,
        compile_us=part.compile_us,
        lock_wait_us=part.lock_wait_us,
        execution_us=part.execution_us,
        returned_rows=part.returned_rows,
        returned_bytes=part.returned_rows,
        status=part.status.astype(np.uint8),
        is_cache_hit=part.is_cache_hit,
        is_scaled=np.zeros_like(part.is_cache_hit),
        user_name=nobody,
        database_name=nobody,
        query_label=nobody,
        redshift_version=nobody,
    )


def _mean_queue_seconds(history: SampleHistory, start_us: int, end_us: int) -> float:
    waits = [
        part.queue_us[(part.started_us >= start_us) & (part.started_us < end_us)]
        for part in history.patterns
        if part.pattern.queue in {Queue.DASHBOARDS, Queue.DEFAULT} and not part.pattern.is_flood
    ]
    return float(np.concatenate(waits).mean()) / 1e6


def _named(history: SampleHistory, name: str) -> PatternRunTimes:
    return next(part for part in history.patterns if part.pattern.name == name)
