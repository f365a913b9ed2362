"""Runs of one pattern hold the slots that others wait for.

Anti-pattern: While a run queues, others hold the slots. Charged to those that held them, evenly
at each moment, the waiting often belongs to one or two patterns. The system views name the
victims only.

Remedy: Tune this pattern before any that waits. If it is as fast as it can be, move it to another
hour, run fewer of it at once, or give it a lower priority (automatic WLM) or a queue of its own
with few slots (manual WLM).
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import queue_label, share_of
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import (
    VICTIMS_AT_MOST,
    BlamedWaitingFact,
    BlameFact,
    WorkloadCase,
)

CHECK = "wait_blame"
MOST_FINDINGS = 5
BLAMED_SECONDS = Threshold(
    name="blamed_seconds",
    default=600,
    unit="s",
    meaning="a pattern that others waited less for in the window is not blamed",
    source=f"{OWN}: ten minutes",
)
BLAMED_SHARE = Threshold(
    name="blamed_share",
    default=0.10,
    unit="share",
    meaning="a pattern with less of all the waiting is one of many",
    source=OWN,
)
BLAMED_HIGH_SHARE = Threshold(
    name="blamed_high_share",
    default=0.30,
    unit="share",
    meaning="a pattern with so much of all the waiting weighs more",
    source=OWN,
)
RULES = (
    Rule(
        name="a pattern that others queue behind",
        inputs=(
            "SYS_QUERY_HISTORY.start_time",
            "SYS_QUERY_HISTORY.queue_time",
            "SYS_QUERY_HISTORY.elapsed_time",
            "SYS_QUERY_HISTORY.service_class_id",
        ),
        thresholds=(BLAMED_SECONDS, BLAMED_SHARE, BLAMED_HIGH_SHARE),
        peers=(
            "redshift-guide: who it queued behind (for one query)",
            "BigQuery: slot contention",
            "Datadog: high-impact blocker",
        ),
    ),
    Rule(
        name="many runs of a pattern at once, which wait for each other",
        inputs=("SYS_QUERY_HISTORY.start_time", "SYS_QUERY_HISTORY.queue_time"),
        thresholds=(BLAMED_SECONDS, BLAMED_SHARE, BLAMED_HIGH_SHARE),
        peers=("redshift-guide: who it queued behind (for one query)",),
    ),
)


def wait_blame(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    waiting = case.blamed_waiting
    if waiting is None or waiting.waited_seconds <= 0:
        return
    of_others = waiting.blamed_seconds - sum(fact.own_seconds for fact in case.blame)
    findings = [
        finding for fact in case.blame if (finding := _judge(case, fact, waiting, of_others))
    ]
    findings.sort(key=lambda finding: -finding.measures[0].value)
    yield from findings[:MOST_FINDINGS]
    if not findings:
        most = case.blame[0] if case.blame else None
        yield RuledOut(
            check=CHECK,
            sentence=f"No single pattern is to blame for"
            f" {duration_in_words(waiting.waited_seconds)} of queueing: others waited at most"
            f" {duration_in_words(most.others_seconds if most else 0.0)} for one (thresholds"
            f" {duration_in_words(case.limit(BLAMED_SECONDS))} and"
            f" {percent(case.limit(BLAMED_SHARE))} of such waiting).",
            fact_ids=(waiting.fact_id, *((most.fact_id,) if most else ())),
        )


def _judge(
    case: WorkloadCase, fact: BlameFact, waiting: BlamedWaitingFact, of_others: float
) -> Finding | None:
    share = share_of(fact.others_seconds, of_others)
    worth = case.limit(BLAMED_SECONDS)
    if fact.others_seconds >= worth and share >= case.limit(BLAMED_SHARE):
        return _of_others(case, fact, waiting, share)
    own_share = share_of(fact.own_seconds, waiting.waited_seconds)
    if fact.own_seconds >= worth and own_share >= case.limit(BLAMED_SHARE):
        return _of_itself(case, fact, waiting, own_share)
    return None


def _of_others(
    case: WorkloadCase, fact: BlameFact, waiting: BlamedWaitingFact, share: float
) -> Finding:
    others = duration_in_words(fact.others_seconds)
    own = (
        f" Its own runs waited {duration_in_words(fact.own_seconds)} behind each other."
        if fact.own_seconds >= 1
        else ""
    )
    return Finding(
        check=CHECK,
        severity=Severity.HIGH if share >= case.limit(BLAMED_HIGH_SHARE) else Severity.MEDIUM,
        bucket=Bucket.QUEUE,
        title=titled(
            f"Others waited {others} for {fact.statement}", f"Others waited {others} for it"
        ),
        evidence=f"In {counted(fact.hours, 'hour')}, {counted(fact.runs, 'run')}{_queue(fact)} held"
        f" slots while others waited: {others}, {percent(share)} of all waiting for others"
        f" (threshold {percent(case.limit(BLAMED_SHARE))}), divided among all that held slots at"
        f" the time.{_victims(fact)}{own}",
        fact_ids=(fact.fact_id, waiting.fact_id),
        subject=fact.query_hash,
        measures=(
            measured(case, BLAMED_SECONDS, "others waited", fact.others_seconds),
            measured(case, BLAMED_SHARE, "of all waiting for others", share),
        ),
        affected_share=share_of(fact.others_seconds, case.window.queue_seconds),
    )


def _of_itself(
    case: WorkloadCase, fact: BlameFact, waiting: BlamedWaitingFact, share: float
) -> Finding:
    own = duration_in_words(fact.own_seconds)
    return Finding(
        check=CHECK,
        severity=Severity.MEDIUM if share >= case.limit(BLAMED_HIGH_SHARE) else Severity.LOW,
        bucket=Bucket.QUEUE,
        title=titled(
            f"Runs of {fact.statement} waited {own} for each other",
            f"Its runs waited {own} for each other",
        ),
        evidence=f"In {counted(fact.hours, 'hour')}, {counted(fact.runs, 'run')}{_queue(fact)} held"
        f" slots while more of the same pattern waited: {own}, {percent(share)} of the waiting"
        f" that was looked at (threshold {percent(case.limit(BLAMED_SHARE))}). Others waited"
        f" {duration_in_words(fact.others_seconds)} for it.",
        fact_ids=(fact.fact_id, waiting.fact_id),
        subject=fact.query_hash,
        measures=(
            measured(case, BLAMED_SECONDS, "waited for itself", fact.own_seconds),
            measured(case, BLAMED_SHARE, "of all waiting", share),
        ),
        affected_share=share_of(fact.own_seconds, case.window.queue_seconds),
    )


def _queue(fact: BlameFact) -> str:
    return f" in {queue_label(None, fact.queue_name)}" if fact.queue_name else ""


def _victims(fact: BlameFact) -> str:
    count = len(fact.victims)
    if not count:
        return ""
    at_least = "At least " if count == VICTIMS_AT_MOST else ""
    return f" {at_least}{counted(count, 'other pattern')} waited for it."
