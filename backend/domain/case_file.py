"""All that is known of one pattern at one moment. Every fact has an id that findings cite."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.change_facts import NO_CHANGES, ChangeFact, Changes
from backend.domain.evidence import AdvisorRow, PlannerAlert, Segment, Step, Table
from backend.domain.lake import LakeScan, LakeTable
from backend.domain.loads import Load
from backend.domain.materialized_view import MaterializedView
from backend.domain.model_form import LiteralMark, ModelForm
from backend.domain.money import Cost
from backend.domain.pattern import NameShare
from backend.domain.plan import Plan, PlanNode
from backend.domain.regression import Regression
from backend.domain.threshold import DEFAULT_LIMITS, Limits, Threshold
from backend.domain.time_buckets import WAITING, TimeBuckets

DEFAULT_SCHEMA = "public"
"""Where the default search_path finds a bare name."""


@dataclass(frozen=True, kw_only=True)
class StatisticsFact:
    """Figures over the timed runs of the window (SYS_QUERY_HISTORY)."""

    fact_id: str
    kind: Literal["statistics"] = "statistics"
    runs: int
    failed_runs: int
    canceled_runs: int
    cache_hits: int
    total_elapsed_seconds: float
    p50_elapsed_seconds: float
    p95_elapsed_seconds: float
    max_elapsed_seconds: float
    share: float
    users: tuple[NameShare, ...] = ()
    databases: tuple[NameShare, ...] = ()
    labels: tuple[NameShare, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BucketsFact:
    """Seconds a time bucket, over the same runs as the statistics."""

    fact_id: str
    kind: Literal["buckets"] = "buckets"
    buckets: TimeBuckets


@dataclass(frozen=True, kw_only=True)
class CostFact:
    """The pattern's part of the time in which the cluster was at work over the window, where it is
    shared out; in dollars where prices are configured."""

    fact_id: str
    kind: Literal["cost"] = "cost"
    busy: BusyTime
    cluster: ClusterTime
    cost: Cost | None = None


@dataclass(frozen=True, kw_only=True)
class RegressionFact:
    fact_id: str
    kind: Literal["regression"] = "regression"
    regression: Regression


@dataclass(frozen=True, kw_only=True)
class ColumnUse:
    """A column of a predicate: `expression` is what is wrapped around it, or how it is compared."""

    table_name: str | None
    column_name: str
    expression: str


class ClauseKind(StrEnum):
    """What a clause of a statement does that may cost time. None of them is a fault by itself."""

    UNFILTERED_TABLE = "unfiltered_table"
    LEADING_WILDCARD = "leading_wildcard"
    REGULAR_EXPRESSION = "regular_expression"
    OR_ACROSS_COLUMNS = "or_across_columns"
    OR_ON_ONE_COLUMN = "or_on_one_column"
    JOIN_EQUALITY = "join_equality"
    JOIN_ON_EXPRESSION = "join_on_expression"
    ONE_SIDED_FILTER = "one_sided_filter"
    CROSS_JOIN = "cross_join"
    NOT_IN_SUBQUERY = "not_in_subquery"
    CORRELATED_SUBQUERY = "correlated_subquery"
    SCALAR_SUBQUERY = "scalar_subquery"
    REPEATED_TABLE = "repeated_table"
    UNION_DISTINCT = "union_distinct"
    SELECT_DISTINCT = "select_distinct"
    REDUNDANT_DISTINCT = "redundant_distinct"
    ORDER_BY_WITHOUT_LIMIT = "order_by_without_limit"
    COUNT_DISTINCT = "count_distinct"
    WINDOW_WITHOUT_PARTITION = "window_without_partition"
    INSERT_VALUES = "insert_values"
    DELETE_ALL = "delete_all"
    UPDATE_ALL = "update_all"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause as the scrubbed statement has it, on one line and cut; queries inside it left out.

    `query_number` tells the queries of a statement apart: 0 is the outermost, others follow as
    they are written. `columns` and `table_names` are those that the clause is about (their table
    is None where the statement alone does not tell it), in an order that belongs to the kind:
    JOIN_EQUALITY has both sides, JOIN_ON_EXPRESSION first those inside an expression,
    ONE_SIDED_FILTER the filtered column and the one that it is set equal to, OR_ON_ONE_COLUMN the
    one column, once for each way of comparing it, NOT_IN_SUBQUERY the outer and, where it is a
    column, the inner side. CORRELATED_SUBQUERY surely names the query
    around it; SCALAR_SUBQUERY does if one of `columns`, those of the conditions that may tie it,
    is of no table of its own.
    `count` is how many branches, joins, places or functions there are, for JOIN_ON_EXPRESSION how
    many of `columns` stand inside an expression, for OR_ON_ONE_COLUMN how many values it shows
    (scrubbing leaves three of a longer list); 1 for other kinds.
    """

    kind: ClauseKind
    text: str
    query_number: int = 0
    columns: tuple[ColumnUse, ...] = ()
    table_names: tuple[str, ...] = ()
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class StatementFact:
    """What the parsed statement itself shows.

    `starred_tables` are those of which a `*` takes every column to the reader; none are named in
    reviews of older versions, which kept only `selects_star`.
    """

    fact_id: str
    kind: Literal["statement"] = "statement"
    table_names: tuple[str, ...] = ()
    selects_star: bool = False
    starred_tables: tuple[str, ...] = ()
    join_count: int = 0
    wrapped_columns: tuple[ColumnUse, ...] = ()
    filtered_columns: tuple[ColumnUse, ...] = ()
    query_count: int = 0
    clauses: tuple[Clause, ...] = ()

    def clauses_of(self, *kinds: ClauseKind) -> tuple[Clause, ...]:
        return tuple(clause for clause in self.clauses if clause.kind in kinds)


