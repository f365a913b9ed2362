"""A few figures of a recorded run, kept when the system views have forgotten it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

SIGHTINGS_AT_MOST = 12


@dataclass(frozen=True, kw_only=True)
class Sighting:
    """What SYS_QUERY_EXPLAIN and SYS_QUERY_DETAIL showed of one run; None where the view did not
    hold it.

    `plan_hash` is equal for equal plans, `steps_hash` for equal steps over equal tables in
    whichever segments. `own_seconds` is without queue, locks and compiling.
    """

    query_id: int
    started_at: datetime
    own_seconds: float
    returned_rows: int = 0
    plan_hash: str | None = None
    steps_hash: str | None = None
    scanned_rows: int | None = None
    blocks_read: int | None = None
    spilled_mb: int | None = None


def joined_sightings(
    known: Sequence[Sighting], new: Sequence[Sighting], *, changed_at: datetime | None
) -> tuple[Sighting, ...]:
    """Oldest first, each run once and with all that either knew of it.

    Of too many those nearest to the change are kept, on either side of it, or else some that their
    ids choose, runs with a plan first: adding the same again then changes nothing.
    """
    by_run: dict[tuple[int, datetime], Sighting] = {}
    for sighting in (*known, *new):
        key = (sighting.query_id, sighting.started_at)
        by_run[key] = _together(by_run[key], sighting) if key in by_run else sighting
    in_order = sorted(by_run.values(), key=lambda one: (one.started_at, one.query_id))
    if len(in_order) <= SIGHTINGS_AT_MOST:
        return tuple(in_order)
    if changed_at is None:
        chosen = sorted(in_order, key=_by_chance)[:SIGHTINGS_AT_MOST]
        return tuple(one for one in in_order if one in chosen)
    before = [one for one in in_order if one.started_at < changed_at]
    after = in_order[len(before) :]
    kept_after = min(len(after), max(SIGHTINGS_AT_MOST // 2, SIGHTINGS_AT_MOST - len(before)))
    kept_before = SIGHTINGS_AT_MOST - kept_after
    return (*before[len(before) - kept_before :], *after[:kept_after])


def _by_chance(sighting: Sighting) -> tuple[bool, int]:
    """The same for the same run, and not in the order of time."""
    return sighting.plan_hash is None, sighting.query_id * 0x9E3779B97F4A7C15 % 2**64


def _together(one: Sighting, other: Sighting) -> Sighting:
    def either(mine: int | None, theirs: int | None) -> int | None:
        return theirs if mine is None else mine

    return Sighting(
        query_id=one.query_id,
        started_at=one.started_at,
        own_seconds=one.own_seconds,
        returned_rows=one.returned_rows,
        plan_hash=one.plan_hash or other.plan_hash,
        steps_hash=one.steps_hash or other.steps_hash,
        scanned_rows=either(one.scanned_rows, other.scanned_rows),
        blocks_read=either(one.blocks_read, other.blocks_read),
        spilled_mb=either(one.spilled_mb, other.spilled_mb),
    )
