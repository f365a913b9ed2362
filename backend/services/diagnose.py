"""From case file and checks to the five steps of a diagnosis, in code and without opinion."""

from collections.abc import Sequence

from backend.checks.registry import CheckOutcome, group_of
from backend.domain.case_file import CaseFile, Fact
from backend.domain.causes.cause import CauseKind, Explanation
from backend.domain.causes.explain import explain, verdict
from backend.domain.change_facts import ScanChangeFact
from backend.domain.comparison import Comparison, ComparisonBasis
from backend.domain.diagnosis import Diagnosis, DiagnosisStage, DiagnosisStep
from backend.domain.finding import Finding
from backend.domain.in_words import (
    counted,
    duration_in_words,
    listed,
    percent,
    rows_in_words,
    sentence,
)
from backend.domain.time_buckets import Bucket

SHARE_WORTH_A_WORD = 0.05
GROWTH_WORTH_A_WORD_SECONDS = 0.1
CLEARLY_SLOWER = 1.25
MOST_TITLES = 3
NOT_TIME = ("plan", "steps", "tables", "sql", "lake", "load")

BUCKET_WORDS = {
    Bucket.QUEUE: "queue",
    Bucket.PLANNING: "planning",
    Bucket.COMPILE: "compiling",
    Bucket.LOCK_WAIT: "locks",
    Bucket.EXECUTION: "execution",
}
LOOKED_AT = {
    Bucket.QUEUE: "what fills the queue",
    Bucket.PLANNING: "the size of the statement",
    Bucket.COMPILE: "what makes Redshift compile it anew",
    Bucket.LOCK_WAIT: "the transaction that holds its tables",
    Bucket.EXECUTION: "the plan",
}


def diagnose(case: CaseFile, outcome: CheckOutcome) -> Diagnosis:
    explanation = explain(case)
    return Diagnosis(
        steps=(
            _same_statement(case),
            _time(case),
            _plan(case),
            _moved(case, explanation),
            _design(case, outcome.findings),
        ),
        verdict=verdict(case, explanation) if explanation else "",
    )


def _same_statement(case: CaseFile) -> DiagnosisStep:
    figures = case.statistics
    left_out = [
        f"{count:,} {word}"
        for count, word in (
            (figures.cache_hits, "from the result cache"),
            (figures.failed_runs, "failed"),
            (figures.canceled_runs, "canceled"),
        )
        if count
    ]
    beside = f"; {listed(left_out)} left out" if left_out else "; none from the result cache"
    runs = counted(figures.runs, "run") if figures.runs else "no timed run"
    return _step(DiagnosisStage.SAME_STATEMENT, f"{runs} of one shape{beside}", figures.fact_id)


def _time(case: CaseFile) -> DiagnosisStep:
    buckets = case.buckets.buckets
    fact = case.changes.comparison
    ids = (case.buckets.fact_id, *((fact.fact_id,) if fact else ()))
    if buckets.accounted_seconds <= 0:
        told = "the time buckets were not measured, so all of it counts as execution"
        return _step(DiagnosisStage.TIME, f"{told}, so the plan comes next", *ids)
    in_order = sorted(Bucket, key=lambda bucket: -buckets.seconds(bucket))
    shares = [
        f"{percent(buckets.share(bucket))} {BUCKET_WORDS[bucket]}"
        for place, bucket in enumerate(in_order)
        if place == 0 or buckets.share(bucket) >= SHARE_WORTH_A_WORD
    ]
    dominant = buckets.dominant or Bucket.EXECUTION
    if fact is None:
        return _step(DiagnosisStage.TIME, f"{listed(shares)}, {_branch(dominant, dominant)}", *ids)
    comparison = fact.comparison
    if comparison.ratio < CLEARLY_SLOWER or comparison.grown is None:
        even = f"slow runs take only {comparison.ratio:.2f} times as long as fast ones"
        branch = _branch(dominant, dominant)
        return _step(DiagnosisStage.TIME, f"{listed(shares)}; {even}, {branch}", *ids)
    return _step(
        DiagnosisStage.TIME,
        f"{listed(shares)}; {_growth(comparison)}, {_branch(dominant, comparison.grown)}",
        *ids,
    )


def _branch(dominant: Bucket, grown: Bucket) -> str:
    """By the bucket that grew, and by the dominant one where that is another."""
    if grown is not dominant:
        return (
            f"so {LOOKED_AT[grown]} comes first for the slow runs, {LOOKED_AT[dominant]} for all"
            " of them"
        )
    if grown is Bucket.EXECUTION:
        return "so the plan comes next"
    return f"so {LOOKED_AT[grown]} comes first, not the plan"


def _growth(comparison: Comparison) -> str:
    told = [
        f"{BUCKET_WORDS[bucket]}"
        f"{' grew' if place == 0 else ''} by {duration_in_words(comparison.growth_seconds(bucket))}"
        f"{' a run' if place == 0 else ''}"
        for place, bucket in enumerate(
            sorted(Bucket, key=lambda bucket: -comparison.growth_seconds(bucket))
        )
        if place == 0 or comparison.growth_seconds(bucket) >= GROWTH_WORTH_A_WORD_SECONDS
    ]
    between = (
        "between fast and slow runs"
        if comparison.basis is ComparisonBasis.FAST_AND_SLOW
        else f"since {comparison.changed_at:%Y-%m-%d}"
    )
    return f"{between} {', '.join(told)}"


