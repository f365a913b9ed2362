"""Elapsed times kept small enough to merge: exact while few, within 0.5 % when many."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT_LIMIT = 512
GROWTH = 1.01
_LOG_GROWTH = math.log(GROWTH)


@dataclass(frozen=True, kw_only=True, slots=True)
class ElapsedDigest:
    """Distinct elapsed times (microseconds, ascending) and how many runs took each.

    Above EXACT_LIMIT distinct values they are moved to the middle of steps of 1 %, so a
    quantile is then at most 0.5 % off.
    """

    values_us: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    is_exact: bool = True

    @classmethod
    def of(cls, elapsed_us: NDArray[np.int64]) -> "ElapsedDigest":
        values, counts = np.unique(elapsed_us, return_counts=True)
        return _limited(values, counts, is_exact=True)

    @classmethod
    def merged(cls, digests: Iterable["ElapsedDigest"]) -> "ElapsedDigest":
        parts = [digest for digest in digests if digest.values_us]
        if not parts:
            return cls()
        if len(parts) == 1:
            return parts[0]
        values, position = np.unique(
            np.concatenate([np.array(part.values_us, dtype=np.int64) for part in parts]),
            return_inverse=True,
        )
        counts = np.zeros(len(values), dtype=np.int64)
        np.add.at(
            counts,
            position,
            np.concatenate([np.array(part.counts, dtype=np.int64) for part in parts]),
        )
        # Merged for reading, not for keeping: nothing more is rounded away here.
        return cls(
            values_us=tuple(values.tolist()),
            counts=tuple(counts.tolist()),
            is_exact=all(part.is_exact for part in parts),
        )

    def quantiles_seconds(self, shares: Sequence[float]) -> tuple[float, ...]:
        """Linear between neighbours, as PERCENTILE_CONT; 0.0 for no runs."""
        if not self.values_us:
            return tuple(0.0 for _ in shares)
        values = np.array(self.values_us, dtype=np.int64)
        last_rank = np.cumsum(np.array(self.counts, dtype=np.int64)) - 1
        rank = np.array(shares) * last_rank[-1]
        lower = values[np.searchsorted(last_rank, np.floor(rank))]
        upper = values[np.searchsorted(last_rank, np.ceil(rank))]
        seconds = (lower + (upper - lower) * (rank - np.floor(rank))) / 1e6
        return tuple(seconds.tolist())


def _limited(
    values: NDArray[np.int64], counts: NDArray[np.intp], *, is_exact: bool
) -> ElapsedDigest:
    if len(values) > EXACT_LIMIT:
        is_exact = False
        step = np.floor(np.log(np.maximum(values, 1)) / _LOG_GROWTH)
        middle = np.rint(np.exp((step + 0.5) * _LOG_GROWTH)).astype(np.int64)
        values, position = np.unique(middle, return_inverse=True)
        steps = np.zeros(len(values), dtype=np.int64)
        np.add.at(steps, position, counts)
        return ElapsedDigest(
            values_us=tuple(values.tolist()), counts=tuple(steps.tolist()), is_exact=is_exact
        )
    return ElapsedDigest(
        values_us=tuple(values.tolist()), counts=tuple(counts.tolist()), is_exact=is_exact
    )
