"""The documented shapes of patterns, recommendations and reviews outside this program.

Command line, API and exports all use these, so a field means the same everywhere. Seconds have
six decimals, moments are UTC in ISO 8601. Fields are added, never renamed: see docs/cli.md.
"""

from collections.abc import Sequence

# Pydantic reads these for the API, and needs this TypedDict before Python 3.12.
from typing_extensions import TypedDict

from backend.domain.diagnosis import Diagnosis
from backend.domain.finding import Finding, GoodNews
from backend.domain.money import Prices
from backend.domain.pattern import NameShare, RankedPattern
from backend.domain.recommendation import Recommendation, TriagedRecommendation
from backend.domain.regression import Regression
from backend.domain.review import AgentResponse, Review, WorkloadMetadata, timestamp_key
from backend.domain.rewrite import Rewrite
from backend.services.bill import Bill


class NameShareRecord(TypedDict):
    name: str
    runs: int
    total_elapsed_seconds: float


class RegressionRecord(TypedDict):
    changed_at: str
    ratio: float
    median_before_seconds: float
    median_after_seconds: float
    extra_seconds: float
    chance: float


class PatternRecord(TypedDict):
    """One pattern over the runs that the filter let through."""

    rank: int
    query_hash: str
    query_type: str
    runs: int
    failed_runs: int
    canceled_runs: int
    cache_hits: int
    total_elapsed_seconds: float
    p50_elapsed_seconds: float
    p95_elapsed_seconds: float
    max_elapsed_seconds: float
    failed_seconds: float
    has_exact_quantiles: bool
    share: float
    dominant_bucket: str | None
    queue_seconds: float
    planning_seconds: float
    compile_seconds: float
    lock_wait_seconds: float
    execution_seconds: float
    users: list[NameShareRecord]
    databases: list[NameShareRecord]
    labels: list[NameShareRecord]
    first_seen: str
    last_seen: str
    regression: RegressionRecord | None
    open_recommendations: int
    table_names: list[str]
    native_hashes: list[str]
    fingerprint_method: str
    scrubbed_sql: str | None
    withheld_reason: str | None
    busy_seconds: float | None
    busy_share: float | None
    cost_usd: float | None
    prices_as_of: str | None


class AdviceRecord(TypedDict):
    """A recommendation as a reviewer gave it."""

    recommendation_id: str
    query_hash: str
    reviewer: str
    category: str
    severity: str
    bucket: str
    title: str
    rationale: str
    fact_ids: list[str]
    check: str
    subject: str
    action: str
    action_sql: str | None
    claimed_saving_seconds: float
    ceiling_seconds: float
    window_days: float
    verdict: str
    claimed_saving_usd: float | None
    prices_as_of: str | None
    rewrite_sql: str | None
    rewrite_preconditions: list[str]
    changes_result: bool


class RecommendationRecord(AdviceRecord):
    """The same with its triage."""

    state: str
    is_still_raised: bool
    raised_first: str
    raised_last: str
    snoozed_until: str | None
    version: int
    across_patterns: str | None
    across_patterns_reason: str | None


class WorkloadMetadataRecord(TypedDict):
    query_type: str
    window_start: str
    window_end: str
    runs: int
    total_elapsed_seconds: float
    p95_elapsed_seconds: float
    share: float
    dominant_bucket: str | None
    users: list[str]
    databases: list[str]
    labels: list[str]


class StruckStatementRecord(TypedDict):
    statement: str
    reason: str
    fact_ids: list[str]


class AgentResponseRecord(TypedDict):
    reviewer: str
    engine: str
    summary: str
    recommendation_ids: list[str]
    struck: list[StruckStatementRecord]
    duration_ms: float
    error: str | None


class FindingRecord(TypedDict):
    check: str
    severity: str
    bucket: str
    title: str
    evidence: str
    fact_ids: list[str]
    subject: str


class RuledOutRecord(TypedDict):
    check: str
    sentence: str
    fact_ids: list[str]


