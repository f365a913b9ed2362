"""Redshift compiles code for this statement again and again.

Anti-pattern: Redshift compiles a plan's segments to machine code and keeps them; a statement of
the same shape finds them there. Runs that keep paying for compiling come from statements whose
shape changes each time (generated column lists, IN lists and joins), or from tables that are
dropped and created anew. One dear first run after a patch is normal and is not meant here.

Remedy: Keep the shape stable: bind parameters instead of building the text, the same order of
columns and joins, a staging table joined instead of a long generated list; TRUNCATE and refill
instead of DROP and CREATE. Do not tune the plan for it: the run itself is not the slow part.
"""

import math
from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.time.waiting import since_when
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

_SOURCE = f"{OWN}; AWS only says to look whether it vanishes when the statement runs again"
COMPILE_SHARE = Threshold(
    name="compile_share",
    default=0.20,
    unit="share",
    meaning="compiling counts above this part of the time",
    source=_SOURCE,
)
HIGH_COMPILE_SHARE = Threshold(
    name="compile_high_share",
    default=0.50,
    unit="share",
    meaning="compiling is of high severity above this part of the time",
    source=_SOURCE,
)
COMPILE_SECONDS_A_RUN = Threshold(
    name="compile_seconds_a_run",
    default=0.5,
    unit="s",
    meaning="shorter compiling a run is ruled out",
    source=_SOURCE,
)
RUNS_COMPILED_AT_LEAST = Threshold(
    name="compiled_runs",
    default=3,
    unit="runs",
    meaning="so many runs must have compiled: it is not the first run only",
    source=_SOURCE,
)
RULES = (
    Rule(
        name="compiles again and again",
        inputs=("SYS_QUERY_HISTORY.compile_time", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=(
            COMPILE_SHARE,
            HIGH_COMPILE_SHARE,
            COMPILE_SECONDS_A_RUN,
            RUNS_COMPILED_AT_LEAST,
        ),
        peers=("redshift-guide: compile bucket", "redshift-utils: compile time"),
    ),
)


def compile_dominated(case: CaseFile) -> Iterator[Finding | RuledOut]:
    statistics, buckets = case.statistics, case.buckets.buckets
    if statistics.runs == 0 or buckets.accounted_seconds <= 0:
        return
    share = buckets.share(Bucket.COMPILE)
    seconds_a_run = buckets.compile_seconds / statistics.runs
    fact_ids = (case.buckets.fact_id, statistics.fact_id)
    noticed, worth_seconds = case.limit(COMPILE_SHARE), case.limit(COMPILE_SECONDS_A_RUN)
    if share <= noticed or seconds_a_run < worth_seconds:
        yield RuledOut(
            check="compile_dominated",
            sentence=f"Compiling is not the cause: {percent(share)} of the time,"
            f" {duration_in_words(seconds_a_run)} a run (thresholds {percent(noticed)} and"
            f" {duration_in_words(worth_seconds)}).",
            fact_ids=fact_ids,
        )
        return
    # No run compiles for longer than it takes, so this many must have compiled at the least.
    longest_seconds = max(statistics.max_elapsed_seconds, 1e-6)
    runs_compiled = math.ceil(round(buckets.compile_seconds / longest_seconds, 6))
    enough_runs = int(case.limit(RUNS_COMPILED_AT_LEAST))
    if runs_compiled < enough_runs:
        yield RuledOut(
            check="compile_dominated",
            sentence=f"Compiling took {percent(share)} of the time, but its"
            f" {duration_in_words(buckets.compile_seconds)} may belong to"
            f" {counted(runs_compiled, 'first run')} (threshold"
            f" {counted(enough_runs, 'run')}): the longest of {counted(statistics.runs, 'run')} took"
            f" {duration_in_words(statistics.max_elapsed_seconds)}.",
            fact_ids=fact_ids,
        )
        return
    longer = case.changes.wait(Bucket.COMPILE)
    yield Finding(
        check="compile_dominated",
        severity=Severity.HIGH if share > case.limit(HIGH_COMPILE_SHARE) else Severity.MEDIUM,
        bucket=Bucket.COMPILE,
        title=f"Compiles anew for {percent(share)} of its time",
        evidence=f"Compiling took {percent(share)} of the time of"
        f" {counted(statistics.runs, 'run')} (threshold {percent(noticed)}),"
        f" {duration_in_words(seconds_a_run)} a run on average: at least"
        f" {counted(runs_compiled, 'run')} compiled, so it is not the first run only."
        f"{since_when(longer.change) if longer else ''}",
        fact_ids=(*fact_ids, *((longer.fact_id,) if longer else ())),
        measures=(
            measured(case, COMPILE_SHARE, "compile share", share),
            measured(case, RUNS_COMPILED_AT_LEAST, "runs that compiled, at least", runs_compiled),
        ),
    )
