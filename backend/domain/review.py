"""The panel's outcome for one case file: one item of query-optimization-history."""

from dataclasses import dataclass
from datetime import UTC, datetime

from backend.domain.case_file import CaseFile
from backend.domain.diagnosis import Diagnosis
from backend.domain.finding import Finding, GoodNews, RuledOut
from backend.domain.recommendation import Recommendation, ReviewerName
from backend.domain.table_use import AdvisedTable, TableUse

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class StruckStatement:
    """Something a reviewer said that the facts contradict; kept so that it can be counted."""

    reviewer: ReviewerName
    statement: str
    reason: str
    fact_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgentResponse:
    """What one reviewer answered. `engine` is "rules" or a model id: shown, never dressed up."""

    reviewer: ReviewerName
    engine: str
    summary: str
    recommendation_ids: tuple[str, ...] = ()
    struck: tuple[StruckStatement, ...] = ()
    duration_ms: float = 0.0
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkloadMetadata:
    """The pattern's figures at the time of the review, for lists that need no case file."""

    query_type: str
    window_start: datetime
    window_end: datetime
    runs: int
    total_elapsed_seconds: float
    p95_elapsed_seconds: float
    share: float
    dominant_bucket: str | None
    users: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Review:
    """`analysis_timestamp` is UTC with microseconds; with `query_hash` it is the item's key. Reviews
    of older versions have no diagnosis.

    `table_uses` and `advised_tables` go with the review into the store, which keeps those of a
    pattern's newest review apart: a review that is read back has none.
    """

    query_hash: str
    analysis_timestamp: datetime
    workload_metadata: WorkloadMetadata
    recommendations: tuple[Recommendation, ...]
    agent_responses: tuple[AgentResponse, ...]
    findings: tuple[Finding, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    good_news: tuple[GoodNews, ...] = ()
    diagnosis: Diagnosis | None = None
    case_file: CaseFile | None = None
    job_id: str | None = None
    table_uses: tuple[TableUse, ...] = ()
    advised_tables: tuple[AdvisedTable, ...] = ()
    schema_version: int = SCHEMA_VERSION


def timestamp_key(moment: datetime) -> str:
    """Fixed width, so that keys sort as times do: 2026-11-22T13:46:19.123456Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
