"""The planner takes now one plan for the statement, now another, and one of them is slow.

Anti-pattern: Recorded runs of the same shape worked by different plans, and those of one plan take
a multiple of the others' time. Statistics that are refreshed between runs, values that look more or
less selective, or a table on the edge between two sizes tip the choice.

Remedy: See what the slow plan does in another way and why the planner expects it to be cheap: fresh
statistics on the tables of that operator (after each load, not before), a join or filter that
leaves no doubt about its size, or a table design under which both plans are the same, such as one
distribution key for tables that are always joined.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.change_facts import PlanUse, RecordedRunsFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, paragraph, sentence, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

PLAN_SLOWER_TIMES = Threshold(
    name="plan_slower_times",
    default=1.5,
    unit="×",
    meaning="runs of one plan that take so many times as long as those of another make it the slow"
    " one",
    source=OWN,
)
RULES = (
    Rule(
        name="plan-hash flip from run to run",
        inputs=("SYS_QUERY_EXPLAIN.plan_node", "SYS_QUERY_HISTORY.elapsed_time"),
        thresholds=(PLAN_SLOWER_TIMES,),
        peers=(
            "redshift-guide: plan hash of fast and slow run",
            "Oracle, SQL Server: plan regression",
        ),
    ),
)


def plan_flips(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Where it became slower for good, the slow-down says which plan did it."""
    recorded = case.changes.recorded_runs
    if recorded is None or case.regression or not recorded.plans:
        return
    if len(recorded.plans) == 1:
        if recorded.plans[0].runs > 1:
            yield _one_plan(recorded)
        return
    fast, slow = recorded.plans[0], recorded.plans[-1]
    ratio = slow.own_seconds.median / max(fast.own_seconds.median, 1e-6)
    if ratio < case.limit(PLAN_SLOWER_TIMES) or not fast.own_seconds.is_below(slow.own_seconds):
        yield _no_effect(case, recorded)
        return
    share = _slow_share(recorded, fast, slow)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"Runs of one plan take {ratio:.1f} times as long as those of another"
        yield too_small_to_matter(case, "plan_flips", what, share, (recorded.fact_id,))
        return
    changes = case.changes.plan_changes[:2]
    names = [name for fact in changes for name in fact.change.table_names]
    yield Finding(
        check="plan_flips",
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Runs by {len(recorded.plans)} plans, one of them {ratio:.1f}× slower"),
        evidence=paragraph(
            f"{counted(fast.runs, 'recorded run')} of the fastest plan took"
            f" {_seconds(fast)}, {counted(slow.runs, 'run')} of the slowest {_seconds(slow)}"
            f" ({ratio:.1f} times, threshold {case.limit(PLAN_SLOWER_TIMES):g})",
            *(sentence(f"By the slow plan {fact.change.sentence}") for fact in changes),
        ),
        fact_ids=tuple(dict.fromkeys((recorded.fact_id, *(fact.fact_id for fact in changes)))),
        subject=_full_name(case, names[0]) if names else "",
        measures=(measured(case, PLAN_SLOWER_TIMES, "slow plan, times as long", ratio),),
        affected_share=share,
    )


def _slow_share(recorded: RecordedRunsFact, fast: PlanUse, slow: PlanUse) -> float:
    """What the slow plan's recorded runs take more than they would by the fast one, of the time of
    all recorded runs."""
    total = sum(use.runs * use.own_seconds.median for use in recorded.plans)
    extra = slow.runs * (slow.own_seconds.median - fast.own_seconds.median)
    return min(max(extra / total, 0.0), 1.0) if total > 0 else 0.0


def _one_plan(recorded: RecordedRunsFact) -> RuledOut:
    [use] = recorded.plans
    return RuledOut(
        check="plan_flips",
        sentence=f"One plan in all {counted(use.runs, 'recorded run')}: the planner does not change"
        " its mind.",
        fact_ids=(recorded.fact_id,),
    )


def _no_effect(case: CaseFile, recorded: RecordedRunsFact) -> RuledOut:
    told = ", ".join(_seconds(use) for use in recorded.plans)
    return RuledOut(
        check="plan_flips",
        sentence=f"Recorded runs worked by {len(recorded.plans)} plans, but none is clearly slower:"
        f" {told} (threshold {case.limit(PLAN_SLOWER_TIMES):g} times).",
        fact_ids=(recorded.fact_id,),
    )


def _seconds(use: PlanUse) -> str:
    least, most = duration_in_words(use.own_seconds.least), duration_in_words(use.own_seconds.most)
    return least if least == most else f"{least} to {most}"


def _full_name(case: CaseFile, name: str) -> str:
    fact = case.table(name)
    return fact.table.full_name if fact else name
