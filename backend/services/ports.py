"""What the use cases need from the outside world. Adapters fulfil these; tests run over them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from backend.domain.busy_time import ClusterTime, PatternBusyTime
from backend.domain.cluster_use import HourUse, PatternQueue, Queue, ServerlessHour
from backend.domain.evidence import AdvisorRow, Evidence, Table
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView
from backend.domain.page import Page
from backend.domain.pattern import (
    KnownNames,
    Pattern,
    PatternDay,
    PatternFilter,
    RankedPattern,
    RankedPatterns,
    SlowedPatterns,
)
from backend.domain.receipt import OutboundReceipt, TokenUsage
from backend.domain.recommendation import (
    AcrossPatterns,
    DailyCount,
    RecommendationFilter,
    TriagedRecommendation,
    TriageState,
)
from backend.domain.review import Review
from backend.domain.review_job import JobStage, ReviewJob
from backend.domain.runs import Runs, RunTimes
from backend.domain.table_history import TableEvent, TableSnapshot
from backend.domain.table_proposal import TableFilterBy, TableProposal, TablesReview, UsedTable
from backend.domain.table_use import AdvisedTable, TableUse
from backend.domain.timeline import Timeline
from backend.domain.workload import WorkloadReview

Clock = Callable[[], datetime]
"""Gives the present moment, in UTC."""


@dataclass(frozen=True, kw_only=True)
class PatternRuns:
    """Runs of one pattern, on their way into the history."""

    pattern: Pattern
    runs: Runs


@dataclass(frozen=True, kw_only=True)
class RunsAdded:
    """What an import changed. `touched` are the hashes that got runs they did not have."""

    new_runs: int
    known_runs: int
    touched: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PatternHead:
    """What a look at all patterns needs of each; `statement` is the scrubbed text's beginning."""

    query_hash: str
    query_type: str
    statement: str
    table_names: tuple[str, ...]
    first_seen: datetime
    last_seen: datetime


def no_progress(done: int, total: int) -> None:
    """For callers that do not follow it."""


class RunHistory(Protocol):
    """Patterns and their runs. Nothing here reads runs that the question is not about."""

    def add_runs(self, parts: Iterable[PatternRuns], *, source: str) -> RunsAdded:
        """Keeps the runs not yet known. A run is known by its query id and start; adding it again
        changes nothing. A known pattern keeps its text (unless it had none), widens first/last
        seen and collects native hashes.

        Reads `parts` to their end first: nothing is kept if they raise. Then keeps all patterns,
        and after them their runs day by day, oldest first. Meanwhile a reader sees some of the
        new runs; those of one pattern on one day all or none, always with their figures. Broken
        off there, adding the same again brings the rest."""
        ...

    def pattern(self, query_hash: str) -> Pattern:
        """Raises UnknownPatternError."""
        ...

    def rank_patterns(
        self, wanted: PatternFilter, *, limit: int, offset: int = 0
    ) -> RankedPatterns:
        """By total elapsed time, largest first; ties by hash. Reads the daily figures only."""
        ...

    def ranked_hashes(self, wanted: PatternFilter, *, limit: int) -> Sequence[str]:
        """The hashes of the ranking alone, in its order."""
        ...

    def ranked_pattern(self, query_hash: str, wanted: PatternFilter) -> RankedPattern:
        """One pattern's row of the ranking (its rank included). Raises UnknownPatternError."""
        ...

    def pattern_days(
        self, query_hash: str, first_day: date | None = None, last_day: date | None = None
    ) -> Sequence[PatternDay]:
        """Oldest first; days without runs are left out."""
        ...

    def daily_seconds(self, wanted: PatternFilter) -> Mapping[date, float]:
        """Total elapsed seconds a day over all patterns that the filter lets through."""
        ...

    def share_out_time(self, on_day: Callable[[int, int], None] = no_progress) -> int:
        """Works out how the time in which the cluster was at work is shared by patterns, for each
        day whose runs have changed since; gives the number of days. `on_day` is told how many of
        how many are done. Each source of runs counts as a cluster of its own."""
        ...

    def busiest_patterns(
        self, first_day: date | None = None, last_day: date | None = None, *, limit: int
    ) -> tuple[ClusterTime, Sequence[PatternBusyTime]]:
        """Of the days that are shared out, those with the largest part first."""
        ...

    def runs_of(
        self, query_hash: str, first_day: date | None = None, last_day: date | None = None
    ) -> Runs:
        """Oldest first."""
        ...

    def newest_runs(self, query_hash: str, *, limit: int, before: datetime | None = None) -> Runs:
        """The newest `limit` runs of all that started before that moment, oldest first. Reads no
        more days than those need."""
        ...

    def set_timeline(self, query_hash: str, timeline: Timeline) -> None:
        """With its regression, which the pattern then has. Raises UnknownPatternError."""
        ...

    def timeline(self, query_hash: str) -> Timeline:
        """An empty one where nothing changed, or nothing was looked for yet."""
        ...

    def slowed_patterns(self, start: datetime, end: datetime) -> SlowedPatterns:
        """Those whose regression began from `start` up to before `end`, oldest first, some hundred
        at most. Costs by their number, and a count along an index."""
        ...

    def writers_of(self, table_name: str, *, seen_from: datetime, limit: int) -> Sequence[Pattern]:
        """Patterns that ran at `seen_from` or later and may write the table of this bare name (in
        whichever schema), those that ran last first. Costs by their number."""
        ...

    def times_of_day(self, day: date) -> tuple[Sequence[str], RunTimes]:
        """All runs that started on the day, without those answered from the result cache; their
        `pattern` is a place in the list of hashes."""
        ...

    def pattern_heads(self) -> Iterator[PatternHead]:
        """Of every pattern, in the order in which they came."""
        ...

    def known_names(self) -> KnownNames: ...


