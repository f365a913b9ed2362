"""What one pattern does with one table, read off its case file.

All seconds are execution time over the case file's window; all rows are of one run, the recorded
one. That run stands for all runs of the pattern: its segments share the pattern's execution time
as they shared the run's.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from backend.domain.plan import Movement

DAYS_A_WEEK = 7.0


class FilterKind(StrEnum):
    """How a column is compared with values. Only the first three let a sort order skip blocks."""

    EQUALITY = "equality"
    LIST = "list"
    RANGE = "range"
    WRAPPED = "wrapped"
    OTHER = "other"

    @property
    def can_use_order(self) -> bool:
        return self in {FilterKind.EQUALITY, FilterKind.LIST, FilterKind.RANGE}


class WriteKind(StrEnum):
    INSERT = "insert"
    COPY = "copy"
    UPDATE = "update"
    DELETE = "delete"
    MERGE = "merge"
    CREATE = "create"


class JoinKind(StrEnum):
    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"
    FULL = "full"


class Arrival(StrEnum):
    """What decides where the rows of one side of a join lie before they are moved.

    SCAN: the design of one table. JOIN: where the join below leaves them. The others are results
    whose place no table's design decides, such as of an aggregation: by the recorded plan they
    lie by the join's columns already, on every node, or neither.
    """

    SCAN = "scan"
    JOIN = "join"
    ON_KEY = "on_key"
    EVERYWHERE = "everywhere"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """`table_name` is the table's key: database.schema.table in one case."""

    table_name: str
    column_name: str


@dataclass(frozen=True, kw_only=True)
class JoinEnd:
    """One side of a join. `join_below` is the id of the join whose result it is, if it is one.

    `columns` has one entry for each pair that the join sets equal, None where the plan does not
    lead to a known table.
    """

    arrival: Arrival
    columns: tuple[TableColumn | None, ...]
    rows: int
    join_below: int | None = None
    table_names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableJoin:
    """A join that a table takes part in: by a column of its own, or as all of one side.

    `movement` is None where no plan was recorded. `rows_out` came out of it in a run, `rows_moved`
    were sent between nodes; a broadcast row counts once. `moving_seconds` is the time of the segments that send them, which
    also read or compute these rows; `is_measured` says that steps told it, not the plan's costs.
    """

    join_id: int
    kind: JoinKind
    outer: JoinEnd
    inner: JoinEnd
    movement: Movement | None = None
    rows_out: int = 0
    rows_moved: int = 0
    moving_seconds: float = 0.0
    join_seconds: float = 0.0
    is_merge: bool = False
    is_measured: bool = False
    fact_ids: tuple[str, ...] = ()

    @cached_property
    def pairs(self) -> tuple[tuple[TableColumn | None, TableColumn | None], ...]:
        return tuple(zip(self.outer.columns, self.inner.columns, strict=True))

    @property
    def is_still(self) -> bool:
        """By the recorded plan no row is moved for it."""
        return self.movement in {Movement.DS_DIST_NONE, Movement.DS_DIST_ALL_NONE}


@dataclass(frozen=True, kw_only=True)
class TableFilter:
    column_name: str
    kind: FilterKind


@dataclass(frozen=True, kw_only=True)
class TableScan:
    """All scans of the table in a run together; rows are None where no step tells them.

    `skewed_seconds` is what the slowest slice had beyond an average one (data_skewness).
    """

    rows_read: int | None = None
    rows_kept: int | None = None
    is_range_restricted: bool | None = None
    seconds: float = 0.0
    skewed_seconds: float = 0.0

    @property
    def kept_share(self) -> float | None:
        if not self.rows_read or self.rows_kept is None:
            return None
        return min(self.rows_kept / self.rows_read, 1.0)


@dataclass(frozen=True, kw_only=True)
class TableUse:
    """`seconds` stand on the table: its scans, its joins and what moves for them, or its writing.
    One segment may serve several tables, so the tables of a pattern may add up to more than its
    time. `like_runs` is how many runs like the recorded one make up the execution time.
    """

    query_hash: str
    table_name: str
    analysis_timestamp: datetime
    window_end: datetime
    window_days: float
    runs: int
    seconds: float
    is_measured: bool
    like_runs: float
    scan: TableScan | None = None
    filters: tuple[TableFilter, ...] = ()
    joins: tuple[TableJoin, ...] = ()
    grouped_by: tuple[str, ...] = ()
    write: WriteKind | None = None
    write_seconds: float = 0.0
    fact_ids: tuple[str, ...] = ()
    dollars_a_second: float | None = None
    prices_as_of: date | None = None

    @property
    def weeks(self) -> float:
        return max(self.window_days, 1.0) / DAYS_A_WEEK

    @property
    def seconds_a_week(self) -> float:
        return self.seconds / self.weeks

    @property
    def usable_filters(self) -> tuple[TableFilter, ...]:
        return tuple(each for each in self.filters if each.kind.can_use_order)


@dataclass(frozen=True, kw_only=True)
class AdvisedTable:
    """A table whose design a recommendation changes. `written_as` is its name in the action's SQL,
    `table_name` the table's key."""

    recommendation_id: str
    table_name: str
    written_as: str
