"""Turns the short description of a case in YAML into a case file.

runs: 100                       # and p50, p95, max in seconds, share, cache_hits, failed, canceled,
                                # users, labels
buckets: {queue: 10, execution: 90}
sql: SELECT … WHERE x = 5       # scrubbed and read as an import does it
statement: {tables: [sale], selects_star: true, wrapped: [...], filtered: [...]}   # or by hand
plan: |                         # EXPLAIN text; nodes are numbered from 1 as it prints them
segments: [{id: 0, seconds: 5, spilled_local: 10, spilled_remote: 0, blocks: 7, time_skew: 3}]
steps: [{segment: 0, name: scan, node: 2, table: sale, in: 9000000, out: 10, rr: false, skew: 4}]
returned: {rows: 10, bytes: 900}  # to the client, as the history says of the recorded run
alerts: [event]
tables: [{name: public.sale, rows: 9000000, columns: {id: 1, day: 0}}]
                                # columns also as a number, or as a list of
                                # {name, type, encoding, sort, dist, nullable}
advisor: [{kind: sortkey, table: public.sale, ddl: …}]
regression: {ratio: 3, extra_seconds: 100, before: 10, after: 30}
lake_scans: [{table: lake.clicks, seconds: 90, partitions: 500, qualified: 500, files: 9,
              mb: 5000, rows: 1, format: Parquet, listing: 1, warning: …, type: S3}]
lake_elapsed: 100               # seconds of their run
lake_errors: 3
lake_uses: [{table: lake.clicks, runs: 20, days: 5, mb: 200000}]
lake_tables: [{name: lake.clicks, rows: 100, format: Parquet, keys: [day]}]
loads: [{table: clicks, format: csv, copies: 30, mb: 900, counts: {3: 30}, seconds: 60}]
slices: 16
views: [{name: mart.mv, role: read, stale: true, state: 1, bases: [a.b], full: 3, incremental: 9}]
limits: {large_step_rows: 10}   # thresholds that the configuration changes
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from backend.domain.case_file import (
    AdvisorFact,
    AlertFact,
    BucketsFact,
    CaseFile,
    ColumnUse,
    LakeErrorsFact,
    LakeScanFact,
    LakeTableFact,
    LakeUseFact,
    LoadFact,
    MaterializedViewFact,
    PlanNodeFact,
    PlanNoticeFact,
    RegressionFact,
    SegmentFact,
    SlicesFact,
    StatementFact,
    StatisticsFact,
    StepFact,
    TableFact,
)
from backend.domain.evidence import AdvisorRow, Column, PlannerAlert, Segment, Step, Table
from backend.domain.lake import LakeScan, LakeTable
from backend.domain.loads import Load
from backend.domain.materialized_view import MaterializedView, Refreshes
from backend.domain.money import Cost
from backend.domain.pattern import NameShare
from backend.domain.plan import Plan, PlanNode
from backend.domain.regression import Regression
from backend.domain.threshold import Limits
from backend.domain.time_buckets import TimeBuckets
from backend.services.build_case_file import statement_fact
from backend.sql.plan_text import parse_plan_text
from backend.sql.read_statement import read_statement
from backend.sql.scrub import scrub

KNOWN_KEYS = {
    "runs", "p50", "p95", "max", "share", "cache_hits", "failed", "canceled", "users", "labels",
    "buckets", "sql", "statement", "plan", "segments", "steps", "alerts", "tables", "advisor",
    "regression", "limits", "query_type", "returned", "lake_scans", "lake_elapsed", "lake_errors",
    "lake_uses", "lake_tables", "loads", "slices", "views",
}  # fmt: skip
QUERY_ID = 1

Described = Mapping[str, Any]


def a_case(described: Described) -> CaseFile:
    unknown = set(described) - KNOWN_KEYS
    if unknown:
        raise ValueError(f"a case has no {', '.join(sorted(unknown))}")
    ids = map("F{}".format, count(1))
    scrubbed_sql = scrub(described["sql"]).text if "sql" in described else "SELECT ?"
    # As facts() gives them, so that ids rise.
    statistics = _statistics(described, next(ids))
    buckets = BucketsFact(fact_id=next(ids), buckets=_buckets(described))
    regression = _regression(described, ids)
    statement = _statement(described, scrubbed_sql, ids)
    plan = _with_ids(parse_plan_text(described["plan"])) if "plan" in described else None
    return CaseFile(
        query_hash="f1-case",
        built_at=datetime(2026, 11, 22, tzinfo=UTC),
        window_start=datetime(2026, 10, 26, tzinfo=UTC),
        window_end=datetime(2026, 11, 23, tzinfo=UTC),
        query_type=described.get("query_type", "SELECT"),
        scrubbed_sql=scrubbed_sql,
        withheld_reason=None,
        statistics=statistics,
        buckets=buckets,
        regression=regression,
        statement=statement,
        plan=plan,
        plan_query_id=QUERY_ID if plan else None,
        plan_nodes=tuple(_plan_nodes(plan, ids)),
        plan_notices=tuple(_plan_notices(plan, ids)),
        steps_query_id=QUERY_ID if described.get("steps") else None,
        steps_returned_rows=described.get("returned", {}).get("rows", 0),
        steps_returned_bytes=described.get("returned", {}).get("bytes", 0),
        segments=tuple(_segments(described, ids)),
        steps=tuple(_steps(described, ids)),
        alerts=tuple(
            AlertFact(fact_id=next(ids), alert=PlannerAlert(query_id=1, event=event, solution=""))
            for event in described.get("alerts", ())
        ),
        tables=tuple(_tables(described, ids)),
        advisor=tuple(_advisor(described, ids)),
        lake_query_id=QUERY_ID if described.get("lake_scans") else None,
        lake_elapsed_seconds=float(described.get("lake_elapsed", 100)),
        lake_scans=tuple(_lake_scans(described, ids)),
        lake_errors=_lake_errors(described, ids),
        lake_uses=tuple(_lake_uses(described, ids)),
        lake_tables=tuple(_lake_tables(described, ids)),
        loads=tuple(_loads(described, ids)),
        materialized_views=tuple(_views(described, ids)),
        slices=_slices(described, ids),
        limits=Limits(tuple((k, float(v)) for k, v in described.get("limits", {}).items())),
    )


def _statistics(described: Described, fact_id: str) -> StatisticsFact:
    return StatisticsFact(
        fact_id=fact_id,
        runs=described.get("runs", 100),
        failed_runs=described.get("failed", 0),
        canceled_runs=described.get("canceled", 0),
        cache_hits=described.get("cache_hits", 0),
        total_elapsed_seconds=_buckets(described).accounted_seconds,
        p50_elapsed_seconds=described.get("p50", 20.0),
        p95_elapsed_seconds=described.get("p95", 40.0),
        max_elapsed_seconds=described.get("max", 60.0),
        share=described.get("share", 0.1),
        users=_shares(described.get("users", ())),
        labels=_shares(described.get("labels", ())),
    )


def _shares(names: list[str]) -> tuple[NameShare, ...]:
    return tuple(NameShare(name=name, runs=1, total_elapsed_seconds=1.0) for name in names)


def _buckets(described: Described) -> TimeBuckets:
    seconds = described.get("buckets", {"execution": 2000})
    return TimeBuckets(**{f"{name}_seconds": float(value) for name, value in seconds.items()})


def _regression(described: Described, ids: Iterator[str]) -> RegressionFact | None:
    if "regression" not in described:
        return None
    told = described["regression"]
    return RegressionFact(
        fact_id=next(ids),
        regression=Regression(
            changed_at=datetime(2026, 11, 18, 6, tzinfo=UTC),
            runs_before=told.get("runs_before", 40),
            runs_after=told.get("runs_after", 20),
            median_before_seconds=float(told.get("before", 10)),
            median_after_seconds=float(told.get("after", 30)),
            ratio=float(told.get("ratio", 3)),
            chance=0.0001,
            extra_seconds=float(told.get("extra_seconds", 400)),
        ),
    )


def _statement(
    described: Described, scrubbed_sql: str | None, ids: Iterator[str]
) -> StatementFact | None:
    if "sql" in described:
        reading = read_statement(scrubbed_sql or "")
        return statement_fact(reading, next(ids)) if reading else None
    if "statement" not in described:
        return None
    told = described["statement"]
    return StatementFact(
        fact_id=next(ids),
        table_names=tuple(told.get("tables", ())),
        selects_star=told.get("selects_star", False),
        starred_tables=tuple(told.get("starred", ())),
        join_count=told.get("joins", 0),
        wrapped_columns=tuple(map(_column_use, told.get("wrapped", ()))),
        filtered_columns=tuple(map(_column_use, told.get("filtered", ()))),
    )


def _column_use(described: str | Described) -> ColumnUse:
    """`table.column`, `column`, or {column: table.column, expression: …}."""
    name = described if isinstance(described, str) else described["column"]
    expression = name if isinstance(described, str) else described["expression"]
    table_name, _, column_name = name.rpartition(".")
    return ColumnUse(table_name=table_name or None, column_name=column_name, expression=expression)


def _with_ids(plan: Plan) -> Plan:
    """As rows of SYS_QUERY_EXPLAIN carry them, so that steps can name their node."""

    def numbered(node: PlanNode) -> PlanNode:
        return replace(
            node,
            child_query_sequence=1,
            recorded_node_id=node.node_id,
            children=tuple(map(numbered, node.children)),
        )

    return replace(plan, roots=tuple(map(numbered, plan.roots)))


def _plan_nodes(plan: Plan | None, ids: Iterator[str]) -> Iterator[PlanNodeFact]:
    for node in plan.walk() if plan else ():
        yield PlanNodeFact(fact_id=next(ids), node=replace(node, children=()))


def _plan_notices(plan: Plan | None, ids: Iterator[str]) -> Iterator[PlanNoticeFact]:
    for text in plan.notices if plan else ():
        names_tables = plan is not None and text.startswith("Tables missing")
        yield PlanNoticeFact(
            fact_id=next(ids),
            text=text,
            tables_missing_statistics=plan.tables_missing_statistics if names_tables else (),
        )


def _segments(described: Described, ids: Iterator[str]) -> Iterator[SegmentFact]:
    for segment in described.get("segments", ()):
        yield SegmentFact(
            fact_id=next(ids),
            segment=Segment(
                child_query_sequence=segment.get("child", 1),
                stream_id=segment.get("stream", segment["id"]),
                segment_id=segment["id"],
                duration_seconds=float(segment["seconds"]),
                time_skewness=segment.get("time_skew", 0),
                blocks_read=segment.get("blocks", 0),
                spilled_local_blocks=segment.get("spilled_local", 0),
                spilled_remote_blocks=segment.get("spilled_remote", 0),
            ),
        )


def _steps(described: Described, ids: Iterator[str]) -> Iterator[StepFact]:
    seconds_of = {
        (one.get("child", 1), one["id"]): float(one["seconds"])
        for one in described.get("segments", ())
    }
    for position, step in enumerate(described.get("steps", ())):
        place = (step.get("child", 1), step["segment"])
        yield StepFact(
            fact_id=next(ids),
            step=Step(
                child_query_sequence=place[0],
                segment_id=place[1],
                step_id=position,
                step_name=step["name"],
                plan_node_id=step.get("node"),
                table_name=step.get("table"),
                segment_seconds=seconds_of.get(place, step.get("seconds", 0.0)),
                input_rows=step.get("in", 0),
                output_rows=step.get("out", 0),
                output_bytes=step.get("bytes", 0),
                data_skewness=step.get("skew", 0),
                is_range_restricted=step.get("rr"),
                alert=step.get("alert"),
                source=step.get("source"),
            ),
        )


def _tables(described: Described, ids: Iterator[str]) -> Iterator[TableFact]:
    for table in described.get("tables", ()):
        schema_name, _, table_name = table["name"].rpartition(".")
        yield TableFact(
            fact_id=next(ids),
            table=Table(
                database_name="shop",
                schema_name=schema_name or "public",
                table_name=table_name,
                distribution_style=table.get("style", "KEY(id)"),
                first_sort_key=table.get("sort_key"),
                first_sort_key_encoding=table.get("sort_key_encoding"),
                sort_key_columns=table.get("sort_key_columns", 0),
                size_mb=table.get("size_mb"),
                row_count=table.get("rows"),
                visible_rows=table.get("visible_rows"),
                unsorted_percent=table.get("unsorted"),
                statistics_off_percent=table.get("stats_off"),
                row_skew_ratio=table.get("skew_rows"),
                vacuum_sort_benefit_percent=table.get("vacuum_sort_benefit"),
                encoded=table.get("encoded"),
                max_varchar=table.get("max_varchar"),
                columns=tuple(_columns(table.get("columns", {}))),
            ),
        )


def _columns(columns: Mapping[str, int] | list[Described] | int) -> Iterator[Column]:
    """Name to sort-key position (0 = none), just how many there are, or each in full."""
    if isinstance(columns, int):
        columns = {f"column_{number}": 0 for number in range(columns)}
    if isinstance(columns, Mapping):
        columns = [{"name": name, "sort": position} for name, position in columns.items()]
    for column in columns:
        yield Column(
            name=column["name"],
            data_type=column.get("type", "varchar(20)"),
            encoding=column.get("encoding", ""),
            is_distribution_key=column.get("dist", False),
            sort_key_position=column.get("sort", 0),
            is_nullable=column.get("nullable", True),
        )


def _advisor(described: Described, ids: Iterator[str]) -> Iterator[AdvisorFact]:
    for row in described.get("advisor", ()):
        yield AdvisorFact(
            fact_id=next(ids),
            advice=AdvisorRow(
                kind=row["kind"],
                database_name="shop",
                table_id=1,
                group_id=row.get("group", -1),
                ddl=row.get("ddl", "ALTER TABLE …"),
                is_auto_eligible=row.get("auto_eligible", False),
                table_name=row["table"],
            ),
        )


def _lake_scans(described: Described, ids: Iterator[str]) -> Iterator[LakeScanFact]:
    for position, scan in enumerate(described.get("lake_scans", ())):
        yield LakeScanFact(
            fact_id=next(ids),
            scan=LakeScan(
                table_name=scan.get("table", "lake.clicks"),
                source_type=scan.get("type", "S3"),
                segment_id=position,
                duration_seconds=float(scan.get("seconds", 0)),
                total_partitions=scan.get("partitions", 0),
                qualified_partitions=scan.get("qualified", 0),
                scanned_files=scan.get("files", 0),
                scanned_rows=scan.get("rows", 0),
                scanned_bytes=round(scan.get("mb", 0) * 1e6),
                file_format=scan.get("format", ""),
                listing_seconds=float(scan.get("listing", 0)),
                warning=scan.get("warning"),
            ),
        )


def _lake_errors(described: Described, ids: Iterator[str]) -> LakeErrorsFact | None:
    bad_rows = described.get("lake_errors", 0)
    return LakeErrorsFact(fact_id=next(ids), bad_rows=bad_rows) if bad_rows else None


def _lake_uses(described: Described, ids: Iterator[str]) -> Iterator[LakeUseFact]:
    for use in described.get("lake_uses", ()):
        yield LakeUseFact(
            fact_id=next(ids),
            table_name=use.get("table", "lake.clicks"),
            runs=use["runs"],
            days=use.get("days", 7),
            scanned_bytes=round(use["mb"] * 1e6),
            scanned_files=use.get("files", 1),
            seconds=float(use.get("seconds", 1)),
            cost=Cost(dollars=use["dollars"], prices_as_of=date(2026, 11, 1))
            if "dollars" in use
            else None,
        )


def _lake_tables(described: Described, ids: Iterator[str]) -> Iterator[LakeTableFact]:
    for table in described.get("lake_tables", ()):
        schema_name, _, table_name = table["name"].rpartition(".")
        yield LakeTableFact(
            fact_id=next(ids),
            table=LakeTable(
                database_name="shop",
                schema_name=schema_name,
                table_name=table_name,
                file_format=table.get("format", ""),
                row_count=table.get("rows"),
                partition_keys=tuple(table.get("keys", ())),
            ),
        )


def _loads(described: Described, ids: Iterator[str]) -> Iterator[LoadFact]:
    for load in described.get("loads", ()):
        counts = tuple(sorted(load.get("counts", {}).items()))
        files = sum(number * copies for number, copies in counts)
        yield LoadFact(
            fact_id=next(ids),
            load=Load(
                table_name=load.get("table", "clicks"),
                file_format=load.get("format", ""),
                days=load.get("days", 7),
                copies=load["copies"],
                files=files,
                file_bytes=round(load["mb"] * 1e6 * load["copies"]),
                loaded_rows=load.get("rows", 1),
                seconds=float(load.get("seconds", 60) * load["copies"]),
                file_counts=counts,
            ),
        )


def _views(described: Described, ids: Iterator[str]) -> Iterator[MaterializedViewFact]:
    for view in described.get("views", ()):
        yield MaterializedViewFact(fact_id=next(ids), role=view["role"], view=a_view(view))


def a_view(described: Described) -> MaterializedView:
    schema_name, _, name = described["name"].rpartition(".")
    return MaterializedView(
        database_name="shop",
        schema_name=schema_name,
        name=name,
        state=described.get("state", 1),
        is_stale=described.get("stale", False),
        is_rewrite_enabled=described.get("rewrite", True),
        is_auto_refreshed=described.get("auto", False),
        base_tables=tuple(described.get("bases", ())),
        refreshes=Refreshes(
            full=described.get("full", 0),
            incremental=described.get("incremental", 0),
            failed=described.get("failed_refreshes", 0),
            full_seconds=float(described.get("full_seconds", 0)),
            incremental_seconds=float(described.get("incremental_seconds", 0)),
        ),
    )


def _slices(described: Described, ids: Iterator[str]) -> SlicesFact | None:
    slices = described.get("slices")
    return SlicesFact(fact_id=next(ids), slices=slices) if slices else None
