"""Turns the short description of a case in YAML into a case file.

runs: 100                       # and p50, p95, max in seconds, total
buckets: {queue: 10, execution: 90}
statement: {tables: [sale], selects_star: true, wrapped: [...], filtered: [...]}
plan: |                         # EXPLAIN text
segments: [{id: 0, seconds: 5, spilled_local: 10}]
steps: [{segment: 0, name: scan, table: sale, in: 9000000, out: 10}]
alerts: [event]
tables: [{name: public.sale, rows: 9000000, columns: {id: 1, day: 0}}]
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from backend.domain.case_file import (
    AlertFact,
    BucketsFact,
    CaseFile,
    ColumnUse,
    PlanNodeFact,
    PlanNoticeFact,
    SegmentFact,
    StatementFact,
    StatisticsFact,
    StepFact,
    TableFact,
)
from backend.domain.evidence import Column, PlannerAlert, Segment, Step, Table
from backend.domain.plan import Plan
from backend.domain.time_buckets import TimeBuckets
from backend.sql.plan_text import parse_plan_text

KNOWN_KEYS = {
    "runs", "p50", "p95", "max", "buckets", "statement", "plan", "segments", "steps", "alerts",
    "tables", "query_type",
}  # fmt: skip

Described = Mapping[str, Any]


def a_case(described: Described) -> CaseFile:
    unknown = set(described) - KNOWN_KEYS
    if unknown:
        raise ValueError(f"a case has no {', '.join(sorted(unknown))}")
    ids = map("F{}".format, count(1))
    plan = parse_plan_text(described["plan"]) if "plan" in described else None
    runs = described.get("runs", 100)
    statistics = _statistics(described, runs, next(ids))
    buckets = BucketsFact(fact_id=next(ids), buckets=_buckets(described))
    statement = _statement(described["statement"], next(ids)) if "statement" in described else None
    return CaseFile(
        query_hash="f1-case",
        built_at=datetime(2026, 11, 22, tzinfo=UTC),
        window_start=datetime(2026, 10, 26, tzinfo=UTC),
        window_end=datetime(2026, 11, 23, tzinfo=UTC),
        query_type=described.get("query_type", "SELECT"),
        scrubbed_sql="SELECT ?",
        withheld_reason=None,
        statistics=statistics,
        buckets=buckets,
        statement=statement,
        plan=plan,
        plan_nodes=tuple(_plan_nodes(plan, ids)),
        plan_notices=tuple(_plan_notices(plan, ids)),
        segments=tuple(_segments(described, ids)),
        steps=tuple(_steps(described, ids)),
        alerts=tuple(
            AlertFact(fact_id=next(ids), alert=PlannerAlert(query_id=1, event=event, solution=""))
            for event in described.get("alerts", ())
        ),
        tables=tuple(_tables(described, ids)),
    )


def _statistics(described: Described, runs: int, fact_id: str) -> StatisticsFact:
    return StatisticsFact(
        fact_id=fact_id,
        runs=runs,
        failed_runs=0,
        canceled_runs=0,
        cache_hits=0,
        total_elapsed_seconds=_buckets(described).accounted_seconds,
        p50_elapsed_seconds=described.get("p50", 20.0),
        p95_elapsed_seconds=described.get("p95", 40.0),
        max_elapsed_seconds=described.get("max", 60.0),
        share=0.1,
    )


def _buckets(described: Described) -> TimeBuckets:
    seconds = described.get("buckets", {"execution": 2000})
    return TimeBuckets(**{f"{name}_seconds": float(value) for name, value in seconds.items()})


def _statement(described: Described, fact_id: str) -> StatementFact:
    return StatementFact(
        fact_id=fact_id,
        table_names=tuple(described.get("tables", ())),
        selects_star=described.get("selects_star", False),
        starred_tables=tuple(described.get("starred", ())),
        wrapped_columns=tuple(map(_column_use, described.get("wrapped", ()))),
        filtered_columns=tuple(map(_column_use, described.get("filtered", ()))),
    )


def _column_use(described: str | Described) -> ColumnUse:
    """`table.column`, `column`, or {column: table.column, expression: …}."""
    name = described if isinstance(described, str) else described["column"]
    expression = name if isinstance(described, str) else described["expression"]
    table_name, _, column_name = name.rpartition(".")
    return ColumnUse(table_name=table_name or None, column_name=column_name, expression=expression)


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
                stream_id=segment["id"],
                segment_id=segment["id"],
                duration_seconds=float(segment["seconds"]),
                spilled_local_blocks=segment.get("spilled_local", 0),
                spilled_remote_blocks=segment.get("spilled_remote", 0),
            ),
        )


def _steps(described: Described, ids: Iterator[str]) -> Iterator[StepFact]:
    seconds_of = {one["id"]: float(one["seconds"]) for one in described.get("segments", ())}
    for position, step in enumerate(described.get("steps", ())):
        yield StepFact(
            fact_id=next(ids),
            step=Step(
                child_query_sequence=step.get("child", 1),
                segment_id=step["segment"],
                step_id=position,
                step_name=step["name"],
                table_name=step.get("table"),
                segment_seconds=seconds_of.get(step["segment"], step.get("seconds", 0.0)),
                input_rows=step.get("in", 0),
                output_rows=step.get("out", 0),
                output_bytes=step.get("bytes", 0),
                data_skewness=step.get("skew", 0),
                is_range_restricted=step.get("rr"),
                alert=step.get("alert"),
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
                row_count=table.get("rows"),
                unsorted_percent=table.get("unsorted"),
                statistics_off_percent=table.get("stats_off"),
                row_skew_ratio=table.get("skew_rows"),
                vacuum_sort_benefit_percent=table.get("vacuum_sort_benefit"),
                columns=tuple(_columns(table.get("columns", {}))),
            ),
        )


def _columns(columns: Mapping[str, int] | int) -> Iterator[Column]:
    """Name to sort-key position (0 = none), or just how many there are."""
    if isinstance(columns, int):
        columns = {f"column_{number}": 0 for number in range(columns)}
    for name, position in columns.items():
        yield Column(name=name, data_type="varchar(20)", sort_key_position=position)
