"""Turns what a YAML case says about change into facts. All of it is counted from CHANGED_AT.

changes:
  levels: [{before: 10, after: 30}, {before: 30, after: 10}]
  waits: [{bucket: queue, before: 0.2, after: 12}]
  comparison: {basis: slow-down, before: {execution: 10}, after: {execution: 30, queue: 1}}
                                # also returned: 500, versions: [1.0.1]
  recorded: {before: {runs: 3, plans: [a], steps: [s], rows: [7, 9], blocks: [70, 90]}, after: {…},
             plans: {a: [3, 9, 12], b: [2, 30, 40]}}      # also spilled; plans: runs, least, most s
  plans: {fast: a, slow: b, seconds: [10, 30]}
  plan_changes: [{kind: movement, tables: [shop], before: no movement (DS_DIST_NONE),
                  after: a broadcast of shop (DS_BCAST_INNER), says: the join … , node: 1}]
  scans: [{table: public.sale, rows: [1000, 42000], blocks: [10, 420], rr: [true, false]}]
  tables: [{table: public.sale, rows: [10, 400], distribution: [KEY(id), EVEN]}]
  events: [{kind: created, table: public.sale, hours: -4}]   # also what, status, detail
  version: {days: -1, slowed: 5, unrelated: 2, patterns: 25, seconds: [10, 10]}
  load: [3600, 4000]            # seconds a day of all others before and after
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.domain.change_facts import (
    Changes,
    ComparisonFact,
    LevelChangeFact,
    OtherWorkFact,
    PlanChangeFact,
    PlanComparisonFact,
    PlanUse,
    RecordedRunsFact,
    RecordedSide,
    ScanChangeFact,
    Spread,
    TableChangeFact,
    TableEventFact,
    VersionFact,
    WaitChangeFact,
)
from backend.domain.comparison import Comparison, ComparisonBasis, RunSide
from backend.domain.plan_difference import ChangeKind, PlanChange
from backend.domain.regression import LevelChange
from backend.domain.table_history import TableChange, TableEvent, TableEventKind, TableFigure
from backend.domain.time_buckets import Bucket, TimeBuckets
from backend.domain.timeline import WaitChange

CHANGED_AT = datetime(2026, 11, 18, 6, tzinfo=UTC)
BEFORE, AFTER = CHANGED_AT - timedelta(days=5), CHANGED_AT + timedelta(days=2)
KNOWN_KEYS = {
    "levels", "waits", "comparison", "recorded", "plans", "plan_changes", "scans", "tables",
    "events", "version", "load",
}  # fmt: skip

Described = Mapping[str, Any]
NextId = Callable[[], str]


def some_changes(described: Described, ids: Iterator[str]) -> Changes:
    unknown = set(described) - KNOWN_KEYS
    if unknown:
        raise ValueError(f"changes have no {', '.join(sorted(unknown))}")
    next_id = ids.__next__
    # As Changes.facts() gives them, so that ids rise.
    return Changes(
        levels=tuple(_level(one, next_id) for one in described.get("levels", ())),
        waits=tuple(_wait(one, next_id) for one in described.get("waits", ())),
        comparison=_comparison(described.get("comparison"), next_id),
        recorded_runs=_recorded(described.get("recorded"), next_id),
        plans=_plans(described.get("plans"), next_id),
        plan_changes=tuple(_plan_change(one, next_id) for one in described.get("plan_changes", ())),
        scans=tuple(_scan(one, next_id) for one in described.get("scans", ())),
        tables=tuple(_table(one, next_id) for one in described.get("tables", ())),
        events=tuple(_event(one, next_id) for one in described.get("events", ())),
        version=_version(described.get("version"), next_id),
        other_work=_other_work(described.get("load"), next_id),
    )


def _level(told: Described, next_id: NextId) -> LevelChangeFact:
    return LevelChangeFact(
        fact_id=next_id(),
        change=LevelChange(
            changed_at=CHANGED_AT + timedelta(days=told.get("days", 0)),
            runs_before=told.get("runs_before", 40),
            runs_after=told.get("runs_after", 20),
            median_before_seconds=float(told["before"]),
            median_after_seconds=float(told["after"]),
            chance=0.0001,
        ),
    )


def _wait(told: Described, next_id: NextId) -> WaitChangeFact:
    return WaitChangeFact(
        fact_id=next_id(),
        change=WaitChange(
            bucket=Bucket(told["bucket"]),
            changed_at=CHANGED_AT,
            runs_before=40,
            runs_after=20,
            mean_before_seconds=float(told["before"]),
            mean_after_seconds=float(told["after"]),
            chance=0.0001,
        ),
    )


def _comparison(told: Described | None, next_id: NextId) -> ComparisonFact | None:
    if told is None:
        return None
    basis = ComparisonBasis(told.get("basis", "slow-down"))
    return ComparisonFact(
        fact_id=next_id(),
        comparison=Comparison(
            basis=basis,
            fast=_run_side(told["before"], BEFORE),
            slow=_run_side(told["after"], AFTER),
            changed_at=None if basis is ComparisonBasis.FAST_AND_SLOW else CHANGED_AT,
        ),
    )


def _run_side(told: Described, start: datetime) -> RunSide:
    seconds = {f"{b.value}_seconds": float(told[b.value]) for b in Bucket if b.value in told}
    buckets = TimeBuckets(**seconds)
    return RunSide(
        runs=told.get("runs", 40),
        first_start=start,
        last_start=start + timedelta(days=1),
        elapsed_seconds=float(told.get("elapsed", buckets.accounted_seconds)),
        buckets=buckets,
        returned_rows=told.get("returned", 0),
        versions=tuple(map(str, told.get("versions", ()))),
    )


def _recorded(told: Described | None, next_id: NextId) -> RecordedRunsFact | None:
    if told is None:
        return None
    return RecordedRunsFact(
        fact_id=next_id(),
        fast=_recorded_side(told.get("before"), BEFORE),
        slow=_recorded_side(told.get("after"), AFTER),
        plans=tuple(
            PlanUse(
                plan_hash=plan,
                runs=runs,
                first_start=BEFORE,
                last_start=AFTER,
                own_seconds=_spread([least, most]),
            )
            for plan, (runs, least, most) in told.get("plans", {}).items()
        ),
    )


def _recorded_side(told: Described | None, start: datetime) -> RecordedSide | None:
    if told is None:
        return None
    return RecordedSide(
        runs=told.get("runs", 3),
        first_start=start,
        last_start=start + timedelta(days=1),
        plan_hashes=tuple(told.get("plans", ())),
        steps_hashes=tuple(told.get("steps", ())),
        own_seconds=_spread(told.get("seconds", [10, 10])),
        returned_rows=_spread(told.get("returned", [5, 5])),
        scanned_rows=_spread(told["rows"]) if "rows" in told else None,
        blocks_read=_spread(told["blocks"]) if "blocks" in told else None,
        spilled_mb=_spread(told["spilled"]) if "spilled" in told else None,
    )


def _spread(ends: Sequence[float]) -> Spread:
    least, most = ends
    return Spread(least=least, median=(least + most) / 2, most=most)


def _plans(told: Described | None, next_id: NextId) -> PlanComparisonFact | None:
    if told is None:
        return None
    fast_seconds, slow_seconds = told.get("seconds", [10, 30])
    return PlanComparisonFact(
        fact_id=next_id(),
        fast_query_id=1,
        slow_query_id=2,
        fast_start=BEFORE,
        slow_start=AFTER,
        fast_own_seconds=float(fast_seconds),
        slow_own_seconds=float(slow_seconds),
        fast_hash=told["fast"],
        slow_hash=told["slow"],
    )


def _plan_change(told: Described, next_id: NextId) -> PlanChangeFact:
    return PlanChangeFact(
        fact_id=next_id(),
        change=PlanChange(
            kind=ChangeKind(told.get("kind", "movement")),
            before_node_id=told.get("node"),
            after_node_id=told.get("node"),
            table_names=tuple(told.get("tables", ())),
            before=told.get("before", "no movement (DS_DIST_NONE)"),
            after=told.get("after", "a broadcast of shop (DS_BCAST_INNER)"),
            sentence=told.get("says", "The join of sale with shop now needs a broadcast of shop."),
        ),
    )


def _scan(told: Described, next_id: NextId) -> ScanChangeFact:
    fast_blocks, slow_blocks = told.get("blocks", [None, None])
    fast_rr, slow_rr = told.get("rr", [None, None])
    return ScanChangeFact(
        fact_id=next_id(),
        table_name=told["table"],
        fast_rows=told["rows"][0],
        slow_rows=told["rows"][1],
        fast_blocks=fast_blocks,
        slow_blocks=slow_blocks,
        fast_is_restricted=fast_rr,
        slow_is_restricted=slow_rr,
    )


_FIGURES = {
    "rows": TableFigure.ROWS,
    "size": TableFigure.SIZE,
    "distribution": TableFigure.DISTRIBUTION,
    "sort_key": TableFigure.SORT_KEY,
    "encodings": TableFigure.ENCODINGS,
    "unsorted": TableFigure.UNSORTED,
    "stats_off": TableFigure.STATISTICS,
}


def _table(told: Described, next_id: NextId) -> TableChangeFact:
    return TableChangeFact(
        fact_id=next_id(),
        table_name=told["table"],
        before_at=BEFORE,
        after_at=AFTER,
        changes=tuple(
            TableChange(figure=figure, before=told[name][0], after=told[name][1])
            for name, figure in _FIGURES.items()
            if name in told
        ),
    )


def _event(told: Described, next_id: NextId) -> TableEventFact:
    schema_name, _, table_name = told["table"].rpartition(".")
    return TableEventFact(
        fact_id=next_id(),
        event=TableEvent(
            kind=TableEventKind(told["kind"]),
            database_name="shop",
            schema_name=schema_name or "public",
            table_name=table_name,
            at=CHANGED_AT + timedelta(hours=told.get("hours", -4)),
            what=told.get("what", ""),
            status=told.get("status", ""),
            is_automatic=told.get("automatic", False),
            detail=told.get("detail", ""),
        ),
    )


def _version(told: Described | None, next_id: NextId) -> VersionFact | None:
    if told is None:
        return None
    before, after = told.get("seconds", [10, 10])
    return VersionFact(
        fact_id=next_id(),
        before="Redshift 1.0.1",
        after="Redshift 1.0.2",
        changed_at=CHANGED_AT + timedelta(days=told.get("days", -1)),
        median_before_seconds=float(before),
        median_after_seconds=float(after),
        slowed_patterns=told.get("slowed", 0),
        unrelated_patterns=told.get("unrelated", 0),
        pattern_count=told.get("patterns", 0),
    )


def _other_work(told: Sequence[float] | None, next_id: NextId) -> OtherWorkFact | None:
    if told is None:
        return None
    return OtherWorkFact(
        fact_id=next_id(),
        days_before=7,
        days_after=3,
        seconds_a_day_before=float(told[0]),
        seconds_a_day_after=float(told[1]),
    )
