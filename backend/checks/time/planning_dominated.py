"""A good part of the time goes into planning the statement.

Anti-pattern: Parsing, planning and optimizing take seconds or most of the run (planning_time of
SYS_QUERY_HISTORY). That comes of very many joins, of views upon views, of IN lists with thousands
of values, and of external tables with many partitions whose list the planner has to read. Redshift
shows no more of it than the total.

Remedy: Make the statement smaller: fewer joins and layers of views, a joined table instead of a
long IN list, an external table with fewer and larger partitions and a filter on the partition
columns. Keep what many statements join as a materialized view. Do not look for the reason among
distribution and sort keys: the run itself is not the slow part.
"""

from collections.abc import Iterator

from backend.checks.rule import Rule
from backend.checks.time.waiting import WAIT_THRESHOLDS, judge_waiting
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.time_buckets import Bucket

RULES = (
    Rule(
        name="planning takes a good part of the time",
        inputs=("SYS_QUERY_HISTORY.planning_time", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=WAIT_THRESHOLDS,
        peers=("redshift-guide: planning bucket", "pgMustard: planning time"),
    ),
)


def planning_dominated(case: CaseFile) -> Iterator[Finding | RuledOut]:
    yield from judge_waiting(
        case,
        Bucket.PLANNING,
        check="planning_dominated",
        noun="Planning",
        title="Is planned for {} of its time",
    )