class EvidenceStore(Protocol):
    """What was collected beside the runs. Putting replaces; the newest collection wins."""

    def put_evidence(self, evidence: Iterable[Evidence]) -> None: ...

    def evidence(self, query_hash: str) -> Evidence | None: ...

    def put_tables(self, tables: Iterable[Table], *, taken_at: datetime | None = None) -> None:
        """`taken_at` is when the figures were so: where they are others than the latest ones, they
        are kept as a snapshot too, and older ones do not replace newer ones."""
        ...

    def tables(self, names: Iterable[str]) -> Sequence[Table]:
        """Those of `names` (`schema.table`, `db.schema.table` or bare, any case) that are known;
        a bare name may give several."""
        ...

    def each_table(self) -> Iterator[Table]:
        """Every known table, in order of its name."""
        ...

    def put_advisor_rows(self, rows: Iterable[AdvisorRow]) -> None:
        """Replaces all rows of the databases that occur in `rows`."""
        ...

    def advisor_rows(self, table_names: Iterable[str]) -> Sequence[AdvisorRow]: ...


class TableHistory(Protocol):
    """What happened to tables; of each some dozen snapshots and some hundred events are kept."""

    def table_snapshots(self, table: Table) -> Sequence[TableSnapshot]:
        """Oldest first; each differs from the one before."""
        ...

    def put_table_events(self, events: Iterable[TableEvent]) -> None:
        """Putting one again (same table, moment and kind) changes nothing."""
        ...

    def table_events(self, table: Table, start: datetime, end: datetime) -> Sequence[TableEvent]:
        """start ≤ at < end, oldest first."""
        ...


