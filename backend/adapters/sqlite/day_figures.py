"""What one pattern's runs of one day add up to, by database and user, in records of fixed size.

Fixed size, so that the records of many days are read as one array: their bytes put together.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from backend.domain.elapsed_digest import EXACT_LIMIT, ElapsedDigest
from backend.domain.pattern import PatternDay
from backend.domain.runs import IntColumn, Mask, Runs, RunStatus
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


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """`slice_no` of the digest and of the labels is a position in `slices`."""

    slices: Records
    digest: Records
    labels: Records


@dataclass(frozen=True, kw_only=True)
class NameNumbers:
    """The runs' databases, users and labels as the numbers of the `name` table; label 0 = none."""

    database_no: IntColumn
    user_no: IntColumn
    label_no: IntColumn


def figures_of(runs: Runs, numbers: NameNumbers) -> DayFigures:
    key = (numbers.database_no << 32) | numbers.user_no
    order = np.argsort(key, kind="stable")
    sorted_key = key[order]
    starts = _starts(sorted_key[1:] != sorted_key[:-1])
    slices = np.zeros(len(starts), dtype=SLICE)
    slices["database_no"] = sorted_key[starts] >> 32
    slices["user_no"] = sorted_key[starts] & 0xFFFFFFFF

    timed, failed, canceled = (
        mask[order]
        for mask in (
            runs.is_timed,
            runs.status == RunStatus.FAILED,
            runs.status == RunStatus.CANCELED,
        )
    )
    elapsed_us = runs.elapsed_us[order]
    sums = {
        "runs": timed,
        "failed_runs": failed,
        "canceled_runs": canceled,
        "cache_hits": runs.is_cache_hit[order],
        "failed_us": np.where(failed | canceled, elapsed_us, 0),
    } | {name: np.where(timed, getattr(runs, name)[order], 0) for name in SUMMED}
    for name, values in sums.items():
        slices[name] = np.add.reduceat(values, starts, dtype=np.int64)
    slices["max_elapsed_us"] = np.maximum.reduceat(np.where(timed, elapsed_us, 0), starts)

    slice_no = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    digest, rounded = _digest_records(slice_no[timed], elapsed_us[timed])
    slices["is_exact"] = 1
    slices["is_exact"][rounded] = 0
    return DayFigures(
        slices=slices,
        digest=digest,
        labels=_label_records(numbers.label_no[order], slice_no, elapsed_us, timed),
    )


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


def _digest_records(slice_no: IntColumn, elapsed_us: IntColumn) -> tuple[Records, list[int]]:
    """The digests of all slices, and which slices had to be rounded.

    All at once, as a day of many small slices is the usual one."""
    order = np.lexsort((elapsed_us, slice_no))
    slice_no, elapsed_us = slice_no[order], elapsed_us[order]
    starts = _starts((slice_no[1:] != slice_no[:-1]) | (elapsed_us[1:] != elapsed_us[:-1]))
    if not len(order):
        return np.empty(0, dtype=DIGEST), []
    records: Records = np.empty(len(starts), dtype=DIGEST)
    records["elapsed_us"] = elapsed_us[starts]
    records["runs"] = np.diff(starts, append=len(order))
    records["slice_no"] = slice_no[starts]
    too_long = np.flatnonzero(np.bincount(records["slice_no"]) > EXACT_LIMIT).tolist()
    if too_long:
        kept = records[~np.isin(records["slice_no"], too_long)]
        shorter = [_rounded(number, elapsed_us[slice_no == number]) for number in too_long]
        records = np.concatenate([kept, *shorter])
    return records, too_long


def _rounded(slice_no: int, elapsed_us: IntColumn) -> Records:
    digest = ElapsedDigest.of(elapsed_us)
    records: Records = np.empty(len(digest.values_us), dtype=DIGEST)
    records["elapsed_us"] = digest.values_us
    records["runs"] = digest.counts
    records["slice_no"] = slice_no
    return records


def _label_records(
    label_no: IntColumn, slice_no: IntColumn, elapsed_us: IntColumn, timed: Mask
) -> Records:
    counted = timed & (label_no > 0)
    if not counted.any():
        return np.empty(0, dtype=LABEL)
    key, position = np.unique((slice_no[counted] << 32) | label_no[counted], return_inverse=True)
    labels: Records = np.empty(len(key), dtype=LABEL)
    labels["label_no"] = key & 0xFFFFFFFF
    labels["slice_no"] = key >> 32
    labels["runs"] = np.bincount(position)
    labels["elapsed_us"] = np.bincount(position, weights=elapsed_us[counted]).astype(np.int64)
    return labels if len(labels) <= LABELS_KEPT else _largest_of_each_slice(labels)


def _largest_of_each_slice(labels: Records) -> Records:
    order = np.lexsort((labels["label_no"], -labels["elapsed_us"], labels["slice_no"]))
    ranked = labels[order]
    starts = _starts(ranked["slice_no"][1:] != ranked["slice_no"][:-1])
    lengths = np.diff(starts, append=len(ranked))
    place = np.arange(len(ranked)) - np.repeat(starts, lengths)
    kept: Records = ranked[place < LABELS_KEPT]
    return kept


def _starts(is_other: Mask) -> NDArray[np.intp]:
    """Where each run of equal rows begins; `is_other` says so for all rows but the first."""
    return np.flatnonzero(np.concatenate([[True], is_other]))
