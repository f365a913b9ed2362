"""What recorded runs show of a change: by which plans they worked, and what they read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from statistics import median

from backend.domain.change_facts import (
    PlanChangeFact,
    PlanComparisonFact,
    PlanUse,
    RecordedRunsFact,
    RecordedSide,
    ScanChangeFact,
    Spread,
)
from backend.domain.evidence import Evidence, PlanEvidence, StepsEvidence
from backend.domain.sighting import Sighting
from backend.sql.plan_difference import plan_differences
from backend.sql.plan_hash import plan_hash

MOST_PLAN_CHANGES = 8
MOST_SCANS = 8

NextId = Callable[[], str]


def recorded_runs(
    sightings: Sequence[Sighting], changed_at: datetime | None, next_id: NextId
) -> RecordedRunsFact | None:
    if not sightings:
        return None
    fast = [one for one in sightings if changed_at and one.started_at < changed_at]
    slow = [one for one in sightings if changed_at and one.started_at >= changed_at]
    return RecordedRunsFact(
        fact_id=next_id(), fast=_side(fast), slow=_side(slow), plans=tuple(_plan_uses(sightings))
    )


def _side(sightings: Sequence[Sighting]) -> RecordedSide | None:
    if not sightings:
        return None
    starts = [one.started_at for one in sightings]
    return RecordedSide(
        runs=len(sightings),
        first_start=min(starts),
        last_start=max(starts),
        plan_hashes=_distinct(one.plan_hash for one in sightings),
        steps_hashes=_distinct(one.steps_hash for one in sightings),
        without_plan=sum(one.plan_hash is None for one in sightings),
        without_steps=sum(one.steps_hash is None for one in sightings),
        own_seconds=_known_spread(one.own_seconds for one in sightings),
        returned_rows=_known_spread(one.returned_rows for one in sightings),
        scanned_rows=_spread(one.scanned_rows for one in sightings),
        blocks_read=_spread(one.blocks_read for one in sightings),
        spilled_mb=_spread(one.spilled_mb for one in sightings),
    )


def _distinct(hashes: Iterable[str | None]) -> tuple[str, ...]:
    counts = Counter(one for one in hashes if one)
    return tuple(sorted(counts, key=lambda one: (-counts[one], one)))


def _plan_uses(sightings: Sequence[Sighting]) -> Iterator[PlanUse]:
    by_plan: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        if sighting.plan_hash:
            by_plan[sighting.plan_hash].append(sighting)
    uses = [
        PlanUse(
            plan_hash=plan,
            runs=len(runs),
            first_start=min(run.started_at for run in runs),
            last_start=max(run.started_at for run in runs),
            own_seconds=_known_spread(run.own_seconds for run in runs),
        )
        for plan, runs in by_plan.items()
    ]
    yield from sorted(uses, key=lambda use: (use.own_seconds.median, use.plan_hash))


def _spread(figures: Iterable[float | None]) -> Spread | None:
    known = [figure for figure in figures if figure is not None]
    return _known_spread(known) if known else None


def _known_spread(figures: Iterable[float]) -> Spread:
    known = list(figures)
    return Spread(least=min(known), median=median(known), most=max(known))


def compared_plans(
    evidence: Evidence, changed_at: datetime | None, next_id: NextId
) -> tuple[PlanComparisonFact | None, tuple[PlanChangeFact, ...]]:
    """Of a run before and one after the change; without a change of the fast and the slow run."""
    fast, slow = evidence.fast_plan, evidence.plan
    if fast is None or slow is None or not _are_sides(fast, slow, changed_at):
        return None, ()
    comparison = PlanComparisonFact(
        fact_id=next_id(),
        fast_query_id=fast.query_id,
        slow_query_id=slow.query_id,
        fast_start=_start(fast),
        slow_start=_start(slow),
        fast_own_seconds=fast.own_seconds or 0.0,
        slow_own_seconds=slow.own_seconds or 0.0,
        fast_hash=plan_hash(fast.plan),
        slow_hash=plan_hash(slow.plan),
    )
    differences = plan_differences(fast.plan, slow.plan)[:MOST_PLAN_CHANGES]
    changes = tuple(PlanChangeFact(fact_id=next_id(), change=change) for change in differences)
    return comparison, changes


def scan_changes(
    evidence: Evidence,
    changed_at: datetime | None,
    name_of: Callable[[str], str],
    next_id: NextId,
) -> Iterator[ScanChangeFact]:
    """Each base table that both runs read, the one with most rows in the slow run first."""
    fast, slow = evidence.fast_steps, evidence.steps
    if fast is None or slow is None or not _are_sides(fast, slow, changed_at):
        return
    before, after = _scans(fast, name_of), _scans(slow, name_of)
    common = sorted(before.keys() & after.keys(), key=lambda name: (-after[name].rows, name))
    for name in common[:MOST_SCANS]:
        yield ScanChangeFact(
            fact_id=next_id(),
            table_name=name,
            fast_rows=before[name].rows,
            slow_rows=after[name].rows,
            fast_blocks=before[name].blocks,
            slow_blocks=after[name].blocks,
            fast_is_restricted=before[name].is_restricted,
            slow_is_restricted=after[name].is_restricted,
        )


class _Scan:
    """All scans of one table in one run."""

    def __init__(self) -> None:
        self.rows = 0
        self.blocks: int | None = 0
        self.is_restricted: bool | None = None


def _scans(steps: StepsEvidence, name_of: Callable[[str], str]) -> dict[str, _Scan]:
    tables_of: dict[tuple[int, int], set[str]] = defaultdict(set)
    found: dict[str, _Scan] = defaultdict(_Scan)
    for step in steps.steps:
        if step.step_name.strip().lower() == "scan" and step.table_name:
            name = name_of(step.table_name)
            tables_of[step.child_query_sequence, step.segment_id].add(name)
            scan = found[name]
            scan.rows += step.input_rows
            if step.is_range_restricted is not None:
                scan.is_restricted = bool(scan.is_restricted) or step.is_range_restricted
    blocks_of = {
        (segment.child_query_sequence, segment.segment_id): segment.blocks_read
        for segment in steps.segments
    }
    for place, names in tables_of.items():
        for name in names:
            scan = found[name]
            is_known = len(names) == 1 and place in blocks_of and scan.blocks is not None
            scan.blocks = (scan.blocks or 0) + blocks_of[place] if is_known else None
    return dict(found)


def _are_sides(
    fast: PlanEvidence | StepsEvidence,
    slow: PlanEvidence | StepsEvidence,
    changed_at: datetime | None,
) -> bool:
    """Evidence of older versions does not say when its run started."""
    if fast.started_at is None or slow.started_at is None:
        return False
    return changed_at is None or fast.started_at < changed_at <= slow.started_at


def _start(plan: PlanEvidence) -> datetime:
    if plan.started_at is None:
        raise ValueError(plan.query_id)
    return plan.started_at
