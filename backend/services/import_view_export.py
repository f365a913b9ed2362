"""Import exported system views: runs into patterns, and what was recorded beside them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from backend.domain.comparison import CLEARLY_FASTER
from backend.domain.evidence import AdvisorRow, Evidence, PlannerAlert
from backend.domain.regression import Regression
from backend.domain.runs import IntColumn
from backend.domain.sighting import SIGHTINGS_AT_MOST
from backend.domain.table_history import TableEvent, TableEventKind
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.domain.timeline import find_timeline
from backend.services.import_alerts import sort_alerts
from backend.services.import_evidence import (
    RecordedSteps,
    collect_evidence,
    recorded_ids,
    recorded_steps,
)
from backend.services.import_hours import HourBook
from backend.services.import_lake import LakeBook, RunsOfInterest, load_days
from backend.services.import_patterns import PatternBook, RunBatch
from backend.services.import_report import ImportProgress, ImportReport, ProblemLog
from backend.services.join_evidence import joined_evidence
from backend.services.marks_key import remember_marks_key
from backend.services.ports import HistoryStore, PatternRuns, RunsAdded
from backend.services.raw_text import RawTextKeeper
from backend.services.recorded_runs import ChosenRuns, RecordedRuns
from backend.services.view_export import EvidenceView, SkippedRows, ViewExport
from backend.sql.personal_data import mask_personal_data
from backend.sql.scrub import mask_text, scrub

__all__ = ["ImportProgress", "ImportReport", "import_view_export"]

RUNS_A_BATCH = 250_000
EVIDENCE_A_BATCH = 500
EVENTS_A_BATCH = 5_000
EXTRA_SIGHTINGS_AN_IMPORT = 6_000
"""Beside the slow and fast run of each pattern; those that became slower come first."""

SAMPLE_SOURCE = "sample"
UNDER_WAY_NOTE = "import_under_way"

OnProgress = Callable[[ImportProgress], None]


def import_view_export(
    export: ViewExport,
    *,
    store: HistoryStore,
    now: datetime,
    source: str = "export",
    strict: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    marks_key: bytes | None = None,
    raw_texts: RawTextKeeper | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Keeps all good rows and reports the others; importing again changes nothing.

    Without `marks_key` patterns get no model form, so nothing of them can be sent to a model, and
    none of their texts is given to `raw_texts`.

    `strict` reads everything once before and raises BadExportError at the first bad row or file,
    with nothing stored. Also raised if there is no history at all.
    """
    tell = on_progress or _stay_silent
    if strict:
        _refuse_bad_files(export, tell)
    if marks_key is not None:
        remember_marks_key(store, marks_key)
    report = _Import(
        export,
        store=store,
        now=now,
        source=source,
        limits=limits,
        book=PatternBook(marks_key, raw_texts),
        tell=tell,
    ).run()
    if raw_texts:
        raw_texts.flush()
    return report


@dataclass(frozen=True, kw_only=True)
class _Books:
    """What is gathered while the runs pass by, once, on their way into the store."""

    recorded: RecordedRuns
    hours: HourBook
    lake_runs: RunsOfInterest
    load_runs: RunsOfInterest

    def consider(self, part: PatternRuns) -> None:
        for book in (self.recorded, self.lake_runs, self.load_runs):
            book.consider(part)


