"""Histories of runs with levels, rhythms and waits of one's own choice."""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Names, Runs

START = datetime(2026, 10, 1, tzinfo=UTC)
START_US = int(START.timestamp() * 1e6)
HOUR_US = 3_600_000_000

Seconds = NDArray[np.float64]


def runs_taking(
    seconds: Seconds,
    *,
    hours_apart: float = 4.0,
    queue_seconds: float | Seconds = 0.0,
    compile_seconds: float | Seconds = 0.0,
) -> Runs:
    """Runs whose own time is `seconds`; what they wait comes on top."""
    count = len(seconds)
    numbers = {name: np.zeros(count, dtype=np.int64) for name in NUMBER_COLUMNS}
    numbers["query_id"] = np.arange(count)
    numbers["started_us"] = START_US + (np.arange(count) * hours_apart * HOUR_US).astype(np.int64)
    for name, waited in (("queue_us", queue_seconds), ("compile_us", compile_seconds)):
        numbers[name] = (np.broadcast_to(waited, count) * 1e6).astype(np.int64)
    numbers["execution_us"] = (seconds * 1e6).astype(np.int64)
    numbers["elapsed_us"] = numbers["execution_us"] + numbers["queue_us"] + numbers["compile_us"]
    return Runs(
        **numbers,
        **dict.fromkeys(NAME_COLUMNS, Names.of(["x"] * count)),
        status=np.zeros(count, dtype=np.uint8),
        is_cache_hit=np.zeros(count, dtype=np.bool_),
        is_scaled=np.zeros(count, dtype=np.bool_),
    )


def noisy(count: int, *, around: float, seed: int, spread: float = 0.35) -> Seconds:
    noise: Seconds = around * np.random.default_rng(seed).lognormal(0, spread, count)
    return noise


def is_weekend(runs: Runs) -> NDArray[np.bool_]:
    weekend: NDArray[np.bool_] = (runs.started_us // (24 * HOUR_US) + 3) % 7 >= 5
    return weekend
