"""Figures as people read them."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def duration(seconds: float) -> str:
    """850 ms, 12.3 s, 4 min 10 s, 3 h 5 min, 2 d 4 h: two units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY:,} d {whole % DAY // HOUR} h"


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def counted(count: int, one: str, many: str | None = None) -> str:
    """1 pattern, 25 patterns, 1,000 runs."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
