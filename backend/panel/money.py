"""What saved seconds are worth: only time at work costs money, waiting does not."""

from backend.domain.case_file import CaseFile
from backend.domain.time_buckets import WAITING, Bucket


def dollars_of(case: CaseFile, bucket: Bucket, seconds: float) -> float | None:
    """The part of the pattern's cost that these elapsed seconds of the window stand for.

    None without prices, and for waiting: a run that waits in a queue keeps no node busy.
    """
    rate = case.dollars_a_working_second
    if rate is None or bucket in WAITING:
        return None
    return rate * min(seconds, case.working_seconds)
