"""Fill an empty history with the sample workload, its past reviews and a few decisions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path

from backend.domain.money import Prices
from backend.domain.pattern import PatternFilter
from backend.domain.threshold import DEFAULT_LIMITS, Limits
from backend.panel.panel import Panel
from backend.services.import_report import ImportProgress
from backend.services.import_view_export import import_view_export
from backend.services.ports import HistoryStore
from backend.services.review_pattern import review_pattern
from backend.services.review_tables import review_tables
from backend.services.review_workload import review_workload
from backend.services.sample_decisions import SAMPLE_DECISIONS, decide
from backend.services.view_export import ViewExport

ORIGIN_NOTE = "origin"
LOADING = "sample-loading"
LOADED = "sample"

PATTERNS_REVIEWED = (6, 10, 16, 22)
"""At the last week ends: the costliest so many, a few more each week."""
PATTERNS_ON_LAST_DAY = 25
_REVIEWED_AT = time(21, 30, tzinfo=UTC)
_PAGE = 500


class SampleStage(StrEnum):
    """The steps of loading, in their order."""

    WRITE = "write"
    IMPORT = "import"
    REVIEW = "review"
    TRIAGE = "triage"
    TABLES = "tables"


@dataclass(frozen=True, kw_only=True)
class SampleProgress:
    """`done` of `total` runs, reviews or decisions; `total` is None while it is not known."""

    stage: SampleStage
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, kw_only=True)
class LoadedSample:
    runs: int
    patterns: int
    reviews: int
    decisions: int
    first_day: date
    last_day: date


OnSampleProgress = Callable[[SampleProgress], None]


@dataclass(frozen=True, kw_only=True)
class _PlannedReview:
    query_hash: str
    first_day: date
    last_day: date
    at: datetime


def load_sample(
    *,
    store: HistoryStore,
    panel: Panel,
    limits: Limits = DEFAULT_LIMITS,
    prices: Prices | None = None,
    open_export: Callable[[Path], ViewExport],
    write_sample: Callable[..., object],
    work_folder: Path,
    now: datetime,
    marks_key: bytes | None = None,
    on_progress: OnSampleProgress | None = None,
) -> LoadedSample:
    """Into a store that holds nothing. The sample ends with the last whole UTC day before `now`.

    `work_folder` is left with the written export; it is the caller's to remove. While the origin
    note says LOADING, the store holds half a sample: clear it and load again.
    """
    tell = on_progress or _tell_nobody
    store.set_note(ORIGIN_NOTE, LOADING)
    last_day = now.astimezone(UTC).date() - timedelta(days=1)
    tell(SampleProgress(stage=SampleStage.WRITE))
    write_sample(work_folder, last_day=last_day)
    tell(SampleProgress(stage=SampleStage.IMPORT))
    report = import_view_export(
        open_export(work_folder),
        store=store,
        now=now,
        source="sample",
        limits=limits,
        marks_key=marks_key,
        on_progress=lambda progress: tell(_of_import(progress)),
    )
    first_day = store.known_names().first_day or last_day
    planned = list(_planned_reviews(store, first_day, last_day, now))
    _review(planned, store=store, panel=panel, limits=limits, prices=prices, tell=tell)
    review_workload(store=store, analysis_timestamp=now, limits=limits)
    tell(SampleProgress(stage=SampleStage.TRIAGE, total=len(SAMPLE_DECISIONS)))
    decisions = decide(SAMPLE_DECISIONS, book=store, now=now)
    tell(SampleProgress(stage=SampleStage.TABLES))
    review_tables(store=store, analysis_timestamp=now, limits=limits, prices=prices)
    # An import of one's own that went on meanwhile has said so: that must not look like a sample,
    # which the next import removes.
    if store.note(ORIGIN_NOTE) == LOADING:
        store.set_note(ORIGIN_NOTE, LOADED)
    return LoadedSample(
        runs=report.new_runs,
        patterns=report.pattern_count,
        reviews=len(planned),
        decisions=decisions,
        first_day=first_day,
        last_day=last_day,
    )


def _planned_reviews(
    store: HistoryStore, first_day: date, last_day: date, now: datetime
) -> Iterator[_PlannedReview]:
    """The most costly patterns of the time at each week's end, and at last all of them."""
    for day, count in (*_week_ends(first_day, last_day), (last_day, PATTERNS_ON_LAST_DAY)):
        at = datetime.combine(day, _REVIEWED_AT)
        for query_hash in _most_costly(store, first_day, day, count, at):
            yield _PlannedReview(query_hash=query_hash, first_day=first_day, last_day=day, at=at)
    for query_hash in _all_patterns(store, first_day, last_day):
        yield _PlannedReview(query_hash=query_hash, first_day=first_day, last_day=last_day, at=now)


def _week_ends(first_day: date, last_day: date) -> Iterator[tuple[date, int]]:
    """The last Sundays before `last_day`, oldest first, and how many patterns to review then."""
    newest = last_day - timedelta(days=last_day.weekday() + 1)
    for weeks_back, count in zip(
        reversed(range(len(PATTERNS_REVIEWED))), PATTERNS_REVIEWED, strict=True
    ):
        day = newest - timedelta(weeks=weeks_back)
        if day >= first_day:
            yield day, count


def _most_costly(
    store: HistoryStore, first_day: date, last_day: date, count: int, at: datetime
) -> Iterator[str]:
    wanted = PatternFilter(first_day=first_day, last_day=last_day)
    for row in store.rank_patterns(wanted, limit=count).rows:
        regression = row.pattern.regression
        # Its plan was recorded after the change: a review of that time could not have seen it.
        if regression is None or regression.changed_at <= at:
            yield row.pattern.query_hash


def _all_patterns(store: HistoryStore, first_day: date, last_day: date) -> Iterator[str]:
    wanted = PatternFilter(first_day=first_day, last_day=last_day)
    offset = 0
    while rows := store.rank_patterns(wanted, limit=_PAGE, offset=offset).rows:
        yield from (row.pattern.query_hash for row in rows)
        offset += len(rows)


def _review(
    planned: Sequence[_PlannedReview],
    *,
    store: HistoryStore,
    panel: Panel,
    limits: Limits,
    prices: Prices | None,
    tell: OnSampleProgress,
) -> None:
    for done, review in enumerate(planned):
        tell(SampleProgress(stage=SampleStage.REVIEW, done=done, total=len(planned)))
        review_pattern(
            review.query_hash,
            store=store,
            panel=panel,
            limits=limits,
            prices=prices,
            analysis_timestamp=review.at,
            first_day=review.first_day,
            last_day=review.last_day,
        )


def _of_import(progress: ImportProgress) -> SampleProgress:
    return SampleProgress(
        stage=SampleStage.IMPORT, done=progress.rows_done, total=progress.rows_total
    )


def _tell_nobody(progress: SampleProgress) -> None:
    """For callers that do not follow the progress."""
