"""Runs of one pattern may hold the locks that others wait for.

Anti-pattern: Runs wait for a lock (lock_wait_time) while another statement changes a table that
they name. The system views keep no record of who held it: these are candidates, by table and
time.

Remedy: Commit sooner, and keep DDL, DELETE and UPDATE of the table out of the hours in which it
is read or loaded. Run writers of one table one after the other, from one job.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import share_of
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import BlamedWaitingFact, LockBlameFact, WorkloadCase

CHECK = "lock_blame"
MOST_FINDINGS = 3
LOCK_SECONDS = Threshold(
    name="lock_blamed_seconds",
    default=300,
    unit="s",
    meaning="a pattern that others waited less for in the window is not blamed",
    source=f"{OWN}: five minutes",
)
LOCK_SHARE = Threshold(
    name="lock_blamed_share",
    default=0.10,
    unit="share",
    meaning="a pattern with less of all the lock waiting is one of many",
    source=OWN,
)
RULES = (
    Rule(
        name="a pattern that others wait for a lock of",
        inputs=(
            "SYS_QUERY_HISTORY.lock_wait_time",
            "SYS_QUERY_HISTORY.start_time",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(LOCK_SECONDS, LOCK_SHARE),
        peers=(
            "redshift-guide: candidate lock holders",
            "redshift-utils: lock_wait, v_get_blocking_locks",
            "Datadog: high-impact blocker",
        ),
    ),
)


def lock_blame(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    waiting = case.blamed_waiting
    if waiting is None or waiting.lock_waited_seconds <= 0:
        return
    whole = waiting.lock_waited_seconds
    blamed = [
        fact
        for fact in case.lock_blame
        if fact.others_seconds >= case.limit(LOCK_SECONDS)
        and share_of(fact.others_seconds, whole) >= case.limit(LOCK_SHARE)
    ]
    for fact in blamed[:MOST_FINDINGS]:
        yield _finding(case, fact, waiting)
    if not blamed:
        most = case.lock_blame[0] if case.lock_blame else None
        told = (
            f"at most {duration_in_words(most.others_seconds)} for one that changes their table"
            if most
            else "while no statement of the history changed a table that they name"
        )
        yield RuledOut(
            check=CHECK,
            sentence=f"Nobody stands out as holder of locks:"
            f" {counted(waiting.lock_waits, 'run')} waited {duration_in_words(whole)} in all,"
            f" {told} (threshold {duration_in_words(case.limit(LOCK_SECONDS))}).",
            fact_ids=(waiting.fact_id, *((most.fact_id,) if most else ())),
        )


def _finding(case: WorkloadCase, fact: LockBlameFact, waiting: BlamedWaitingFact) -> Finding:
    share = share_of(fact.others_seconds, waiting.lock_waited_seconds)
    others = duration_in_words(fact.others_seconds)
    return Finding(
        check=CHECK,
        severity=Severity.MEDIUM if share >= 0.5 else Severity.LOW,
        bucket=Bucket.LOCK_WAIT,
        title=titled(
            f"{fact.statement} may have held others up {others}",
            f"May have held others up {others}",
        ),
        evidence=f"{fact.statement} changes {fact.table_name} and was under way for {others} of"
        f" the time in which runs that name this table waited for a lock, {percent(share)} of all"
        f" lock waiting (threshold {percent(case.limit(LOCK_SHARE))}). Who held the lock the views"
        " do not say.",
        fact_ids=(fact.fact_id, waiting.fact_id),
        subject=fact.query_hash,
        measures=(
            measured(case, LOCK_SECONDS, "others waited", fact.others_seconds),
            measured(case, LOCK_SHARE, "of all lock waiting", share),
        ),
        affected_share=share_of(fact.others_seconds, case.window.lock_wait_seconds),
    )
