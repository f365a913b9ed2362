"""The same statement takes longer than it used to, for good.

Anti-pattern: Runs of one shape take a multiple of their former time since a day, and stay there.
Queue, lock and compile time are taken off, and answers from the result cache do not count, so it
is the work itself. Something beneath it moved: the planner chose another plan, a table was created
anew, grew, lost its order or its statistics, or more is asked of it. A new Redshift version is only
to blame where many patterns that have no table in common move together.

Remedy: Undo what moved, as the verdict names it: give a table that was created anew its
distribution and sort key back (in the statement that creates it, or the next build loses them
again), ANALYZE where its statistics are off, VACUUM SORT where vacuum_sort_benefit says so, hold
back growth where it is not needed. Where plans or steps of runs before it are missing, export them
weekly: the views keep seven days.
"""

from collections.abc import Iterator

from backend.checks.check import MOST_CITED, measured, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, RegressionFact
from backend.domain.causes.cause import Explanation
from backend.domain.causes.explain import explain, verdict
from backend.domain.causes.thresholds import (
    CAUSE_DAYS,
    GROWTH_TIMES,
    LOAD_TIMES,
    SLOWED_TIMES,
    VERSION_DAYS,
    VERSION_PATTERNS,
    VERSION_SHARE,
)
from backend.domain.change_facts import LevelChangeFact, VersionFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, paragraph, titled
from backend.domain.regression import CHANGED_AT_LEAST
from backend.domain.time_buckets import Bucket

_HISTORY = ("SYS_QUERY_HISTORY.elapsed_time", "SYS_QUERY_HISTORY.start_time")
RULES = (
    Rule(
        name="same statement slower since a day",
        inputs=(*_HISTORY, "SYS_QUERY_HISTORY.queue_time", "SYS_QUERY_HISTORY.result_cache_hit"),
        thresholds=(SLOWED_TIMES,),
        peers=(
            "redshift-guide: fast run against slow run",
            "Datadog: regressed queries",
            "BigQuery: longer than average",
            "SQL Server: automatic plan correction",
        ),
    ),
    Rule(
        name="plan flip, and the changed table behind it",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SVV_TABLE_INFO.create_time",
            "SVV_TABLE_INFO.diststyle",
            "SYS_ANALYZE_HISTORY.status",
            "SYS_AUTO_TABLE_OPTIMIZATION.alter_table_type",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(CAUSE_DAYS,),
        peers=("redshift-guide: plan hash, what moved underneath", "pganalyze: plan difference"),
    ),
    Rule(
        name="more rows or blocks by the same plan",
        inputs=(
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.blocks_read",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_HISTORY.returned_rows",
        ),
        thresholds=(GROWTH_TIMES,),
        peers=(
            "redshift-guide: blocks_read up at the same plan",
            "BigQuery: data input scale change",
        ),
    ),
    Rule(
        name="version boundary",
        inputs=("SYS_QUERY_HISTORY.redshift_version",),
        thresholds=(VERSION_PATTERNS, VERSION_SHARE, VERSION_DAYS),
        peers=("redshift-guide: a patch only where many unrelated queries flip",),
    ),
    Rule(
        name="load of the cluster",
        inputs=_HISTORY,
        thresholds=(LOAD_TIMES,),
        peers=("redshift-guide: contention",),
    ),
)


def regression(case: CaseFile) -> Iterator[Finding | RuledOut]:
    explanation = explain(case)
    if explanation is None:
        yield from _not_slower(case)
        return
    fact = explanation.regression
    slower = fact.regression
    if slower.ratio < case.limit(SLOWED_TIMES):
        yield RuledOut(
            check="regression",
            sentence=f"It is {slower.ratio:.1f} times slower since {slower.changed_at:%Y-%m-%d}"
            f" (threshold {case.limit(SLOWED_TIMES):g}).",
            fact_ids=(fact.fact_id,),
        )
        return
    share = extra_share(case, fact)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"Since {slower.changed_at:%Y-%m-%d} it is {slower.ratio:.1f} times slower"
        yield too_small_to_matter(case, "regression", what, share, (fact.fact_id,))
        return
    yield Finding(
        check="regression",
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=_title(explanation),
        evidence=paragraph(verdict(case, explanation), *_beside(explanation)),
        fact_ids=_cited(case, explanation),
        measures=(
            measured(case, SLOWED_TIMES, "slower", slower.ratio),
            *(explanation.cause.measures if explanation.cause else ()),
        ),
        affected_share=share,
    )
    for excluded in explanation.excluded:
        yield RuledOut(
            check="regression",
            sentence=excluded.sentence,
            fact_ids=excluded.fact_ids,
            subject=excluded.what,
        )


