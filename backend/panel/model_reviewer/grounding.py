"""Holds a model's sentences against the facts: what no fact bears out is struck, and counted."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import isclose

from backend.panel.model_reviewer.known import KnownNames

ROUNDED_WITHIN = 0.015
"""So far a figure may be from the fact's by rounding, or half of its last digit if that is more."""
TOO_SMALL_TO_MEAN = frozenset({0.0, 1.0, 2.0})
"""Bare numbers as in `1 slice` or `both of the 2 joins`."""

_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_FIGURE = re.compile(
    r"(?<![\w$:.,])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r"(?:[ -]?(?P<multiple>trillion|billion|million|thousand|bn|tn|[kKmMbB](?![\w]))\b)?"
    r"(?:[ -]?(?P<unit>%|per cent\b|percent\b|[×x]|times\b|ms\b|milliseconds?\b|s\b|secs?\b"
    r"|seconds?\b|mins?\b|minutes?\b|h\b|hrs?\b|hours?\b|days?\b|[KMGT]i?B\b|bytes?\b))?"
)
_BOUND = re.compile(
    r"\b(?:over|under|above|below|almost|nearly|(?:more|less) than)\s\Z", re.IGNORECASE
)
_NUMBERING = re.compile(r"(?:^|(?<=[\s(]))\d{1,2}[.)](?=\s)")
_NAMED = re.compile(
    r"`(?P<ticked>[^`\s]+)`|\"(?P<quoted>[\w$]+(?:\.[\w$]+)*)\""
    r"|(?<![\w$:/@])(?P<bare>[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)+|[^\W\d][\w$]*_[\w$]*|_[\w$]+)"
)
_TIMES = {
    "trillion": 1e12, "tn": 1e12, "billion": 1e9, "bn": 1e9, "b": 1e9, "million": 1e6, "m": 1e6,
    "thousand": 1e3, "k": 1e3,
}  # fmt: skip
_ABBREVIATIONS = frozenset({"e.g", "i.e", "a.k.a", "vs"})
_SCALES: tuple[tuple[re.Pattern[str], tuple[float, ...]], ...] = tuple(
    (re.compile(unit, re.IGNORECASE), scales)
    for unit, scales in (
        (r"%|per ?cent", (1, 100)),
        (r"ms|milli\w+", (1, 1e3)),
        (r"mins?|minutes?", (1, 1 / 60)),
        (r"h|hrs?|hours?", (1, 1 / 3_600)),
        (r"days?", (1, 1 / 86_400)),
        (r"Ki?B", (1, 1e-3, 1 / 1_024)),
        (r"Mi?B", (1, 1e-6, 1 / 1_048_576)),
        (r"Gi?B", (1, 1e-3, 1 / 1_024, 1e-9, 1 / 1_073_741_824)),
        (r"Ti?B", (1, 1e-6, 1 / 1_048_576, 1e-12, 1 / 1_099_511_627_776)),
    )
)


@dataclass(frozen=True, kw_only=True)
class Ungrounded:
    sentence: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Grounded:
    """The sentences that stand, and those that do not."""

    text: str
    struck: tuple[Ungrounded, ...] = ()


def grounded(text: str, numbers: Collection[float], names: KnownNames) -> Grounded:
    kept: list[str] = []
    struck: list[Ungrounded] = []
    for sentence in _SENTENCE_ENDS.split(text):
        reason = objection(sentence, numbers, names)
        if reason is None:
            kept.append(sentence)
        else:
            struck.append(Ungrounded(sentence=sentence, reason=reason))
    return Grounded(text=" ".join(kept).strip(), struck=tuple(struck))


def objection(sentence: str, numbers: Collection[float], names: KnownNames) -> str | None:
    """Why the sentence does not stand; None where it does."""
    for name in _unknown_names(sentence, names):
        return f"Nothing known of this pattern is called {name[:80]}."
    for figure in _unknown_figures(sentence, numbers):
        return f"No fact that it cites has the figure {figure[:40].strip()}."
    return None


def _unknown_names(sentence: str, names: KnownNames) -> Iterator[str]:
    for match in _NAMED.finditer(sentence):
        written = match.group("ticked") or match.group("quoted") or match.group("bare")
        written = written.strip(".,;:()[]\"'")
        if written.lower() in _ABBREVIATIONS or names.knows(written):
            continue
        parts = [part for part in re.split(r"[.()\[\],:=<>\s\"']+", written) if part]
        unknown = [part for part in parts if not part[0].isdigit() and not names.knows(part)]
        if unknown:
            yield written


def _unknown_figures(sentence: str, numbers: Collection[float]) -> Iterator[str]:
    bare = _NUMBERING.sub(" ", sentence)
    for match in _FIGURE.finditer(bare):
        if not _is_borne_out(match, numbers):
            yield match.group()


def _is_borne_out(match: re.Match[str], numbers: Collection[float]) -> bool:
    written = match["number"].replace(",", "")
    multiple = _TIMES.get((match["multiple"] or "").lower(), 1.0)
    unit = match["unit"] or ""
    value = float(written) * multiple
    if not unit and multiple == 1 and value in TOO_SMALL_TO_MEAN:
        return True
    decimals = len(written.partition(".")[2]) if "e" not in written.lower() else 0
    # A share is written to its last digit: 99 % is not all.
    rounded_within = 0.0 if unit.startswith(("%", "p")) else ROUNDED_WITHIN
    is_bound = _BOUND.search(match.string[: match.start()]) is not None
    half_a_digit = (1.0 if is_bound else 0.5) * 10**-decimals * multiple
    return any(
        isclose(value, known, rel_tol=rounded_within, abs_tol=half_a_digit)
        for number in numbers
        for known in _in_unit(number, unit)
    )


def _in_unit(number: float, unit: str) -> Iterator[float]:
    for pattern, scales in _SCALES:
        if unit and pattern.fullmatch(unit):
            yield from (number * scale for scale in scales)
            if unit.startswith(("%", "p")) and 0 <= number <= 1:
                yield (1 - number) * 100
            return
    yield number
