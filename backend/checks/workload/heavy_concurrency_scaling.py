"""Concurrency scaling runs for long in some hours.

Anti-pattern: More than ten minutes of execution in an hour fall to concurrency-scaling clusters
(compute_type other than primary). A cluster earns an hour a day for free, what is above it is
billed by the second at the price of the main cluster.

Remedy: See which statements go there and whether they must run in that hour; set a usage limit.
Steady use means that the cluster itself is too small for the hour, or that too much is scheduled
for it.
"""

from collections.abc import Iterator
from datetime import date

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import cited_hours, share_of
from backend.domain.busy_time import FREE_SCALING_SECONDS_A_DAY
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, titled
from backend.domain.threshold import AWS_GUIDE, AWS_REVIEW, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "heavy_concurrency_scaling"
SCALED_SECONDS_AN_HOUR = Threshold(
    name="scaling_seconds_an_hour",
    default=600,
    unit="s",
    meaning="less execution on concurrency-scaling clusters in an hour is ruled out",
    source=AWS_REVIEW,
)
FREE_SECONDS_A_DAY = Threshold(
    name="scaling_free_seconds_a_day",
    default=FREE_SCALING_SECONDS_A_DAY,
    unit="s",
    meaning="so much a day is earned for free",
    source=f"{AWS_GUIDE}, concurrency scaling",
)
RULES = (
    Rule(
        name="more than 600 s of concurrency scaling in an hour",
        inputs=("SYS_QUERY_HISTORY.compute_type", "SYS_QUERY_HISTORY.execution_time"),
        thresholds=(SCALED_SECONDS_AN_HOUR, FREE_SECONDS_A_DAY),
        peers=("awslabs: burst above 600 s (REC_027)",),
    ),
)


def heavy_concurrency_scaling(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    hours = [use for use in case.hour_totals if use.scaled_seconds > 0]
    if not hours:
        return
    heavy = [use for use in hours if use.scaled_seconds > case.limit(SCALED_SECONDS_AN_HOUR)]
    by_day: dict[date, float] = {}
    for use in hours:
        by_day[use.hour.date()] = by_day.get(use.hour.date(), 0.0) + use.scaled_seconds
    free = case.limit(FREE_SECONDS_A_DAY)
    beyond = sum(max(seconds - free, 0.0) for seconds in by_day.values())
    total = sum(use.scaled_seconds for use in hours)
    worst = max(hours, key=lambda use: use.scaled_seconds)
    told = (
        f"{counted(sum(use.scaled_runs for use in hours), 'run')} executed"
        f" {duration_in_words(total)} on concurrency-scaling clusters"
    )
    fact_ids = cited_hours(case, [worst])
    if not heavy:
        yield RuledOut(
            check=CHECK,
            sentence=f"Concurrency scaling is used a little: {told}, at most"
            f" {duration_in_words(worst.scaled_seconds)} in an hour (threshold"
            f" {duration_in_words(case.limit(SCALED_SECONDS_AN_HOUR))}).",
            fact_ids=fact_ids,
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM if beyond > 0 else Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"Concurrency scaling is heavy in {counted(len(heavy), 'hour')}"),
        evidence=f"{told}, more than {duration_in_words(case.limit(SCALED_SECONDS_AN_HOUR))} in"
        f" {counted(len(heavy), 'hour')}, the most at {worst.hour:%Y-%m-%d %H:00} UTC:"
        f" {duration_in_words(worst.scaled_seconds)}. {duration_in_words(beyond)} are beyond the"
        " free hour of their day"
        + ("; hours that earlier days left over may cover them." if beyond > 0 else "."),
        fact_ids=fact_ids,
        measures=(
            measured(case, SCALED_SECONDS_AN_HOUR, "in the worst hour", worst.scaled_seconds),
            measured(case, FREE_SECONDS_A_DAY, "on the worst day", max(by_day.values())),
        ),
        affected_share=share_of(total, case.window.elapsed_seconds),
    )