@dataclass(frozen=True, kw_only=True)
class PlanNodeFact:
    """One operator of the recorded plan; `children` of the node are left out here."""

    fact_id: str
    kind: Literal["plan_node"] = "plan_node"
    node: PlanNode


@dataclass(frozen=True, kw_only=True)
class PlanNoticeFact:
    """A notice line of the plan, such as tables without statistics."""

    fact_id: str
    kind: Literal["plan_notice"] = "plan_notice"
    text: str
    tables_missing_statistics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SegmentFact:
    fact_id: str
    kind: Literal["segment"] = "segment"
    segment: Segment


@dataclass(frozen=True, kw_only=True)
class StepFact:
    fact_id: str
    kind: Literal["step"] = "step"
    step: Step


@dataclass(frozen=True, kw_only=True)
class AlertFact:
    fact_id: str
    kind: Literal["alert"] = "alert"
    alert: PlannerAlert


@dataclass(frozen=True, kw_only=True)
class TableFact:
    fact_id: str
    kind: Literal["table"] = "table"
    table: Table


@dataclass(frozen=True, kw_only=True)
class AdvisorFact:
    fact_id: str
    kind: Literal["advisor"] = "advisor"
    advice: AdvisorRow


@dataclass(frozen=True, kw_only=True)
class LakeScanFact:
    """One external scan of the slowest run that has any."""

    fact_id: str
    kind: Literal["lake_scan"] = "lake_scan"
    scan: LakeScan


@dataclass(frozen=True, kw_only=True)
class LakeErrorsFact:
    """Rows of that run which Spectrum could not read (SYS_EXTERNAL_QUERY_ERROR)."""

    fact_id: str
    kind: Literal["lake_errors"] = "lake_errors"
    bad_rows: int


@dataclass(frozen=True, kw_only=True)
class LakeUseFact:
    """What all recorded runs of the window read of one external table; `cost` is what Spectrum
    charged for that, where its price is configured."""

    fact_id: str
    kind: Literal["lake_use"] = "lake_use"
    table_name: str
    runs: int
    days: int
    scanned_bytes: int
    scanned_files: int
    seconds: float
    cost: Cost | None = None


@dataclass(frozen=True, kw_only=True)
class LakeTableFact:
    fact_id: str
    kind: Literal["lake_table"] = "lake_table"
    table: LakeTable


@dataclass(frozen=True, kw_only=True)
class LoadFact:
    """What the pattern's COPY runs of the window loaded into one table."""

    fact_id: str
    kind: Literal["load"] = "load"
    load: Load


@dataclass(frozen=True, kw_only=True)
class MaterializedViewFact:
    """A view that the statement reads or refreshes, or whose base tables it reads.

    `role` says which of the three.
    """

    fact_id: str
    kind: Literal["materialized_view"] = "materialized_view"
    role: Literal["read", "refreshed", "same_tables"]
    view: MaterializedView


@dataclass(frozen=True, kw_only=True)
class SlicesFact:
    """How many slices of the cluster hold data (STV_SLICES)."""

    fact_id: str
    kind: Literal["slices"] = "slices"
    slices: int


Fact = (
    StatisticsFact
    | BucketsFact
    | CostFact
    | RegressionFact
    | StatementFact
    | PlanNodeFact
    | PlanNoticeFact
    | SegmentFact
    | StepFact
    | AlertFact
    | TableFact
    | AdvisorFact
    | LakeScanFact
    | LakeErrorsFact
    | LakeUseFact
    | LakeTableFact
    | LoadFact
    | MaterializedViewFact
    | SlicesFact
    | ChangeFact
)


@dataclass(frozen=True, kw_only=True)
class MissingEvidence:
    """What the case file could not hold, why, and how to get it next time."""

    what: str
    why: str
    how_to_get: str


