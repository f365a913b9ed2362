"""In some hours runs wait for a free slot for a good part of their time.

Anti-pattern: Queueing takes more than 5 % of the elapsed time of all runs of a queue in an hour.
Who waits is the victim: the statement itself is not slow.

Remedy: See who held the slots in those hours (below) and tune, thin out or move that first; often
it is one job at the full hour. Then look at priorities, short query acceleration and concurrency
scaling with a usage limit; on Serverless at the base capacity or the price-performance target.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import NEGLIGIBLE_IMPACT, measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import (
    HOUR_QUEUE_SECONDS,
    HOUR_QUEUE_SHARE,
    PRESSURE,
    cited_hours,
    hours_by_queue,
    pressed_hours,
    queue_label,
    share_of,
    weigh_seconds,
    worst_holders,
)
from backend.domain.cluster_use import HourUse
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "queue_pressure"
RULES = (
    Rule(
        name="queueing above 5 % of the elapsed time in an hour",
        inputs=(
            "SYS_QUERY_HISTORY.queue_time",
            "SYS_QUERY_HISTORY.elapsed_time",
            "SYS_QUERY_HISTORY.service_class_id",
        ),
        thresholds=PRESSURE,
        peers=(
            "awslabs: queue time above 5 % of an hour (REC_016, REC_017)",
            "redshift-utils: queuing_queries, queue_resources_hourly",
            "Snowflake: QUEUED_OVERLOAD",
        ),
    ),
)


def queue_pressure(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    for label, hours in hours_by_queue(case).items():
        pressed = pressed_hours(case, hours)
        if pressed:
            yield from _judge(case, label, hours, pressed)
        else:
            yield from _ruled_out(case, label, hours)


def _ruled_out(case: WorkloadCase, label: str, hours: Sequence[HourUse]) -> Iterator[RuledOut]:
    worst = max(hours, key=lambda use: use.queue_seconds)
    yield RuledOut(
        check=CHECK,
        sentence=f"{_upper(label)} is not under pressure: at most"
        f" {duration_in_words(worst.queue_seconds)} of queueing in an hour,"
        f" {percent(worst.queue_share)} of its time (thresholds"
        f" {duration_in_words(case.limit(HOUR_QUEUE_SECONDS))} and"
        f" {percent(case.limit(HOUR_QUEUE_SHARE))}).",
        fact_ids=(case.window.fact_id, *_use_ids(case, label)),
    )


def _judge(
    case: WorkloadCase, label: str, hours: Sequence[HourUse], pressed: Sequence[HourUse]
) -> Iterator[Finding | RuledOut]:
    waited = sum(use.queue_seconds for use in pressed)
    elapsed = sum(use.elapsed_seconds for use in hours)
    worst = pressed[0]
    severity = weigh_seconds(case, waited, elapsed)
    fact_ids = (*cited_hours(case, pressed), *_use_ids(case, label))
    told = (
        f"In {len(pressed):,} of {counted(len(hours), 'hour')}, runs of {label} waited"
        f" {duration_in_words(waited)} in all, {percent(share_of(waited, elapsed))} of its time"
    )
    if severity is None:
        yield RuledOut(
            check=CHECK,
            sentence=f"{told}, less than {percent(case.limit(NEGLIGIBLE_IMPACT))}.",
            fact_ids=fact_ids,
        )
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.QUEUE,
        title=titled(f"{_upper(label)} waited in {counted(len(pressed), 'hour')}"),
        evidence=f"{told}. The worst was {worst.hour:%Y-%m-%d %H:00} UTC with"
        f" {duration_in_words(worst.queue_seconds)}, {percent(worst.queue_share)} of the elapsed"
        f" time of {counted(worst.runs, 'run')} (threshold"
        f" {percent(case.limit(HOUR_QUEUE_SHARE))}).{_holders(case)}",
        fact_ids=(*fact_ids, *(fact.fact_id for fact in worst_holders(case))),
        subject=label,
        measures=(
            measured(case, HOUR_QUEUE_SHARE, "queueing in the worst hour", worst.queue_share),
            measured(case, HOUR_QUEUE_SECONDS, "queueing in the worst hour", worst.queue_seconds),
        ),
        affected_share=share_of(waited, case.window.queue_seconds),
    )


def _holders(case: WorkloadCase) -> str:
    holders = worst_holders(case)
    if not holders:
        return ""
    names = ", ".join(
        f"{fact.statement} ({duration_in_words(fact.others_seconds)})" for fact in holders
    )
    return f" Over all queues, most of the waiting was for: {names}."


def _use_ids(case: WorkloadCase, label: str) -> tuple[str, ...]:
    return tuple(
        fact.fact_id
        for fact in case.queue_uses
        if queue_label(fact.use.service_class, fact.use.queue_name) == label
    )


def _upper(label: str) -> str:
    return label[:1].upper() + label[1:]
