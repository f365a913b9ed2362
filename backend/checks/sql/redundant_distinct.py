"""DISTINCT over rows that cannot be equal.

Anti-pattern: Rows of a GROUP BY differ by their group keys. DISTINCT over them goes through all of
them again and removes none.

Remedy: Drop the DISTINCT. It changes no result as long as the select list names every group key.
"""

from collections.abc import Iterator

from backend.checks.check import measured, plan_nodes
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    MANY_ROWS,
    Operator,
    below,
    effect_of_operators,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words

CHECK = "redundant_distinct"

RULES = (
    Rule(
        name="DISTINCT over GROUP BY",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.input_rows",
        ),
        thresholds=(MANY_ROWS,),
        peers=("Infraredshift: distinct, REDUNDANT_DISTINCT", "sqlcheck, sql-sentinel: DISTINCT"),
    ),
)


def redundant_distinct(case: CaseFile) -> Iterator[Finding | RuledOut]:
    found = clauses(case, ClauseKind.REDUNDANT_DISTINCT)
    if not found:
        return
    others = clauses(case, ClauseKind.SELECT_DISTINCT, ClauseKind.UNION_DISTINCT)
    # Without a plan a step that removes duplicates may work for the other clauses.
    effect = effect_of_operators(
        case, _over_groups(case), without_plan=() if others else ("unique",)
    )
    if effect is None:
        return
    text = found[0].text
    worth_rows = case.limit(MANY_ROWS)
    rows = effect.in_words(effect.rows_in)
    fact_ids = (*statement_id(case), *effect.fact_ids)
    if effect.rows_in < worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"The DISTINCT over a GROUP BY is superfluous, but goes through {rows} only"
            f" (threshold {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"A superfluous DISTINCT goes through {rows}",
        titles=(f"A superfluous DISTINCT goes through {rows}",),
        evidence=f"{text} is grouped by what it selects, so no two of its rows are equal; the"
        f" DISTINCT goes through {rows} all the same (threshold {rows_in_words(worth_rows)}),"
        f" {effect.place}.",
        measures=(measured(case, MANY_ROWS, "rows", effect.rows_in),),
        fact_ids=fact_ids,
    )


def _over_groups(case: CaseFile) -> list[Operator]:
    return [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.operator.endswith("Unique")
        and (inner := below(node, "Sort", "Network", "Subquery Scan")) is not None
        and inner.operator.endswith("Aggregate")
    ]
