"""How numbers, times and foreign text are written on every page."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from backend.domain.visible_text import visible

MINUTE = 60.0
HOUR = 3600.0
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$^=&\"'/])")
_WAKES = re.compile(
    r":(?=[^\s\d]|\d{3,}:|\d+[a-z_-][\w-]*:)"  # :icon: :red[…] :100: http://
    r"|(?<=\w)@(?=\w)"
    r"|\bwww(?=\.)"
    r"|[-<>~](?=[-=>])",  # Streamlit's arrows, dashes and signs of comparison
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[^\S\u00a0\u2007\u202f]+")
"""White space without the no-break spaces, which are meant."""
WORD_JOINER = "\u2060"

Formats = dict[Any, str | Callable[[Any], str] | None]
"""A table's columns and how their numbers are written: for pandas, so that they still sort."""


def duration(seconds: float) -> str:
    """`420 ms`, `12.4 s`, `3.2 min`, `12.4 h`: three figures at most, always with the unit."""
    if seconds <= 0:
        return "0 s"
    if seconds < 0.001:
        return "<1 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    if seconds < 99.95 * MINUTE:
        return f"{seconds / MINUTE:.1f} min"
    hours = seconds / HOUR
    return f"{hours:.1f} h" if hours < 99.95 else f"{hours:,.0f} h"


def dollars(amount: float) -> str:
    """`$0.04`, `$12.40`, `$3,120`, `−$12.40`; a real amount is never nothing."""
    if 0 < abs(amount) < 0.01:
        return "under $0.01"
    sign, size = "−" if amount < 0 else "", abs(amount)
    return f"{sign}${size:,.2f}" if size < 999.5 else f"{sign}${size:,.0f}"


def gain_in_dollars(amount: float | None) -> str:
    """`+$12.40`, `−$0.40`; without prices a dash, never an amount of nothing."""
    if not amount:
        return "–"
    told = dollars(amount)
    return f"+{told}" if told.startswith("$") else told


def per_cent(share: float) -> str:
    """`31 %`, `4.5 %`; small but real shares are `<0.1 %`, never `0 %`."""
    value = share * 100
    if 0 < value < 0.1:
        return "<0.1 %"
    return f"{value:.0f} %" if value >= 9.95 or value <= 0 else f"{value:.1f} %"


def table_per_cent(share: float) -> str:
    """With one decimal throughout, so that a column of shares lines up."""
    return "<0.1 %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def ratio(times: float) -> str:
    return f"{times:.1f}×" if times < 9.95 else f"{times:,.0f}×"


def count(number: float) -> str:
    return f"{number:,.0f}"


def short_count(number: float) -> str:
    """`48`, `384,000`, `9.8 bn`: from a million on with one decimal."""
    for size, word in ((1e12, "tn"), (1e9, "bn"), (1e6, "m")):
        if number >= size * 0.9995:
            return f"{number / size:,.1f} {word}"
    return count(number)


def number_of(number: int, one: str, several: str | None = None) -> str:
    """`1 run`, `2,310 runs`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def megabytes(size_mb: float) -> str:
    if size_mb < 1000:
        return f"{size_mb:,.0f} MB"
    return f"{size_mb / 1000:,.1f} GB" if size_mb < 1e6 else f"{size_mb / 1e6:,.1f} TB"


def short_day(moment: date) -> str:
    return f"{moment.day} {moment:%b}"


def full_day(moment: date) -> str:
    return f"{moment.day} {moment:%b %Y}"


def moment_text(moment: datetime) -> str:
    at = moment.astimezone(UTC)
    return f"{full_day(at)}, {at:%H:%M} UTC"


def days_text(first_day: date | None, last_day: date | None) -> str:
    if first_day is None or last_day is None:
        return "no days yet"
    if first_day == last_day:
        return full_day(first_day)
    start = short_day(first_day) if first_day.year == last_day.year else full_day(first_day)
    return f"{start} – {full_day(last_day)}"


def words(name: str) -> str:
    """`lock_wait` → `Lock wait`, for our own names only."""
    return name.replace("_", " ").capitalize()


def shortened(text: str, limit: int) -> str:
    """On one line, cut with an ellipsis."""
    line = _BREAKS.sub(" ", visible(text)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain(text: str) -> str:
    """Any text for a place that reads Markdown: it comes out as the same letters, on one line.

    Backslashes take the meaning from Markdown. A word joiner (no width) keeps from waking up
    afterwards what reads the letters once more: Streamlit's `:icon:`, `:red[…]` and arrows, and
    automatic links.
    """
    line = _BREAKS.sub(" ", visible(text)).strip()
    return _MARKDOWN.sub(r"\\\1", _WAKES.sub(rf"\g<0>{WORD_JOINER}", line))
