"""All work shares one queue, and it waits.

Anti-pattern: There is one queue for reports, loads and everything else, and in some hours runs
wait in it behind work of another kind.

Remedy: Give each kind of work a queue (dashboards, loads, ad hoc), and under automatic WLM a
priority each. Route by user role or query group. Two to four queues are enough.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import (
    HOUR_QUEUE_SHARE,
    PRESSURE,
    hours_by_queue,
    pressed_hours,
    user_queues,
    worst_holders,
)
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "single_queue"
RULES = (
    Rule(
        name="a single queue, under pressure",
        inputs=("STV_WLM_SERVICE_CLASS_CONFIG.service_class", "SYS_QUERY_HISTORY.queue_time"),
        thresholds=PRESSURE,
        peers=("awslabs: single queue (REC_015)",),
    ),
)


def single_queue(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    queues = user_queues(case)
    if len(queues) != 1:
        return
    queue = queues[0]
    pressed = pressed_hours(case, [use for hours in hours_by_queue(case).values() for use in hours])
    holders = [fact for fact in worst_holders(case) if fact.victims]
    if not pressed or not holders:
        yield RuledOut(
            check=CHECK,
            sentence=f"One queue, {queue.queue.name}, is enough: {counted(len(pressed), 'hour')}"
            f" under pressure, {duration_in_words(case.window.queue_seconds)} of queueing in all.",
            fact_ids=(queue.fact_id, case.window.fact_id),
        )
        return
    worst = pressed[0]
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM,
        bucket=Bucket.QUEUE,
        title=titled("All work shares one queue, and waits in it"),
        evidence=f"{queue.queue.name} is the only queue. In {counted(len(pressed), 'hour')} runs"
        f" wait in it, most for {holders[0].statement}, which"
        f" {counted(len(holders[0].victims), 'other pattern')} waited for.",
        fact_ids=(queue.fact_id, case.window.fact_id, *(fact.fact_id for fact in holders)),
        subject=queue.queue.name,
        measures=(
            measured(case, HOUR_QUEUE_SHARE, "queueing in the worst hour", worst.queue_share),
        ),
        affected_share=1.0,
    )
