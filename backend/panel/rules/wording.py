"""Figures as an analyst writes them."""

from collections.abc import Sequence


def duration_text(seconds: float) -> str:
    """0.42 s · 95 s · 34 min · 5.2 h"""
    if seconds < 10:
        return f"{seconds:.2g} s" if seconds >= 0.01 else "under 0.01 s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 600:
        return f"{seconds / 60:.1f} min"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.1f} h" if seconds < 360_000 else f"{seconds / 3600:,.0f} h"


def share_text(share: float) -> str:
    if 0 < share < 0.01:
        return "under 1 %"
    if 0.99 < share < 1:
        return "over 99 %"
    return f"{share:.0%}".replace("%", " %")


def size_text(megabytes: float) -> str:
    """512 MB · 27.0 GB · 1.1 TB, in steps of a thousand as the checks count"""
    if megabytes < 1_000:
        return f"{megabytes:,.0f} MB"
    if megabytes < 1_000_000:
        return f"{megabytes / 1_000:,.1f} GB"
    return f"{megabytes / 1_000_000:,.1f} TB"


def rows_text(rows: int) -> str:
    """950 · 8,798 · 4.5 million · 18 billion"""
    for size, word in ((1_000_000_000, "billion"), (1_000_000, "million")):
        if rows >= size:
            return f"{rows / size:.3g} {word}"
    return f"{rows:,}"


def listed(words: Sequence[str], most: int = 4) -> str:
    """a · a and b · a, b and c · a, b, c and 3 more"""
    shown = list(words[:most])
    if len(words) > most:
        shown = [*shown[: most - 1], f"{len(words) - most + 1} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def count_text(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


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
