"""What the other views recorded of the runs that stand for a pattern."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from backend.domain.errors import BadExportError, NotAPlanError
from backend.domain.evidence import Evidence, PlanEvidence, Segment, Step, StepsEvidence
from backend.domain.plan import Plan
from backend.domain.runs import IntColumn
from backend.domain.sighting import Sighting
from backend.services.import_hours import RecordedIds
from backend.services.packed_rows import PackedRows
from backend.services.recorded_runs import ChosenRuns, RecordedRun
from backend.services.view_export import DetailRow, EvidenceView, OnProblem, ViewExport
from backend.sql.plan_hash import plan_hash
from backend.sql.plan_rows import PlanRow, plan_from_rows
from backend.sql.scrub import mask_text

_IDS_BEFORE_SORTING = 1_000_000
_SIXTY_FOUR_BITS = 2**64 - 1


def sorted_ids(stretches: Iterable[IntColumn]) -> IntColumn:
    """Each id once."""
    collected = IdCollector()
    for ids in stretches:
        collected.add(ids)
    return collected.sorted()


def recorded_ids(
    export: ViewExport,
    view: EvidenceView,
    on_problem: OnProblem,
    on_rows: Callable[[str, int], None],
) -> IntColumn:
    def stretches() -> Iterator[IntColumn]:
        for file_name, rows_read, ids in export.recorded_query_ids(view, on_problem):
            on_rows(file_name, rows_read)
            yield ids

    return sorted_ids(stretches())


@dataclass(frozen=True, kw_only=True)
class RecordedSteps:
    """What SYS_QUERY_DETAIL holds: of which queries, and what the cluster's hours count."""

    query_ids: IntColumn
    counted: RecordedIds
    scanned_tables: frozenset[str]


def recorded_steps(
    export: ViewExport, on_problem: OnProblem, on_rows: Callable[[str, int], None]
) -> RecordedSteps:
    """All in one reading of the largest view."""
    small, spilled = IdCollector(), IdCollector()
    scanned: set[str] = set()

    def stretches() -> Iterator[IntColumn]:
        for part in export.detail_parts(on_problem):
            on_rows(part.file_name, part.rows_read)
            small.add(part.small_insert_ids)
            spilled.add(part.spilled_ids)
            scanned.update(part.scanned)
            yield part.query_ids

    query_ids = sorted_ids(stretches())
    return RecordedSteps(
        query_ids=query_ids,
        counted=RecordedIds(small_inserts=small.sorted(), spilled=spilled.sorted()),
        scanned_tables=frozenset(scanned),
    )


class IdCollector:
    """Each id once, eight bytes an id."""

    def __init__(self) -> None:
        self._known: IntColumn = np.empty(0, dtype=np.int64)
        self._waiting: list[IntColumn] = []

    def add(self, ids: IntColumn) -> None:
        self._waiting.append(np.unique(ids))
        if sum(len(each) for each in self._waiting) > _IDS_BEFORE_SORTING:
            self._known = self.sorted()
            self._waiting = []

    def sorted(self) -> IntColumn:
        return np.unique(np.concatenate([self._known, *self._waiting]))


def collect_evidence(
    export: ViewExport,
    chosen: Mapping[str, ChosenRuns],
    *,
    now: datetime,
    on_problem: OnProblem,
) -> Iterator[Evidence]:
    """One for each pattern that a plan or steps were recorded for, in order of hash."""
    rows_of = _details(export, chosen.values())
    plans = _Plans(export, chosen.values(), on_problem)
    for query_hash in sorted(chosen):
        runs = chosen[query_hash]
        evidence = Evidence(
            query_hash=query_hash,
            collected_at=now,
            plan=plans.evidence(runs.slow_plan),
            steps=_steps(runs.slow_steps, rows_of),
            fast_plan=plans.evidence(runs.fast_plan),
            fast_steps=_steps(runs.fast_steps, rows_of),
        )
        yield replace(evidence, sightings=tuple(_sightings(runs, plans, rows_of)))


def _details(export: ViewExport, chosen: Iterable[ChosenRuns]) -> PackedRows[DetailRow]:
    wanted = {
        run.query_id
        for runs in chosen
        for run in (*runs.with_all_steps, *runs.sighted)
        if run.has_steps
    }
    rows_of = PackedRows(DetailRow)
    for row in export.detail_rows(wanted):
        rows_of.add(row.query_id, row)
    return rows_of


@lru_cache(maxsize=10_000)
def _code(step_name: str, table_name: str) -> int:
    text = f"{step_name}\x1f{table_name}".lower().encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