class ClusterStore(Protocol):
    """What belongs to the cluster rather than to one pattern."""

    def put_lake_tables(self, tables: Iterable[LakeTable]) -> None: ...

    def lake_tables(self, names: Iterable[str]) -> Sequence[LakeTable]:
        """As `tables` of the evidence."""
        ...

    def put_materialized_views(self, views: Iterable[MaterializedView]) -> None:
        """Replaces all views of the databases that occur; a view without base tables or
        refreshes keeps those that it was known with."""
        ...

    def materialized_views(self) -> Sequence[MaterializedView]:
        """In order of database, schema and name."""
        ...

    def put_queues(self, queues: Iterable[Queue]) -> None:
        """Replaces all queues."""
        ...

    def queues(self) -> Sequence[Queue]:
        """By service class."""
        ...

    def put_slice_count(self, slices: int) -> None: ...

    def slice_count(self) -> int | None: ...

    def keep_hours(self, hours: Iterable[HourUse], *, source: str) -> None:
        """Of an hour that is known from the same source, the figures over more runs are kept:
        importing again changes nothing."""
        ...

    def hours(self, first_day: date, last_day: date) -> Sequence[HourUse]:
        """Oldest first; all sources."""
        ...

    def keep_serverless_hours(self, hours: Iterable[ServerlessHour]) -> None:
        """Of a known hour, the figures over more minutes are kept."""
        ...

    def serverless_hours(self, first_day: date, last_day: date) -> Sequence[ServerlessHour]: ...

    def put_pattern_queues(self, queues: Iterable[PatternQueue]) -> None:
        """Replaces the queues of each pattern that occurs."""
        ...

    def pattern_queues(self, query_hashes: Iterable[str]) -> Mapping[str, PatternQueue]:
        """The queue that most runs of the pattern went through."""
        ...

    def keep_table_scans(self, names: Iterable[str], *, at: datetime) -> None:
        """Remembers that runs up to `at` read these tables (`db.schema.table`)."""
        ...

    def table_scans(self) -> Mapping[str, datetime]:
        """When a scan step of a table was last recorded, by its name in lower case."""
        ...

    def put_workload_review(self, review: WorkloadReview) -> bool:
        """True if new; False and no change if one of that moment is known."""
        ...

    def latest_workload_review(self) -> WorkloadReview | None: ...


