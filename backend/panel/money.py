"""What saved seconds are worth: only time at work costs money, waiting does not."""

from backend.domain.case_file import CaseFile
from backend.domain.time_buckets import Bucket

WAITING = frozenset({Bucket.QUEUE, Bucket.LOCK_WAIT})


def dollars_of(case: CaseFile, bucket: Bucket, seconds: float) -> float | None:
    """The part of the pattern's cost that these elapsed seconds of the window stand for.

    None without prices, and for waiting: a run that waits in a queue keeps no node busy.
    """
    if case.cost is None or case.cost.cost is None or bucket in WAITING:
        return None
    buckets = case.buckets.buckets
    waiting_seconds = sum(buckets.seconds(each) for each in WAITING)
    at_work_seconds = case.statistics.total_elapsed_seconds - waiting_seconds
    if at_work_seconds <= 0:
        return None
    return case.cost.cost.dollars * min(seconds / at_work_seconds, 1.0)