class GoodNewsRecord(TypedDict):
    check: str
    sentence: str
    fact_ids: list[str]
    subject: str
    spared_seconds: float


class BillLineRecord(TypedDict):
    """A pattern's part of the cluster's time, or that of all others together."""

    query_hash: str | None
    patterns: int
    busy_seconds: float
    minimum_seconds: float
    cost_usd: float | None
    scaled_seconds: float
    scaling_usd: float | None


class BillRecord(TypedDict):
    days: int
    covered_seconds: float
    busy_seconds: float
    idle_seconds: float
    minimum_seconds: float
    idle_usd: float | None
    total_usd: float | None
    is_as_charged: bool
    scaled_seconds: float
    scaling_charged_seconds: float
    scaling_usd: float | None
    lake_bytes: int
    lake_usd: float | None
    prices_as_of: str | None
    lines: list[BillLineRecord]


class DiagnosisStepRecord(TypedDict):
    """`stage` is `same_statement`, `time`, `plan`, `moved` or `design`."""

    number: int
    stage: str
    sentence: str
    fact_ids: list[str]


class DiagnosisRecord(TypedDict):
    steps: list[DiagnosisStepRecord]
    verdict: str


class ReviewRecord(TypedDict):
    """One item of `query-optimization-history`, without its case file."""

    query_hash: str
    analysis_timestamp: str
    workload_metadata: WorkloadMetadataRecord
    recommendations: list[AdviceRecord]
    agent_responses: list[AgentResponseRecord]
    findings: list[FindingRecord]
    ruled_out: list[RuledOutRecord]
    good_news: list[GoodNewsRecord]
    diagnosis: DiagnosisRecord | None
    job_id: str | None
    schema_version: int


def pattern_record(row: RankedPattern, prices: Prices | None = None) -> PatternRecord:
    """`prices` are those in force; without them there are no dollars."""
    pattern = row.pattern
    covered_seconds = row.cluster.covered_seconds if row.cluster else 0.0
    dollars = (
        prices.of_pattern(row.busy, row.cluster) if prices and row.busy and row.cluster else None
    )
    return PatternRecord(
        rank=row.rank,
        query_hash=pattern.query_hash,
        query_type=pattern.query_type,
        runs=row.runs,
        failed_runs=row.failed_runs,
        canceled_runs=row.canceled_runs,
        cache_hits=row.cache_hits,
        total_elapsed_seconds=_seconds(row.total_elapsed_seconds),
        p50_elapsed_seconds=_seconds(row.p50_elapsed_seconds),
        p95_elapsed_seconds=_seconds(row.p95_elapsed_seconds),
        max_elapsed_seconds=_seconds(row.max_elapsed_seconds),
        failed_seconds=_seconds(row.failed_seconds),
        has_exact_quantiles=row.has_exact_quantiles,
        share=round(row.share, 6),
        dominant_bucket=row.buckets.dominant,
        queue_seconds=_seconds(row.buckets.queue_seconds),
        planning_seconds=_seconds(row.buckets.planning_seconds),
        compile_seconds=_seconds(row.buckets.compile_seconds),
        lock_wait_seconds=_seconds(row.buckets.lock_wait_seconds),
        execution_seconds=_seconds(row.buckets.execution_seconds),
        users=_name_shares(row.users),
        databases=_name_shares(row.databases),
        labels=_name_shares(row.labels),
        first_seen=timestamp_key(pattern.first_seen),
        last_seen=timestamp_key(pattern.last_seen),
        regression=_regression(pattern.regression),
        open_recommendations=row.open_recommendations,
        table_names=list(pattern.table_names),
        native_hashes=list(pattern.native_hashes),
        fingerprint_method=pattern.fingerprint_method.value,
        scrubbed_sql=pattern.scrubbed_sql,
        withheld_reason=pattern.withheld_reason,
        busy_seconds=_seconds(row.busy.busy_seconds) if row.busy else None,
        busy_share=round(row.busy.busy_seconds / covered_seconds, 6)
        if row.busy and covered_seconds > 0
        else None,
        cost_usd=None if dollars is None else _dollars(dollars),
        prices_as_of=prices.as_of.isoformat() if prices and dollars is not None else None,
    )


