"""Small makers of domain objects: each names only what the test is about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from backend.domain.case_file import BucketsFact, CaseFile, StatisticsFact
from backend.domain.elapsed_digest import ElapsedDigest
from backend.domain.evidence import Evidence, PlanEvidence, Table
from backend.domain.finding import Finding, Severity
from backend.domain.pattern import Pattern, PatternDay
from backend.domain.plan import Plan, PlanNode
from backend.domain.recommendation import (
    Category,
    Recommendation,
    ReviewerName,
    recommendation_id,
)
from backend.domain.review import AgentResponse, Review, WorkloadMetadata
from backend.domain.rewrite import ChangedClause, Precondition, Rewrite
from backend.domain.runs import NUMBER_COLUMNS, Names, Runs, RunStatus
from backend.domain.time_buckets import Bucket, TimeBuckets

A_MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
A_DAY = A_MOMENT.date()


def microseconds(moment: datetime) -> int:
    """Since 1970-01-01 UTC."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moments(start: datetime = A_MOMENT, *, count: int, step: timedelta) -> list[datetime]:
    return [start + step * position for position in range(count)]


def a_hash(number: int = 1) -> str:
    return f"f1-{number:024x}"


def a_pattern(query_hash: str = a_hash(), **changes: Any) -> Pattern:
    known: dict[str, Any] = {
        "native_hashes": ("native-1",),
        "query_type": "SELECT",
        "scrubbed_sql": "SELECT sum(amount) FROM sales.orders WHERE order_id = ?",
        "table_names": ("sales.orders",),
        "first_seen": A_MOMENT,
        "last_seen": A_MOMENT,
    }
    return Pattern(query_hash=query_hash, **(known | changes))


def some_runs(
    count: int = 1,
    *,
    start: datetime = A_MOMENT,
    every: timedelta = timedelta(minutes=1),
    elapsed_seconds: float | Sequence[float] = 2.0,
    first_query_id: int = 1,
    status: RunStatus | Sequence[RunStatus] = RunStatus.SUCCESS,
    is_cache_hit: bool | Sequence[bool] = False,
    is_scaled: bool | Sequence[bool] = False,
    user: str | Sequence[str] = "analyst",
    database: str | Sequence[str] = "shop",
    label: str | Sequence[str] = "",
    **seconds: float | Sequence[float],
) -> Runs:
    """Runs one after the other; `queue_seconds=1.5` and the like fill the other time columns.

    What the buckets given leave of the elapsed time is execution, unless that is given too.
    """
    elapsed_us = _whole(elapsed_seconds, count, 1e6)
    columns: dict[str, Any] = {name: np.zeros(count, dtype=np.int64) for name in NUMBER_COLUMNS}
    for name, value in seconds.items():
        if name.endswith("_seconds"):
            columns[name.removesuffix("_seconds") + "_us"] = _whole(value, count, 1e6)
        else:
            columns[name] = _whole(value, count, 1)
    if "execution_seconds" not in seconds:
        spent = sum(columns[f"{part}_us"] for part in ("queue", "planning", "compile", "lock_wait"))
        columns["execution_us"] = np.maximum(elapsed_us - spent, 0)
    columns["elapsed_us"] = elapsed_us
    columns["query_id"] = np.arange(first_query_id, first_query_id + count, dtype=np.int64)
    step_us = every // timedelta(microseconds=1)
    columns["started_us"] = microseconds(start) + np.arange(count, dtype=np.int64) * step_us
    return Runs(
        **columns,
        status=np.broadcast_to(np.asarray(status, dtype=np.uint8), count).copy(),
        is_cache_hit=np.broadcast_to(np.asarray(is_cache_hit, dtype=np.bool_), count).copy(),
        is_scaled=np.broadcast_to(np.asarray(is_scaled, dtype=np.bool_), count).copy(),
        user_name=_names(user, count),
        database_name=_names(database, count),
        query_label=_names(label, count),
        redshift_version=_names("1.0.117891", count),
    )


def a_pattern_day(query_hash: str = a_hash(), day: date = A_DAY, **changes: Any) -> PatternDay:
    known: dict[str, Any] = {
        "runs": 2,
        "total_elapsed_seconds": 4.0,
        "max_elapsed_seconds": 2.0,
        "buckets": TimeBuckets(execution_seconds=4.0),
        "digest": ElapsedDigest(values_us=(2_000_000,), counts=(2,)),
    }
    return PatternDay(query_hash=query_hash, day=day, **(known | changes))


