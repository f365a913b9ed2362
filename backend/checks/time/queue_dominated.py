"""The statement waits for a free slot before it may run.

Anti-pattern: Runs spend a good part of their time in the workload-management queue (queue_time of
SYS_QUERY_HISTORY). The statement itself is a victim there: rewriting it, or ANALYZE, VACUUM and
new keys, cannot save a second of the wait.

Remedy: Find what holds the slots in the same minutes and move, thin out or tune that. Then look
at automatic WLM with priorities, short-query acceleration, concurrency scaling with a usage
limit, or on Serverless the base capacity. A schedule that starts many reports at the full hour is
the cheapest thing to change.
"""

from collections.abc import Iterator

from backend.checks.rule import Rule
from backend.checks.time.waiting import WAIT_THRESHOLDS, judge_waiting
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.time_buckets import Bucket

RULES = (
    Rule(
        name="waits in the queue",
        inputs=("SYS_QUERY_HISTORY.queue_time", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=WAIT_THRESHOLDS,
        peers=(
            "awslabs: queue time above 5 % of elapsed (REC_014 to REC_018)",
            "redshift-guide: queue bucket",
            "Snowflake: QUEUED_OVERLOAD",
            "BigQuery: slot contention",
        ),
    ),
)


def queue_dominated(case: CaseFile) -> Iterator[Finding | RuledOut]:
    yield from judge_waiting(
        case,
        Bucket.QUEUE,
        check="queue_dominated",
        noun="Queueing",
        title="Waits in the queue for {} of its time",
    )
