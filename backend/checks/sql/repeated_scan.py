"""The same large table is scanned several times for one statement.

Anti-pattern: One query a figure, put together by UNION ALL or joins; a WITH query that is read
several times and that Redshift does not work out once. Each reads the table anew.

Remedy: Read it once: SUM(CASE WHEN … THEN amount END) for each figure over one scan, or GROUP BY
with one row a case. Put a WITH query that is read often into a temporary table with the right
distribution and sort key, and read that.
"""

from collections.abc import Iterator
from dataclasses import replace

from backend.checks.check import measured
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import (
    Effect,
    effect_of_scans,
    scan_operators,
    scans_of,
    times_in_words,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.checks.sql.scalar_subquery import correlated_reads
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS

CHECK = "repeated_scan"

RULES = (
    Rule(
        name="a table or WITH query is read several times",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.table_name",
            "SYS_QUERY_DETAIL.duration",
            "SVV_TABLE_INFO.tbl_rows",
        ),
        thresholds=(LARGE_TABLE_ROWS,),
        peers=(
            "AWS query best practices: CASE instead of reading a table several times",
            "PerformanceStudio: CTE referenced many times",
        ),
    ),
)


def repeated_scan(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Tables that a correlated subquery reads again are scalar_subquery's."""
    told = {fact.fact_id for fact, _ in correlated_reads(case)}
    for clause in clauses(case, ClauseKind.REPEATED_TABLE):
        fact = case.table(clause.table_names[0])
        effect = effect_of_scans(case, fact) if fact else None
        if fact is None or effect is None or fact.fact_id in told:
            continue
        told.add(fact.fact_id)
        yield from _judge(case, clause, fact, effect)


def _judge(
    case: CaseFile, clause: Clause, fact: TableFact, effect: Effect
) -> Iterator[Finding | RuledOut]:
    name = fact.table.full_name
    times = len(scans_of(case, fact)) or len(scan_operators(case, fact))
    rows = fact.table.row_count or effect.rows_in // max(times, 1)
    worth_rows = case.limit(LARGE_TABLE_ROWS)
    fact_ids = tuple(dict.fromkeys((*statement_id(case), fact.fact_id, *effect.fact_ids)))
    if rows <= worth_rows:
        return
    if times < 2:
        yield RuledOut(
            check=CHECK,
            sentence=f"{name} ({rows_in_words(rows)}) is named for {clause.count} reads, but"
            " scanned only once.",
            fact_ids=fact_ids,
        )
        return
    if _reads_parts(case, fact, effect, rows):
        yield RuledOut(
            check=CHECK,
            sentence=f"{name} is scanned {times_in_words(times)}, but each scan skips blocks:"
            f" together they read {rows_in_words(effect.rows_in)} of {rows_in_words(rows)}.",
            fact_ids=fact_ids,
        )
        return
    again = replace(effect, share=effect.share * (times - 1) / times)
    yield weighed_finding(
        case,
        again,
        check=CHECK,
        what=f"{name} is scanned {times_in_words(times)}",
        titles=(
            f"Scans {name} {times_in_words(times)}",
            f"Scans a large table {times_in_words(times)}",
        ),
        evidence=f"The statement reads {clause.text.removeprefix('FROM ')} in {clause.count}"
        f" places, and {name} ({rows_in_words(rows)}, threshold {rows_in_words(worth_rows)}) was"
        f" scanned {times_in_words(times)}, {effect.in_words(effect.rows_in)} in all; the scans"
        f" beyond the first take {again.part}.",
        measures=(measured(case, LARGE_TABLE_ROWS, "rows of the table", rows),),
        fact_ids=fact_ids,
        subject=name,
    )


def _reads_parts(case: CaseFile, fact: TableFact, effect: Effect, rows: int) -> bool:
    """Whether the scans may read different parts of the table, so that one scan saves little."""
    scans = scans_of(case, fact)
    return bool(scans) and (
        all(scan.step.is_range_restricted for scan in scans) and effect.rows_in <= rows
    )
