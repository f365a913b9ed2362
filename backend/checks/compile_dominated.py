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

from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent
from backend.domain.time_buckets import Bucket

COMPILE_SHARE = 0.20
HIGH_COMPILE_SHARE = 0.50
COMPILE_SECONDS_A_RUN = 0.5
RUNS_COMPILED_AT_LEAST = 3
"""All four are our own; AWS gives no figure, only the advice to look whether the compile time
vanishes when the statement is run again."""


def compile_dominated(case: CaseFile) -> Iterator[Finding | RuledOut]:
    statistics, buckets = case.statistics, case.buckets.buckets
    if statistics.runs == 0 or buckets.accounted_seconds <= 0:
        return
    share = buckets.share(Bucket.COMPILE)
    seconds_a_run = buckets.compile_seconds / statistics.runs
    fact_ids = (case.buckets.fact_id, statistics.fact_id)
    if share <= COMPILE_SHARE or seconds_a_run < COMPILE_SECONDS_A_RUN:
        yield RuledOut(
            check="compile_dominated",
            sentence=f"Compiling is not the cause: {percent(share)} of the time,"
            f" {duration_in_words(seconds_a_run)} a run (thresholds {percent(COMPILE_SHARE)} and"
            f" {duration_in_words(COMPILE_SECONDS_A_RUN)}).",
            fact_ids=fact_ids,
        )
        return
    # No run compiles for longer than it takes, so this many must have compiled at the least.
    longest_seconds = max(statistics.max_elapsed_seconds, 1e-6)
    runs_compiled = math.ceil(round(buckets.compile_seconds / longest_seconds, 6))
    if runs_compiled < RUNS_COMPILED_AT_LEAST:
        yield RuledOut(
            check="compile_dominated",
            sentence=f"Compiling took {percent(share)} of the time, but its"
            f" {duration_in_words(buckets.compile_seconds)} may belong to"
            f" {counted(runs_compiled, 'first run')} (threshold"
            f" {counted(RUNS_COMPILED_AT_LEAST, 'run')}): the longest of {counted(statistics.runs, 'run')} took"
            f" {duration_in_words(statistics.max_elapsed_seconds)}.",
            fact_ids=fact_ids,
        )
        return
    yield Finding(
        check="compile_dominated",
        severity=Severity.HIGH if share > HIGH_COMPILE_SHARE else Severity.MEDIUM,
        bucket=Bucket.COMPILE,
        title=f"Compiles anew for {percent(share)} of its time",
        evidence=f"Compiling took {percent(share)} of the time of"
        f" {counted(statistics.runs, 'run')} (threshold {percent(COMPILE_SHARE)}),"
        f" {duration_in_words(seconds_a_run)} a run on average: at least"
        f" {counted(runs_compiled, 'run')} compiled, so it is not the first run only.",
        fact_ids=fact_ids,
        measures=(
            Measure(
                name="compile share", value=share * 100, unit="%", threshold=COMPILE_SHARE * 100
            ),
            Measure(
                name="runs that compiled, at least",
                value=runs_compiled,
                unit="runs",
                threshold=RUNS_COMPILED_AT_LEAST,
            ),
        ),
    )
