"""Which runs stand for their patterns, and what the other views recorded of them."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import numpy as np

from backend.domain.errors import BadExportError, NotAPlanError
from backend.domain.evidence import (
    Evidence,
    PlanEvidence,
    PlannerAlert,
    Segment,
    Step,
    StepsEvidence,
)
from backend.domain.runs import IntColumn, Mask, Runs
from backend.services.import_hours import RecordedIds, is_among
from backend.services.import_lake import joined_lake_days, joined_load_days
from backend.services.import_patterns import PatternBook
from backend.services.ports import PatternRuns
from backend.services.view_export import (
    AlertRow,
    DetailRow,
    EvidenceView,
    OnProblem,
    ViewExport,
)
from backend.sql.plan_rows import PlanRow, plan_from_rows
from backend.sql.scanner import unescape
from backend.sql.scrub import mask_text

ROWS_A_QUERY_AT_MOST = 5_000
ALERTS_A_PATTERN_AT_MOST = 50
_IDS_BEFORE_SORTING = 1_000_000

Row = TypeVar("Row")


def sorted_ids(stretches: Iterable[IntColumn]) -> IntColumn:
    """Each id once."""
    collected = IdCollector()
    for ids in stretches:
        collected.add(ids)
    return collected.sorted()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    query_id: int
    elapsed_us: int
    is_timed: bool
    returned_rows: int
    returned_bytes: int

    def stands_before(self, other: "_Chosen | None") -> bool:
        return other is None or self.order < other.order

    @property
    def order(self) -> tuple[bool, int, int]:
        return (not self.is_timed, -self.elapsed_us, self.query_id)


class EvidenceRuns:
    """For each pattern the slowest run whose steps are recorded, and the slowest whose plan is.

    Steps are only taken of runs that ended well and were not answered from the cache; a plan is
    the same for a run that failed, so it will do where there is no better one.
    """

    def __init__(self, *, with_steps: IntColumn, with_plan: IntColumn) -> None:
        self._with_steps = with_steps
        self._with_plan = with_plan
        self.for_steps: dict[str, _Chosen] = {}
        self.for_plan: dict[str, _Chosen] = {}

    def consider(self, part: PatternRuns) -> None:
        query_hash, runs = part.pattern.query_hash, part.runs
        is_timed = runs.is_timed
        has_steps = is_among(runs.query_id, self._with_steps) & is_timed
        has_plan = is_among(runs.query_id, self._with_plan)
        _keep_best(self.for_steps, query_hash, runs, has_steps)
        _keep_best(self.for_plan, query_hash, runs, has_plan & is_timed)
        _keep_best(self.for_plan, query_hash, runs, has_plan & ~is_timed)


def _keep_best(best: dict[str, _Chosen], query_hash: str, runs: Runs, rows: Mask) -> None:
    candidates = np.flatnonzero(rows)
    if not len(candidates):
        return
    row = candidates[np.argmax(runs.elapsed_us[candidates])]
    chosen = _Chosen(
        query_id=int(runs.query_id[row]),
        elapsed_us=int(runs.elapsed_us[row]),
        is_timed=bool(runs.is_timed[row]),
        returned_rows=int(runs.returned_rows[row]),
        returned_bytes=int(runs.returned_bytes[row]),
    )
    if chosen.stands_before(best.get(query_hash)):
        best[query_hash] = chosen


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
    export: ViewExport, chosen: EvidenceRuns, *, now: datetime, on_problem: OnProblem
) -> Iterator[Evidence]:
    """One for each pattern that a plan or steps were recorded for, in order of hash."""
    steps_of = _by_query((row.query_id, row) for row in export.detail_rows(_ids(chosen.for_steps)))
    rows_of = _by_query(export.plan_rows(_ids(chosen.for_plan)))
    for query_hash in sorted({*chosen.for_steps, *chosen.for_plan}):
        for_steps = chosen.for_steps.get(query_hash)
        for_plan = chosen.for_plan.get(query_hash)
        yield Evidence(
            query_hash=query_hash,
            collected_at=now,
            plan=_plan(for_plan, rows_of.get(for_plan.query_id, ()), on_problem)
            if for_plan
            else None,
            steps=_steps(for_steps, steps_of.get(for_steps.query_id, ())) if for_steps else None,
        )


def _ids(chosen: dict[str, _Chosen]) -> frozenset[int]:
    return frozenset(each.query_id for each in chosen.values())


def _by_query(rows: Iterable[tuple[int, Row]]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for query_id, row in rows:
        own = found.setdefault(query_id, [])
        if len(own) < ROWS_A_QUERY_AT_MOST:
            own.append(row)
    return found


def _plan(chosen: _Chosen, rows: Sequence[PlanRow], on_problem: OnProblem) -> PlanEvidence | None:
    try:
        return PlanEvidence(query_id=chosen.query_id, plan=plan_from_rows(rows))
    except NotAPlanError as error:
        problem = f"query {chosen.query_id}: {error.message}"
        on_problem(BadExportError(problem, file_name="sys_query_explain"))
        return None


def _steps(chosen: _Chosen, rows: Sequence[DetailRow]) -> StepsEvidence:
    """A metric counts at the level where the view measures it; elsewhere it is repeated or 0."""
    in_order = sorted(
        _each_place_once(rows),
        key=lambda row: (row.child_query_sequence, row.segment_id, row.step_id),
    )
    return StepsEvidence(
        query_id=chosen.query_id,
        elapsed_seconds=chosen.elapsed_us / 1e6,
        segments=tuple(_segment(row) for row in in_order if row.metrics_level == "segment"),
        steps=tuple(_step(row) for row in in_order if row.metrics_level == "step"),
        returned_rows=chosen.returned_rows,
        returned_bytes=chosen.returned_bytes,
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


@dataclass(frozen=True, kw_only=True)
class SortedAlerts:
    """Alerts by pattern, and how many rows nothing ties to one."""

    by_pattern: dict[str, tuple[PlannerAlert, ...]]
    kept_apart: int


def sort_alerts(
    rows: Iterable[AlertRow], *, book: PatternBook, pattern_of_native: dict[str, str]
) -> SortedAlerts:
    """By a hash or text that the exporter added; never by the query id, see AlertRow."""
    kept_apart = 0
    first_of: dict[tuple[str, str, str], int] = {}
    occurrences: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        query_hash = _pattern_of(row, book, pattern_of_native)
        if query_hash is None:
            kept_apart += 1
            continue
        key = (query_hash, mask_text(row.event), mask_text(row.solution))
        first_of.setdefault(key, row.query_id)
        occurrences[key] += 1
    by_pattern: dict[str, list[PlannerAlert]] = {}
    for (query_hash, event, solution), count in occurrences.most_common():
        alerts = by_pattern.setdefault(query_hash, [])
        if len(alerts) < ALERTS_A_PATTERN_AT_MOST:
            alerts.append(
                PlannerAlert(
                    query_id=first_of[query_hash, event, solution],
                    event=event,
                    solution=solution,
                    occurrences=count,
                )
            )
    return SortedAlerts(
        by_pattern={query_hash: tuple(alerts) for query_hash, alerts in by_pattern.items()},
        kept_apart=kept_apart,
    )


def _pattern_of(row: AlertRow, book: PatternBook, pattern_of_native: dict[str, str]) -> str | None:
    if row.query_hash in book.seen:
        return row.query_hash
    if row.native_hash in pattern_of_native:
        return pattern_of_native[row.native_hash]
    if row.query_text:
        query_hash = book.query_hash(unescape(row.query_text))
        return query_hash if query_hash in book.seen else None
    return None


def joined_evidence(
    new: Evidence, known: Evidence | None, *, has_new_runs: bool
) -> Evidence | None:
    """What to keep; None if `known` needs no change.

    New runs bring new evidence, but what this export lacks is not lost. An export whose runs were
    all known only fills gaps: it may well be an old one.
    """
    if known is None:
        return new
    newer, older = (new, known) if has_new_runs else (known, new)
    joined = replace(
        new,
        plan=newer.plan or older.plan,
        steps=newer.steps or older.steps,
        alerts=newer.alerts or older.alerts,
        lake=newer.lake or older.lake,
        lake_days=joined_lake_days(new.lake_days, known.lake_days),
        load_days=joined_load_days(new.load_days, known.load_days),
    )
    is_change = replace(joined, collected_at=known.collected_at) != known
    return joined if is_change else None
