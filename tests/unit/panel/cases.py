"""Case files of a small shop's warehouse, for the panel's tests."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from backend.domain.case_file import (
    AdvisorFact,
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
from backend.domain.evidence import AdvisorRow, Column, PlannerAlert, Segment, Step, Table
from backend.domain.finding import Finding
from backend.domain.pattern import NameShare
from backend.domain.recommendation import Recommendation
from backend.domain.time_buckets import TimeBuckets
from backend.panel.panel import PanelOutcome
from backend.panel.reviewer import ReviewerAnswer
from backend.sql.plan_text import parse_plan_text
from tests.builders import a_case_file, a_finding, a_table

JOIN_PLAN = """
 XN Hash Join DS_DIST_BOTH  (cost=100.00..900000.00 rows=90000000 width=40)
   Outer Dist Key: order_lines.order_id
   Inner Dist Key: orders.order_id
   Hash Cond: ("outer".order_id = "inner".order_id)
   ->  XN Seq Scan on order_lines  (cost=0.00..9000.00 rows=900000000 width=20)
   ->  XN Hash  (cost=100.00..100.00 rows=200000000 width=20)
         ->  XN Seq Scan on orders  (cost=0.00..100.00 rows=200000000 width=20)
"""
CROSS_PLAN = """
 XN Nested Loop DS_BCAST_INNER  (cost=0.00..900000.00 rows=90000000 width=40)
   ->  XN Seq Scan on orders  (cost=0.00..9000.00 rows=900000 width=20)
   ->  XN Seq Scan on shops  (cost=0.00..100.00 rows=2000 width=20)
"""


def columns(*names_and_types: str) -> tuple[Column, ...]:
    """`order_id bigint` and the like."""
    pairs = (each.split(maxsplit=1) for each in names_and_types)
    return tuple(Column(name=name, data_type=data_type) for name, data_type in pairs)


def orders(**changes: Any) -> Table:
    known: dict[str, Any] = {
        "distribution_style": "EVEN",
        "row_count": 200_000_000,
        "size_mb": 30_000,
        "statistics_off_percent": 0.0,
        "vacuum_sort_benefit_percent": 0.0,
        "columns": columns("order_id bigint", "ordered_at timestamp", "shop_id int", "note text"),
    }
    return a_table("sales.orders", **(known | changes))


def order_lines(**changes: Any) -> Table:
    known: dict[str, Any] = {
        "distribution_style": "KEY(order_id)",
        "row_count": 900_000_000,
        "size_mb": 90_000,
        "columns": columns("order_id bigint", "article_id int", "amount numeric(12,2)"),
    }
    return a_table("sales.order_lines", **(known | changes))


def shops(**changes: Any) -> Table:
    known: dict[str, Any] = {
        "distribution_style": "EVEN",
        "row_count": 2_000,
        "size_mb": 12,
        "columns": columns("shop_id int", "name varchar(80)"),
    }
    return a_table("sales.shops", **(known | changes))


def a_case(
    *,
    plan: str = "",
    tables: Sequence[Table] = (),
    filtered: Sequence[ColumnUse] = (),
    wrapped: Sequence[ColumnUse] = (),
    selects_star: bool = False,
    notices: Sequence[tuple[str, ...]] = (),
    alerts: Sequence[str] = (),
    advisor: Sequence[AdvisorRow] = (),
    segments: Sequence[Segment] = (),
    steps: Sequence[Step] = (),
    runs: int = 10,
    users: Sequence[str] = (),
    labels: Sequence[str] = (),
    regression: Any = None,
    **changes: Any,
) -> CaseFile:
    """`queue_seconds=600` and the like set the buckets; 1,000 s of execution unless told."""
    seconds = {name: changes.pop(name) for name in list(changes) if name.endswith("_seconds")}
    buckets = TimeBuckets(**({"execution_seconds": 1000.0} | seconds))
    ids = map("F{}".format, count(3)).__next__
    tree = parse_plan_text(plan) if plan else None
    return a_case_file(
        statistics=StatisticsFact(
            fact_id="F1",
            runs=runs,
            failed_runs=0,
            canceled_runs=0,
            cache_hits=0,
            total_elapsed_seconds=buckets.accounted_seconds,
            p50_elapsed_seconds=buckets.accounted_seconds / runs,
            p95_elapsed_seconds=buckets.accounted_seconds / runs,
            max_elapsed_seconds=buckets.accounted_seconds / runs,
            share=0.25,
            users=_shares(users),
            labels=_shares(labels),
        ),
        buckets=BucketsFact(fact_id="F2", buckets=buckets),
        statement=StatementFact(
            fact_id=ids(),
            table_names=tuple(table.full_name for table in tables),
            selects_star=selects_star,
            filtered_columns=tuple(filtered),
            wrapped_columns=tuple(wrapped),
        ),
        plan=tree,
        plan_nodes=tuple(
            PlanNodeFact(fact_id=ids(), node=replace(node, children=()))
            for node in (tree.walk() if tree else ())
        ),
        plan_notices=tuple(
            PlanNoticeFact(fact_id=ids(), text="Tables", tables_missing_statistics=names)
            for names in notices
        ),
        segments=tuple(SegmentFact(fact_id=ids(), segment=each) for each in segments),
        steps=tuple(StepFact(fact_id=ids(), step=each) for each in steps),
        alerts=tuple(
            AlertFact(fact_id=ids(), alert=PlannerAlert(query_id=1, event=event, solution=""))
            for event in alerts
        ),
        tables=tuple(TableFact(fact_id=ids(), table=table) for table in tables),
        advisor=tuple(AdvisorFact(fact_id=ids(), advice=row) for row in advisor),
        regression=regression,
        **changes,
    )


def advisor_row(kind: str, ddl: str) -> AdvisorRow:
    return AdvisorRow(
        kind=kind,
        database_name="shop",
        table_id=1,
        group_id=1,
        ddl=ddl,
        is_auto_eligible=False,
        table_name="sales.orders",
    )


def of_join(case: CaseFile, check: str, **changes: Any) -> Finding:
    """A finding about the first join of the plan."""
    fact = next(fact for fact in case.plan_nodes if fact.node.is_join)
    return a_finding(check, fact_ids=(fact.fact_id,), **changes)


def of_table(case: CaseFile, check: str, name: str = "sales.orders", **changes: Any) -> Finding:
    fact = case.table(name)
    assert fact is not None
    return a_finding(check, fact_ids=(fact.fact_id,), subject=name, **changes)


def sql_of(answer: ReviewerAnswer) -> list[str | None]:
    return [advice.action_sql for advice in answer.advice]


def reasons(outcome: PanelOutcome) -> list[str]:
    """Why the validator struck what it struck."""
    return [struck.reason for struck in outcome.agent_responses[-1].struck]


def titles(recommendations: Sequence[Recommendation]) -> list[str]:
    return [each.title for each in recommendations]


def _shares(names: Sequence[str]) -> tuple[NameShare, ...]:
    return tuple(NameShare(name=name, runs=1, total_elapsed_seconds=1.0) for name in names)