def recommendation_record(triaged: TriagedRecommendation) -> RecommendationRecord:
    across = triaged.across_patterns
    return RecommendationRecord(
        **advice_record(triaged.recommendation),
        state=triaged.state.value,
        is_still_raised=triaged.is_still_raised,
        raised_first=timestamp_key(triaged.raised_first),
        raised_last=timestamp_key(triaged.raised_last),
        snoozed_until=triaged.snoozed_until.isoformat() if triaged.snoozed_until else None,
        version=triaged.version,
        across_patterns=across.standing.value if across else None,
        across_patterns_reason=across.sentence if across else None,
    )


def advice_record(advice: Recommendation) -> AdviceRecord:
    return AdviceRecord(
        recommendation_id=advice.recommendation_id,
        query_hash=advice.query_hash,
        reviewer=advice.reviewer.value,
        category=advice.category.value,
        severity=advice.severity.value,
        bucket=advice.bucket.value,
        title=advice.title,
        rationale=advice.rationale,
        fact_ids=list(advice.fact_ids),
        check=advice.check,
        subject=advice.subject,
        action=advice.action,
        action_sql=advice.action_sql,
        claimed_saving_seconds=_seconds(advice.claimed_saving_seconds),
        ceiling_seconds=_seconds(advice.ceiling_seconds),
        window_days=round(advice.window_days, 3),
        verdict=advice.verdict.value,
        claimed_saving_usd=None
        if advice.claimed_saving_dollars is None
        else _dollars(advice.claimed_saving_dollars),
        prices_as_of=advice.prices_as_of.isoformat() if advice.prices_as_of else None,
        rewrite_sql=advice.rewrite.sql if advice.rewrite else None,
        rewrite_preconditions=_preconditions(advice.rewrite),
        changes_result=advice.rewrite is not None and advice.rewrite.changes_result,
    )


def _preconditions(rewrite: Rewrite | None) -> list[str]:
    """Each as one sentence, with how it was checked in brackets."""
    return [
        f"{each.sentence} ({each.how_checked})."
        for each in (rewrite.preconditions if rewrite else ())
    ]


def review_record(review: Review) -> ReviewRecord:
    return ReviewRecord(
        query_hash=review.query_hash,
        analysis_timestamp=timestamp_key(review.analysis_timestamp),
        workload_metadata=_workload_metadata(review.workload_metadata),
        recommendations=[advice_record(advice) for advice in review.recommendations],
        agent_responses=[_agent_response(response) for response in review.agent_responses],
        findings=[finding_record(finding) for finding in review.findings],
        ruled_out=[
            RuledOutRecord(
                check=cause.check, sentence=cause.sentence, fact_ids=list(cause.fact_ids)
            )
            for cause in review.ruled_out
        ],
        good_news=[_good_news(news) for news in review.good_news],
        diagnosis=_diagnosis(review.diagnosis),
        job_id=review.job_id,
        schema_version=review.schema_version,
    )


def finding_record(finding: Finding) -> FindingRecord:
    return FindingRecord(
        check=finding.check,
        severity=finding.severity.value,
        bucket=finding.bucket.value,
        title=finding.title,
        evidence=finding.evidence,
        fact_ids=list(finding.fact_ids),
        subject=finding.subject,
    )


def _good_news(news: GoodNews) -> GoodNewsRecord:
    return GoodNewsRecord(
        check=news.check,
        sentence=news.sentence,
        fact_ids=list(news.fact_ids),
        subject=news.subject,
        spared_seconds=_seconds(news.spared_seconds),
    )


def _diagnosis(diagnosis: Diagnosis | None) -> DiagnosisRecord | None:
    if diagnosis is None:
        return None
    return DiagnosisRecord(
        steps=[
            DiagnosisStepRecord(
                number=step.number,
                stage=step.stage.value,
                sentence=step.sentence,
                fact_ids=list(step.fact_ids),
            )
            for step in diagnosis.steps
        ],
        verdict=diagnosis.verdict,
    )