def _plan(case: CaseFile) -> DiagnosisStep:
    plans = case.changes.plans
    if plans is None:
        return _one_plan(case)
    if plans.is_same:
        return _step(
            DiagnosisStage.PLAN,
            f"the fast and the slow run worked by the same one ({plans.slow_hash}), so what it"
            " reads comes next",
            plans.fact_id,
        )
    changes = case.changes.plan_changes
    what = changes[0].change.sentence if changes else f"{plans.fast_hash} became {plans.slow_hash}"
    more = f" and {counted(len(changes) - 1, 'more change')}" if len(changes) > 1 else ""
    what = what[:1].lower() + what[1:].rstrip(".")
    return _step(
        DiagnosisStage.PLAN,
        f"another one in the slow run: {what}{more}, so the tables of that operator come next",
        plans.fact_id,
        *(fact.fact_id for fact in changes[:MOST_TITLES]),
    )


def _one_plan(case: CaseFile) -> DiagnosisStep:
    recorded = case.changes.recorded_runs
    uses = recorded.plans if recorded else ()
    if recorded and len(uses) == 1 and uses[0].runs > 1:
        return _step(
            DiagnosisStage.PLAN,
            f"the same in all {counted(uses[0].runs, 'recorded run')} ({uses[0].plan_hash}), so what"
            " it reads comes next",
            recorded.fact_id,
        )
    seen = "one was recorded" if case.plan else "none was recorded"
    return _step(
        DiagnosisStage.PLAN,
        f"{seen}, so fast and slow runs cannot be compared by it; what the tables say comes next",
        *(fact.fact_id for fact in case.plan_nodes[:1]),
    )


def _moved(case: CaseFile, explanation: Explanation | None) -> DiagnosisStep:
    if explanation is not None:
        return _moved_since(explanation)
    scans = case.changes.scans
    if scans:
        scan = max(scans, key=lambda one: (_times(one), one.table_name))
        read = f"{rows_in_words(scan.fast_rows)} and {rows_in_words(scan.slow_rows)}"
        told = (
            f"a fast and a slow run read {read} of {scan.table_name}"
            if _times(scan) >= CLEARLY_SLOWER
            else f"nothing much: a fast and a slow run read {read} of {scan.table_name}"
        )
        return _step(DiagnosisStage.MOVED, told, scan.fact_id)
    version = case.changes.version
    if version is not None:
        return _step(
            DiagnosisStage.MOVED,
            f"nothing that shows: it did not become slower for good, not with {version.after} either",
            version.fact_id,
        )
    return _step(
        DiagnosisStage.MOVED,
        "nothing that shows: it did not become slower for good on any day",
        case.statistics.fact_id,
    )


def _times(scan: ScanChangeFact) -> float:
    return max(scan.rows_ratio or 0.0, scan.blocks_ratio or 0.0)


def _moved_since(explanation: Explanation) -> DiagnosisStep:
    cause = explanation.cause
    since = f"{explanation.regression.regression.changed_at:%Y-%m-%d}"
    excluded = [one.what for one in explanation.excluded]
    not_it = f"; not {listed(excluded, len(excluded))}" if excluded else ""
    if cause is None:
        missing = f" (missing: {listed(explanation.unseen)})" if explanation.unseen else ""
        return _step(
            DiagnosisStage.MOVED,
            f"nothing that the data shows around {since}{missing}{not_it}",
            explanation.regression.fact_id,
            *(each for one in explanation.excluded for each in one.fact_ids[:1]),
        )
    is_of_table = cause.kind in (CauseKind.PLAN_OVER_CHANGED_TABLE, CauseKind.TABLE_CHANGED)
    what = (
        f"{cause.table_name} {listed([one.clause for one in cause.happenings[:MOST_TITLES]])}"
        if is_of_table
        else cause.clause
    )
    return _step(DiagnosisStage.MOVED, f"{what}{not_it}", *cause.fact_ids)


def _design(case: CaseFile, findings: Sequence[Finding]) -> DiagnosisStep:
    own = [finding for finding in findings if group_of(finding.check) in NOT_TIME]
    if not own:
        return _nothing_raised(case)
    titles = listed([finding.title for finding in own], MOST_TITLES)
    return _step(
        DiagnosisStage.DESIGN,
        f"{counted(len(own), 'finding')}: {titles}",
        *(each for finding in own[:MOST_TITLES] for each in finding.fact_ids[:2]),
    )


def _nothing_raised(case: CaseFile) -> DiagnosisStep:
    """A check that had nothing to look at has found nothing, which is no good sign."""
    looked_at: dict[str, Sequence[Fact]] = {
        "statement": (case.statement,) if case.statement else (),
        "plan": case.plan_nodes,
        "steps": case.segments,
        "tables": case.tables,
    }
    seen = [what for what, facts in looked_at.items() if facts]
    unseen = [what for what, facts in looked_at.items() if not facts]
    told = f"the checks of {listed(seen)} raise nothing" if seen else "there was nothing to check"
    missing = f"; {listed(unseen)} could not be looked at" if unseen else ""
    return _step(
        DiagnosisStage.DESIGN,
        f"{told}{missing}",
        *(facts[0].fact_id for facts in looked_at.values() if facts),
    )


def _step(stage: DiagnosisStage, text: str, *fact_ids: str) -> DiagnosisStep:
    return DiagnosisStep(
        stage=stage,
        sentence=sentence(text),
        fact_ids=tuple(dict.fromkeys(fact_ids)),
    )
