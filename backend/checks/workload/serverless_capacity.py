"""A Serverless workgroup uses very different capacity from minute to minute.

Anti-pattern: In the busiest twentieth of its busy minutes a workgroup runs on twice the RPU of
the quietest and more, at a fixed base capacity: small statements pay for RPU that only the large
ones need.

Remedy: Let AI-driven scaling choose: set a price-performance target instead of the base capacity
(for a base of 8 to 512 RPU). Or give the large jobs a workgroup of their own.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, titled
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "serverless_capacity"
LEAST_BASE, MOST_BASE = 8.0, 512.0
CAPACITY_RATIO = Threshold(
    name="serverless_capacity_ratio",
    default=2,
    unit="×",
    meaning="a 95th percentile of the RPU at least so many times the 5th counts",
    source=AWS_REVIEW,
)
BUSY_MINUTES = Threshold(
    name="serverless_busy_minutes",
    default=600,
    unit="minutes",
    meaning="percentiles over fewer busy minutes say little",
    source=f"{OWN}: ten hours",
)
RULES = (
    Rule(
        name="RPU of busy minutes from p05 to p95",
        inputs=(
            "SYS_SERVERLESS_USAGE.compute_capacity",
            "SYS_SERVERLESS_USAGE.compute_seconds",
        ),
        thresholds=(CAPACITY_RATIO, BUSY_MINUTES),
        peers=("awslabs: AI scaling, p95 at least 2 times p05, base 8 to 512 (REC_030)",),
    ),
)


def serverless_capacity(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    fact = case.serverless
    if fact is None or fact.p05_capacity <= 0:
        return
    ratio = fact.p95_capacity / fact.p05_capacity
    told = (
        f"p05 is {fact.p05_capacity:g} and p95 {fact.p95_capacity:g} RPU over"
        f" {counted(fact.busy_minutes, 'busy minute')}"
    )
    is_in_range = LEAST_BASE <= fact.least_capacity <= MOST_BASE
    if (
        ratio < case.limit(CAPACITY_RATIO)
        or fact.busy_minutes < case.limit(BUSY_MINUTES)
        or not is_in_range
    ):
        yield RuledOut(
            check=CHECK,
            sentence=f"The base capacity fits: {told} (thresholds {case.limit(CAPACITY_RATIO):g}×"
            f" and {case.limit(BUSY_MINUTES):g} busy minutes).",
            fact_ids=(fact.fact_id,),
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"RPU differ by {ratio:.1f}× between quiet and busy minutes"),
        evidence=f"{told}, {ratio:.1f} times as much (threshold {case.limit(CAPACITY_RATIO):g});"
        f" the least is {fact.least_capacity:g}, the most {fact.most_capacity:g} RPU.",
        fact_ids=(fact.fact_id,),
        measures=(
            measured(case, CAPACITY_RATIO, "p95 by p05", ratio),
            measured(case, BUSY_MINUTES, "busy minutes", fact.busy_minutes),
            Measure(name="p95 capacity", value=fact.p95_capacity, unit="RPU"),
        ),
        affected_share=0.0,
    )
