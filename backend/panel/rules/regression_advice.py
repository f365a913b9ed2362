"""Advice on a statement that became slower: undo what did it, or find out what it was."""

from collections.abc import Iterator

from backend.domain.case_file import CaseFile
from backend.domain.causes.cause import Cause, CauseKind, Explanation, Happening
from backend.domain.causes.explain import explain
from backend.domain.finding import Finding
from backend.domain.in_words import duration_in_words, listed, paragraph, titled
from backend.domain.plan_difference import ChangeKind
from backend.domain.recommendation import Category
from backend.panel.reviewer import Advice
from backend.panel.rules.joins import join_of
from backend.panel.rules.rules_reviewer import advice_on

KNOWN_CAUSE_FRACTION = 0.7
"""What is undone brings the former time back, as far as nothing else moved meanwhile."""

LIKELY_CAUSE_FRACTION = 0.5
"""The facts name what is different, but not what made it so."""

UNKNOWN_CAUSE_FRACTION = 0.3
"""It has to be found first, and may turn out to be wanted."""

_LIKELY = frozenset({CauseKind.PLAN, CauseKind.TABLE_CHANGED, CauseKind.SPILL, CauseKind.LOAD})


def advise_on_regression(case: CaseFile, finding: Finding) -> Advice | None:
    explanation = explain(case)
    if explanation is None:
        return None
    cause = explanation.cause
    if cause is None:
        return _find_out(case, finding, explanation)
    column = _lost_key(case, finding, cause)
    return advice_on(
        case,
        finding,
        category=_category(cause),
        title=_title(cause, column),
        rationale=finding.evidence,
        action=paragraph(*_steps(cause, column), _see_whether_it_helped(explanation)),
        expected_fraction=LIKELY_CAUSE_FRACTION if cause.kind in _LIKELY else KNOWN_CAUSE_FRACTION,
    )


def _find_out(case: CaseFile, finding: Finding, explanation: Explanation) -> Advice:
    day = f"{explanation.regression.regression.changed_at:%Y-%m-%d}"
    missing = listed(explanation.unseen, 3)
    return advice_on(
        case,
        finding,
        category=Category.INVESTIGATE,
        title=f"Find out what changed on {day}",
        rationale=finding.evidence,
        action=paragraph(
            "Compare the plans and the rows scanned before and after that day: a changed plan "
            "points to statistics or table design, the same plan to more data, lost order or load",
            f"Export {missing} while the views still hold them (seven days)" if missing else "",
        ),
        expected_fraction=UNKNOWN_CAUSE_FRACTION,
    )


def _see_whether_it_helped(explanation: Explanation) -> str:
    before = explanation.regression.regression.median_before_seconds
    return f"It has helped when a run takes about {duration_in_words(before)} again"


def _title(cause: Cause, column: str) -> str:
    table = cause.table_name
    titles: dict[CauseKind, str] = {
        CauseKind.VERSION: "Report the slow-down that came with a new version",
        CauseKind.RESULT_GREW: "Ask for no more rows than are read",
        CauseKind.LOAD: "Find what else runs since it became slower",
        CauseKind.SPILL: "Bring fewer rows into the steps that spill since then",
    }
    if column:
        return titled(f"Give {table} its distribution key {column} back")
    if cause.kind is CauseKind.READS_MORE and cause.lost_pruning:
        return titled(f"Let it skip blocks of {table} again")
    if cause.kind is CauseKind.READS_MORE:
        return titled(f"Read less of {table}, which grew" if table else "Read less")
    if cause.kind in (CauseKind.PLAN_OVER_CHANGED_TABLE, CauseKind.TABLE_CHANGED):
        return titled(f"Undo what changed {table}")
    if cause.kind is CauseKind.PLAN:
        return titled(f"See why its plan changed: {cause.short}", "See why its plan changed")
    return titles[cause.kind]


def _category(cause: Cause) -> Category:
    if cause.kind in (CauseKind.VERSION, CauseKind.PLAN, CauseKind.TABLE_CHANGED):
        return Category.INVESTIGATE
    if cause.kind in (CauseKind.RESULT_GREW, CauseKind.SPILL):
        return Category.REWRITE
    if cause.kind is CauseKind.LOAD:
        return Category.WORKLOAD
    if cause.happened(Happening.REDEFINED, Happening.REDESIGNED, Happening.OPTIMIZED):
        return Category.TABLE_DESIGN
    return Category.MAINTENANCE