class _Plans:
    """Plans of slow and fast runs, and hashes of all that are sighted."""

    def __init__(
        self, export: ViewExport, chosen: Iterable[ChosenRuns], on_problem: OnProblem
    ) -> None:
        self._on_problem = on_problem
        runs = list(chosen)
        self._wanted = {run.query_id for each in runs for run in each.with_all_of_plan}
        sighted = {run.query_id for each in runs for run in each.all_sighted if run.has_plan}
        self._rows_of = PackedRows(PlanRow)
        for query_id, row in export.plan_rows(self._wanted | sighted):
            self._rows_of.add(query_id, row)
        self._plan_of: dict[int, Plan | None] = {}
        self._hash_of: dict[int, str] = {}

    def evidence(self, run: RecordedRun | None) -> PlanEvidence | None:
        plan = self._plan(run) if run else None
        if run is None or plan is None:
            return None
        return PlanEvidence(
            query_id=run.query_id,
            plan=plan,
            started_at=run.started_at,
            own_seconds=run.own_seconds,
        )

    def hash_of(self, run: RecordedRun) -> str | None:
        return plan_hash(plan) if run.has_plan and (plan := self._plan(run)) else None

    def _plan(self, run: RecordedRun) -> Plan | None:
        if run.query_id not in self._plan_of:
            # Of one pattern a few are asked for in a row.
            if len(self._plan_of) > 64:
                self._plan_of.clear()
            self._plan_of[run.query_id] = self._read(run.query_id)
        return self._plan_of[run.query_id]

    def _read(self, query_id: int) -> Plan | None:
        try:
            return plan_from_rows(self._rows_of.of(query_id))
        except NotAPlanError as error:
            problem = f"query {query_id}: {error.message}"
            self._on_problem(BadExportError(problem, file_name="sys_query_explain"))
            return None


def _sightings(
    runs: ChosenRuns, plans: _Plans, rows_of: PackedRows[DetailRow]
) -> Iterator[Sighting]:
    for run in runs.all_sighted:
        sighting = replace(run.sighting(), plan_hash=plans.hash_of(run))
        yield _with_figures(sighting, list(_each_place_once(rows_of.of(run.query_id))))


def _with_figures(sighting: Sighting, rows: Sequence[DetailRow]) -> Sighting:
    """Sums over the rows of a run; a metric counts at the level where it is measured."""
    segments = [row for row in rows if row.metrics_level == "segment"]
    steps = [row for row in rows if row.metrics_level == "step"]
    scans = [row for row in steps if row.step_name.lower() == "scan"]
    # What a step reads of an intermediate result is no row of a table, unless none is named.
    of_tables = [row for row in scans if row.table_name] or scans
    spilled = sum(row.spilled_local_blocks + row.spilled_remote_blocks for row in segments)
    code = sum(_code(row.step_name, row.table_name) for row in steps) & _SIXTY_FOUR_BITS
    return replace(
        sighting,
        steps_hash=f"{code:016x}" if steps else None,
        scanned_rows=sum(row.input_rows for row in of_tables) if scans else None,
        blocks_read=sum(row.blocks_read for row in segments) if segments else None,
        spilled_mb=spilled if segments else None,
    )


def _steps(run: RecordedRun | None, rows_of: PackedRows[DetailRow]) -> StepsEvidence | None:
    """A metric counts at the level where the view measures it; elsewhere it is repeated or 0."""
    if run is None:
        return None
    in_order = sorted(
        _each_place_once(rows_of.of(run.query_id)),
        key=lambda row: (row.child_query_sequence, row.segment_id, row.step_id),
    )
    return StepsEvidence(
        query_id=run.query_id,
        elapsed_seconds=run.elapsed_seconds,
        segments=tuple(_segment(row) for row in in_order if row.metrics_level == "segment"),
        steps=tuple(_step(row) for row in in_order if row.metrics_level == "step"),
        started_at=run.started_at,
        own_seconds=run.own_seconds,
        returned_rows=run.returned_rows,
        returned_bytes=run.returned_bytes,
    )


def _each_place_once(rows: Sequence[DetailRow]) -> Iterator[DetailRow]:
    """Overlapping exports hold a row twice; one exported while the query ran, and again later,
    counts as it was at the end. A row that does not say where it stands is one of its own."""
    last: dict[Hashable, DetailRow] = {}
    for row in rows:
        place = (row.child_query_sequence, row.stream_id, row.segment_id, row.step_id)
        is_known = row.segment_id >= 0 and (row.step_id >= 0 or row.metrics_level != "step")
        key = (row.metrics_level, place) if is_known else row
        known = last.get(key)
        if known is None or row.duration_us > known.duration_us:
            last[key] = row
    yield from last.values()


def _segment(row: DetailRow) -> Segment:
    return Segment(
        child_query_sequence=row.child_query_sequence,
        stream_id=row.stream_id,
        segment_id=row.segment_id,
        duration_seconds=row.duration_us / 1e6,
        time_skewness=row.time_skewness,
        blocks_read=row.blocks_read,
        spilled_local_blocks=row.spilled_local_blocks,
        spilled_remote_blocks=row.spilled_remote_blocks,
    )


def _step(row: DetailRow) -> Step:
    return Step(
        child_query_sequence=row.child_query_sequence,
        segment_id=row.segment_id,
        step_id=row.step_id,
        step_name=row.step_name,
        plan_node_id=row.plan_node_id,
        table_name=row.table_name or None,
        segment_seconds=row.duration_us / 1e6,
        input_rows=row.input_rows,
        output_rows=row.output_rows,
        output_bytes=row.output_bytes,
        data_skewness=row.data_skewness,
        is_range_restricted=row.is_range_restricted,
        alert=mask_text(row.alert) if row.alert else None,
        source=mask_text(row.source) if row.source else None,
    )
