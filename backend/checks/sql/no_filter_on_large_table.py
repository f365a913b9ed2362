"""A large table is read whole, because no condition restricts it.

Anti-pattern: No WHERE, no join to a filtered table and no LIMIT keeps rows of a large table from
being read, so the time of the query grows with the table. A load or an unload means it so, and a
small table is read in no time.

Remedy: Ask for the period or the part that the reader needs, best by the sort key, so that whole
blocks are skipped. Where the figure is about all rows and wanted often, keep it in a materialized
view or a summary table.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.clauses import clauses, is_load, statement_id
from backend.checks.effects import (
    Effect,
    effect_of_scans,
    is_unrecorded,
    scan_operators,
    unmeasured,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import rows_in_words
from backend.domain.threshold import LARGE_TABLE_ROWS, OWN, Threshold

CHECK = "no_filter_on_large_table"

PASSED_ON_SHARE = Threshold(
    name="unfiltered_passed_share",
    default=0.9,
    unit="share",
    meaning="a scan that passes less of its rows on is filtered by something after all",
    source=f"{OWN}: the rest may be deleted rows",
)
RULES = (
    Rule(
        name="no condition on a large table",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_TABLE_INFO.tbl_rows",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(LARGE_TABLE_ROWS, PASSED_ON_SHARE),
        peers=(
            "Snowflake: NO_FILTER_ON_TOP_OF_TABLE_SCAN",
            "sql-sentinel: no WHERE",
            "AWS query best practices: restrict the dataset by predicates",
        ),
    ),
)


def no_filter_on_large_table(case: CaseFile) -> Iterator[Finding | RuledOut]:
    small: list[tuple[int, TableFact]] = []
    told: set[str] = set()
    for clause in clauses(case, ClauseKind.UNFILTERED_TABLE):
        fact = case.table(clause.table_names[0])
        if fact is None or fact.fact_id in told:
            continue
        told.add(fact.fact_id)
        effect = effect_of_scans(case, fact) or (unmeasured() if is_unrecorded(case) else None)
        rows = max(fact.table.row_count or 0, effect.rows_in if effect else 0)
        if effect is None or rows == 0 or _is_filtered_after_all(case, fact, effect):
            continue
        if rows > case.limit(LARGE_TABLE_ROWS):
            yield _judge(case, fact, effect, rows)
        else:
            small.append((rows, fact))
    if small and len(small) == len(told):
        rows, fact = max(small, key=lambda each: each[0])
        yield RuledOut(
            check=CHECK,
            sentence=f"Reading {fact.table.full_name} whole costs little: it has"
            f" {rows_in_words(rows)} (threshold {rows_in_words(case.limit(LARGE_TABLE_ROWS))}).",
            fact_ids=(*statement_id(case), fact.fact_id),
        )


def _is_filtered_after_all(case: CaseFile, fact: TableFact, effect: Effect) -> bool:
    """By a view, by row-level security, or by what a join tells its scan at run time."""
    if effect.is_measured and effect.rows_out < case.limit(PASSED_ON_SHARE) * effect.rows_in:
        return True
    operators = scan_operators(case, fact)
    return bool(operators) and all(node.condition("Filter") for node, _ in operators)


def _judge(case: CaseFile, fact: TableFact, effect: Effect, rows: int) -> Finding | RuledOut:
    name = fact.table.full_name
    fact_ids = (*statement_id(case), fact.fact_id)
    if is_load(case):
        return RuledOut(
            check=CHECK,
            sentence=f"{name} is read whole ({rows_in_words(rows)}), as a statement of type"
            f" {case.query_type.upper()} may well mean it.",
            fact_ids=fact_ids,
        )
    if effect.is_measured:
        does = f"its scan passed on {rows_in_words(effect.rows_out)}, {effect.place}"
    elif effect.fact_ids:
        does = f"its scan comes {effect.place}; no steps were recorded to measure it"
    else:
        does = "no scan of it was recorded to measure the effect"
    return weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{name} is read without a condition",
        titles=(
            f"Reads all {rows_in_words(rows)} of {name}",
            f"Reads all {rows_in_words(rows)} of a table",
        ),
        evidence=f"No condition of the statement restricts {name}, which has {rows_in_words(rows)}"
        f" (threshold {rows_in_words(case.limit(LARGE_TABLE_ROWS))}): {does}.",
        measures=(measured(case, LARGE_TABLE_ROWS, "rows of the table", rows),),
        fact_ids=fact_ids,
        subject=name,
        at_most=Severity.MEDIUM,
    )
