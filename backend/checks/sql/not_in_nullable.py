"""NOT IN over a column that may be NULL.

Anti-pattern: If the subquery of NOT IN gives a single NULL, no row at all is returned, which is
seldom meant. Because every row has to be held against that possibility, Redshift works it out by a
join of its own kind (Hash NOT IN Join), or row by row.

Remedy: NOT EXISTS with the equality inside, which leaves NULLs alone and is an ordinary join; or
NOT IN with IS NOT NULL in the subquery. A column that is never NULL should be declared NOT NULL
when its table is next made anew: Redshift enforces that, unlike keys.
"""

from collections.abc import Iterator

from backend.checks.check import measured, plan_nodes
from backend.checks.clauses import clauses, column_of, full_column, owner_of, statement_id
from backend.checks.effects import (
    Effect,
    effect_of_operators,
    is_unrecorded,
    unmeasured,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS, OWN, Threshold

CHECK = "not_in_nullable"

COMPARED_ROWS = Threshold(
    name="not_in_rows",
    default=1_000_000,
    unit="rows",
    meaning="a NOT IN that fewer rows are held against is cheap",
    source=OWN,
)
RULES = (
    Rule(
        name="NOT IN over a nullable column",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.is_nullable",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(COMPARED_ROWS, LARGE_TABLE_ROWS),
        peers=(
            "Infraredshift: NOT_IN_TO_NOT_EXISTS",
            "PerformanceStudio: NOT IN nullable",
            "sql-sentinel: NOT IN",
            "sqlcheck: NULL use",
        ),
    ),
)


def not_in_nullable(case: CaseFile) -> Iterator[Finding | RuledOut]:
    told: set[str] = set()
    for clause in clauses(case, ClauseKind.NOT_IN_SUBQUERY):
        if len(clause.columns) < 2:
            continue
        inner = clause.columns[1]
        fact = owner_of(case, inner, clause.table_names)
        column = column_of(fact, inner.column_name) if fact else None
        if fact is None or column is None:
            continue
        subject = full_column(fact, inner.column_name)
        if subject in told:
            continue
        told.add(subject)
        if column.is_nullable:
            yield from _judge(case, clause, fact, subject)
        else:
            rows = fact.table.row_count
            sized = rows_in_words(rows) if rows is not None else "1 column"
            yield RuledOut(
                check=CHECK,
                sentence=f"{clause.text} can meet no NULL: {subject} ({sized}) is declared NOT NULL.",
                fact_ids=(*statement_id(case), fact.fact_id),
            )


def _judge(
    case: CaseFile, clause: Clause, fact: TableFact, subject: str
) -> Iterator[Finding | RuledOut]:
    effect = _effect(case, clause, fact)
    if effect is None:
        return
    fact_ids = (*statement_id(case), fact.fact_id)
    compared = effect.rows_in
    worth_rows = case.limit(COMPARED_ROWS)
    if effect.fact_ids and compared < worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} costs little: {effect.in_words(compared)} are held against it"
            f" (threshold {rows_in_words(worth_rows)}), though {subject} may be NULL.",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    does = (
        f"{effect.in_words(compared)} are held against it (threshold {rows_in_words(worth_rows)}),"
        f" {effect.place}"
        if effect.fact_ids
        else f"{_largest_rows(case, clause)} of its tables are at stake; no plan was recorded to"
        " measure the effect"
    )
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{clause.text} is worked out with regard to NULLs",
        titles=(
            f"NOT IN over {subject}, which may be NULL",
            "NOT IN over a column that may be NULL",
        ),
        evidence=f"{subject} is not declared NOT NULL: one NULL in it, and no row passes"
        f" {clause.text}; {does}.",
        measures=(measured(case, COMPARED_ROWS, "rows compared", compared),),
        fact_ids=fact_ids,
        subject=subject,
        at_most=Severity.HIGH if effect.fact_ids else Severity.LOW,
    )


def _effect(case: CaseFile, clause: Clause, fact: TableFact) -> Effect | None:
    """Of the plan's own operator for NOT IN; where nothing was recorded, none is measured."""
    if is_unrecorded(case):
        sizes = _rows(case, clause, fact)
        return unmeasured() if max(sizes) > case.limit(LARGE_TABLE_ROWS) else None
    if case.plan is None:
        return None
    operators = [(node, fact_id) for node, fact_id in plan_nodes(case) if "NOT IN" in node.operator]
    return effect_of_operators(case, operators)


def _rows(case: CaseFile, clause: Clause, fact: TableFact) -> tuple[int, int]:
    outer = owner_of(case, clause.columns[0])
    return fact.table.row_count or 0, (outer.table.row_count or 0) if outer else 0


def _largest_rows(case: CaseFile, clause: Clause) -> str:
    inner = owner_of(case, clause.columns[1], clause.table_names)
    return rows_in_words(max(_rows(case, clause, inner))) if inner else "the rows"
