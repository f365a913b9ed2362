"""UNION sorts out duplicates where UNION ALL might do.

Anti-pattern: UNION holds all rows of all its queries side by side to remove duplicates; where the
queries cannot give the same row twice, that work is for nothing.

Remedy: UNION ALL, if no row can come twice or if duplicates do no harm. Where only one of the
queries has duplicates, make that one distinct.
"""

from collections.abc import Iterator

from backend.checks.check import measured, plan_nodes
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    MANY_ROWS,
    Effect,
    Operator,
    below,
    effect_of_operators,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words
from backend.domain.threshold import OWN, Threshold

CHECK = "union_distinct"

REMOVED_SHARE = Threshold(
    name="union_removed_share",
    default=0.01,
    unit="share",
    meaning="a UNION that removes more of its rows as duplicates is needed",
    source=OWN,
)
RULES = (
    Rule(
        name="UNION instead of UNION ALL",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(MANY_ROWS, REMOVED_SHARE),
        peers=("Snowflake: UNNECESSARY_UNION_DISTINCT", "sqlcheck, sql-sentinel: UNION"),
    ),
)

_REMOVERS = ("Unique", "HashAggregate", "GroupAggregate")


def union_distinct(case: CaseFile) -> Iterator[Finding | RuledOut]:
    unions = clauses(case, ClauseKind.UNION_DISTINCT)
    if not unions:
        return
    # Without a plan a step that removes duplicates may work for a DISTINCT as well.
    has_others = bool(clauses(case, ClauseKind.SELECT_DISTINCT, ClauseKind.REDUNDANT_DISTINCT))
    effect = effect_of_operators(
        case, _removers(case), without_plan=() if has_others else ("unique",)
    )
    if effect is None:
        return
    text = unions[0].text
    worth_rows, needed = case.limit(MANY_ROWS), case.limit(REMOVED_SHARE)
    fact_ids = (*statement_id(case), *effect.fact_ids)
    removed = _removed(effect)
    if effect.rows_in < worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"The UNION sorts out duplicates of {effect.in_words(effect.rows_in)} only"
            f" (threshold {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    if removed is not None and removed > needed:
        yield RuledOut(
            check=CHECK,
            sentence=f"The UNION is needed: it removed {percent(removed)} of"
            f" {rows_in_words(effect.rows_in)} as duplicates (threshold {percent(needed)}).",
            fact_ids=fact_ids,
        )
        return
    found = (
        "no plan estimate tells how many are duplicates"
        if removed is None
        else f"in the recorded run {percent(removed)} of them were duplicates (threshold"
        f" {percent(needed)})"
    )
    rows = effect.in_words(effect.rows_in)
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"A UNION looks for duplicates among {rows}",
        titles=(f"UNION looks for duplicates among {rows}",),
        evidence=f"{text} goes through {rows} (threshold {rows_in_words(worth_rows)}) to remove"
        f" duplicates, {effect.place}; {found}.",
        measures=(measured(case, MANY_ROWS, "rows", effect.rows_in),),
        fact_ids=fact_ids,
    )


def _removers(case: CaseFile) -> list[Operator]:
    """The operators above an Append that keep each row once."""
    found = []
    for node, fact_id in plan_nodes(case):
        inner = below(node, "Sort", "Network") if node.operator.endswith(_REMOVERS) else None
        if inner is not None and inner.operator.endswith("Append"):
            found.append((node, fact_id))
    return found


def _removed(effect: Effect) -> float | None:
    """The share of rows that were duplicates; an estimate of the planner says nothing of it."""
    if not effect.is_measured or effect.rows_in <= 0:
        return None
    return max(0.0, 1 - effect.rows_out / effect.rows_in)
