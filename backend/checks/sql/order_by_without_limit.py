"""A large result is sorted to its last row.

Anti-pattern: ORDER BY without LIMIT over millions of rows: all are sorted on the nodes and merged
by the leader, one after the other, and no reader goes through them. In INSERT … SELECT, and in
CREATE TABLE AS with a SORTKEY, an order is for nothing: a table stores its rows by its own sort key.

Remedy: LIMIT, if the first rows are wanted; no ORDER BY, if a program reads all of them; SORTKEY
on the target, if the table is to be in that order. For UNLOAD an order can be worth its price where
the files are loaded again.
"""

from collections.abc import Iterator

from backend.checks.check import largest, measured, steps_named
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    MANY_ROWS,
    Effect,
    Operator,
    effect_of_operators,
    effect_of_steps,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words

CHECK = "order_by_without_limit"

RULES = (
    Rule(
        name="ORDER BY without LIMIT",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.input_rows",
        ),
        thresholds=(MANY_ROWS,),
        peers=("sql-sentinel: ORDER BY no LIMIT",),
    ),
)
_INTO_TABLES = frozenset({"INSERT", "CTAS", "DDL", "MERGE"})
_NEW_TABLES = frozenset({"CTAS", "DDL"})
_PASSING = ("Merge", "Network")


def order_by_without_limit(case: CaseFile) -> Iterator[Finding | RuledOut]:
    found = clauses(case, ClauseKind.ORDER_BY_WITHOUT_LIMIT)
    effect = _final_sort(case) if found else None
    if effect is None:
        return
    text, worth_rows = found[0].text, case.limit(MANY_ROWS)
    rows = effect.in_words(effect.rows_in)
    fact_ids = (*statement_id(case), *effect.fact_ids)
    query_type = case.query_type.upper()
    if effect.rows_in < worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"ORDER BY without LIMIT sorts {rows} only (threshold"
            f" {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    if query_type == "UNLOAD":
        yield RuledOut(
            check=CHECK,
            sentence=f"The UNLOAD sorts {rows}, which Redshift's guide holds worth its price where"
            " the files are loaded again.",
            fact_ids=fact_ids,
        )
        return
    if query_type in _NEW_TABLES and "sortkey" not in (case.scrubbed_sql or "").lower():
        yield RuledOut(
            check=CHECK,
            sentence=f"The CREATE TABLE AS sorts {rows}, and names no SORTKEY: Redshift may take the"
            " new table's sort key from that order.",
            fact_ids=fact_ids,
        )
        return
    is_for_nothing = query_type in _INTO_TABLES
    why = (
        "the table that they are written to stores them by its own sort key"
        if is_for_nothing
        else "all of them go to the reader"
    )
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"ORDER BY without LIMIT sorts {rows}",
        titles=(
            f"Sorts {rows} for a table, which has no use for it"
            if is_for_nothing
            else f"Sorts all {rows} of the result",
        ),
        evidence=f"{text} without LIMIT sorts {rows} (threshold {rows_in_words(worth_rows)}),"
        f" {effect.place}; {why}.",
        measures=(measured(case, MANY_ROWS, "rows sorted", effect.rows_in),),
        fact_ids=fact_ids,
    )


def _final_sort(case: CaseFile) -> Effect | None:
    """Of the sort that makes the order of the result."""
    if case.plan is not None:
        return effect_of_operators(case, _final_operators(case))
    returned = {fact.step.output_rows for fact in steps_named(case, "return")}
    sorts = [
        fact
        for fact in largest(steps_named(case, "sort"))
        if fact.step.output_rows and fact.step.output_rows in returned
    ]
    return effect_of_steps(case, sorts[:1])


def _final_operators(case: CaseFile) -> list[Operator]:
    """The Sort on top of the plan, below at most the merge on the leader."""
    for root in reversed(case.plan.roots if case.plan else ()):
        node = root
        while node.operator.endswith(_PASSING) and node.children:
            node = node.children[0]
        fact = case.node_fact(node.node_id)
        if fact is not None and node.operator.endswith("Sort"):
            return [(node, fact.fact_id)]
    return []
