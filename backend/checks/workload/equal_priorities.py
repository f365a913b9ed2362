"""All queues have the same priority, and one waits for the other.

Anti-pattern: Under automatic WLM the priority decides who gets resources first. Where all queues
have the same one, dashboards wait behind loads as long as loads behind dashboards.

Remedy: Raise the priority of the queue whose users wait for an answer, or lower that of the one
that holds the slots. Leave HIGHEST to few.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import (
    HOUR_QUEUE_SHARE,
    PRESSURE,
    hours_by_queue,
    pressed_hours,
    share_of,
    user_queues,
)
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.time_buckets import Bucket
from backend.domain.workload import BlameFact, WorkloadCase

CHECK = "equal_priorities"
RULES = (
    Rule(
        name="the same priority for all queues",
        inputs=("STV_WLM_SERVICE_CLASS_CONFIG.query_priority", "SYS_QUERY_HISTORY.queue_time"),
        thresholds=PRESSURE,
        peers=("awslabs: same priorities (REC_018)",),
    ),
)


def equal_priorities(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    queues = [fact for fact in user_queues(case) if fact.queue.is_automatic]
    priorities = {fact.queue.priority for fact in queues}
    if len(queues) < 2:
        return
    fact_ids = tuple(fact.fact_id for fact in queues)
    if len(priorities) > 1:
        yield RuledOut(
            check=CHECK,
            sentence=f"Priorities tell the {counted(len(queues), 'queue')} apart:"
            f" {', '.join(sorted(priorities))}.",
            fact_ids=fact_ids,
        )
        return
    waited = {
        own[0].queue_name: sum(use.queue_seconds for use in hours)
        for own in hours_by_queue(case).values()
        if (hours := pressed_hours(case, own))
    }
    holder = _holder_of_another_queue(case, waited)
    if not waited or holder is None:
        yield RuledOut(
            check=CHECK,
            sentence=f"All {counted(len(queues), 'queue')} have priority {priorities.pop()}, and"
            f" none of them waits for another: {counted(len(waited), 'queue')} under pressure.",
            fact_ids=(*fact_ids, case.window.fact_id),
        )
        return
    victim = max(
        (name for name in waited if name != holder.queue_name), key=lambda name: waited[name]
    )
    worst = max(use.queue_share for use in case.hours if use.queue_name == victim)
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM,
        bucket=Bucket.QUEUE,
        title=titled(f"Queue {victim} waits, with no priority over {holder.queue_name}"),
        evidence=f"All {counted(len(queues), 'queue')} have priority {priorities.pop()}. Queue"
        f" {victim} waited {duration_in_words(waited[victim])} under pressure, while runs of queue"
        f" {holder.queue_name} ({holder.statement}) held slots.",
        fact_ids=(*fact_ids, case.window.fact_id, holder.fact_id),
        subject=victim,
        measures=(measured(case, HOUR_QUEUE_SHARE, "queueing in the worst hour", worst),),
        affected_share=share_of(waited[victim], case.window.queue_seconds),
    )


def _holder_of_another_queue(case: WorkloadCase, waited: dict[str, float]) -> BlameFact | None:
    for fact in case.blame:
        if fact.queue_name and any(name and name != fact.queue_name for name in waited):
            return fact
    return None
