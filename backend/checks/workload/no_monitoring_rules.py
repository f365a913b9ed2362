"""Statements run away, and no query monitoring rule would stop them.

Anti-pattern: Runs take an hour and more, or fail after having run for long, and no rule of a
queue looks at query_execution_time; or hundreds of runs spill and none looks at
query_temp_blocks_to_disk.

Remedy: Add a rule to the queue of people who type statements: log first, then abort or lower the
priority beyond what any good statement of theirs needs. Take the limit from the longest good run.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.busy_hours import SPILLING_AN_HOUR
from backend.checks.workload.waiting import cited_hours, share_of, user_queues
from backend.domain.finding import Finding, GoodNews, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import RunawayFact, WorkloadCase

CHECK = "no_monitoring_rules"
RUNAWAY_SECONDS = Threshold(
    name="runaway_seconds",
    default=3_600,
    unit="s",
    meaning="a run, or the failed runs of a pattern together, of so long ran away",
    source=f"{OWN}; AWS: any queue without rules",
)
TIME_METRICS = ("query_execution_time", "query_queue_time", "query_cpu_time")
SPILL_METRIC = "query_temp_blocks_to_disk"
RULES = (
    Rule(
        name="no monitoring rule for run time, and runs that ran away",
        inputs=(
            "STV_WLM_QMR_CONFIG.metric_name",
            "SYS_QUERY_HISTORY.elapsed_time",
            "SYS_QUERY_HISTORY.status",
        ),
        thresholds=(RUNAWAY_SECONDS,),
        peers=(
            "awslabs: no QMR, none on query_execution_time (REC_019)",
            "redshift-utils: wlm_qmr_rule_candidates",
        ),
    ),
    Rule(
        name="no monitoring rule for spilling, and many runs that spill",
        inputs=("STV_WLM_QMR_CONFIG.metric_name", "SYS_QUERY_DETAIL.spilled_block_local_disk"),
        thresholds=(SPILLING_AN_HOUR,),
        peers=("awslabs: no QMR on query_temp_blocks_to_disk (REC_019)",),
    ),
)


def no_monitoring_rules(case: WorkloadCase) -> Iterator[Finding | RuledOut | GoodNews]:
    queues = user_queues(case)
    if not queues:
        return
    metrics = {rule.metric_name for fact in queues for rule in fact.queue.rules}
    fact_ids = tuple(fact.fact_id for fact in queues)
    if metrics & set(TIME_METRICS):
        yield GoodNews(
            check=CHECK,
            sentence=f"{counted(sum(bool(f.queue.rules) for f in queues), 'queue')} of"
            f" {len(queues):,} have monitoring rules, also for run time.",
            fact_ids=fact_ids,
        )
    else:
        yield from _judge_runaways(case, fact_ids)
    if SPILL_METRIC not in metrics:
        yield from _judge_spilling(case, fact_ids)


def _judge_runaways(case: WorkloadCase, fact_ids: tuple[str, ...]) -> Iterator[Finding | RuledOut]:
    limit = case.limit(RUNAWAY_SECONDS)
    runaways = [fact for fact in case.runaways if _longest(fact) >= limit]
    longest = max((_longest(fact) for fact in case.runaways), default=0.0)
    if not runaways:
        yield RuledOut(
            check=CHECK,
            sentence=f"A monitoring rule for run time would catch nothing: the longest run, or"
            f" failed runs of a pattern together, took {duration_in_words(longest)} (threshold"
            f" {duration_in_words(limit)}).",
            fact_ids=(*fact_ids, *(fact.fact_id for fact in case.runaways[:1])),
        )
        return
    worst = max(runaways, key=_longest)
    lost = sum(fact.failed_seconds for fact in runaways)
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM,
        bucket=Bucket.EXECUTION,
        title=titled(f"No rule stops {counted(len(runaways), 'pattern')} that ran away"),
        evidence=f"No queue has a monitoring rule for run time. {worst.statement} took"
        f" {duration_in_words(worst.max_elapsed_seconds)} at the longest, and its"
        f" {counted(worst.failed_runs, 'failed run')} {duration_in_words(worst.failed_seconds)}"
        f" (threshold {duration_in_words(limit)}); failed runs of such patterns took"
        f" {duration_in_words(lost)} in all.",
        fact_ids=(*fact_ids, *(fact.fact_id for fact in runaways[:3])),
        measures=(measured(case, RUNAWAY_SECONDS, "longest", _longest(worst)),),
        affected_share=share_of(lost, case.window.elapsed_seconds),
    )


def _longest(fact: RunawayFact) -> float:
    return max(fact.max_elapsed_seconds, fact.failed_seconds)


def _judge_spilling(case: WorkloadCase, fact_ids: tuple[str, ...]) -> Iterator[Finding]:
    limit = case.limit(SPILLING_AN_HOUR)
    busy = [use for use in case.hour_totals if use.spilling_runs > limit]
    if not busy:
        return
    worst = max(busy, key=lambda use: use.spilling_runs)
    yield Finding(
        check=CHECK,
        severity=Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled("No monitoring rule looks at spilling"),
        evidence=f"No queue has a rule on {SPILL_METRIC}, and in {counted(len(busy), 'hour')} more"
        f" than {limit:g} runs spilled, {worst.spilling_runs:,} at"
        f" {worst.hour:%Y-%m-%d %H:00} UTC.",
        fact_ids=(*fact_ids, *cited_hours(case, [worst])),
        subject="spilling",
        measures=(measured(case, SPILLING_AN_HOUR, "spilling runs", worst.spilling_runs),),
        affected_share=0.0,
    )
