"""The statement waits for another transaction to let go of a table.

Anti-pattern: Runs spend a good part of their time waiting for locks (lock_wait_time of
SYS_QUERY_HISTORY): a load, VACUUM, ALTER TABLE or a transaction left open holds the table. No
rewrite of this statement shortens that.

Remedy: Find the holder: live in SVV_TRANSACTIONS, later in SYS_TRANSACTION_HISTORY by
overlapping times on the same tables. Commit sooner, keep DDL and VACUUM out of the hours in which
this runs, load into a staging table and swap it in a short transaction, and do not leave sessions
idle in an open transaction.
"""

from collections.abc import Iterator

from backend.checks.rule import Rule
from backend.checks.time.waiting import WAIT_THRESHOLDS, judge_waiting
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.time_buckets import Bucket

RULES = (
    Rule(
        name="waits for locks",
        inputs=("SYS_QUERY_HISTORY.lock_wait_time", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=WAIT_THRESHOLDS,
        peers=(
            "redshift-guide: lock bucket",
            "redshift-utils: lock_wait, v_get_blocking_locks",
            "Datadog: high-impact blocker",
        ),
    ),
)


def lock_dominated(case: CaseFile) -> Iterator[Finding | RuledOut]:
    yield from judge_waiting(
        case,
        Bucket.LOCK_WAIT,
        check="lock_dominated",
        noun="Waiting for locks",
        title="Waits for locks for {} of its time",
    )