def _workload_metadata(workload: WorkloadMetadata) -> WorkloadMetadataRecord:
    return WorkloadMetadataRecord(
        query_type=workload.query_type,
        window_start=timestamp_key(workload.window_start),
        window_end=timestamp_key(workload.window_end),
        runs=workload.runs,
        total_elapsed_seconds=_seconds(workload.total_elapsed_seconds),
        p95_elapsed_seconds=_seconds(workload.p95_elapsed_seconds),
        share=round(workload.share, 6),
        dominant_bucket=workload.dominant_bucket,
        users=list(workload.users),
        databases=list(workload.databases),
        labels=list(workload.labels),
    )


def _agent_response(response: AgentResponse) -> AgentResponseRecord:
    return AgentResponseRecord(
        reviewer=response.reviewer.value,
        engine=response.engine,
        summary=response.summary,
        recommendation_ids=list(response.recommendation_ids),
        struck=[
            StruckStatementRecord(
                statement=struck.statement, reason=struck.reason, fact_ids=list(struck.fact_ids)
            )
            for struck in response.struck
        ],
        duration_ms=round(response.duration_ms, 3),
        error=response.error,
    )


def _regression(regression: Regression | None) -> RegressionRecord | None:
    if regression is None:
        return None
    return RegressionRecord(
        changed_at=timestamp_key(regression.changed_at),
        ratio=round(regression.ratio, 3),
        median_before_seconds=_seconds(regression.median_before_seconds),
        median_after_seconds=_seconds(regression.median_after_seconds),
        extra_seconds=_seconds(regression.extra_seconds),
        chance=regression.chance,
    )


def _name_shares(shares: Sequence[NameShare]) -> list[NameShareRecord]:
    return [
        NameShareRecord(
            name=share.name,
            runs=share.runs,
            total_elapsed_seconds=_seconds(share.total_elapsed_seconds),
        )
        for share in shares
    ]


def bill_record(bill: Bill) -> BillRecord:
    return BillRecord(
        days=bill.cluster.days,
        covered_seconds=_seconds(bill.cluster.covered_seconds),
        busy_seconds=_seconds(bill.cluster.busy_seconds),
        idle_seconds=_seconds(bill.cluster.idle_seconds),
        minimum_seconds=_seconds(bill.cluster.minimum_seconds),
        idle_usd=None if bill.idle_dollars is None else _dollars(bill.idle_dollars),
        total_usd=None if bill.total_dollars is None else _dollars(bill.total_dollars),
        is_as_charged=bill.is_as_charged,
        scaled_seconds=_seconds(bill.cluster.scaled_seconds),
        scaling_charged_seconds=_seconds(bill.cluster.scaling_charged_seconds),
        scaling_usd=None if bill.scaling_dollars is None else _dollars(bill.scaling_dollars),
        lake_bytes=bill.cluster.lake_bytes,
        lake_usd=None if bill.lake_dollars is None else _dollars(bill.lake_dollars),
        prices_as_of=bill.prices_as_of.isoformat() if bill.prices_as_of else None,
        lines=[
            BillLineRecord(
                query_hash=line.query_hash,
                patterns=line.pattern_count,
                busy_seconds=_seconds(line.busy.busy_seconds),
                minimum_seconds=_seconds(line.busy.minimum_seconds),
                cost_usd=None if line.dollars is None else _dollars(line.dollars),
                scaled_seconds=_seconds(line.busy.scaled_seconds),
                scaling_usd=None
                if line.scaling_dollars is None
                else _dollars(line.scaling_dollars),
            )
            for line in bill.lines
        ],
    )


def _dollars(value: float) -> float:
    return round(value, 6)


def _seconds(value: float) -> float:
    """To the microsecond, which is all that the SYS views measure."""
    return round(value, 6)
