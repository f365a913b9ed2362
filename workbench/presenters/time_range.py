"""The time ranges an analyst can choose: counted back from the newest day that holds runs, or
from one day to another."""

from collections.abc import Sequence
from datetime import date, timedelta

from backend.domain.pattern import KnownNames

ALL_DAYS = "all"
CHOSEN_DAYS = "days"
DEFAULT_RANGE = "28d"
RANGE_WORDS = {
    "1d": "Newest day",
    "7d": "7 days",
    "28d": "28 days",
    "90d": "90 days",
    ALL_DAYS: "All",
    CHOSEN_DAYS: "From – to",
}
_DAYS = {"1d": 1, "7d": 7, "28d": 28, "90d": 90}


def range_words(name: str) -> str:
    return RANGE_WORDS.get(name, name)


def range_days(
    name: str | None, known: KnownNames, chosen: Sequence[date] = ()
) -> tuple[date | None, date | None]:
    """First and last day, both within the range; (None, None) means all.

    `chosen` are the two days picked; while only the first is, the range goes on to the newest.
    """
    if name == CHOSEN_DAYS and chosen:
        return chosen[0], chosen[1] if len(chosen) > 1 else known.last_day
    days = _DAYS.get(name or DEFAULT_RANGE)
    if days is None or known.last_day is None:
        return None, None
    return known.last_day - timedelta(days=days - 1), known.last_day


def days_to_choose(known: KnownNames) -> tuple[date, date] | None:
    """The first and the last day that can be picked; None where no runs are stored."""
    if known.first_day is None or known.last_day is None:
        return None
    return known.first_day, known.last_day
