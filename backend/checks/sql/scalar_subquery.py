"""A correlated subquery reads a table that the statement reads anyway.

Anti-pattern: WHERE amount > (SELECT AVG(amount) FROM sale t WHERE t.shop_id = s.shop_id), or
several such subqueries in the select list. Redshift turns each into a join with a grouped scan of
the whole table, not into a look-up a row: the table is then read once for each mention.

Remedy: Where the subquery reads the same table, take a window function over one scan (AVG(amount)
OVER (PARTITION BY shop_id)). Put several subqueries over one table into one grouped query, and
join that. Repeat inside what the query around it demands, so that less is grouped.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.clauses import clauses, owner_of, statement_id
from backend.checks.effects import (
    Effect,
    effect_of_scans,
    scan_operators,
    scans_of,
    times_in_words,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS

CHECK = "scalar_subquery"

RULES = (
    Rule(
        name="a correlated subquery reads a table again",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.table_name",
            "SYS_QUERY_DETAIL.duration",
            "SVV_TABLE_INFO.tbl_rows",
        ),
        thresholds=(LARGE_TABLE_ROWS,),
        peers=(
            "sql-sentinel: scalar subquery",
            "sqlcheck: nested sub-queries",
            "Infraredshift: 3 subqueries and more",
        ),
    ),
)


def scalar_subquery(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for fact, own in correlated_reads(case):
        effect = effect_of_scans(case, fact)
        if effect is not None:
            yield from _judge(case, own, fact, effect)


def correlated_reads(case: CaseFile) -> list[tuple[TableFact, list[Clause]]]:
    """The known tables that correlated subqueries read, each with these subqueries."""
    reads: dict[str, tuple[TableFact, list[Clause]]] = {}
    for clause in clauses(case, ClauseKind.CORRELATED_SUBQUERY, ClauseKind.SCALAR_SUBQUERY):
        if _is_correlated(case, clause):
            for name in clause.table_names:
                fact = case.table(name)
                if fact is not None:
                    reads.setdefault(fact.fact_id, (fact, []))[1].append(clause)
    return list(reads.values())


def _is_correlated(case: CaseFile, clause: Clause) -> bool:
    """A bare column that no table of the subquery has belongs to the query around it."""
    if clause.kind is ClauseKind.CORRELATED_SUBQUERY:
        return True
    own = {fact.fact_id for name in clause.table_names if (fact := case.table(name))}
    owners = [owner_of(case, use, clause.table_names) for use in clause.columns]
    return any(fact is not None and fact.fact_id not in own for fact in owners)


def _judge(
    case: CaseFile, own: list[Clause], fact: TableFact, effect: Effect
) -> Iterator[Finding | RuledOut]:
    name = fact.table.full_name
    times = len(scans_of(case, fact)) or len(scan_operators(case, fact))
    rows = fact.table.row_count or effect.rows_in // max(times, 1)
    fact_ids = tuple(dict.fromkeys((*statement_id(case), fact.fact_id, *effect.fact_ids)))
    worth_rows = case.limit(LARGE_TABLE_ROWS)
    if times < 2 or rows <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"The correlated subquery {own[0].text} is no look-up a row: {name}"
            f" ({rows_in_words(rows)}, threshold {rows_in_words(worth_rows)}) is scanned"
            f" {times_in_words(times)}.",
            fact_ids=fact_ids,
        )
        return
    again = Effect(
        rows_in=effect.rows_in,
        rows_out=effect.rows_out,
        share=effect.share * (times - 1) / times,
        fact_ids=effect.fact_ids,
        is_measured=effect.is_measured,
    )
    such = "A correlated subquery" if len(own) == 1 else f"{len(own)} correlated subqueries such as"
    makes = "makes" if len(own) == 1 else "make"
    yield weighed_finding(
        case,
        again,
        check=CHECK,
        what=f"{name} is scanned again for a correlated subquery",
        titles=(
            f"A correlated subquery scans {name} again",
            "A correlated subquery scans a table again",
        ),
        evidence=f"{such} {own[0].text} {makes} the statement scan {name}"
        f" ({rows_in_words(rows)}, threshold {rows_in_words(worth_rows)}) {times_in_words(times)};"
        f" the scans beyond the first take {again.part}.",
        measures=(measured(case, LARGE_TABLE_ROWS, "rows of the table", rows),),
        fact_ids=fact_ids,
        subject=name,
    )
