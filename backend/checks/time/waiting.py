"""How queueing and lock waits are judged: by their share of the time, and by seconds a run."""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.timeline import WaitChange

NOTICED_SHARE = Threshold(
    name="wait_noticed_share",
    default=0.05,
    unit="share",
    meaning="waiting is noted above this part of the time",
    source=f"{AWS_REVIEW}, which counts hours with more queue time",
)
DOMINATING_SHARE = Threshold(
    name="wait_dominating_share",
    default=0.25,
    unit="share",
    meaning="waiting is of medium severity above this part of the time",
    source=OWN,
)
MOSTLY_WAITING_SHARE = Threshold(
    name="wait_mostly_share",
    default=0.50,
    unit="share",
    meaning="waiting is of high severity above this part of the time",
    source=OWN,
)
WAIT_SECONDS_A_RUN = Threshold(
    name="wait_seconds_a_run",
    default=1.0,
    unit="s",
    meaning="shorter waits a run are ruled out",
    source=OWN,
)
P95_SECONDS = Threshold(
    name="wait_p95_seconds",
    default=5.0,
    unit="s",
    meaning="a wait dominates only where the slowest twentieth of the runs take as long",
    source=f"{OWN}: nobody waits for a report that still answers within 5 seconds",
)
WAIT_THRESHOLDS = (
    NOTICED_SHARE,
    DOMINATING_SHARE,
    MOSTLY_WAITING_SHARE,
    WAIT_SECONDS_A_RUN,
    P95_SECONDS,
)


def judge_waiting(
    case: CaseFile, bucket: Bucket, *, check: str, noun: str, title: str
) -> Iterator[Finding | RuledOut]:
    """A finding where the bucket's share counts, the excluded cause with its figures else."""
    runs, p95_seconds = case.statistics.runs, case.statistics.p95_elapsed_seconds
    if runs == 0 or case.buckets.buckets.accounted_seconds <= 0:
        return
    share = case.buckets.buckets.share(bucket)
    seconds_a_run = case.buckets.buckets.seconds(bucket) / runs
    longer = case.changes.wait(bucket)
    fact_ids = (
        case.buckets.fact_id,
        case.statistics.fact_id,
        *((longer.fact_id,) if longer else ()),
    )
    noticed, worth_seconds = case.limit(NOTICED_SHARE), case.limit(WAIT_SECONDS_A_RUN)
    is_longer = longer is not None and longer.change.extra_seconds_a_run >= worth_seconds
    if (share <= noticed or seconds_a_run < worth_seconds) and not is_longer:
        yield RuledOut(
            check=check,
            sentence=f"{noun} is not the cause: {percent(share)} of the time,"
            f" {duration_in_words(seconds_a_run)} a run (thresholds {percent(noticed)} and"
            f" {duration_in_words(worth_seconds)}).",
            fact_ids=fact_ids,
        )
        return
    is_dominating = share > case.limit(DOMINATING_SHARE) and p95_seconds >= case.limit(P95_SECONDS)
    severity = Severity.LOW
    if is_dominating:
        is_mostly = share > case.limit(MOSTLY_WAITING_SHARE)
        severity = Severity.HIGH if is_mostly else Severity.MEDIUM
    threshold = DOMINATING_SHARE if is_dominating else NOTICED_SHARE
    since = since_when(longer.change) if longer else ""
    yield Finding(
        check=check,
        severity=severity,
        bucket=bucket,
        title=title.format(percent(share)),
        evidence=f"{noun} took {percent(share)} of the time of {counted(runs, 'run')} (threshold"
        f" {percent(case.limit(threshold))}): {duration_in_words(seconds_a_run)} a run on average, at a p95"
        f" elapsed time of {duration_in_words(p95_seconds)}.{since}",
        fact_ids=fact_ids,
        measures=(
            measured(case, threshold, f"{bucket} share", share),
            measured(case, WAIT_SECONDS_A_RUN, f"{bucket} time a run", seconds_a_run),
        ),
    )


def since_when(wait: WaitChange) -> str:
    """So that runs that wait longer are not taken for a statement that became slower."""
    return (
        f" It is {duration_in_words(wait.mean_after_seconds)} a run since"
        f" {wait.changed_at:%Y-%m-%d %H:%M} UTC, {duration_in_words(wait.mean_before_seconds)}"
        " before: slower for who waits, not by the statement's doing."
    )
