"""A materialized view is broken, recomputed in full, or kept for nobody.

Anti-pattern: A view that cannot be refreshed any more (states 101 to 105) shows old rows; one that
is computed from scratch costs as much as the statement it replaces, each time; and one that no
statement reads, nor Redshift instead of its base tables, costs its refreshes for nothing.

Remedy: Create a broken view again, or drop it. Write the view so that it can be refreshed
incrementally (no outer join, DISTINCT, window function or function of the moment), or refresh it
less often. Drop what nobody reads.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.load.view_state import BROKEN_STATE
from backend.checks.rule import Rule
from backend.checks.workload.unread_tables import HISTORY_DAYS
from backend.checks.workload.waiting import share_of, weigh_seconds
from backend.domain.finding import Finding, GoodNews, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, listed, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import ViewUseFact, WorkloadCase

CHECK = "view_upkeep"
REFRESH_SECONDS = Threshold(
    name="view_refresh_seconds",
    default=600,
    unit="s",
    meaning="full refreshes of a view that took less in the recorded time do not hurt",
    source=f"{OWN}: ten minutes; AWS counts state 0 alone",
)
UNREAD_REFRESH_SECONDS = Threshold(
    name="view_unread_refresh_seconds",
    default=60,
    unit="s",
    meaning="refreshes of a view that nobody reads cost next to nothing below it",
    source=f"{OWN}: a minute in the recorded time",
)
RULES = (
    Rule(
        name="a materialized view that cannot be refreshed",
        inputs=("SVV_MV_INFO.state", "SVV_MV_INFO.autorefresh"),
        thresholds=(BROKEN_STATE,),
        peers=("awslabs: state above 1, stale with autorefresh (REC_026)",),
    ),
    Rule(
        name="full refreshes that add up",
        inputs=("SYS_MV_REFRESH_HISTORY.status", "SYS_MV_REFRESH_HISTORY.duration"),
        thresholds=(REFRESH_SECONDS,),
        peers=("awslabs: state 0 (REC_025)",),
    ),
    Rule(
        name="a materialized view that nobody reads",
        inputs=(
            "SVV_MV_INFO.name",
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.table_name",
        ),
        thresholds=(HISTORY_DAYS, UNREAD_REFRESH_SECONDS),
        peers=("Snowflake: rarely used materialized views",),
    ),
)


def view_upkeep(case: WorkloadCase) -> Iterator[Finding | RuledOut | GoodNews]:
    fine = []
    for fact in case.views:
        found = list(_judge(case, fact))
        yield from found
        if not any(isinstance(one, Finding) for one in found):
            fine.append(fact)
    incremental = [fact for fact in fine if fact.view.refreshes.incremental]
    if incremental:
        names = listed([fact.view.full_name for fact in incremental], 3)
        count = sum(fact.view.refreshes.incremental for fact in incremental)
        yield GoodNews(
            check=CHECK,
            sentence=f"{names}: {counted(count, 'recorded refresh').replace('refreshs', 'refreshes')}"
            " were incremental.",
            fact_ids=tuple(fact.fact_id for fact in incremental[:6]),
        )


def _judge(case: WorkloadCase, fact: ViewUseFact) -> Iterator[Finding | RuledOut]:
    if fact.view.is_broken:
        yield _broken(case, fact)
    elif fact.last_read is None and fact.are_steps_known:
        yield from _unread(case, fact)
    elif fact.view.refreshes.full:
        yield from _full(case, fact)


def _broken(case: WorkloadCase, fact: ViewUseFact) -> Finding:
    view = fact.view
    readers = (
        f"{counted(fact.reading_patterns, 'pattern')} read{'s' if fact.reading_patterns == 1 else ''} it"
        if fact.reading_patterns
        else "no statement is known to read it"
    )
    tried = view.refreshes.failed
    failed = (
        f" {counted(tried, 'refresh')} failed." if tried == 1 else f" {tried:,} refreshes failed."
    )
    return Finding(
        check=CHECK,
        severity=Severity.MEDIUM if fact.reading_patterns else Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"{view.full_name} cannot be refreshed any more", "A view is broken"),
        evidence=f"{view.full_name} is in state {view.state}: {view.why_broken}; {readers}."
        f"{failed if tried else ''}",
        fact_ids=(fact.fact_id,),
        subject=view.full_name,
        measures=(measured(case, BROKEN_STATE, "state", view.state or 0),),
        affected_share=0.0,
    )


def _unread(case: WorkloadCase, fact: ViewUseFact) -> Iterator[Finding | RuledOut]:
    view, days = fact.view, case.window.history_days
    refreshes = view.refreshes
    cost = refreshes.full_seconds + refreshes.incremental_seconds
    if days < case.limit(HISTORY_DAYS):
        yield RuledOut(
            check=CHECK,
            sentence=f"Whether {view.full_name} is needed cannot be told from"
            f" {counted(days, 'day')} of history (threshold {case.limit(HISTORY_DAYS):g}).",
            fact_ids=(fact.fact_id, case.window.fact_id),
        )
        return
    count = refreshes.full + refreshes.incremental
    worth = case.limit(UNREAD_REFRESH_SECONDS)
    if cost < worth:
        yield RuledOut(
            check=CHECK,
            sentence=f"Nobody reads {view.full_name}, but its {count:,} recorded refreshes took"
            f" {duration_in_words(cost)} only (threshold {duration_in_words(worth)}).",
            fact_ids=(fact.fact_id, case.window.fact_id),
        )
        return
    yield Finding(
        check=CHECK,
        severity=Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"Nobody reads {view.full_name}", "Nobody reads a materialized view"),
        evidence=f"In {counted(days, 'day')} of history (threshold {case.limit(HISTORY_DAYS):g})"
        f" no statement reads {view.full_name}, and no recorded scan shows Redshift using it. Its"
        f" {count:,} recorded refreshes took {duration_in_words(cost)}.",
        fact_ids=(fact.fact_id, case.window.fact_id),
        subject=view.full_name,
        measures=(
            measured(case, HISTORY_DAYS, "history", days),
            measured(case, UNREAD_REFRESH_SECONDS, "refreshes", cost),
        ),
        affected_share=share_of(cost, case.window.elapsed_seconds),
    )


def _full(case: WorkloadCase, fact: ViewUseFact) -> Iterator[Finding | RuledOut]:
    view, refreshes = fact.view, fact.view.refreshes
    told = (
        f"{refreshes.full:,} of {refreshes.full + refreshes.incremental:,} recorded refreshes of"
        f" {view.full_name} were computed from scratch and took"
        f" {duration_in_words(refreshes.full_seconds)}"
    )
    limit = duration_in_words(case.limit(REFRESH_SECONDS))
    if refreshes.full_seconds < case.limit(REFRESH_SECONDS):
        yield RuledOut(
            check=CHECK, sentence=f"{told} (threshold {limit}).", fact_ids=(fact.fact_id,)
        )
        return
    severity = weigh_seconds(case, refreshes.full_seconds, case.window.elapsed_seconds)
    yield Finding(
        check=CHECK,
        severity=severity or Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"Recomputes {view.full_name} in full", "Recomputes a view in full"),
        evidence=f"{told} (threshold {limit}); automatic refresh is"
        f" {'on' if view.is_auto_refreshed else 'off'}.",
        fact_ids=(fact.fact_id, case.window.fact_id),
        subject=view.full_name,
        measures=(measured(case, REFRESH_SECONDS, "full refreshes", refreshes.full_seconds),),
        affected_share=share_of(refreshes.full_seconds, case.window.elapsed_seconds),
    )
