"""What a pattern's runs of one day add up to, by database and user, in records of fixed size.

Fixed size, so that the records of many days are read as one array: their bytes put together.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from backend.domain.elapsed_digest import ElapsedDigest
from backend.domain.pattern import PatternDay
from backend.domain.time_buckets import TimeBuckets

Records = NDArray[np.void]

SUMMED = (
    "elapsed_us",
    "queue_us",
    "planning_us",
    "compile_us",
    "lock_wait_us",
    "execution_us",
    "returned_rows",
)
SLICE = np.dtype(
    [
        ("database_no", "<u4"),
        ("user_no", "<u4"),
        *((name, "<i8") for name in ("runs", "failed_runs", "canceled_runs", "cache_hits")),
        ("failed_us", "<i8"),
        ("max_elapsed_us", "<i8"),
        *((name, "<i8") for name in SUMMED),
        ("is_exact", "<i8"),
    ]
)
"""`runs`, the sums and the maximum are over timed runs; `failed_us` over the failed and
canceled ones."""

DIGEST = np.dtype([("elapsed_us", "<i8"), ("runs", "<u4"), ("slice_no", "<u4")])
"""How many timed runs of a slice took how long; at most EXACT_LIMIT distinct times a slice."""

LABEL = np.dtype([("label_no", "<u4"), ("slice_no", "<u4"), ("runs", "<i8"), ("elapsed_us", "<i8")])

LABELS_KEPT = 64
"""Of each slice, by elapsed time: some tools give every run a label of its own."""


def pattern_day(query_hash: str, day: date, slices: Records, digest: Records) -> PatternDay:
    return PatternDay(
        query_hash=query_hash,
        day=day,
        runs=int(slices["runs"].sum()),
        failed_runs=int(slices["failed_runs"].sum()),
        canceled_runs=int(slices["canceled_runs"].sum()),
        cache_hits=int(slices["cache_hits"].sum()),
        failed_seconds=seconds(slices, "failed_us"),
        total_elapsed_seconds=seconds(slices, "elapsed_us"),
        max_elapsed_seconds=int(slices["max_elapsed_us"].max(initial=0)) / 1e6,
        buckets=buckets_of(slices),
        returned_rows=int(slices["returned_rows"].sum()),
        digest=digest_of(digest, is_exact=bool(slices["is_exact"].all())),
    )


def seconds(records: Records, column: str) -> float:
    return int(records[column].sum()) / 1e6


def buckets_of(slices: Records) -> TimeBuckets:
    return TimeBuckets(
        queue_seconds=seconds(slices, "queue_us"),
        planning_seconds=seconds(slices, "planning_us"),
        compile_seconds=seconds(slices, "compile_us"),
        lock_wait_seconds=seconds(slices, "lock_wait_us"),
        execution_seconds=seconds(slices, "execution_us"),
    )


def digest_of(records: Records, *, is_exact: bool) -> ElapsedDigest:
    """All slices together: for reading, so nothing more is rounded away."""
    if not len(records):
        return ElapsedDigest()
    values, position = np.unique(records["elapsed_us"], return_inverse=True)
    counts = np.bincount(position, weights=records["runs"])
    return ElapsedDigest(
        values_us=tuple(values.tolist()),
        counts=tuple(counts.astype(np.int64).tolist()),
        is_exact=is_exact,
    )