# What undoes it, by what happened


def _lost_key(case: CaseFile, finding: Finding, cause: Cause) -> str:
    """The column by which the table was joined without moving, where it lost that; else ""."""
    change = cause.plan_change
    was_made_anew = cause.happened(Happening.REDEFINED, Happening.REDESIGNED)
    if change is None or change.kind is not ChangeKind.MOVEMENT or "NONE" not in change.before:
        return ""
    fact = case.table(cause.table_name)
    is_keyed = fact is not None and "KEY(" in fact.table.distribution_style.upper()
    if fact is None or is_keyed or not was_made_anew:
        return ""
    join = join_of(case, finding)
    for pair in join.pairs if join else ():
        for side in (pair.outer, pair.inner):
            if side.table == fact:
                return side.column_name
    return ""


def _for_plan(cause: Cause, column: str) -> Iterator[str]:
    table = cause.table_name
    if column:
        yield (
            f"Distribute {table} by {column} again, and write DISTKEY({column}) into the statement "
            "that creates it, or the next build loses it once more"
        )
    elif cause.happened(Happening.REDEFINED, Happening.REDESIGNED):
        yield (
            f"Compare the definition of {table} with that of before ({_of_change(cause)}), and put "
            "back its distribution and sort key in the statement that creates it"
        )
    if cause.happened(Happening.OPTIMIZED):
        yield f"Redshift itself changed {table}: set the keys that this statement needs by hand"
    yield from _statistics(cause)
    if cause.happened(Happening.GREW):
        yield f"See whether all rows that {table} has now are wanted, and let the others go"
    if cause.happened(Happening.FILLED) and not column:
        yield f"Run ANALYZE {table} behind what was loaded into it"


def _of_change(cause: Cause) -> str:
    change = cause.plan_change
    return f"now {change.after}, before {change.before}" if change else "its join moves rows now"


def _statistics(cause: Cause) -> Iterator[str]:
    if cause.happened(Happening.STALE_STATISTICS):
        yield f"Run ANALYZE {cause.table_name}, and after each build or large load of it"


def _for_plan_alone(cause: Cause) -> Iterator[str]:
    yield (
        "See what the operator named above expects and what it really has, and whether fresh "
        "statistics or a key of its table bring the former plan back"
    )
    yield from _statistics(cause)


def _for_reading(cause: Cause) -> Iterator[str]:
    table = cause.table_name
    if cause.lost_pruning and cause.happened(Happening.LOST_ORDER):
        yield f"Run VACUUM SORT ONLY {table} when the load is light"
        yield "Load it in the order of its sort key from then on, a backfill too"
    elif cause.lost_pruning:
        yield (
            f"See what took the order or the sort key of {table}, or the filter on it from this "
            "statement"
        )
    elif table:
        yield f"Restrict what is read of {table} by its sort key, or let rows go that nobody reads"
    else:
        yield "See which of its tables grew, and restrict what is read of it"
    if cause.happened(Happening.FILLED):
        yield f"Look at what was written into {table} on the day named above"


def _for_table(cause: Cause) -> Iterator[str]:
    yield (
        f"Compare the present plan with one of before ({cause.table_name} changed): export "
        "sys_query_explain and sys_query_detail weekly, the views keep seven days"
    )
    yield from _statistics(cause)


_ALWAYS = {
    CauseKind.VERSION: "Open a case with AWS Support that names the version, the patterns that moved"
    " together and a run before and after it; meanwhile see whether fresh statistics bring the old"
    " plan back",
    CauseKind.RESULT_GREW: "See whether its reader wants that many rows; if so, UNLOAD takes them"
    " faster",
    CauseKind.SPILL: "See what brings more rows into the steps that spill, or leaves the run less"
    " memory",
    CauseKind.LOAD: "See in the list of patterns what takes more time since then, and tune or move"
    " that first",
}


def _steps(cause: Cause, column: str) -> Iterator[str]:
    match cause.kind:
        case CauseKind.PLAN_OVER_CHANGED_TABLE:
            yield from _for_plan(cause, column)
        case CauseKind.PLAN:
            yield from _for_plan_alone(cause)
        case CauseKind.READS_MORE:
            yield from _for_reading(cause)
        case CauseKind.TABLE_CHANGED:
            yield from _for_table(cause)
        case _:
            yield _ALWAYS[cause.kind]
