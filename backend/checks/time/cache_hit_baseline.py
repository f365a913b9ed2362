"""Most runs are answered from the result cache, so the others are what is timed.

Good: Redshift gives the result of an equal text over unchanged tables from its cache, in
milliseconds. Such runs say nothing about the statement and are left out of all times; where they
are the most, the times here are of the few runs that had to work, and total time is small for so
many runs.

Keep: Leave text and settings of the runs equal, so that the cache goes on to answer: no comment,
time or session function that differs from run to run. Do not compare a run before a change that
came from the cache with one after it that did not.
"""

from collections.abc import Iterator

from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import counted, percent
from backend.domain.threshold import OWN, Threshold

CACHED_SHARE = Threshold(
    name="cache_hit_share",
    default=0.5,
    unit="share",
    meaning="from this part of the runs on, the result cache is said to answer most of them",
    source=OWN,
)
RULES = (
    Rule(
        name="cache-hit baseline",
        inputs=("SYS_QUERY_HISTORY.result_cache_hit",),
        thresholds=(CACHED_SHARE,),
        peers=("redshift-guide: result-cache hits are no baseline",),
    ),
)


def cache_hit_baseline(case: CaseFile) -> Iterator[GoodNews]:
    hits, timed = case.statistics.cache_hits, case.statistics.runs
    share = hits / max(hits + timed, 1)
    if hits == 0 or share < case.limit(CACHED_SHARE):
        return
    yield GoodNews(
        check="cache_hit_baseline",
        sentence=f"The result cache answers {percent(share)} of its runs ({hits:,}); all times here"
        f" are of the {counted(timed, 'run')} that had to work.",
        fact_ids=(case.statistics.fact_id,),
    )