class _Import:
    """One import from beginning to end."""

    def __init__(
        self,
        export: ViewExport,
        *,
        store: HistoryStore,
        now: datetime,
        source: str,
        limits: Limits,
        book: PatternBook,
        tell: OnProgress,
    ) -> None:
        self._export = export
        self._store = store
        self._now = now
        self._source = source
        self._clearly_faster = limits.of(CLEARLY_FASTER)
        self._tell = tell
        self._newest_start_us = 0
        self._problems = ProblemLog()
        self._book = book
        self._pattern_of_native: dict[str, str] = {}
        self._skipped = SkippedRows()
        self._cut_texts = 0
        self._alerts_kept_apart = 0

    def run(self) -> ImportReport:
        was_interrupted = bool(self._store.note(UNDER_WAY_NOTE))
        steps = recorded_steps(self._export, self._problems.add, self._tell_of_evidence)
        books = _Books(
            recorded=RecordedRuns(
                with_steps=steps.query_ids, with_plan=self._recorded_ids("sys_query_explain")
            ),
            hours=HourBook(steps.counted, may_repeat=self._has_more_files_of_history),
            lake_runs=RunsOfInterest(self._recorded_ids("sys_external_query_detail")),
            load_runs=RunsOfInterest(self._recorded_ids("sys_load_history")),
        )
        self._store.set_note(UNDER_WAY_NOTE, self._now.isoformat())
        added = self._store.add_runs(self._pattern_runs(books), source=self._source)
        # An import that broke off has stored its runs, but perhaps not what follows from them.
        changed = frozenset(self._book.seen) if was_interrupted else added.touched
        self._find_changes(changed)
        self._share_out_time()
        self._keep_evidence(books, changed)
        self._keep_tables()
        self._keep_cluster(steps, books.hours, changed)
        report = self._report(added)
        self._keep_notes(report)
        return report

    @property
    def _has_more_files_of_history(self) -> bool:
        names = self._export.files_read
        return sum(name.lower().startswith("sys_query_history") for name in names) > 1

    def _recorded_ids(self, view: EvidenceView) -> IntColumn:
        return recorded_ids(self._export, view, self._problems.add, self._tell_of_evidence)

    def _tell_of_evidence(self, file_name: str, rows: int) -> None:
        self._tell(ImportProgress(stage="plans and steps", rows_done=rows, file_name=file_name))

    def _pattern_runs(self, books: _Books) -> Iterator[PatternRuns]:
        batch = RunBatch(self._book)
        for part in self._export.history(self._problems.add):
            self._skipped = self._skipped.plus(part.skipped)
            self._cut_texts += part.cut_texts
            books.hours.add(part, batch.add(part))
            if len(batch) >= RUNS_A_BATCH:
                yield from self._patterns_of(batch, books)
            self._tell(
                ImportProgress(stage="history", rows_done=part.rows_read, file_name=part.file_name)
            )
        yield from self._patterns_of(batch, books)
        self._tell(ImportProgress(stage="storing runs"))

    def _patterns_of(self, batch: RunBatch, books: _Books) -> Iterator[PatternRuns]:
        for part in batch.take_out():
            books.consider(part)
            self._newest_start_us = max(self._newest_start_us, int(part.runs.started_us[-1]))
            for native_hash in part.pattern.native_hashes:
                self._pattern_of_native.setdefault(native_hash, part.pattern.query_hash)
            yield part

    def _find_changes(self, query_hashes: Iterable[str]) -> None:
        in_order = sorted(query_hashes)
        for position, query_hash in enumerate(in_order, start=1):
            timeline = find_timeline(self._store.runs_of(query_hash))
            self._store.set_timeline(query_hash, timeline)
            self._tell(
                ImportProgress(stage="slow-downs", rows_done=position, rows_total=len(in_order))
            )

    def _share_out_time(self) -> None:
        self._store.share_out_time(
            lambda done, total: self._tell(
                ImportProgress(stage="the cluster's time", rows_done=done, rows_total=total)
            )
        )

    def _keep_evidence(self, books: _Books, changed: frozenset[str]) -> None:
        self._tell(ImportProgress(stage="plans and steps of slow and fast runs"))
        recorded = books.recorded
        alerts = sort_alerts(
            self._export.alert_rows(self._problems.add),
            book=self._book,
            pattern_of_native=self._pattern_of_native,
        )
        self._alerts_kept_apart = alerts.kept_apart
        beside = self._beside(books, alerts.by_pattern)
        regression_of = {
            query_hash: self._store.pattern(query_hash).regression
            for query_hash in {*recorded.query_hashes, *beside, *changed}
        }
        collected = collect_evidence(
            self._export,
            self._chosen(recorded, regression_of),
            now=self._now,
            on_problem=self._problems.add,
        )
        batch: list[Evidence] = []
        for evidence in self._completed(collected, beside, regression_of):
            joined = joined_evidence(
                evidence,
                self._store.evidence(evidence.query_hash),
                has_new_runs=evidence.query_hash in changed,
                regression=regression_of[evidence.query_hash],
                clearly_faster=self._clearly_faster,
            )
            batch += [joined] if joined else []
            if len(batch) >= EVIDENCE_A_BATCH:
                self._store.put_evidence(batch)
                batch = []
        self._store.put_evidence(batch)

    def _chosen(
        self, recorded: RecordedRuns, regression_of: Mapping[str, Regression | None]
    ) -> dict[str, ChosenRuns]:
        slower_first = sorted(
            recorded.query_hashes, key=lambda query_hash: regression_of[query_hash] is None
        )
        chosen: dict[str, ChosenRuns] = {}
        left = EXTRA_SIGHTINGS_AN_IMPORT
        for query_hash in slower_first:
            runs = recorded.choose(
                query_hash,
                regression_of[query_hash],
                clearly_faster=self._clearly_faster,
                most_sighted=min(SIGHTINGS_AT_MOST, left),
            )
            left -= len(runs.sighted)
            chosen[query_hash] = runs
        return chosen

    def _completed(
        self,
        collected: Iterable[Evidence],
        beside: Mapping[str, Evidence],
        regression_of: Mapping[str, Regression | None],
    ) -> Iterator[Evidence]:
        """With what is known beside plans and steps; and an empty one for a pattern that became
        slower by runs of which nothing was recorded: what earlier exports brought may now stand on
        another side."""
        told = set()
        for evidence in collected:
            told.add(evidence.query_hash)
            own = beside.get(evidence.query_hash)
            yield _with_what_is_beside(evidence, own) if own else evidence
        slower = {query_hash for query_hash, regression in regression_of.items() if regression}
        for query_hash in sorted({*beside, *slower} - told):
            if query_hash in beside:
                yield beside[query_hash]
            elif self._store.evidence(query_hash):
                yield Evidence(query_hash=query_hash, collected_at=self._now)

    def _beside(
        self, books: _Books, alerts_of: Mapping[str, tuple[PlannerAlert, ...]]
    ) -> dict[str, Evidence]:
        """Alerts, and what was read from the lake and loaded."""
        found = {
            query_hash: Evidence(query_hash=query_hash, collected_at=self._now, alerts=alerts)
            for query_hash, alerts in alerts_of.items()
        }
        for query_hash, own in self._lake_and_loads(books):
            found[query_hash] = replace(own, alerts=alerts_of.get(query_hash, ()))
        return found

    def _lake_and_loads(self, books: _Books) -> Iterator[tuple[str, Evidence]]:
        lake = LakeBook(books.lake_runs)
        lake.read(self._export.lake_rows(), self._export.lake_errors(self._problems.add))
        loads = load_days(self._export.load_rows(), books.load_runs)
        for query_hash in sorted(lake.query_hashes | loads.keys()):
            yield (
                query_hash,
                Evidence(
                    query_hash=query_hash,
                    collected_at=self._now,
                    lake=lake.evidence(query_hash),
                    lake_days=lake.days(query_hash),
                    load_days=loads.get(query_hash, ()),
                ),
            )

    def _keep_cluster(self, steps: RecordedSteps, hours: HourBook, changed: frozenset[str]) -> None:
        """What is of the whole cluster. A view that the export lacks leaves what was known."""
        self._tell(ImportProgress(stage="queues and hours"))
        export, on_problem = self._export, self._problems.add
        self._store.put_lake_tables(list(export.lake_tables(on_problem)))
        self._store.put_materialized_views(
            [
                replace(view, base_tables=self._book.base_tables(view.schema_name, view.name))
                for view in export.materialized_views(on_problem)
            ]
        )
        if queues := list(export.queues(on_problem)):
            self._store.put_queues(queues)
        if slices := export.slice_count(on_problem):
            self._store.put_slice_count(slices)
        self._store.keep_serverless_hours(list(export.serverless_hours(on_problem)))
        self._store.keep_hours(list(hours.hours()), source=self._source)
        self._store.put_pattern_queues(list(hours.pattern_queues(changed.__contains__)))
        last_day = self._store.known_names().last_day
        if steps.scanned_tables and last_day:
            at = datetime.combine(last_day, time(), UTC)
            self._store.keep_table_scans(steps.scanned_tables, at=at)

    def _keep_tables(self) -> None:
        self._tell(ImportProgress(stage="tables"))
        # Read to the end first: the store is locked while it writes.
        tables = list(self._export.tables(self._problems.add))
        self._store.put_tables(tables, taken_at=self._exported_at())
        advice = [_with_plain_ddl(row) for row in self._export.advisor_rows(self._problems.add)]
        self._store.put_advisor_rows(advice)
        for events in _batches(self._export.table_events(self._problems.add), EVENTS_A_BATCH):
            self._store.put_table_events(events)

    def _exported_at(self) -> datetime:
        """No export says when it was made, but its newest run had started by then."""
        newest = datetime.fromtimestamp(self._newest_start_us / 1e6, tz=UTC)
        return min(newest, self._now) if self._newest_start_us else self._now

    def _report(self, added: RunsAdded) -> ImportReport:
        return ImportReport(
            new_runs=added.new_runs,
            known_runs=added.known_runs,
            skipped_rows=self._skipped.total,
            pattern_count=len(self._book.seen),
            withheld_texts=len(self._book.withheld),
            problems=self._problems.problems(),
            files_read=self._export.files_read,
            files_missing=self._export.files_missing,
            skipped=self._skipped,
            problem_count=self._problems.count,
            cut_texts=self._cut_texts,
            alerts_kept_apart=self._alerts_kept_apart,
        )

    def _keep_notes(self, report: ImportReport) -> None:
        if self._source != SAMPLE_SOURCE:
            self._store.set_note("origin", "import")
        last_import = {
            "at": self._now.isoformat(timespec="seconds"),
            "source": self._source,
            "new_runs": report.new_runs,
            "known_runs": report.known_runs,
            "problems": report.problem_count,
        }
        self._store.set_note("last_import", json.dumps(last_import))
        self._store.set_note(UNDER_WAY_NOTE, "")


