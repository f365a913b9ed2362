"""A Serverless workgroup is charged for much more than it computes.

Anti-pattern: Each time the workgroup wakes up, at least 60 seconds are charged. Statements that
come one by one, every few minutes (monitoring, a tool that asks for its process id), keep it
charged while it computes next to nothing.

Remedy: Run small jobs together in one window, and stop or spread what only looks whether anybody
is there: monitoring queries, keep-alive statements, dashboards that refresh all night. Queries of
system views are charged as well.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, percent, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "serverless_overhead"
UNUSED_SHARE = Threshold(
    name="serverless_unused_share",
    default=0.20,
    unit="share",
    meaning="less of the charged RPU time unused is the price of waking up now and then",
    source=OWN,
)
CHARGED_RPU_HOURS = Threshold(
    name="serverless_unused_rpu_hours",
    default=10,
    unit="RPU-h",
    meaning="fewer unused RPU-hours in the window are not worth a change",
    source=f"{OWN}: some dollars",
)
RULES = (
    Rule(
        name="charged RPU time that nothing was computed in",
        inputs=("SYS_SERVERLESS_USAGE.charged_seconds", "SYS_SERVERLESS_USAGE.compute_seconds"),
        thresholds=(UNUSED_SHARE, CHARGED_RPU_HOURS),
        peers=("peers' union: Serverless idle, 60-s minimum", "dbt: the 60-second minimum"),
    ),
)


def serverless_overhead(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    fact = case.serverless
    if fact is None or fact.charged_seconds <= 0:
        return
    unused_seconds = max(fact.charged_seconds - fact.compute_seconds, 0.0)
    share, unused_hours = unused_seconds / fact.charged_seconds, unused_seconds / 3600
    told = (
        f"{fact.charged_seconds / 3600:,.1f} RPU-hours were charged in"
        f" {counted(fact.charged_minutes, 'minute')}, {percent(share)} of them"
        f" ({unused_hours:,.1f}) without computing"
    )
    if share < case.limit(UNUSED_SHARE) or unused_hours < case.limit(CHARGED_RPU_HOURS):
        yield RuledOut(
            check=CHECK,
            sentence=f"The minimum charge is not the cause: {told} (thresholds"
            f" {percent(case.limit(UNUSED_SHARE))} and {case.limit(CHARGED_RPU_HOURS):g}"
            " RPU-hours).",
            fact_ids=(fact.fact_id,),
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.HIGH if share >= 0.5 else Severity.MEDIUM,
        bucket=Bucket.EXECUTION,
        title=titled(f"{percent(share)} of the charged RPU time computes nothing"),
        evidence=f"{told}: the workgroup is woken for little. It was busy in"
        f" {counted(fact.busy_minutes, 'minute')} of {fact.minutes:,} (thresholds"
        f" {percent(case.limit(UNUSED_SHARE))} and {case.limit(CHARGED_RPU_HOURS):g} RPU-hours).",
        fact_ids=(fact.fact_id,),
        measures=(
            measured(case, UNUSED_SHARE, "charged but unused", share),
            measured(case, CHARGED_RPU_HOURS, "charged but unused", unused_hours),
        ),
        affected_share=0.0,
    )
