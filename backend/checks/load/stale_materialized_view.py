"""A materialized view that the statement reads, or could be answered from, is out of date.

Anti-pattern: The base tables have changed since the last refresh (is_stale of SVV_MV_INFO). Who
reads the view by name gets old rows, and Redshift answers no other statement from it: automatic
rewriting takes fresh views only.

Remedy: Turn on AUTO REFRESH, or refresh right after the load that changes the base tables. A view
that broke (states 101 to 105) has to be created again.
"""

from collections.abc import Iterator

from backend.checks.check import UNMEASURED_SHARE, measured, milder, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, MaterializedViewFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, listed, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "stale_materialized_view"
REWRITE_SECONDS = Threshold(
    name="view_rewrite_seconds",
    default=5,
    unit="s",
    meaning="a statement that runs shorter gains little from a view",
    source=OWN,
)
READING_RUNS = Threshold(
    name="view_reading_runs",
    default=1,
    unit="runs",
    meaning="so many runs in the window that read a stale view count",
    source=f"{OWN}; AWS counts every stale view",
)
RULES = (
    Rule(
        name="reads a materialized view that is stale or broken",
        inputs=("SVV_MV_INFO.is_stale", "SVV_MV_INFO.state", "SYS_QUERY_HISTORY.query_text"),
        thresholds=(READING_RUNS,),
        peers=("awslabs: stale materialized view (REC_029)",),
    ),
    Rule(
        name="could be answered from a materialized view, were it fresh",
        inputs=("SVV_MV_INFO.is_stale", "SVV_MV_INFO.autorewrite"),
        thresholds=(REWRITE_SECONDS,),
        peers=("awslabs: a stale view is not used for rewrites (REC_029)",),
    ),
)


def stale_materialized_view(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for fact in case.materialized_views:
        if fact.role == "read":
            yield from _judge_read(case, fact)
        elif fact.role == "same_tables":
            yield from _judge_rewrite(case, fact)


def _judge_read(case: CaseFile, fact: MaterializedViewFact) -> Iterator[Finding | RuledOut]:
    view, runs = fact.view, case.statistics.runs
    fact_ids = (fact.fact_id, case.statistics.fact_id)
    if not (view.is_stale or view.is_broken) or runs < case.limit(READING_RUNS):
        yield RuledOut(
            check=CHECK,
            sentence=f"{view.full_name}, which {counted(runs, 'run')} read, is"
            f" {'not known to be stale' if view.is_stale is None else 'up to date'}.",
            fact_ids=fact_ids,
        )
        return
    since = view.refreshes.last_at
    refreshed = f", last refreshed {since:%Y-%m-%d %H:%M} UTC" if since else ""
    why = f"cannot be refreshed: {view.why_broken}" if view.is_broken else "is stale"
    yield Finding(
        check=CHECK,
        # The rows are old; no time is lost.
        severity=Severity.MEDIUM if view.is_broken else Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"Reads {view.full_name}, which is out of date", "Reads a stale view"),
        evidence=f"{view.full_name} {why}{refreshed}; {counted(runs, 'run')} in the window"
        f" (threshold {case.limit(READING_RUNS):g}) read it. Automatic refresh is"
        f" {'on' if view.is_auto_refreshed else 'off'}.",
        fact_ids=fact_ids,
        subject=view.full_name,
        measures=(measured(case, READING_RUNS, "reading runs", runs),),
        affected_share=UNMEASURED_SHARE,
    )


def _judge_rewrite(case: CaseFile, fact: MaterializedViewFact) -> Iterator[Finding | RuledOut]:
    view, seconds = fact.view, case.statistics.p50_elapsed_seconds
    fact_ids = (fact.fact_id, case.statistics.fact_id)
    worth = case.limit(REWRITE_SECONDS)
    if not (view.is_stale or view.is_broken) or seconds < worth:
        state = "up to date" if not view.is_stale else "stale"
        yield RuledOut(
            check=CHECK,
            sentence=f"A stale view is not the cause: {view.full_name}, built on the same tables,"
            f" is {state}, and a run takes {duration_in_words(seconds)} (threshold"
            f" {duration_in_words(worth)}).",
            fact_ids=fact_ids,
        )
        return
    severity = weigh(case, Bucket.EXECUTION, UNMEASURED_SHARE)
    if severity is None:
        yield too_small_to_matter(
            case, CHECK, f"{view.full_name} is stale", UNMEASURED_SHARE, fact_ids
        )
        return
    yield Finding(
        check=CHECK,
        # Whether the view holds what the statement asks for, only Redshift can tell.
        severity=milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(f"May not use {view.full_name}, which is stale", "May not use a stale view"),
        evidence=f"{view.full_name} is built on the same tables, {listed(view.base_tables)}, and"
        f" may be used for rewrites, but is stale: Redshift leaves it out. A run takes"
        f" {duration_in_words(seconds)} (threshold {duration_in_words(worth)}).",
        fact_ids=fact_ids,
        subject=view.full_name,
        measures=(measured(case, REWRITE_SECONDS, "a run", seconds),),
        affected_share=UNMEASURED_SHARE,
    )
