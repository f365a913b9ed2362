"""A lasting slow-down is named; chance, storms and single bad runs are not."""

from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.regression import find_regression
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Runs
from tests.unit.domain.histories import START, noisy, runs_taking


def test_a_lasting_slow_down_is_dated_and_sized() -> None:
    seconds = np.concatenate([noisy(100, around=10, seed=1), noisy(40, around=34, seed=2)])

    regression = find_regression(runs_taking(seconds))

    assert regression is not None
    assert regression.ratio == pytest.approx(3.4, rel=0.15)
    assert abs(regression.changed_at - (START + timedelta(hours=400))) < timedelta(hours=24)


def test_a_report_that_runs_twice_a_day_is_dated_too() -> None:
    seconds = np.concatenate([noisy(20, around=10, seed=3) / 2, noisy(6, around=40, seed=4)])

    regression = find_regression(runs_taking(seconds, hours_apart=12))

    assert regression is not None
    assert regression.runs_after == 6


@pytest.mark.parametrize("seed", range(40))
def test_chance_alone_is_no_regression(seed: int) -> None:
    assert find_regression(runs_taking(noisy(60, around=10, seed=seed))) is None


def test_a_speed_up_is_no_regression() -> None:
    seconds = np.concatenate([noisy(50, around=40, seed=5), noisy(50, around=10, seed=6)])

    assert find_regression(runs_taking(seconds)) is None


def test_one_bad_morning_is_no_regression() -> None:
    seconds = noisy(100, around=10, seed=7)
    seconds[60:64] *= 20

    assert find_regression(runs_taking(seconds)) is None


def test_waiting_in_the_queue_is_not_the_statements_doing() -> None:
    calm = runs_taking(noisy(60, around=10, seed=8))
    queued = runs_taking(noisy(30, around=10, seed=9), queue_seconds=120)
    later = queued.started_us + calm.started_us[-1] - calm.started_us[0] + 1
    stormy = Runs.concat([calm, _starting(queued, later)])

    assert find_regression(stormy) is None


def test_a_handful_of_runs_says_nothing() -> None:
    assert find_regression(runs_taking(np.array([1.0, 1, 1, 9, 9, 9]))) is None


def _starting(runs: Runs, started_us: NDArray[np.int64]) -> Runs:
    columns = {name: getattr(runs, name) for name in (*NUMBER_COLUMNS, *NAME_COLUMNS)}
    columns["started_us"] = started_us
    masks = {name: getattr(runs, name) for name in ("status", "is_cache_hit", "is_scaled")}
    return Runs(**columns, **masks)
