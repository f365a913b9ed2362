"""Figures, lists and sentences for the analyst: the same in findings and in recommendations."""

from collections.abc import Sequence

from backend.domain.time_buckets import Bucket

LONGEST_TITLE = 70

BUCKET_NOUNS = {
    Bucket.QUEUE: "queueing",
    Bucket.PLANNING: "planning",
    Bucket.COMPILE: "compiling",
    Bucket.LOCK_WAIT: "waiting for locks",
    Bucket.EXECUTION: "execution",
}


def counted(count: int, thing: str) -> str:
    """`1 step`, `3 steps`, `2,310 runs`"""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def number_in_words(number: float) -> str:
    """`950`, `8,798`, `4.5 million`, `155 million`, `3.1 billion`, `2 trillion`"""
    for size, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        # What rounds up to the next word takes it: no `1000 million`.
        if number >= size * 0.9995 and number >= 1e6:
            return f"{_short(number / size)} {word}"
    return f"{number:,.0f}"


def rows_in_words(rows: float) -> str:
    return f"{number_in_words(rows)} {'row' if rows == 1 else 'rows'}"


def megabytes_in_words(megabytes: float) -> str:
    """`512 MB`, `27 GB`, `1.1 TB`, in steps of a thousand"""
    if megabytes < 999.5:
        return f"{megabytes:,.0f} MB"
    if megabytes < 999_500:
        return f"{_short(megabytes / 1_000)} GB"
    return f"{_short(megabytes / 1_000_000)} TB"


def dollars_in_words(dollars: float) -> str:
    """`under $0.01`, `$12.40`, `$3,120`, `-$12.40`"""
    if 0 < abs(dollars) < 0.01:
        return "under $0.01"
    if dollars < 0:
        return f"-{dollars_in_words(-dollars)}"
    return f"${dollars:,.2f}" if dollars < 999.5 else f"${dollars:,.0f}"


def duration_in_words(seconds: float) -> str:
    """`0.42 s`, `95 s`, `34 min`, `5.2 h`"""
    if seconds <= 0:
        return "0 s"
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds >= 0.01 else "under 0.01 s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{seconds / 60:.1f} min"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h" if seconds < 360_000 else f"{seconds / 3600:,.0f} h"


def percent(share: float) -> str:
    """`12 %`, `4.6 %`, `5 %`; a real share is never `0 %`, nor a part of the whole `100 %`."""
    value = share * 100
    if 0 < value < 0.1:
        return "under 0.1 %"
    if 99.5 <= value < 99.995:
        return "over 99 %"
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f}".removesuffix(".0") + " %"


def listed(words: Sequence[str], most: int = 4) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 3 more`"""
    shown = list(words[:most])
    if len(words) > most:
        shown = [*shown[: most - 1], f"{len(words) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def sentence(text: str) -> str:
    """With a capital letter and a full stop; a name at the start is left as it is."""
    text = text.strip()
    if not text:
        return ""
    first_word = text.split(maxsplit=1)[0]
    if first_word.isalpha() and first_word.islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def paragraph(*sentences: str) -> str:
    return " ".join(sentence(part) for part in sentences if part.strip())


def titled(*texts: str) -> str:
    """The first text that fits a title, else as much of the last one as does."""
    fitting = next((text for text in texts if 0 < len(text) <= LONGEST_TITLE), None)
    return fitting or texts[-1][: LONGEST_TITLE - 1].rstrip() + "…"


def _short(number: float) -> str:
    """One decimal where it tells something: `3.1`, `5`, `155`"""
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.1f}".removesuffix(".0")
