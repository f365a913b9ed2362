"""When the statements of the sample run: through office hours, round the clock, or by the clock."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DAYS = 28

Times = NDArray[np.int64]
"""Microseconds since 1970-01-01 UTC."""

_OFFICE_WEIGHTS = (0, 0, 0, 0, 0, 1, 4, 9, 14, 15, 13, 11, 8, 11, 13, 12, 9, 6, 3, 2, 1, 1, 0, 0)
_STORE_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 10, 10, 10, 10, 10, 9, 8, 7, 5, 3, 2, 1)


def day_start_us(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_US


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """`hours` are the weights of the 24 hours of a day for runs at any minute; `at` are fixed
    times (hour, minute) a day that jitter by a few minutes. With `days_before_end` it runs on these
    days only."""

    per_workday: float = 0.0
    per_weekend_day: float = 0.0
    hours: tuple[int, ...] = _OFFICE_WEIGHTS
    at: tuple[tuple[int, int], ...] = ()
    jitter_minutes: float = 6.0
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    days_before_end: tuple[int, ...] = ()

    def starts(self, last_day: date, rng: np.random.Generator) -> Times:
        """All starts of the 28 days up to `last_day`, ascending."""
        first_us = day_start_us(last_day) - (DAYS - 1) * DAY_US
        weekday_of = (np.arange(DAYS) + last_day.weekday() - (DAYS - 1)) % 7
        runs_on = self._runs_on(weekday_of, rng)
        day_of = np.repeat(np.arange(DAYS), runs_on)
        if self.at:
            minutes = np.array([hour * 60 + minute for hour, minute in self.at])
            # Each day holds either all fixed times or none.
            minute_of = np.tile(minutes, len(day_of) // len(minutes)) + rng.uniform(
                0, self.jitter_minutes, len(day_of)
            )
            moment = minute_of * 60_000_000
        else:
            weights = np.array(self.hours) / sum(self.hours)
            hour_of = rng.choice(24, size=len(day_of), p=weights)
            moment = (hour_of + rng.uniform(0, 1, len(day_of))) * HOUR_US
        starts: Times = np.sort(first_us + day_of * DAY_US + moment.astype(np.int64))
        return starts

    def _runs_on(
        self, weekday_of: NDArray[np.int64], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        is_wanted = np.isin(weekday_of, self.weekdays)
        if self.days_before_end:
            is_wanted &= np.isin(np.arange(DAYS)[::-1], self.days_before_end)
        if self.at:
            return np.where(is_wanted, len(self.at), 0)
        mean = np.where(weekday_of < 5, self.per_workday, self.per_weekend_day)
        return np.where(is_wanted, rng.poisson(mean), 0)


def office(per_workday: float) -> Schedule:
    """People at their desks; hardly anyone at weekends."""
    return Schedule(per_workday=per_workday, per_weekend_day=per_workday * 0.08)


def shops(per_day: float) -> Schedule:
    """Shops and screens, seven days a week."""
    return Schedule(per_workday=per_day, per_weekend_day=per_day * 0.9, hours=_STORE_WEIGHTS)


def daily(*at: tuple[int, int], jitter_minutes: float = 6.0) -> Schedule:
    return Schedule(at=at, jitter_minutes=jitter_minutes)


def workdays(*at: tuple[int, int], jitter_minutes: float = 12.0) -> Schedule:
    return Schedule(at=at, jitter_minutes=jitter_minutes, weekdays=(0, 1, 2, 3, 4))


def once(days_before_end: int, at: tuple[int, int]) -> Schedule:
    return Schedule(at=(at,), jitter_minutes=0.5, days_before_end=(days_before_end,))
