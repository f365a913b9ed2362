"""How queueing and lock waits are judged: by their share of the time, and by seconds a run."""

from collections.abc import Iterator

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent
from backend.domain.time_buckets import Bucket

NOTICED_SHARE = 0.05
"""AWS's cluster review counts an hour whose queue time is above 5 % of elapsed time."""

DOMINATING_SHARE = 0.25
MOSTLY_WAITING_SHARE = 0.50
WAIT_SECONDS_A_RUN = 1.0
P95_SECONDS = 5.0
"""Our own: nobody waits for a report whose slowest twentieth still answers within 5 seconds."""


def judge_waiting(
    case: CaseFile, bucket: Bucket, *, check: str, noun: str, title: str
) -> Iterator[Finding | RuledOut]:
    """A finding where the bucket's share counts, the excluded cause with its figures else."""
    runs, p95_seconds = case.statistics.runs, case.statistics.p95_elapsed_seconds
    if runs == 0 or case.buckets.buckets.accounted_seconds <= 0:
        return
    share = case.buckets.buckets.share(bucket)
    seconds_a_run = case.buckets.buckets.seconds(bucket) / runs
    fact_ids = (case.buckets.fact_id, case.statistics.fact_id)
    if share <= NOTICED_SHARE or seconds_a_run < WAIT_SECONDS_A_RUN:
        yield RuledOut(
            check=check,
            sentence=f"{noun} is not the cause: {percent(share)} of the time,"
            f" {duration_in_words(seconds_a_run)} a run (thresholds {percent(NOTICED_SHARE)} and"
            f" {duration_in_words(WAIT_SECONDS_A_RUN)}).",
            fact_ids=fact_ids,
        )
        return
    is_dominating = share > DOMINATING_SHARE and p95_seconds >= P95_SECONDS
    severity = Severity.LOW
    if is_dominating:
        severity = Severity.HIGH if share > MOSTLY_WAITING_SHARE else Severity.MEDIUM
    threshold = DOMINATING_SHARE if is_dominating else NOTICED_SHARE
    yield Finding(
        check=check,
        severity=severity,
        bucket=bucket,
        title=title.format(percent(share)),
        evidence=f"{noun} took {percent(share)} of the time of {counted(runs, 'run')} (threshold"
        f" {percent(threshold)}): {duration_in_words(seconds_a_run)} a run on average, at a p95"
        f" elapsed time of {duration_in_words(p95_seconds)}.",
        fact_ids=fact_ids,
        measures=(
            Measure(name=f"{bucket} share", value=share * 100, unit="%", threshold=threshold * 100),
            Measure(
                name=f"{bucket} time a run",
                value=seconds_a_run,
                unit="s",
                threshold=WAIT_SECONDS_A_RUN,
            ),
        ),
    )
