"""In some hours there are very many COPY runs, small inserts or runs that spill.

Anti-pattern: More than a hundred COPY runs, inserts of 1 to 100 rows, or runs that write to disk
start in one hour. Each COPY and insert is a commit, and commits of a cluster wait for each other;
runs that spill crowd each other out of memory.

Remedy: Collect small loads into fewer, larger COPY runs; replace single-row inserts by one COPY or
by streaming ingestion. For spilling, tune the patterns that spill most before looking for memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import cited_hours
from backend.domain.cluster_use import HourUse
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, titled
from backend.domain.threshold import AWS_REVIEW, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import WorkloadCase

CHECK = "busy_hours"
COPIES_AN_HOUR = Threshold(
    name="copies_an_hour",
    default=100,
    unit="runs",
    meaning="more COPY runs in an hour are too many",
    source=AWS_REVIEW,
)
SMALL_INSERTS_AN_HOUR = Threshold(
    name="small_inserts_an_hour",
    default=100,
    unit="runs",
    meaning="more inserts of 1 to 100 rows in an hour are too many",
    source=AWS_REVIEW,
)
SPILLING_AN_HOUR = Threshold(
    name="spilling_runs_an_hour",
    default=100,
    unit="runs",
    meaning="more runs that spill to disk in an hour are too many",
    source=f"{AWS_REVIEW}; an older version of it says 10",
)
RULES = (
    Rule(
        name="more than 100 COPY runs in an hour",
        inputs=("SYS_QUERY_HISTORY.query_type", "SYS_QUERY_HISTORY.start_time"),
        thresholds=(COPIES_AN_HOUR,),
        peers=("awslabs: more than 100 COPY (REC_020)",),
    ),
    Rule(
        name="more than 100 small inserts in an hour",
        inputs=("SYS_QUERY_DETAIL.output_rows", "SYS_QUERY_HISTORY.start_time"),
        thresholds=(SMALL_INSERTS_AN_HOUR,),
        peers=("awslabs: more than 100 small inserts (REC_024)",),
    ),
    Rule(
        name="more than 100 spilling runs in an hour",
        inputs=("SYS_QUERY_DETAIL.spilled_block_local_disk", "SYS_QUERY_HISTORY.start_time"),
        thresholds=(SPILLING_AN_HOUR,),
        peers=("awslabs: more than 100 spilling (REC_005, REC_021)",),
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    field: str
    noun: str
    threshold: Threshold

    def count(self, use: HourUse) -> int:
        return int(getattr(use, self.field))


KINDS = (
    _Kind(field="copy_runs", noun="COPY run", threshold=COPIES_AN_HOUR),
    _Kind(field="small_inserts", noun="small insert", threshold=SMALL_INSERTS_AN_HOUR),
    _Kind(field="spilling_runs", noun="spilling run", threshold=SPILLING_AN_HOUR),
)


def busy_hours(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    totals = case.hour_totals
    for kind in KINDS:
        counts = [kind.count(use) for use in totals]
        if sum(counts):
            yield from _judge(case, kind, totals, counts)


def _judge(
    case: WorkloadCase, kind: _Kind, totals: tuple[HourUse, ...], counts: list[int]
) -> Iterator[Finding | RuledOut]:
    limit = case.limit(kind.threshold)
    worst = max(totals, key=kind.count)
    busy = sum(count > limit for count in counts)
    fact_ids = cited_hours(case, [worst])
    if not busy:
        yield RuledOut(
            check=CHECK,
            sentence=f"There are never too many {kind.noun}s: at most {kind.count(worst):,} in an"
            f" hour (threshold {limit:g}), {sum(counts):,} in the window.",
            fact_ids=fact_ids,
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.MEDIUM if busy >= 24 else Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"{kind.count(worst):,} {kind.noun}s in one hour"),
        evidence=f"In {counted(busy, 'hour')} of {len(totals):,} there are more than {limit:g}"
        f" {kind.noun}s, the most at {worst.hour:%Y-%m-%d %H:00} UTC:"
        f" {kind.count(worst):,}. The window has {sum(counts):,} in all.",
        fact_ids=fact_ids,
        subject=f"{kind.noun}s",
        measures=(measured(case, kind.threshold, "in the worst hour", kind.count(worst)),),
        affected_share=0.0,
    )
