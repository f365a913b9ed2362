"""A window function over the whole result works on a single slice.

Anti-pattern: ROW_NUMBER() OVER (ORDER BY …), RANK or a running total without PARTITION BY: all rows
are sent to one slice, sorted there and numbered one after the other, while the others wait.

Remedy: PARTITION BY whatever the number is to start anew for. For the first rows of all take ORDER
BY with LIMIT; for a share of the total, work the total out in a subquery of one row and join it.
Aggregate before the window, so that it sees fewer rows.
"""

from collections.abc import Iterator

from backend.checks.check import measured, plan_nodes
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import MANY_ROWS, Operator, effect_of_operators, weighed_finding
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words

CHECK = "window_without_partition"

RULES = (
    Rule(
        name="a window without PARTITION BY",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_info",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(MANY_ROWS,),
        peers=("sql-sentinel: OVER() no PARTITION", "Infraredshift: window-functions"),
    ),
)


def window_without_partition(case: CaseFile) -> Iterator[Finding | RuledOut]:
    found = clauses(case, ClauseKind.WINDOW_WITHOUT_PARTITION)
    if not found:
        return
    # Without a plan a window step may belong to a function that has a partition.
    are_all = all(clause.count == len(found) for clause in found)
    effect = effect_of_operators(
        case, _undivided(case), without_plan=("window",) if are_all else ()
    )
    if effect is None:
        return
    text, worth_rows = found[0].text, case.limit(MANY_ROWS)
    rows = effect.in_words(effect.rows_in)
    fact_ids = (*statement_id(case), *effect.fact_ids)
    if effect.rows_in < worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{text} sends {rows} only to one slice (threshold"
            f" {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{text} sends {rows} to one slice",
        titles=(f"A window function works through {rows} on one slice",),
        evidence=f"{text} has no PARTITION BY, so {rows} (threshold {rows_in_words(worth_rows)})"
        f" are sent to one slice and worked through there, {effect.place}.",
        measures=(measured(case, MANY_ROWS, "rows", effect.rows_in),),
        fact_ids=fact_ids,
    )


def _undivided(case: CaseFile) -> list[Operator]:
    """The Window operators without a Partition line, with the sorts that they need."""
    ids = {node.node_id: fact_id for node, fact_id in plan_nodes(case)}
    found = []
    for node, fact_id in plan_nodes(case):
        if node.operator.endswith("Window") and node.condition("Partition") is None:
            found.append((node, fact_id))
            found += [
                (child, ids[child.node_id])
                for child in node.children
                if child.operator.endswith("Sort") and child.node_id in ids
            ]
    return found
