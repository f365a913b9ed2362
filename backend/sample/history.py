"""All runs of the sample in the order in which they started."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from backend.sample.catalogue import SAMPLE_PATTERNS, statement_texts
from backend.sample.cost_model import PatternRunTimes, run_times
from backend.sample.schedule import Times

FIRST_QUERY_ID = 8_400_113
FIRST_USER_ID = 104


@dataclass(frozen=True, kw_only=True)
class SampleHistory:
    """`order` sorts the runs of all patterns, laid end to end, by their start; query ids rise
    with it. `texts[p]` are the texts of pattern `p`."""

    last_day: date
    patterns: tuple[PatternRunTimes, ...]
    texts: tuple[list[str], ...]
    order: NDArray[np.intp]
    pattern_of: NDArray[np.int64]
    row_of: NDArray[np.int64]
    started_us: Times
    query_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.query_id)

    def column(self, name: str) -> NDArray[np.int64]:
        """A column of the patterns' run times, over all runs in order."""
        laid: NDArray[np.int64] = np.concatenate([getattr(part, name) for part in self.patterns])
        return laid[self.order]

    def query_ids_of(self, position: int) -> NDArray[np.int64]:
        """The query ids of one pattern's runs, in the order of its rows."""
        is_own = self.pattern_of == position
        ids = np.empty(int(is_own.sum()), dtype=np.int64)
        ids[self.row_of[is_own]] = self.query_id[is_own]
        return ids

    def user_ids_of(self, position: int) -> NDArray[np.int64]:
        """The users of one pattern's runs, in the order of its rows."""
        part = self.patterns[position]
        ids = self.user_ids()
        own = np.array([ids[name] for name in part.pattern.users])
        # People come back to their own question: the text decides who asks.
        return own[part.variant % len(own)]

    def user_ids(self) -> dict[str, int]:
        names = sorted({user for part in self.patterns for user in part.pattern.users})
        return {name: FIRST_USER_ID + position for position, name in enumerate(names)}


def sample_history(last_day: date) -> SampleHistory:
    patterns = tuple(_all_run_times(last_day))
    pattern_of = np.repeat(np.arange(len(patterns)), [len(part.started_us) for part in patterns])
    row_of = np.concatenate([np.arange(len(part.started_us)) for part in patterns])
    started = np.concatenate([part.started_us for part in patterns])
    order = np.lexsort((pattern_of, started))
    # Ids skip a little: other sessions and the system use some.
    gaps = np.random.default_rng(len(order)).integers(1, 6, len(order))
    return SampleHistory(
        last_day=last_day,
        patterns=patterns,
        texts=tuple(statement_texts(part.pattern, last_day) for part in patterns),
        order=order,
        pattern_of=pattern_of[order],
        row_of=row_of[order],
        started_us=started[order],
        query_id=FIRST_QUERY_ID + np.cumsum(gaps),
    )


def _all_run_times(last_day: date) -> Iterator[PatternRunTimes]:
    """Lock holders first, so that the others can meet them; given back in catalogue order."""
    holder_names = {pattern.waits_for for pattern in SAMPLE_PATTERNS if pattern.waits_for}
    holders = {
        pattern.name: run_times(pattern, last_day, {})
        for pattern in SAMPLE_PATTERNS
        if pattern.name in holder_names
    }
    for pattern in SAMPLE_PATTERNS:
        yield holders.get(pattern.name) or run_times(pattern, last_day, holders)


def forty_hex(text: str) -> str:
    """As wide as Redshift's own hashes."""
    return blake2b(text.encode(), digest_size=20).hexdigest()
