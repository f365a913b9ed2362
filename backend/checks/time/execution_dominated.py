"""It hardly waits: nearly all of the time is the statement's own work.

Good: Nothing is lost to queues, locks, compiling or planning, so the statement itself decides how
long it takes, and what a rewrite or another table design saves of its execution is saved in full.
That is no blame: it says where to look, and how much there is to gain at the most.

Keep: Look at plan, steps and tables first; do not tune queues or priorities for it. A change that
only moves the time into the queue has saved nothing.
"""

from collections.abc import Iterator

from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import duration_in_words, percent
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

EXECUTION_SHARE = Threshold(
    name="execution_share",
    default=0.95,
    unit="share",
    meaning="from this part of the time on, execution alone decides how long a run takes",
    source=f"{OWN}: a bucket of waiting is found from 5 % on",
)
WORTH_P95_SECONDS = Threshold(
    name="execution_p95_seconds",
    default=5.0,
    unit="s",
    meaning="where the slowest twentieth of the runs take less, nobody asks where the time goes",
    source=OWN,
)
RULES = (
    Rule(
        name="execution takes nearly all of the time",
        inputs=("SYS_QUERY_HISTORY.execution_time", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=(EXECUTION_SHARE, WORTH_P95_SECONDS),
        peers=("redshift-guide: execution bucket",),
    ),
)


def execution_dominated(case: CaseFile) -> Iterator[GoodNews]:
    buckets, statistics = case.buckets.buckets, case.statistics
    share = buckets.share(Bucket.EXECUTION)
    is_worth_it = statistics.p95_elapsed_seconds >= case.limit(WORTH_P95_SECONDS)
    if share < case.limit(EXECUTION_SHARE) or not statistics.runs or not is_worth_it:
        return
    yield GoodNews(
        check="execution_dominated",
        sentence=f"It hardly waits: {percent(share)} of its time is execution"
        f" ({duration_in_words(buckets.execution_seconds)} in the window), so much a rewrite or"
        " another table design can act on, and at most save.",
        fact_ids=(case.buckets.fact_id, statistics.fact_id),
    )
