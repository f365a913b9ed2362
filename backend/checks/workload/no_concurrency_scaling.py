"""Runs wait, and no queue may use concurrency scaling.

Anti-pattern: In hours under pressure reads wait for a slot, and the setting concurrency_scaling is
off for all queues, although each cluster earns an hour of it a day for free.

Remedy: First tune or move what holds the slots. If the peak stays, set concurrency scaling to auto
for the queue that waits, with a usage limit. It takes reads and most writes, not statements on
interleaved sort keys, temporary tables or with Python functions.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import (
    HOUR_QUEUE_SHARE,
    PRESSURE,
    cited_hours,
    hours_by_queue,
    pressed_hours,
    share_of,
    user_queues,
    weigh_seconds,
)
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "no_concurrency_scaling"
PRESSED_HOURS = Threshold(
    name="scaling_pressed_hours",
    default=5,
    unit="hours",
    meaning="fewer hours under pressure are no lasting peak",
    source=OWN,
)
RULES = (
    Rule(
        name="no concurrency scaling while runs wait",
        inputs=(
            "STV_WLM_SERVICE_CLASS_CONFIG.concurrency_scaling",
            "SYS_QUERY_HISTORY.queue_time",
        ),
        thresholds=(*PRESSURE, PRESSED_HOURS),
        peers=("awslabs: no concurrency scaling (REC_016)",),
    ),
)


def no_concurrency_scaling(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    queues = user_queues(case)
    if not queues:
        return
    fact_ids = (*(fact.fact_id for fact in queues), case.window.fact_id)
    scaled = [fact.queue.name for fact in queues if fact.queue.has_concurrency_scaling]
    if scaled:
        yield RuledOut(
            check=CHECK,
            sentence=f"Concurrency scaling is on for {len(scaled):,} of"
            f" {counted(len(queues), 'queue')}.",
            fact_ids=fact_ids,
        )
        return
    pressed = [use for own in hours_by_queue(case).values() for use in pressed_hours(case, own)]
    hours = {use.hour for use in pressed}
    waited = sum(use.queue_seconds for use in pressed)
    severity = weigh_seconds(case, waited, case.window.elapsed_seconds)
    if len(hours) < case.limit(PRESSED_HOURS) or severity is None:
        yield RuledOut(
            check=CHECK,
            sentence=f"Concurrency scaling is off and not missed: {counted(len(hours), 'hour')}"
            f" under pressure, {percent(share_of(waited, case.window.elapsed_seconds))} of the"
            f" window's time (threshold {case.limit(PRESSED_HOURS):g} hours).",
            fact_ids=fact_ids,
        )
        return
    worst = max(pressed, key=lambda use: use.queue_seconds)
    yield Finding(
        check=CHECK,
        severity=Severity.LOW,
        bucket=Bucket.QUEUE,
        title=titled(f"No concurrency scaling in {counted(len(hours), 'hour')} of waiting"),
        evidence=f"No queue may use concurrency scaling, and runs waited"
        f" {duration_in_words(waited)} in {counted(len(hours), 'hour')} under pressure (threshold"
        f" {case.limit(PRESSED_HOURS):g}).",
        fact_ids=tuple(dict.fromkeys((*fact_ids, *cited_hours(case, pressed)))),
        measures=(
            measured(case, PRESSED_HOURS, "hours under pressure", len(hours)),
            measured(case, HOUR_QUEUE_SHARE, "queueing in the worst hour", worst.queue_share),
        ),
        affected_share=share_of(waited, case.window.queue_seconds),
    )