@dataclass(frozen=True, kw_only=True)
class CaseFile:
    """One pattern over one window of time; built from whatever was there.

    `plan` keeps the tree for reading; `plan_nodes` has the same nodes as facts, in the order in
    which the plan prints them. `steps_elapsed_seconds` is the elapsed time of the run that the
    segments and steps were recorded for, `steps_returned_rows` and `_bytes` are what it returned
    to its client (0 where not known), `lake_elapsed_seconds` is the elapsed time of the run of the
    external scans. `limits` are the thresholds that the case is judged by. `model_form` and
    `literal_marks` are for what is sent to a model; the marks are not kept with a review.
    """

    query_hash: str
    built_at: datetime
    window_start: datetime
    window_end: datetime
    query_type: str
    scrubbed_sql: str | None
    withheld_reason: str | None
    model_form: ModelForm | None = None
    literal_marks: frozenset[LiteralMark] = frozenset()
    statistics: StatisticsFact
    buckets: BucketsFact
    cost: CostFact | None = None
    regression: RegressionFact | None = None
    statement: StatementFact | None = None
    plan: Plan | None = None
    plan_query_id: int | None = None
    plan_nodes: tuple[PlanNodeFact, ...] = ()
    plan_notices: tuple[PlanNoticeFact, ...] = ()
    steps_query_id: int | None = None
    steps_elapsed_seconds: float = 0.0
    steps_returned_rows: int = 0
    steps_returned_bytes: int = 0
    segments: tuple[SegmentFact, ...] = ()
    steps: tuple[StepFact, ...] = ()
    alerts: tuple[AlertFact, ...] = ()
    tables: tuple[TableFact, ...] = ()
    advisor: tuple[AdvisorFact, ...] = ()
    changes: Changes = NO_CHANGES
    lake_query_id: int | None = None
    lake_elapsed_seconds: float = 0.0
    lake_scans: tuple[LakeScanFact, ...] = ()
    lake_errors: LakeErrorsFact | None = None
    lake_uses: tuple[LakeUseFact, ...] = ()
    lake_tables: tuple[LakeTableFact, ...] = ()
    loads: tuple[LoadFact, ...] = ()
    materialized_views: tuple[MaterializedViewFact, ...] = ()
    slices: SlicesFact | None = None
    missing: tuple[MissingEvidence, ...] = ()
    limits: Limits = DEFAULT_LIMITS

    def limit(self, threshold: Threshold) -> float:
        """The value of the threshold that this case is judged by."""
        return self.limits.of(threshold)

    def facts(self) -> Iterator[Fact]:
        yield self.statistics
        yield self.buckets
        if self.cost:
            yield self.cost
        if self.regression:
            yield self.regression
        if self.statement:
            yield self.statement
        yield from self.plan_nodes
        yield from self.plan_notices
        yield from self.segments
        yield from self.steps
        yield from self.alerts
        yield from self.tables
        yield from self.advisor
        yield from self.changes.facts()
        yield from self.lake_scans
        if self.lake_errors:
            yield self.lake_errors
        yield from self.lake_uses
        yield from self.lake_tables
        yield from self.loads
        yield from self.materialized_views
        if self.slices:
            yield self.slices

    def fact(self, fact_id: str) -> Fact | None:
        return next((fact for fact in self.facts() if fact.fact_id == fact_id), None)

    def table(self, name: str) -> TableFact | None:
        """The table by `schema.table` or bare name, as plan and statement write it.

        A bare name that several schemas have means the table in `public`, or none: a guess would
        blame the wrong one.
        """
        wanted = name.replace('"', "").lower().rsplit(".", maxsplit=2)[-2:]
        candidates = [
            fact
            for fact in self.tables
            if [fact.table.schema_name.lower(), fact.table.table_name.lower()][-len(wanted) :]
            == wanted
        ]
        if len(candidates) > 1:
            candidates = [f for f in candidates if f.table.schema_name.lower() == DEFAULT_SCHEMA]
        return candidates[0] if candidates else None

    def lake_table(self, name: str) -> LakeTableFact | None:
        """The external table by `schema.table`, with or without its database."""
        wanted = name.replace('"', "").lower().rsplit(".", maxsplit=2)[-2:]
        return next(
            (
                fact
                for fact in self.lake_tables
                if [fact.table.schema_name.lower(), fact.table.table_name.lower()][-len(wanted) :]
                == wanted
            ),
            None,
        )

    def node_fact(self, node_id: int) -> PlanNodeFact | None:
        return next((fact for fact in self.plan_nodes if fact.node.node_id == node_id), None)

    @property
    def working_seconds(self) -> float:
        """Elapsed time in which runs did not wait: waiting in a queue keeps no node busy."""
        waiting = sum(self.buckets.buckets.seconds(each) for each in WAITING)
        return self.statistics.total_elapsed_seconds - waiting

    @property
    def dollars_a_working_second(self) -> float | None:
        """What a second at work costs; None without prices."""
        if self.cost is None or self.cost.cost is None or self.working_seconds <= 0:
            return None
        return self.cost.cost.dollars / self.working_seconds

    @property
    def segments_seconds(self) -> float:
        """Time of all recorded segments together; they overlap, so it may exceed elapsed."""
        return sum(fact.segment.duration_seconds for fact in self.segments)
