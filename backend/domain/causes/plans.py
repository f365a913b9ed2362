"""Whether a slower statement works by another plan, and what changed the plan."""

from collections.abc import Sequence

from backend.domain.case_file import CaseFile
from backend.domain.causes.cause import Cause, CauseKind, Evidence, Excluded, TableHappening
from backend.domain.causes.tables import TELLING, happenings
from backend.domain.change_facts import PlanChangeFact, PlanComparisonFact, RecordedSide
from backend.domain.in_words import counted, listed
from backend.domain.plan import Movement
from backend.domain.plan_difference import ChangeKind

MOST_HAPPENINGS = 4
STILL = frozenset({Movement.DS_DIST_NONE.value, Movement.DS_DIST_ALL_NONE.value})


def plan_evidence(case: CaseFile) -> Evidence:
    plans = case.changes.plans
    if plans is None:
        return Evidence(unseen=(_unseen(case),))
    if plans.is_same:
        return Evidence(excluded=(_same_plan(case, plans),))
    if earlier := _used_before(case, plans):
        return Evidence(excluded=(earlier,))
    return Evidence(causes=(_cause(case, plans),))


def _unseen(case: CaseFile) -> str:
    recorded = case.changes.recorded_runs
    fast = recorded.fast if recorded else None
    slow = recorded.slow if recorded else None
    has_fast, has_slow = _has_plan(fast), _has_plan(slow)
    if has_fast == has_slow:
        return "plans of runs before and after it"
    return f"a plan of a run {'after' if has_fast else 'before'} it"


def _has_plan(side: RecordedSide | None) -> bool:
    return side is not None and bool(side.plan_hashes)


def _same_plan(case: CaseFile, plans: PlanComparisonFact) -> Excluded:
    recorded = case.changes.recorded_runs
    runs = sum(use.runs for use in recorded.plans) if recorded else 0
    all_same = recorded is not None and len(recorded.plans) == 1 and runs > 2
    by_others = f", as in all {counted(runs, 'recorded run')} of it" if all_same else ""
    return Excluded(
        what="the plan",
        sentence=f"The plan is not the cause: the run of {plans.fast_start:%Y-%m-%d} and that of"
        f" {plans.slow_start:%Y-%m-%d} worked by the same one ({plans.slow_hash}){by_others}.",
        fact_ids=(plans.fact_id, *((recorded.fact_id,) if recorded and all_same else ())),
    )


def _used_before(case: CaseFile, plans: PlanComparisonFact) -> Excluded | None:
    """The plan of the slow run was that of some run before the slow-down, too."""
    recorded = case.changes.recorded_runs
    if (
        recorded is None
        or recorded.fast is None
        or plans.slow_hash not in recorded.fast.plan_hashes
    ):
        return None
    since = recorded.fast.first_start
    return Excluded(
        what="the plan",
        sentence=f"Another plan is not the cause: that of the slow run ({plans.slow_hash}) was in"
        f" use in a run since {since:%Y-%m-%d}, before it became slower.",
        fact_ids=(plans.fact_id, recorded.fact_id),
    )


def _cause(case: CaseFile, plans: PlanComparisonFact) -> Cause:
    """Of several changes the first whose table changed too; they come the weightiest first."""
    changes = [
        fact for fact in case.changes.plan_changes if fact.change.kind is not ChangeKind.ESTIMATE
    ]
    for fact in changes:
        for name in fact.change.table_names:
            happened = happenings(case, name)
            if any(one.kind in TELLING for one in happened):
                return _of_changed_table(case, plans, fact, name, happened)
    if not changes:
        return Cause(
            kind=CauseKind.PLAN,
            clause=f"it works by another plan ({plans.slow_hash} instead of {plans.fast_hash})",
            short="works by another plan",
            fact_ids=(plans.fact_id,),
        )
    fact = changes[0]
    names = [_full_name(case, name) for name in fact.change.table_names]
    worse = happenings(case, names[0]) if len(names) == 1 else ()
    return Cause(
        kind=CauseKind.PLAN,
        clause=_clause(fact) + _about_table(names[0] if names else "", worse),
        short=_short(case, fact),
        fact_ids=_cited(case, plans, fact, worse),
        table_name=names[0] if len(names) == 1 else "",
        happenings=worse,
        plan_change=fact.change,
    )


def _of_changed_table(
    case: CaseFile,
    plans: PlanComparisonFact,
    fact: PlanChangeFact,
    name: str,
    happened: tuple[TableHappening, ...],
) -> Cause:
    full_name = _full_name(case, name)
    told = happened[:MOST_HAPPENINGS]
    layout = _layout(case, fact, full_name)
    clauses = [one.clause for one in told]
    if layout and clauses:
        clauses.insert(1, layout)
    table = case.table(name)
    return Cause(
        kind=CauseKind.PLAN_OVER_CHANGED_TABLE,
        clause=f"{_clause(fact)}; {full_name} {listed(clauses, MOST_HAPPENINGS + 1)}",
        short=_short(case, fact),
        fact_ids=(
            *(cited := _cited(case, plans, fact, told)),
            *((table.fact_id,) if table and layout and table.fact_id not in cited else ()),
        ),
        table_name=full_name,
        happenings=happened,
        plan_change=fact.change,
    )


def _cited(
    case: CaseFile,
    plans: PlanComparisonFact,
    fact: PlanChangeFact,
    happened: Sequence[TableHappening],
) -> tuple[str, ...]:
    """With the operator of the slow plan that is another now."""
    node = case.node_fact(fact.change.after_node_id) if fact.change.after_node_id else None
    return tuple(
        dict.fromkeys(
            (
                plans.fact_id,
                fact.fact_id,
                *((node.fact_id,) if node else ()),
                *(each for one in happened for each in one.fact_ids),
            )
        )
    )


def _layout(case: CaseFile, fact: PlanChangeFact, name: str) -> str:
    """A join that moved nothing needs its table distributed by the join's column, or copied whole;
    where it is neither now and rows move, that is how it lost it."""
    table = case.table(name)
    moved_nothing = any(still in fact.change.before for still in STILL)
    if table is None or not table.table.distribution_style or not moved_nothing:
        return ""
    if fact.change.kind is not ChangeKind.MOVEMENT:
        return ""
    return f"is now distributed {table.table.distribution_style}"


def _clause(fact: PlanChangeFact) -> str:
    return fact.change.sentence[:1].lower() + fact.change.sentence[1:].rstrip(".")


def _short(case: CaseFile, fact: PlanChangeFact) -> str:
    name = _full_name(case, fact.change.table_names[0]) if fact.change.table_names else ""
    if fact.change.kind is ChangeKind.MOVEMENT and "BCAST" in fact.change.after and name:
        return f"broadcasts {name}"
    if fact.change.kind is ChangeKind.MOVEMENT and name:
        return f"moves {name}"
    return f"another plan for {name}" if name else "another plan"


def _about_table(name: str, worse: tuple[TableHappening, ...]) -> str:
    return f"; {name} {listed([one.clause for one in worse])}" if name and worse else ""


def _full_name(case: CaseFile, name: str) -> str:
    fact = case.table(name)
    return fact.table.full_name if fact else name
