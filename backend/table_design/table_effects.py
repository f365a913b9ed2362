"""What another distribution of a table saves or costs apart from joins: writing, and skew."""

from collections.abc import Iterator
from typing import NamedTuple

from backend.domain.table_design import ALL, EVEN, Distribution, DistributionStyle
from backend.domain.table_use import TableUse
from backend.domain.threshold import LARGE_TABLE_ROWS, TABLE_SKEW_RATIO
from backend.table_design.model import (
    EVEN_SPREAD_FRACTION,
    OTHER_KEY_SPREAD_FRACTION,
)
from backend.table_design.workload import Workload


class UseEffect(NamedTuple):
    """More than 0 is saved, in seconds a week. `is_measured` says that measured time tells it."""

    use: TableUse
    seconds: float
    reason: str
    is_measured: bool = True


def use_effects(key: str, design: Distribution, workload: Workload) -> Iterator[UseEffect]:
    """Against the present design of the table."""
    present = workload.present[key]
    if design == present:
        return
    if ALL in (design, present):
        yield from _of_writing(key, design, workload)
    if is_skewed(key, workload):
        yield from _of_spreading(key, design, workload)


def _of_writing(key: str, design: Distribution, workload: Workload) -> Iterator[UseEffect]:
    for use in workload.uses_of.get(key, ()):
        seconds = use.write_seconds / use.weeks
        if seconds <= 0:
            continue
        if design == ALL:
            reason = f"writes {workload.nodes} copies instead of one"
            yield UseEffect(use, -seconds * (workload.nodes - 1), reason, is_measured=False)
        else:
            reason = "writes one copy instead of one for each node"
            yield UseEffect(use, seconds * (1 - 1 / workload.nodes), reason, is_measured=False)


def is_skewed(key: str, workload: Workload) -> bool:
    table, present = workload.tables[key], workload.present[key]
    return (
        present.style is DistributionStyle.KEY
        and (table.row_skew_ratio or 0.0) >= workload.limit(TABLE_SKEW_RATIO)
        and (table.row_count or 0) > workload.limit(LARGE_TABLE_ROWS)
    )


def _of_spreading(key: str, design: Distribution, workload: Workload) -> Iterator[UseEffect]:
    fraction = EVEN_SPREAD_FRACTION if design == EVEN else OTHER_KEY_SPREAD_FRACTION
    for use in workload.uses_of.get(key, ()):
        seconds = (use.scan.skewed_seconds if use.scan else 0.0) / use.weeks
        if seconds > 0:
            yield UseEffect(use, seconds * fraction, "no slice holds far more rows than the others")
