"""A materialized view is recomputed from scratch, or cannot be refreshed at all.

Anti-pattern: REFRESH MATERIALIZED VIEW reads all base tables anew (state 0 of SVV_MV_INFO, or
"recomputed MV from scratch" in the refresh history), although only a little of them has changed.
Or it fails since a base table was changed (states 101 to 105).

Remedy: Write the view so that it can be kept incrementally: no outer joins, DISTINCT, window
functions, UNION, LIMIT, nor functions that depend on the moment; aggregates SUM, COUNT, MIN, MAX
and AVG. Split it where only a part needs those. A broken view has to be created again. Views over
tables of a data share are never refreshed incrementally.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.load.view_state import BROKEN_STATE
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, MaterializedViewFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.materialized_view import FULL_RECOMPUTE
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "full_view_refresh"
FULL_SHARE = Threshold(
    name="view_full_refresh_share",
    default=0.25,
    unit="share",
    meaning="fewer full refreshes among the recorded ones are exceptions",
    source=f"{OWN}: a VACUUM of a base table brings one now and then; AWS counts state 0 alone",
)
FULL_SECONDS = Threshold(
    name="view_full_refresh_seconds",
    default=30,
    unit="s",
    meaning="full refreshes that take less a run do not hurt",
    source=OWN,
)
RULES = (
    Rule(
        name="full instead of incremental refresh",
        inputs=(
            "SVV_MV_INFO.state",
            "SYS_MV_REFRESH_HISTORY.status",
            "SYS_QUERY_HISTORY.execution_time",
        ),
        thresholds=(FULL_SHARE, FULL_SECONDS),
        peers=("awslabs: state 0, full refresh (REC_025)",),
    ),
    Rule(
        name="a materialized view that can no longer be refreshed",
        inputs=("SVV_MV_INFO.state",),
        thresholds=(BROKEN_STATE,),
        peers=("awslabs: state above 1 (REC_026)",),
    ),
)


def full_view_refresh(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for fact in case.materialized_views:
        if fact.role == "refreshed":
            yield from (_broken(case, fact) if fact.view.is_broken else _judge(case, fact))


def _broken(case: CaseFile, fact: MaterializedViewFact) -> Iterator[Finding]:
    view = fact.view
    yield Finding(
        check=CHECK,
        severity=Severity.HIGH,
        bucket=Bucket.EXECUTION,
        title=titled(f"Cannot refresh {view.full_name} any more"),
        evidence=f"{view.full_name} is in state {view.state}: {view.why_broken}. What reads it"
        f" gets old rows; {counted(case.statistics.failed_runs, 'run')} failed.",
        fact_ids=(fact.fact_id, case.statistics.fact_id),
        subject=view.full_name,
        measures=(measured(case, BROKEN_STATE, "state", view.state or 0),),
    )


def _judge(case: CaseFile, fact: MaterializedViewFact) -> Iterator[Finding | RuledOut]:
    view, refreshes = fact.view, fact.view.refreshes
    known = refreshes.full + refreshes.incremental
    share = refreshes.full / known if known else float(view.state == FULL_RECOMPUTE)
    seconds = case.statistics.p50_elapsed_seconds
    fact_ids = (fact.fact_id, case.statistics.fact_id)
    told = (
        f"{refreshes.full:,} of {known:,} recorded refreshes full"
        if known
        else f"state {view.state}, no refresh recorded"
    )
    if share < case.limit(FULL_SHARE) or seconds < case.limit(FULL_SECONDS):
        yield RuledOut(
            check=CHECK,
            sentence=f"Full refreshes of {view.full_name} are not the cause: {told},"
            f" {duration_in_words(seconds)} a run (thresholds {percent(case.limit(FULL_SHARE))}"
            f" and {duration_in_words(case.limit(FULL_SECONDS))}).",
            fact_ids=fact_ids,
        )
        return
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, f"{view.full_name}: {told}", share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Recomputes {view.full_name} in full", "Recomputes the view in full"),
        evidence=f"{view.full_name} is computed from scratch ({told}, threshold"
        f" {percent(case.limit(FULL_SHARE))}):"
        f" {duration_in_words(seconds)} a run, {counted(case.statistics.runs, 'run')} in the"
        " window.",
        fact_ids=fact_ids,
        subject=view.full_name,
        measures=(
            measured(case, FULL_SHARE, "full refreshes", share),
            measured(case, FULL_SECONDS, "a run", seconds),
        ),
        affected_share=min(share, 1.0),
    )
