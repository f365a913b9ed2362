"""What an import needs of exported system views: rows of the views, streamed, bad ones named."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, fields
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.domain.cluster_use import Queue, ServerlessHour
from backend.domain.errors import BadExportError
from backend.domain.evidence import AdvisorRow, Table
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView
from backend.domain.runs import IntColumn, Mask, Names, Runs
from backend.domain.table_history import TableEvent
from backend.sql.plan_rows import PlanRow

OnProblem = Callable[[BadExportError], None]
"""Told of each row, column or file that cannot be used; reading goes on behind it."""

OWN_LABEL = "slowq-reviewer"
"""The query label under which this project's own statements run; they are not imported."""

EvidenceView = Literal[
    "sys_query_detail", "sys_query_explain", "sys_external_query_detail", "sys_load_history"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SkippedRows:
    """Rows of the history that give no run, by reason; only `bad` ones are errors."""

    bad: int = 0
    unfinished: int = 0
    system: int = 0
    own: int = 0

    def plus(self, other: "SkippedRows") -> "SkippedRows":
        return SkippedRows(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    @property
    def total(self) -> int:
        return self.bad + self.unfinished + self.system + self.own


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueColumns:
    """Through which queue each run went; `service_class` is UNKNOWN_CLASS where the view does not
    say."""

    service_class: IntColumn
    queue_name: Names
    priority: Names
    is_short_accelerated: Mask


UNKNOWN_CLASS = -1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPart:
    """Finished runs of one stretch of a file of SYS_QUERY_HISTORY.

    `texts` are the distinct statements, whole and unescaped but not yet scrubbed;
    `text_of_run[i]` points into them. `cut_texts` counts those that fill their column with no
    further chunks. `rows_read` counts the data rows of the file up to here.
    """

    file_name: str
    rows_read: int
    skipped: SkippedRows
    runs: Runs
    texts: tuple[str, ...]
    text_of_run: NDArray[np.int32]
    native_hash: Names
    query_type: Names
    queues: QueueColumns
    cut_texts: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailRow:
    """A row of SYS_QUERY_DETAIL as the view has it; what counts depends on `metrics_level`."""

    query_id: int
    metrics_level: str
    child_query_sequence: int
    stream_id: int
    segment_id: int
    step_id: int
    step_name: str
    duration_us: int
    table_name: str
    is_range_restricted: bool | None
    alert: str
    source: str
    input_rows: int
    output_rows: int
    output_bytes: int
    blocks_read: int
    data_skewness: int
    time_skewness: int
    spilled_local_blocks: int
    spilled_remote_blocks: int
    plan_node_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DetailPart:
    """What one stretch of SYS_QUERY_DETAIL says of all its queries; ids may repeat.

    `small_insert_ids` inserted 1 to 100 rows in a step, `spilled_ids` wrote to disk; `scanned`
    names the tables that scan steps read.
    """

    file_name: str
    rows_read: int
    query_ids: IntColumn
    small_insert_ids: IntColumn
    spilled_ids: IntColumn
    scanned: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class LakeRow:
    """A row of SYS_EXTERNAL_QUERY_DETAIL, without where its files lie."""

    query_id: int
    started_us: int
    segment_id: int
    source_type: str
    table_name: str
    file_format: str
    duration_us: int
    total_partitions: int
    qualified_partitions: int
    scanned_files: int
    scanned_rows: int
    scanned_bytes: int
    listing_ms: int
    warning: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadRow:
    """A row of SYS_LOAD_HISTORY, without where its files lie."""

    query_id: int
    started_us: int
    table_name: str
    file_format: str
    duration_us: int
    loaded_rows: int
    files: int
    file_bytes: int
    errors: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertRow:
    """A row of STL_ALERT_EVENT_LOG.

    `query_id` is STL's `query`, another number than `query_id` of the SYS views: the two never
    join. Only a hash or text that the exporter added can say which pattern is meant.
    """

    query_id: int
    event: str
    solution: str
    query_hash: str = ""
    native_hash: str = ""
    query_text: str = ""


class ViewExport(Protocol):
    """Exports of system views. Every method streams and can be called again."""

    @property
    def files_read(self) -> tuple[str, ...]:
        """Names of the files that were found, in reading order."""
        ...

    @property
    def files_missing(self) -> tuple[str, ...]:
        """Names of the views that the export does not hold."""
        ...

    def history(self, on_problem: OnProblem) -> Iterator[HistoryPart]:
        """Raises BadExportError if there is no history at all."""
        ...

    def recorded_query_ids(
        self, view: EvidenceView, on_problem: OnProblem
    ) -> Iterator[tuple[str, int, IntColumn]]:
        """File name, rows read so far, and the query ids of one stretch; ids may repeat."""
        ...

    def detail_parts(self, on_problem: OnProblem) -> Iterator[DetailPart]:
        """All of SYS_QUERY_DETAIL, as `recorded_query_ids` and more."""
        ...

    def detail_rows(self, query_ids: Collection[int]) -> Iterator[DetailRow]:
        """Of these queries only; says nothing of bad rows, `recorded_query_ids` has."""
        ...

    def plan_rows(self, query_ids: Collection[int]) -> Iterator[tuple[int, PlanRow]]:
        """Of these queries only, each with its query id."""
        ...

    def alert_rows(self, on_problem: OnProblem) -> Iterator[AlertRow]: ...

    def tables(self, on_problem: OnProblem) -> Iterator[Table]:
        """SVV_TABLE_INFO with the columns of SVV_REDSHIFT_COLUMNS; a table that only the latter
        knows (empty tables have no row in the former) comes without figures."""
        ...

    def advisor_rows(self, on_problem: OnProblem) -> Iterator[AdvisorRow]: ...

    def table_events(self, on_problem: OnProblem) -> Iterator[TableEvent]:
        """SYS_ANALYZE_HISTORY, SYS_VACUUM_HISTORY and SYS_AUTO_TABLE_OPTIMIZATION, each as far as
        it is there; also those that came to nothing."""
        ...

    def lake_rows(self) -> Iterator[LakeRow]:
        """All of SYS_EXTERNAL_QUERY_DETAIL; says nothing of bad rows, as `detail_rows`."""
        ...

    def lake_errors(self, on_problem: OnProblem) -> Iterator[int]:
        """The query id of each row of SYS_EXTERNAL_QUERY_ERROR."""
        ...

    def load_rows(self) -> Iterator[LoadRow]:
        """All of SYS_LOAD_HISTORY; says nothing of bad rows, as `detail_rows`."""
        ...

    def lake_tables(self, on_problem: OnProblem) -> Iterator[LakeTable]:
        """SVV_EXTERNAL_TABLES with the partition keys of SVV_EXTERNAL_COLUMNS."""
        ...

    def materialized_views(self, on_problem: OnProblem) -> Iterator[MaterializedView]:
        """SVV_MV_INFO with what SYS_MV_REFRESH_HISTORY says of each; base tables are left out."""
        ...

    def queues(self, on_problem: OnProblem) -> Iterator[Queue]:
        """STV_WLM_SERVICE_CLASS_CONFIG with the rules of STV_WLM_QMR_CONFIG; queues of users and
        the one for short queries only."""
        ...

    def slice_count(self, on_problem: OnProblem) -> int | None:
        """Slices that hold data (STV_SLICES); None where it was not exported."""
        ...

    def serverless_hours(self, on_problem: OnProblem) -> Iterator[ServerlessHour]: ...