def a_recommendation(
    query_hash: str = a_hash(),
    check: str = "nested_loop",
    subject: str = "",
    reviewer: ReviewerName = ReviewerName.OPTIMIZE,
    **changes: Any,
) -> Recommendation:
    known: dict[str, Any] = {
        "recommendation_id": recommendation_id(query_hash, reviewer, check, subject),
        "category": Category.REWRITE,
        "severity": Severity.MEDIUM,
        "bucket": Bucket.EXECUTION,
        "title": "Join on equal keys",
        "rationale": "The plan compares every pair of rows.",
        "fact_ids": ("F1",),
        "claimed_saving_seconds": 60.0,
        "ceiling_seconds": 120.0,
        "window_days": 28.0,
    }
    return Recommendation(
        query_hash=query_hash,
        check=check,
        subject=subject,
        reviewer=reviewer,
        **(known | changes),
    )


def a_rewrite(check: str = "nested_loop", **changes: Any) -> Rewrite:
    known: dict[str, Any] = {
        "rule": "or_to_in",
        "title": "Ask with IN",
        "sql": "SELECT a\nFROM t\nWHERE\n  b IN (:p1, :p2)",
        "clauses": (ChangedClause(before="b = :p1 OR b = :p2", after="b IN (:p1, :p2)"),),
        "preconditions": (
            Precondition(
                sentence="The values are written alike",
                how_checked="read in the statement",
                fact_ids=("F1",),
            ),
        ),
    }
    return Rewrite(check=check, **(known | changes))


def a_finding(check: str = "nested_loop", **changes: Any) -> Finding:
    known: dict[str, Any] = {
        "severity": Severity.MEDIUM,
        "bucket": Bucket.EXECUTION,
        "title": "A nested loop over many rows",
        "evidence": "2,000,000 rows are compared with each other",
        "fact_ids": ("F1",),
    }
    return Finding(check=check, **(known | changes))


def a_case_file(query_hash: str = a_hash(), **changes: Any) -> CaseFile:
    known: dict[str, Any] = {
        "built_at": A_MOMENT,
        "window_start": A_MOMENT - timedelta(days=28),
        "window_end": A_MOMENT,
        "query_type": "SELECT",
        "scrubbed_sql": "SELECT ?",
        "withheld_reason": None,
        "statistics": StatisticsFact(
            fact_id="F1",
            runs=10,
            failed_runs=0,
            canceled_runs=0,
            cache_hits=0,
            total_elapsed_seconds=120.0,
            p50_elapsed_seconds=12.0,
            p95_elapsed_seconds=14.0,
            max_elapsed_seconds=15.0,
            share=0.5,
        ),
        "buckets": BucketsFact(fact_id="F2", buckets=TimeBuckets(execution_seconds=120.0)),
    }
    return CaseFile(query_hash=query_hash, **(known | changes))


def a_review(
    query_hash: str = a_hash(),
    analysis_timestamp: datetime = A_MOMENT,
    recommendations: Sequence[Recommendation] = (),
    **changes: Any,
) -> Review:
    known: dict[str, Any] = {
        "workload_metadata": WorkloadMetadata(
            query_type="SELECT",
            window_start=analysis_timestamp - timedelta(days=28),
            window_end=analysis_timestamp,
            runs=10,
            total_elapsed_seconds=120.0,
            p95_elapsed_seconds=14.0,
            share=0.5,
            dominant_bucket="execution",
        ),
        "agent_responses": (
            AgentResponse(reviewer=ReviewerName.OPTIMIZE, engine="rules", summary="One advice."),
        ),
    }
    return Review(
        query_hash=query_hash,
        analysis_timestamp=analysis_timestamp,
        recommendations=tuple(recommendations),
        **(known | changes),
    )


def a_table(full_name: str = "sales.orders", database: str = "shop", **changes: Any) -> Table:
    schema_name, table_name = full_name.split(".")
    return Table(database_name=database, schema_name=schema_name, table_name=table_name, **changes)


def a_plan_node(node_id: int = 1, operator: str = "XN Seq Scan", **changes: Any) -> PlanNode:
    return PlanNode(node_id=node_id, operator=operator, **changes)


def a_plan(*roots: PlanNode, **changes: Any) -> Plan:
    return Plan(roots=roots or (a_plan_node(table_name="sales.orders"),), **changes)


def some_evidence(query_hash: str = a_hash(), **changes: Any) -> Evidence:
    known: dict[str, Any] = {
        "collected_at": A_MOMENT,
        "plan": PlanEvidence(query_id=1, plan=a_plan()),
    }
    return Evidence(query_hash=query_hash, **(known | changes))


def _whole(value: float | Sequence[float], count: int, factor: float) -> Any:
    scaled = np.rint(np.asarray(value, dtype=np.float64) * factor).astype(np.int64)
    return np.broadcast_to(scaled, count).copy()


def _names(value: str | Sequence[str], count: int) -> Names:
    return Names.of([value] * count if isinstance(value, str) else value)