class ReviewHistory(Protocol):
    """`query-optimization-history`: one item a review, keyed by hash and timestamp."""

    def put_review(self, review: Review) -> bool:
        """True if new; False and no change if the key is known. In the same transaction the
        recommendations are raised: new ones become open, known ones keep their triage state and
        get the newer text, those of this pattern that are not in the newest review stop being
        `is_still_raised`. So do its table uses and advised tables replace those of the pattern's
        older review."""
        ...

    def review(self, query_hash: str, analysis_timestamp: datetime) -> Review:
        """With its case file. Raises NotFoundError."""
        ...

    def latest_review(self, query_hash: str) -> Review | None:
        """With its case file."""
        ...

    def reviews_of(
        self, query_hash: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[Review]:
        """Newest first, without case files."""
        ...

    def reviews_between(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Review]:
        """start ≤ timestamp < end, newest first, without case files. Raises BadCursorError."""
        ...

    def review_count(self) -> int:
        """Kept, not counted."""
        ...


class RecommendationBook(Protocol):
    """Recommendations with their triage."""

    def recommendation(self, recommendation_id: str) -> TriagedRecommendation:
        """Raises UnknownRecommendationError."""
        ...

    def recommendations(
        self, wanted: RecommendationFilter, *, limit: int = 50, cursor: str | None = None
    ) -> Page[TriagedRecommendation]:
        """Most severe first, then the largest claimed saving, then id. Raises BadCursorError."""
        ...

    def each_recommendation(self, wanted: RecommendationFilter) -> Iterator[TriagedRecommendation]:
        """All of them in the same order, streamed; `events` may be left empty."""
        ...

    def recommendation_count(self, wanted: RecommendationFilter) -> int: ...

    def triage(
        self,
        recommendation_id: str,
        to_state: TriageState,
        *,
        who: str,
        why: str,
        at: datetime,
        expected_version: int,
        snoozed_until: date | None = None,
    ) -> TriagedRecommendation:
        """Raises UnknownRecommendationError, TriageConflictError (version has moved on) or
        TriageNotAllowedError (see NEXT_STATES)."""
        ...

    def daily_counts(
        self, first_day: date | None = None, last_day: date | None = None
    ) -> Sequence[DailyCount]:
        """By the day first raised; kept as counters, so as cheap for a year as for a day."""
        ...


class TableBook(Protocol):
    """What the patterns' newest reviews say about tables, and what the tables should look like.

    A table is called by its key: database.schema.table in one case.
    """

    def each_table_use(self) -> Iterator[TableUse]:
        """All of them, pattern by pattern, streamed."""
        ...

    def table_uses_of(
        self, table_name: str, *, limit: int = 50, cursor: str | None = None
    ) -> Page[TableUse]:
        """The heaviest first, then by hash. Raises BadCursorError."""
        ...

    def advised_tables(self) -> Iterator[tuple[AdvisedTable, TriagedRecommendation]]:
        """Of recommendations that are still raised, in the order of the tables, streamed;
        `events` may be left empty."""
        ...

    def put_table_proposals(
        self,
        proposals: Iterable[TableProposal],
        standings: Mapping[str, AcrossPatterns],
        review: TablesReview,
    ) -> None:
        """Replaces all that earlier reviews of the tables left; `standings` are by
        recommendation id. In one transaction."""
        ...

    def tables_review(self) -> TablesReview | None:
        """The newest."""
        ...

    def used_tables(
        self, wanted: TableFilterBy, *, limit: int = 50, cursor: str | None = None
    ) -> Page[UsedTable]:
        """By the time that stands on them, the most first, then by name; without tables that none
        stands on. Reads no more than its page. Raises BadCursorError."""
        ...

    def used_table_count(self, wanted: TableFilterBy) -> int: ...

    def used_table(self, table_name: str) -> UsedTable:
        """Raises UnknownTableError."""
        ...


class JobBoard(Protocol):
    """Review jobs, shared by every process on the store."""

    def start_job(self, query_hash: str, *, job_id: str, at: datetime) -> tuple[ReviewJob, bool]:
        """The pattern's active job if there is one (False), else a new queued one (True)."""
        ...

    def claim_job(self, *, worker: str, at: datetime, lease_seconds: float) -> ReviewJob | None:
        """The oldest job that is queued, or running with its lease over; at most one worker gets
        it. A job out of attempts (3) is failed instead, with a reason."""
        ...

    def report_stage(
        self, job_id: str, stage: JobStage, *, worker: str, at: datetime, lease_seconds: float
    ) -> bool:
        """Renews the lease. False if the job now belongs to another worker: stop working."""
        ...

    def finish_job(
        self, job_id: str, *, worker: str, at: datetime, error: str | None = None
    ) -> None:
        """Done, or failed with the error's sentence."""
        ...

    def job(self, job_id: str) -> ReviewJob:
        """Raises UnknownJobError."""
        ...

    def active_job(self, query_hash: str) -> ReviewJob | None: ...

    def latest_job(self, query_hash: str) -> ReviewJob | None: ...


class ReceiptBook(Protocol):
    """What was sent to models, word for word."""

    def put_receipt(self, receipt: OutboundReceipt) -> None:
        """Kept for good when this returns: nothing is sent before. Putting one again changes
        nothing, not even what is known of its answer."""
        ...

    def complete_receipt(
        self, receipt_id: str, *, usage: TokenUsage, answered_by: str, stop_reason: str
    ) -> None:
        """What is known once the model has answered; nothing happens without such a receipt."""
        ...

    def receipts_of(
        self, query_hash: str, analysis_timestamp: datetime
    ) -> Sequence[OutboundReceipt]:
        """Of one review, in the order in which they were sent."""
        ...

    def forget_receipts(self, *, before: datetime) -> int:
        """Those sent before that moment; gives their number."""
        ...


class HistoryStore(
    RunHistory,
    EvidenceStore,
    TableHistory,
    ClusterStore,
    ReviewHistory,
    RecommendationBook,
    TableBook,
    JobBoard,
    ReceiptBook,
    Protocol,
):
    """Everything that is kept, in one place."""

    def note(self, key: str) -> str | None:
        """A small remark about the store itself, such as where its data came from."""
        ...

    def set_note(self, key: str, value: str) -> None: ...

    def forget_model_forms(self) -> None:
        """And the literal marks of all patterns with them."""
        ...

    def clear(self) -> None:
        """Forgets everything, in one transaction: for replacing the sample by real data."""
        ...

    def close(self) -> None: ...
