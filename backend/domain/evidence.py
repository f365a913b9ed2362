"""What the system views say beyond the run history, as collected: scrubbed, not yet judged."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from backend.domain.lake import LakeDay, LakeEvidence
from backend.domain.loads import LoadDay
from backend.domain.plan import Plan


@dataclass(frozen=True, kw_only=True)
class PlanEvidence:
    """The recorded plan of one run (SYS_QUERY_EXPLAIN)."""

    query_id: int
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A segment row of SYS_QUERY_DETAIL: reads and spill stand here, one block is 1 MB."""

    child_query_sequence: int
    stream_id: int
    segment_id: int
    duration_seconds: float
    time_skewness: int = 0
    blocks_read: int = 0
    spilled_local_blocks: int = 0
    spilled_remote_blocks: int = 0


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step row of SYS_QUERY_DETAIL: rows, skew and alerts stand here.

    `segment_seconds` is the duration of the step's segment, repeated on each of its steps:
    never add it up over steps.
    """

    child_query_sequence: int
    segment_id: int
    step_id: int
    step_name: str
    plan_node_id: int | None = None
    table_name: str | None = None
    segment_seconds: float = 0.0
    input_rows: int = 0
    output_rows: int = 0
    output_bytes: int = 0
    data_skewness: int = 0
    is_range_restricted: bool | None = None
    alert: str | None = None
    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class StepsEvidence:
    """The recorded segments and steps of one run, and what its row of SYS_QUERY_HISTORY says that
    it returned; 0 also where that is not known."""

    query_id: int
    elapsed_seconds: float
    segments: tuple[Segment, ...]
    steps: tuple[Step, ...]
    returned_rows: int = 0
    returned_bytes: int = 0


@dataclass(frozen=True, kw_only=True)
class PlannerAlert:
    """A row of STL_ALERT_EVENT_LOG: event and solution as AWS words them, scrubbed."""

    query_id: int
    event: str
    solution: str
    occurrences: int = 1


WIDEST_VARCHAR_BYTES = 65_535
_VARCHAR = re.compile(r"(?:varchar|character varying|nvarchar)\((\d+|max)\)", re.IGNORECASE)
_RAW_TYPES = ("bool", "real", "float", "double", "super", "geometry", "geography", "hllsketch")


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    data_type: str
    encoding: str = ""
    is_distribution_key: bool = False
    sort_key_position: int = 0
    is_nullable: bool = True

    @property
    def varchar_bytes(self) -> int:
        """Declared width of a VARCHAR; 0 for other types."""
        match = _VARCHAR.match(self.data_type.strip())
        if match is None:
            return 0
        return WIDEST_VARCHAR_BYTES if match[1].lower() == "max" else int(match[1])

    @property
    def is_needlessly_raw(self) -> bool:
        """Uncompressed, although only the first sort column and types without a useful encoding
        are better so (Redshift guide, compression encodings)."""
        is_first_sort_column = abs(self.sort_key_position) == 1
        is_raw = self.encoding.strip().lower() in {"none", "raw"}
        data_type = self.data_type.strip().lower()
        return is_raw and not is_first_sort_column and not data_type.startswith(_RAW_TYPES)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A row of SVV_TABLE_INFO with its columns (SVV_REDSHIFT_COLUMNS).

    Per cent figures are 0..100; `size_mb` counts 1 MB blocks. None = the view did not say.
    """

    database_name: str
    schema_name: str
    table_name: str
    distribution_style: str = ""
    first_sort_key: str | None = None
    first_sort_key_encoding: str | None = None
    sort_key_columns: int = 0
    size_mb: int | None = None
    row_count: int | None = None
    visible_rows: int | None = None
    unsorted_percent: float | None = None
    statistics_off_percent: float | None = None
    row_skew_ratio: float | None = None
    vacuum_sort_benefit_percent: float | None = None
    encoded: str | None = None
    max_varchar: int | None = None
    columns: tuple[Column, ...] = ()

    @property
    def deleted_share(self) -> float | None:
        """The part (0..1) of the rows that are deleted but not vacuumed away; `row_count` counts
        them, `visible_rows` does not. None where a figure is missing."""
        if not self.row_count or self.visible_rows is None:
            return None
        return min(max(1 - self.visible_rows / self.row_count, 0.0), 1.0)

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.table_name}"

    @property
    def has_interleaved_sort_key(self) -> bool:
        """sortkey1 says so, or the positions of the sort columns alternate in sign (PG_TABLE_DEF)."""
        says_so = "INTERLEAVED" in (self.first_sort_key or "").upper()
        return says_so or any(column.sort_key_position < 0 for column in self.columns)


@dataclass(frozen=True, kw_only=True)
class AdvisorRow:
    """A row of SVV_ALTER_TABLE_RECOMMENDATIONS: what Redshift's own Advisor proposes."""

    kind: str
    database_name: str
    table_id: int
    group_id: int
    ddl: str
    is_auto_eligible: bool
    table_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was collected beside the runs of one pattern.

    `lake_days` and `load_days` add up over exports, a day and table at a time.
    """

    query_hash: str
    collected_at: datetime
    plan: PlanEvidence | None = None
    steps: StepsEvidence | None = None
    alerts: tuple[PlannerAlert, ...] = field(default=())
    lake: LakeEvidence | None = None
    lake_days: tuple[LakeDay, ...] = ()
    load_days: tuple[LoadDay, ...] = ()
