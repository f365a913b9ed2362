"""The time ranges an analyst can choose, counted back from the newest day that holds runs."""

from datetime import date, timedelta

from backend.domain.pattern import KnownNames

ALL_DAYS = "all"
DEFAULT_RANGE = "28d"
RANGE_WORDS = {
    "1d": "Newest day",
    "7d": "7 days",
    "28d": "28 days",
    "90d": "90 days",
    ALL_DAYS: "All",
}
_DAYS = {"1d": 1, "7d": 7, "28d": 28, "90d": 90}


def range_words(name: str) -> str:
    return RANGE_WORDS.get(name, name)


def range_days(name: str | None, known: KnownNames) -> tuple[date | None, date | None]:
    """First and last day, both within the range; (None, None) means all."""
    days = _DAYS.get(name or DEFAULT_RANGE)
    if days is None or known.last_day is None:
        return None, None
    return known.last_day - timedelta(days=days - 1), known.last_day