def extra_share(case: CaseFile, fact: RegressionFact) -> float:
    """The part (0..1) of its execution time that it takes only since it became slower."""
    seconds = case.buckets.buckets.seconds(Bucket.EXECUTION)
    if seconds <= 0:
        return min(1.0, 1 - 1 / fact.regression.ratio)
    return min(fact.regression.extra_seconds / seconds, 1.0)


def _title(explanation: Explanation) -> str:
    slower = explanation.regression.regression
    since = f"{slower.ratio:.1f}× slower since {slower.changed_at:%Y-%m-%d}"
    cause = explanation.cause
    return titled(f"{since}: {cause.short}" if cause else f"{since}, cause not recorded", since)


def _beside(explanation: Explanation) -> Iterator[str]:
    slower = explanation.regression.regression
    for cause in explanation.causes[1:2]:
        yield f"Beside that, {cause.clause}"
    yield (
        f"Medians of {counted(slower.runs_before, 'run')} before and {slower.runs_after:,} after it;"
        f" it has cost {duration_in_words(slower.extra_seconds)} so far"
    )


def _cited(case: CaseFile, explanation: Explanation) -> tuple[str, ...]:
    facts = [explanation.regression.fact_id]
    if case.changes.comparison:
        facts.append(case.changes.comparison.fact_id)
    for cause in explanation.causes[:2]:
        facts += cause.fact_ids[: 2 * MOST_CITED]
    return tuple(dict.fromkeys(facts))


def _not_slower(case: CaseFile) -> Iterator[RuledOut]:
    """Said only where something could make one think that it is."""
    for fact in case.changes.waits:
        wait = fact.change
        yield RuledOut(
            check="regression",
            sentence="The statement itself is not slower: only its waiting grew, from"
            f" {duration_in_words(wait.mean_before_seconds)} to"
            f" {duration_in_words(wait.mean_after_seconds)} a run on average since"
            f" {wait.changed_at:%Y-%m-%d %H:%M} UTC.",
            fact_ids=(fact.fact_id,),
        )
    slowed = [fact for fact in case.changes.levels if fact.change.ratio > 1]
    if slowed:
        yield _slower_once(case, slowed[-1])
    elif case.changes.version:
        yield _same_after(case.changes.version)


def _slower_once(case: CaseFile, last: LevelChangeFact) -> RuledOut:
    """The last step up, and whether what came after it is as before."""
    before = last.change.median_before_seconds
    now = case.changes.levels[-1].change.median_after_seconds
    is_back = now < CHANGED_AT_LEAST * before
    told = (
        f"has come back since: a run takes {duration_in_words(now)}"
        if is_back
        else f"a run takes only {now / max(before, 1e-6):.1f} times as long as before (threshold"
        f" {case.limit(SLOWED_TIMES):g})"
    )
    return RuledOut(
        check="regression",
        sentence=f"It became {last.change.ratio:.1f} times slower on"
        f" {last.change.changed_at:%Y-%m-%d}, but {told}.",
        fact_ids=tuple(fact.fact_id for fact in case.changes.levels),
    )


def _same_after(version: VersionFact) -> RuledOut:
    return RuledOut(
        check="regression",
        sentence=f"No lasting slow-down came with {version.after}: a run takes"
        f" {duration_in_words(version.median_before_seconds)} before and"
        f" {duration_in_words(version.median_after_seconds)} after {version.changed_at:%Y-%m-%d}.",
        fact_ids=(version.fact_id,),
    )
