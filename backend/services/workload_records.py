"""The documented shape of a workload review outside this program; see docs/cli.md."""

from typing_extensions import TypedDict

from backend.domain.finding import Measure
from backend.domain.review import timestamp_key
from backend.domain.workload import BlameFact, LockBlameFact, Victim, WorkloadReview
from backend.services.records import FindingRecord, GoodNewsRecord, RuledOutRecord, finding_record


class MeasureRecord(TypedDict):
    name: str
    value: float
    unit: str
    threshold: float | None


class WorkloadFindingRecord(FindingRecord):
    """As a finding of a pattern; `subject` is a query hash where a pattern is meant."""

    measures: list[MeasureRecord]
    remedy: str


class VictimRecord(TypedDict):
    query_hash: str
    waited_seconds: float


class WaitBlameRecord(TypedDict):
    query_hash: str
    statement: str
    queue_name: str
    runs: int
    hours: int
    others_seconds: float
    own_seconds: float
    victims: list[VictimRecord]


class LockBlameRecord(TypedDict):
    query_hash: str
    statement: str
    table_name: str
    others_seconds: float
    victims: list[VictimRecord]


class MissingRecord(TypedDict):
    what: str
    why: str
    how_to_get: str


class WorkloadReviewRecord(TypedDict):
    analysis_timestamp: str
    window_start: str
    window_end: str
    findings: list[WorkloadFindingRecord]
    ruled_out: list[RuledOutRecord]
    good_news: list[GoodNewsRecord]
    wait_blame: list[WaitBlameRecord]
    lock_blame: list[LockBlameRecord]
    missing: list[MissingRecord]
    schema_version: int


def workload_review_record(review: WorkloadReview) -> WorkloadReviewRecord:
    return WorkloadReviewRecord(
        analysis_timestamp=timestamp_key(review.analysis_timestamp),
        window_start=timestamp_key(review.window_start),
        window_end=timestamp_key(review.window_end),
        findings=[
            WorkloadFindingRecord(
                **finding_record(finding),
                measures=[_measure(measure) for measure in finding.measures],
                remedy=review.remedy(finding.check),
            )
            for finding in review.findings
        ],
        ruled_out=[
            RuledOutRecord(
                check=cause.check, sentence=cause.sentence, fact_ids=list(cause.fact_ids)
            )
            for cause in review.ruled_out
        ],
        good_news=[
            GoodNewsRecord(
                check=news.check,
                sentence=news.sentence,
                fact_ids=list(news.fact_ids),
                subject=news.subject,
                spared_seconds=round(news.spared_seconds, 6),
            )
            for news in review.good_news
        ],
        wait_blame=[_blame(fact) for fact in review.facts if isinstance(fact, BlameFact)],
        lock_blame=[_lock_blame(fact) for fact in review.facts if isinstance(fact, LockBlameFact)],
        missing=[
            MissingRecord(what=one.what, why=one.why, how_to_get=one.how_to_get)
            for one in review.missing
        ],
        schema_version=review.schema_version,
    )


def _measure(measure: Measure) -> MeasureRecord:
    return MeasureRecord(
        name=measure.name,
        value=round(measure.value, 6),
        unit=measure.unit,
        threshold=measure.threshold,
    )


def _blame(fact: BlameFact) -> WaitBlameRecord:
    return WaitBlameRecord(
        query_hash=fact.query_hash,
        statement=fact.statement,
        queue_name=fact.queue_name,
        runs=fact.runs,
        hours=fact.hours,
        others_seconds=round(fact.others_seconds, 6),
        own_seconds=round(fact.own_seconds, 6),
        victims=[_victim(victim) for victim in fact.victims],
    )


def _lock_blame(fact: LockBlameFact) -> LockBlameRecord:
    return LockBlameRecord(
        query_hash=fact.query_hash,
        statement=fact.statement,
        table_name=fact.table_name,
        others_seconds=round(fact.others_seconds, 6),
        victims=[_victim(victim) for victim in fact.victims],
    )


def _victim(victim: Victim) -> VictimRecord:
    return VictimRecord(query_hash=victim.query_hash, waited_seconds=round(victim.seconds, 6))
