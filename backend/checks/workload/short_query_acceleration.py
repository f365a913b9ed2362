"""Short statements wait behind long ones, and short query acceleration is off.

Anti-pattern: SELECT and CREATE TABLE AS that execute for 20 s at most queue like all others. The
queue for them (service class 14) is not there.

Remedy: Turn on short query acceleration, with a dynamic maximum run time: it is on by default
under automatic WLM and costs nothing.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import share_of, user_queues
from backend.domain.cluster_use import SHORT_QUERY_SECONDS
from backend.domain.finding import Finding, GoodNews, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "short_query_acceleration"
SHORT_WAITING_SECONDS = Threshold(
    name="short_query_waiting_seconds",
    default=600,
    unit="s",
    meaning="less waiting of short statements in the window does not hurt",
    source=f"{OWN}; AWS: any cluster without short query acceleration",
)
RULES = (
    Rule(
        name="short query acceleration is off while short statements wait",
        inputs=(
            "STV_WLM_SERVICE_CLASS_CONFIG.service_class",
            "SYS_QUERY_HISTORY.short_query_accelerated",
            "SYS_QUERY_HISTORY.queue_time",
            "SYS_QUERY_HISTORY.execution_time",
        ),
        thresholds=(SHORT_WAITING_SECONDS,),
        peers=("awslabs: no SQA (REC_017)", "Advisor: enable short query acceleration"),
    ),
)


def short_query_acceleration(case: WorkloadCase) -> Iterator[Finding | RuledOut | GoodNews]:
    if not user_queues(case):
        return
    waited = sum(use.short_queue_seconds for use in case.hours)
    runs = sum(use.short_queued_runs for use in case.hours)
    accelerated = sum(use.short_accelerated_runs for use in case.hours)
    fact_ids = (*(fact.fact_id for fact in case.queues), case.window.fact_id)
    if any(fact.queue.is_short_query_queue for fact in case.queues) or accelerated:
        if accelerated:
            yield GoodNews(
                check=CHECK,
                sentence=f"Short query acceleration took {counted(accelerated, 'run')} past the"
                " queues.",
                fact_ids=fact_ids,
            )
        return
    told = (
        f"{counted(runs, 'run')} of up to {duration_in_words(SHORT_QUERY_SECONDS)} waited"
        f" {duration_in_words(waited)} in all"
    )
    if waited < case.limit(SHORT_WAITING_SECONDS):
        yield RuledOut(
            check=CHECK,
            sentence=f"Short query acceleration is off and not missed: {told} (threshold"
            f" {duration_in_words(case.limit(SHORT_WAITING_SECONDS))}).",
            fact_ids=fact_ids,
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM,
        bucket=Bucket.QUEUE,
        title=titled(f"Short statements waited {duration_in_words(waited)}"),
        evidence=f"Short query acceleration is off, and {told} (threshold"
        f" {duration_in_words(case.limit(SHORT_WAITING_SECONDS))}).",
        fact_ids=fact_ids,
        measures=(measured(case, SHORT_WAITING_SECONDS, "short statements waited", waited),),
        affected_share=share_of(waited, case.window.queue_seconds),
    )
