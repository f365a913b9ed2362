"""Runs that were answered from the result cache.

Good: The same text was asked again while its tables had not changed, and Redshift gave the stored
result at once. Such runs are no part of the timings here.

Keep: A GETDATE() or other function that changes from call to call, another session setting, or a
changed table in the statement would end it.
"""

from collections.abc import Iterator

from backend.checks.check import Said
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import GoodNews
from backend.domain.in_words import duration_in_words, percent
from backend.domain.threshold import OWN, Threshold

CHECK = "result_cache_used"

HIT_SHARE = Threshold(
    name="cache_hit_share",
    default=0.1,
    unit="share",
    meaning="the result cache is worth keeping where it answers this part of the runs",
    source=OWN,
)
HITS = Threshold(
    name="cache_hits",
    default=10,
    unit="runs",
    meaning="fewer runs from the result cache are chance",
    source=OWN,
)
RULES = (
    Rule(
        name="runs answered from the result cache",
        inputs=("SYS_QUERY_HISTORY.result_cache_hit", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=(HIT_SHARE, HITS),
        peers=("peers' union: result cache used", "redshift-guide: cache hits are no baseline"),
    ),
)


def result_cache_used(case: CaseFile) -> Iterator[Said]:
    figures = case.statistics
    asked = figures.runs + figures.cache_hits
    share = figures.cache_hits / asked if asked else 0.0
    median = figures.p50_elapsed_seconds
    is_habit = figures.cache_hits >= case.limit(HITS) and share >= case.limit(HIT_SHARE)
    if not is_habit or not figures.runs or median <= 0:
        return
    spared = figures.cache_hits * median
    yield GoodNews(
        check=CHECK,
        sentence=f"The result cache answered {figures.cache_hits:,} of {asked:,} runs"
        f" ({percent(share)}, threshold {percent(case.limit(HIT_SHARE))}): at the median of"
        f" {duration_in_words(median)} a run that spared {duration_in_words(spared)}.",
        fact_ids=(figures.fact_id,),
        spared_seconds=spared,
    )
