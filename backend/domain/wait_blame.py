"""Who held what others waited for: seconds of waiting, charged to the runs under way meanwhile.

Redshift's system views do not say behind whom a run queued. Each moment of waiting is therefore
divided evenly among all runs that held a slot of the same scope at that moment, so that the
charges add up to the waiting and nobody is charged for what happened without him.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.domain.runs import IntColumn

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Spans:
    """Stretches of time, each of a pattern (by its number); microseconds, the end left out."""

    pattern: IntColumn
    start_us: IntColumn
    end_us: IntColumn

    def __len__(self) -> int:
        return len(self.pattern)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Spans":
        return Spans(
            pattern=self.pattern[rows], start_us=self.start_us[rows], end_us=self.end_us[rows]
        )

    @staticmethod
    def concat(parts: Sequence["Spans"]) -> "Spans":
        nothing = np.empty(0, dtype=np.int64)
        return Spans(
            pattern=np.concatenate([nothing, *(part.pattern for part in parts)]),
            start_us=np.concatenate([nothing, *(part.start_us for part in parts)]),
            end_us=np.concatenate([nothing, *(part.end_us for part in parts)]),
        )

    def distinct(self) -> "Spans":
        """Each once, in order."""
        rows = np.unique(np.stack([self.start_us, self.end_us, self.pattern]), axis=1)
        return Spans(pattern=rows[2], start_us=rows[0], end_us=rows[1])

    @property
    def seconds(self) -> float:
        return float((self.end_us - self.start_us).sum()) / 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class Charges:
    """Seconds charged to each holding span, and how many seconds of waiting found a holder."""

    of_span: Numbers
    waited_seconds: float
    charged_seconds: float


class Sweep:
    """One pass over the moments at which anything begins or ends."""

    def __init__(self, waiting: Spans, holding: Spans) -> None:
        self._waiting, self._holding = waiting, holding
        moments = [waiting.start_us, waiting.end_us, holding.start_us, holding.end_us]
        self._moments: IntColumn = np.unique(np.concatenate(moments))
        self._seconds: Numbers = np.diff(self._moments) / 1e6
        self._holders = self._count(holding)

    def charges(self) -> Charges:
        charged = self._charged(self._waiting)
        return Charges(
            of_span=charged,
            waited_seconds=self._waiting.seconds,
            charged_seconds=float(charged.sum()),
        )

    def charged_by(self, victim: int) -> Numbers:
        """The part of each holding span's charge that comes from the waiting of one pattern."""
        return self._charged(self._waiting.take(self._waiting.pattern == victim))

    def _charged(self, waiting: Spans) -> Numbers:
        if not len(self._seconds) or not len(self._holding):
            return np.zeros(len(self._holding))
        a_holder = np.divide(
            self._count(waiting) * self._seconds,
            self._holders,
            out=np.zeros(len(self._seconds)),
            where=self._holders > 0,
        )
        up_to = np.concatenate([[0.0], np.cumsum(a_holder)])
        begins = np.searchsorted(self._moments, self._holding.start_us)
        ends = np.searchsorted(self._moments, self._holding.end_us)
        charged: Numbers = up_to[ends] - up_to[begins]
        return charged

    def _count(self, spans: Spans) -> Numbers:
        """How many of the spans are open in each stretch between two moments."""
        steps = np.zeros(len(self._moments) + 1)
        np.add.at(steps, np.searchsorted(self._moments, spans.start_us), 1.0)
        np.add.at(steps, np.searchsorted(self._moments, spans.end_us), -1.0)
        counts: Numbers = np.cumsum(steps)[: len(self._seconds)]
        return counts


@dataclass(frozen=True, kw_only=True)
class Blamed:
    """A pattern, the waiting of others charged to it, its own, and who waited most."""

    pattern: int
    others_seconds: float
    own_seconds: float
    hours: int
    victims: tuple[tuple[int, float], ...]


def blamed_patterns(
    waiting: Spans, holding: Spans, *, most: int, most_victims: int
) -> tuple[Sequence[Blamed], Charges]:
    """Those with most waiting charged to them, the worst first."""
    sweep = Sweep(waiting, holding)
    charges = sweep.charges()
    if not charges.charged_seconds:
        return (), charges
    numbers, place = np.unique(holding.pattern, return_inverse=True)
    total = _sums(place, charges.of_span, len(numbers))
    worst = np.argsort(-total, kind="stable")[: 2 * most]
    worst = worst[total[worst] > 0]
    waited = _most_waiting(waiting, most_victims)
    # Its own waiting is always looked at, whether or not it is among the worst.
    victims = dict.fromkeys((*waited, *(int(numbers[at]) for at in worst)))
    shares = {victim: _sums(place, sweep.charged_by(victim), len(numbers)) for victim in victims}
    blamed = [
        _blamed(int(at), numbers, total, shares, _hours_of(holding, charges, place == at))
        for at in worst
    ]
    blamed.sort(key=lambda one: (-one.others_seconds, one.pattern))
    return [one for one in blamed if one.others_seconds > 0][:most], charges


def _sums(place: NDArray[np.intp], values: Numbers, length: int) -> Numbers:
    return np.asarray(np.bincount(place, weights=values, minlength=length), dtype=np.float64)


def _most_waiting(waiting: Spans, most: int) -> list[int]:
    numbers, place = np.unique(waiting.pattern, return_inverse=True)
    seconds = np.bincount(place, weights=waiting.end_us - waiting.start_us)
    return [int(numbers[at]) for at in np.argsort(-seconds, kind="stable")[:most]]


def _blamed(
    at: int,
    numbers: IntColumn,
    total: Numbers,
    shares: dict[int, Numbers],
    hours: int,
) -> Blamed:
    own_number = int(numbers[at])
    own = float(shares[own_number][at]) if own_number in shares else 0.0
    victims = sorted(
        ((victim, float(share[at])) for victim, share in shares.items() if victim != own_number),
        key=lambda pair: (-pair[1], pair[0]),
    )
    return Blamed(
        pattern=own_number,
        others_seconds=max(float(total[at]) - own, 0.0),
        own_seconds=own,
        hours=hours,
        victims=tuple((victim, seconds) for victim, seconds in victims if seconds > 0),
    )


def _hours_of(holding: Spans, charges: Charges, own: NDArray[np.bool_]) -> int:
    starts = holding.start_us[own & (charges.of_span > 0)]
    return len(np.unique(starts // 3_600_000_000))
