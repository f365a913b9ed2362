"""COUNT(DISTINCT) keeps every value apart to count them.

Anti-pattern: COUNT(DISTINCT x) has to send all values of x to where they can be compared, and to
hold each of them. That is the price of an exact figure, and no fault; but where there are millions
of values and a trend or an order of magnitude is wanted, it is paid for nothing.

Remedy: APPROXIMATE COUNT(DISTINCT x) works with a sketch of fixed size. Its result differs from
the exact one by about 2 %, so that only those who read the figure can decide. Redshift's guide
recommends it from millions of values on; for thousands it may even be slower.
"""

from collections.abc import Iterator

from backend.checks.check import LARGE_STEP_ROWS, measured, plan_nodes
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    Effect,
    Operator,
    below,
    effect_of_operators,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import rows_in_words
from backend.domain.threshold import AWS_GUIDE, OWN, Threshold

CHECK = "count_distinct"

DISTINCT_VALUES = Threshold(
    name="distinct_values",
    default=1_000_000,
    unit="rows",
    meaning="an approximate count of fewer distinct values gains nothing",
    source=f"{AWS_GUIDE}, COUNT: warranted for millions of distinct values, for thousands it may"
    " be slower",
)
MANY_COUNTS = Threshold(
    name="distinct_counts",
    default=3,
    unit="counts",
    meaning="so many counts of distinct values in one query hold as many sets of values",
    source=OWN,
)
RULES = (
    Rule(
        name="exact count of very many distinct values",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(DISTINCT_VALUES, MANY_COUNTS, LARGE_STEP_ROWS),
        peers=("sql-sentinel: COUNT(DISTINCT)", "Snowflake: INEFFICIENT_AGGREGATE"),
    ),
)


def count_distinct(case: CaseFile) -> Iterator[Finding | RuledOut]:
    counts = clauses(case, ClauseKind.COUNT_DISTINCT)
    if not counts or case.plan is None:
        return
    most = max(counts, key=lambda clause: clause.count)
    values = effect_of_operators(case, _sets_of_values(case))
    if values is not None:
        yield from _by_values(case, most.text, most.count, values)
    elif most.count >= case.limit(MANY_COUNTS):
        yield from _by_number(case, most.text, most.count)


def _by_values(
    case: CaseFile, text: str, number: int, values: Effect
) -> Iterator[Finding | RuledOut]:
    distinct, worth_values = values.rows_out, case.limit(DISTINCT_VALUES)
    found = values.in_words(distinct).removesuffix(" rows").removesuffix(" row")
    fact_ids = (*statement_id(case), *values.fact_ids)
    if distinct < worth_values:
        yield RuledOut(
            check=CHECK,
            sentence=f"An approximate count would gain nothing: {text} has {found} distinct values"
            f" to count (threshold {worth_values:,.0f}).",
            fact_ids=fact_ids,
        )
        return
    yield weighed_finding(
        case,
        values,
        check=CHECK,
        what=f"{text} keeps {found} values apart",
        titles=(f"Counts {found} distinct values exactly",),
        evidence=f"{text} keeps {found} values of {values.in_words(values.rows_in)} apart"
        f" (threshold {worth_values:,.0f} values), {values.place}{_others(number)}.",
        measures=(measured(case, DISTINCT_VALUES, "distinct values", distinct),),
        fact_ids=fact_ids,
        at_most=Severity.LOW,
    )


def _by_number(case: CaseFile, text: str, number: int) -> Iterator[Finding | RuledOut]:
    """Many sets of values in one aggregation, whose size no operator shows."""
    aggregations = (
        effect_of_operators(case, [operator])
        for operator in plan_nodes(case)
        if operator[0].operator.endswith("Aggregate")
    )
    effect = max(filter(None, aggregations), key=lambda each: each.rows_in, default=None)
    if effect is None:
        return
    worth_rows = case.limit(LARGE_STEP_ROWS)
    rows = effect.in_words(effect.rows_in)
    fact_ids = (*statement_id(case), *effect.fact_ids)
    if effect.rows_in <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{number} counts of distinct values go through {rows} only (threshold"
            f" {rows_in_words(worth_rows)}).",
            fact_ids=fact_ids,
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{number} counts of distinct values go through {rows}",
        titles=(f"{number} counts of distinct values go through {rows}",),
        evidence=f"{text} and {number - 1} more counts of distinct values (threshold"
        f" {case.limit(MANY_COUNTS):g}) each keep a set of values of {rows} (threshold"
        f" {rows_in_words(worth_rows)}), {effect.place}; how many values there are was not"
        " recorded.",
        measures=(
            measured(case, MANY_COUNTS, "counts", number),
            measured(case, LARGE_STEP_ROWS, "rows", effect.rows_in),
        ),
        fact_ids=fact_ids,
        at_most=Severity.LOW,
    )


def _others(number: int) -> str:
    return f"; the statement has {number} such counts" if number > 1 else ""


def _sets_of_values(case: CaseFile) -> list[Operator]:
    """The inner one of two aggregations, by which Redshift works out a COUNT(DISTINCT)."""
    ids = {node.node_id: fact_id for node, fact_id in plan_nodes(case)}
    found = []
    for node, _ in plan_nodes(case):
        if node.operator.endswith("Aggregate"):
            inner = below(node, "Subquery Scan", "Network", "Sort")
            if inner is not None and inner.operator.endswith("Aggregate") and inner.node_id in ids:
                found.append((inner, ids[inner.node_id]))
    return found
