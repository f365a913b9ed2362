"""A condition on one side of a join would let the other side skip blocks, too.

Anti-pattern: a.day = b.day AND a.day >= … says the same of b.day, but where Redshift does not
carry the condition over, the scan of b reads all of it. For a filter on a join column Redshift
mostly carries it over by itself; the plan's Filter lines and is_rrscan tell whether it did.

Remedy: Write the condition for both columns. It changes no result of an inner join, and zone maps
then skip blocks of both tables.
"""

from collections.abc import Iterator

from backend.checks.check import LARGE_STEP_ROWS, measured
from backend.checks.clauses import clauses, full_column, owner_of, statement_id
from backend.checks.effects import effect_of_scans, scan_operators, scans_of, weighed_finding
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, sort_key_columns
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import rows_in_words

CHECK = "missing_redundant_predicate"

RULES = (
    Rule(
        name="a condition that only one side of a join has",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_EXPLAIN.plan_info",
            "SYS_QUERY_DETAIL.is_rrscan",
        ),
        thresholds=(LARGE_STEP_ROWS,),
        peers=(
            "AWS query best practices: redundant predicates on joined tables",
            "Infraredshift: PROPAGATE_JOIN_FILTER",
        ),
    ),
)


def missing_redundant_predicate(case: CaseFile) -> Iterator[Finding | RuledOut]:
    told: set[str] = set()
    for clause in clauses(case, ClauseKind.ONE_SIDED_FILTER):
        filtered, twin = clause.columns
        fact = owner_of(case, twin)
        known = owner_of(case, filtered)
        if fact is None or known is None:
            continue
        subject = full_column(fact, twin.column_name)
        is_leading = sort_key_columns(fact.table)[:1] == (twin.column_name,)
        if subject in told or not is_leading or filters_column(case, fact, twin.column_name):
            continue
        source = full_column(known, filtered.column_name)
        for said in _judge(case, clause, fact, source, subject):
            told.add(subject)
            yield said


def _judge(
    case: CaseFile, clause: Clause, fact: TableFact, source: str, subject: str
) -> Iterator[Finding | RuledOut]:
    twin = clause.columns[1]
    effect = effect_of_scans(case, fact)
    if effect is None:
        return
    worth_rows = case.limit(LARGE_STEP_ROWS)
    fact_ids = (*statement_id(case), fact.fact_id)
    if _is_carried_over(case, fact, twin.column_name):
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} need not be repeated for {subject}: Redshift carried it over,"
            f" or the scan, which read {rows_in_words(effect.rows_in)}, was range restricted"
            " all the same.",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    if effect.rows_in <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} is not repeated for {subject}, but its scan reads"
            f" {rows_in_words(effect.rows_in)} (threshold {rows_in_words(worth_rows)}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{clause.text} is not repeated for {subject}",
        titles=(f"The condition is missing for {subject}", "A condition is missing for its twin"),
        evidence=f"The statement demands {clause.text} and joins {source} to"
        f" {subject}, the sort key of its table, without a condition of its own: the scan of"
        f" {fact.table.full_name} reads {effect.in_words(effect.rows_in)} (threshold"
        f" {rows_in_words(worth_rows)}) without skipping a block, {effect.place}.",
        measures=(measured(case, LARGE_STEP_ROWS, "rows read", effect.rows_in),),
        fact_ids=fact_ids,
        subject=subject,
    )


def _is_carried_over(case: CaseFile, fact: TableFact, column_name: str) -> bool:
    """By the steps where they name the table, else by the plan's Filter lines."""
    scans = scans_of(case, fact)
    if scans:
        return any(scan.step.is_range_restricted is not False for scan in scans)
    filters = [node.condition("Filter") or "" for node, _ in scan_operators(case, fact)]
    return any(column_name in text.lower() for text in filters)
