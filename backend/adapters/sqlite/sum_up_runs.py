"""Add runs up, those of many patterns at once: one pattern a time would cost a hundred times
as much on a day of thousands of patterns with a few runs each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.day_figures import (
    DIGEST,
    LABEL,
    LABELS_KEPT,
    SLICE,
    SUMMED,
    Records,
)
from backend.adapters.sqlite.run_rows import Rows, masks_of
from backend.domain.elapsed_digest import EXACT_LIMIT, ElapsedDigest
from backend.domain.runs import IntColumn, Mask, RunStatus

COUNTED = ("runs", "failed_runs", "canceled_runs", "cache_hits", "failed_us", *SUMMED)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Of one day. `place` says to which pattern each slice belongs; `slice_no` of the digest and
    of the labels is a position in `slices`. All three are in order of it."""

    place: IntColumn
    slices: Records
    digest: Records
    labels: Records


def figures_of(rows: Rows, place: IntColumn) -> Figures:
    """`place` says to which pattern each run belongs. Nothing is rounded or left out yet."""
    order = np.lexsort((rows["user_name"], rows["database_name"], place))
    rows, place = rows[order], place[order]
    database_no, user_no = rows["database_name"], rows["user_name"]
    starts = starts_of(place, database_no, user_no)
    slices = np.zeros(len(starts), dtype=SLICE)
    slices["database_no"] = database_no[starts]
    slices["user_no"] = user_no[starts]
    slices["is_exact"] = 1

    status, is_cache_hit = rows["status"], masks_of(rows["flags"])["is_cache_hit"]
    timed = (status == RunStatus.SUCCESS) & ~is_cache_hit
    elapsed_us = rows["elapsed_us"]
    sums = {
        "runs": timed,
        "failed_runs": status == RunStatus.FAILED,
        "canceled_runs": status == RunStatus.CANCELED,
        "cache_hits": is_cache_hit,
        "failed_us": np.where(status != RunStatus.SUCCESS, elapsed_us, 0),
    } | {name: np.where(timed, rows[name], 0) for name in SUMMED}
    for name, values in sums.items():
        slices[name] = np.add.reduceat(values, starts, dtype=np.int64)
    slices["max_elapsed_us"] = np.maximum.reduceat(np.where(timed, elapsed_us, 0), starts)

    slice_no = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(rows)))
    return Figures(
        place=place[starts],
        slices=slices,
        digest=_digest_of_runs(slice_no[timed], elapsed_us[timed]),
        labels=_labels_of_runs(slice_no[timed], rows["query_label"][timed], elapsed_us[timed]),
    )


def added_up(parts: Sequence[Figures]) -> Figures:
    """The figures of several sets of runs together."""
    if len(parts) == 1:
        return parts[0]
    place = np.concatenate([part.place for part in parts])
    slices = np.concatenate([part.slices for part in parts])
    order = np.lexsort((slices["user_no"], slices["database_no"], place))
    place, slices = place[order], slices[order]
    starts = starts_of(place, slices["database_no"], slices["user_no"])
    whole = slices[starts]
    for name in COUNTED:
        whole[name] = np.add.reduceat(slices[name], starts)
    whole["max_elapsed_us"] = np.maximum.reduceat(slices["max_elapsed_us"], starts)

    new_no = np.empty(len(order), dtype=np.int64)
    new_no[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
    first_slice = np.cumsum([0, *(len(part.slices) for part in parts)])
    digests = _renumbered([part.digest for part in parts], first_slice, new_no)
    labels = _renumbered([part.labels for part in parts], first_slice, new_no)
    return Figures(
        place=place[starts],
        slices=whole,
        digest=_grouped(digests, "elapsed_us", ("runs",)),
        labels=_grouped(labels, "label_no", ("runs", "elapsed_us")),
    )


def limited(figures: Figures) -> Figures:
    """With long digests rounded, and of many labels only the costliest."""
    too_long = np.flatnonzero(np.bincount(figures.digest["slice_no"]) > EXACT_LIMIT)
    slices, digest = figures.slices, figures.digest
    if len(too_long):
        slices = slices.copy()
        slices["is_exact"][too_long] = 0
        is_long = np.isin(digest["slice_no"], too_long)
        lows = np.searchsorted(digest["slice_no"], too_long, side="left").tolist()
        highs = np.searchsorted(digest["slice_no"], too_long, side="right").tolist()
        shorter = [_rounded(digest[low:high]) for low, high in zip(lows, highs, strict=True)]
        digest = np.concatenate([digest[~is_long], *shorter])
        digest = digest[np.argsort(digest["slice_no"], kind="stable")]
    labels = _largest_of_each_slice(figures.labels)
    return replace(figures, slices=slices, digest=digest, labels=labels)


def starts_of(*columns: NDArray[np.generic]) -> NDArray[np.intp]:
    """Where each stretch of rows begins that are equal in all columns."""
    is_other = np.ones(len(columns[0]), dtype=np.bool_)
    is_other[1:] = False
    for column in columns:
        is_other[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(is_other)


def _digest_of_runs(slice_no: IntColumn, elapsed_us: IntColumn) -> Records:
    digest = np.ones(len(slice_no), dtype=DIGEST)
    digest["slice_no"] = slice_no
    digest["elapsed_us"] = elapsed_us
    return _grouped(digest, "elapsed_us", ("runs",))


def _labels_of_runs(slice_no: IntColumn, label_no: IntColumn, elapsed_us: IntColumn) -> Records:
    named: Mask = label_no > 0
    labels = np.ones(int(named.sum()), dtype=LABEL)
    labels["slice_no"] = slice_no[named]
    labels["label_no"] = label_no[named]
    labels["elapsed_us"] = elapsed_us[named]
    return _grouped(labels, "label_no", ("runs", "elapsed_us"))


def _grouped(records: Records, column: str, summed: Sequence[str]) -> Records:
    """One record for each slice and value of the column."""
    if not len(records):
        return records
    records = records[np.lexsort((records[column], records["slice_no"]))]
    starts = starts_of(records["slice_no"], records[column])
    grouped = records[starts]
    for name in summed:
        grouped[name] = np.add.reduceat(records[name], starts)
    return grouped


def _renumbered(parts: Sequence[Records], first_slice: IntColumn, new_no: IntColumn) -> Records:
    records = np.concatenate(parts)
    shift = np.repeat(first_slice[:-1], [len(part) for part in parts])
    records["slice_no"] = new_no[records["slice_no"] + shift]
    return records


def _rounded(digest: Records) -> Records:
    rounded = ElapsedDigest.of(np.repeat(digest["elapsed_us"], digest["runs"]))
    records: Records = np.empty(len(rounded.values_us), dtype=DIGEST)
    records["elapsed_us"] = rounded.values_us
    records["runs"] = rounded.counts
    records["slice_no"] = digest["slice_no"][0]
    return records


def _largest_of_each_slice(labels: Records) -> Records:
    if len(labels) <= LABELS_KEPT:
        return labels
    ranked = labels[np.lexsort((labels["label_no"], -labels["elapsed_us"], labels["slice_no"]))]
    starts = starts_of(ranked["slice_no"])
    lengths = np.diff(starts, append=len(ranked))
    kept: Records = ranked[np.arange(len(ranked)) - np.repeat(starts, lengths) < LABELS_KEPT]
    return kept