def _batches(events: Iterable[TableEvent], size: int) -> Iterator[list[TableEvent]]:
    """Of those that changed something."""
    batch: list[TableEvent] = []
    for event in events:
        if event.has_effect:
            batch.append(_masked_event(event))
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def _masked_event(event: TableEvent) -> TableEvent:
    """Kind and status are Redshift's own words and figures; the remark of an automatic optimization
    may be any text."""
    is_remark = event.kind is TableEventKind.AUTO_OPTIMIZATION
    return replace(
        event,
        what=mask_personal_data(event.what),
        status=mask_personal_data(event.status),
        detail=mask_text(event.detail) if is_remark else event.detail,
    )


def _with_what_is_beside(evidence: Evidence, own: Evidence) -> Evidence:
    return replace(
        evidence,
        alerts=own.alerts,
        lake=own.lake,
        lake_days=own.lake_days,
        load_days=own.load_days,
    )


def _with_plain_ddl(row: AdvisorRow) -> AdvisorRow:
    """Advisor writes ALTER TABLE with names only, but nothing stops a row of an export from holding
    anything: so no word of it is taken on trust."""
    ddl = mask_personal_data(row.ddl)
    plain = scrub(ddl).text
    return replace(row, ddl=mask_text(ddl) if plain is None else plain)


def _refuse_bad_files(export: ViewExport, tell: OnProgress) -> None:
    """Raises BadExportError for the first of the problems."""
    problems = ProblemLog()
    for part in export.history(problems.add):
        tell(ImportProgress(stage="check", rows_done=part.rows_read, file_name=part.file_name))
    views: tuple[EvidenceView, ...] = (
        "sys_query_detail",
        "sys_query_explain",
        "sys_external_query_detail",
        "sys_load_history",
    )
    for view in views:
        for file_name, rows_read, _ in export.recorded_query_ids(view, problems.add):
            tell(ImportProgress(stage="check", rows_done=rows_read, file_name=file_name))
    for rows in (
        export.tables,
        export.advisor_rows,
        export.alert_rows,
        export.table_events,
        export.lake_errors,
        export.lake_tables,
        export.materialized_views,
        export.queues,
        export.serverless_hours,
    ):
        for _ in rows(problems.add):
            pass
    export.slice_count(problems.add)
    problems.refuse_any()


def _stay_silent(progress: ImportProgress) -> None:
    pass
