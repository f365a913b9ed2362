"""An OR over different columns keeps Redshift from restricting what it reads or joins.

Anti-pattern: WHERE sold_at > … OR status = … must read every block, although the table is sorted
by sold_at; WHERE a.x = … OR b.y = … can be decided only after the join, so that all rows of both
tables go through it. An OR over columns of which none leads the sort key is no worse than either
side of it, and one over a single column is an IN list.

Remedy: Split the OR into two queries with UNION ALL, each with one side, the second without the
rows of the first; each can then skip blocks or filter before its join. Repeat in front of the OR
whatever holds for both sides.
"""

from collections.abc import Iterator

from backend.checks.check import LARGE_STEP_ROWS, measured, plan_nodes
from backend.checks.clauses import clauses, full_column, owner_of, statement_id
from backend.checks.effects import (
    effect_of_operators,
    effect_of_scans,
    scans_of,
    weighed_finding,
)
from backend.checks.rule import Rule
from backend.checks.sort_keys import sort_key_columns
from backend.domain.case_file import CaseFile, Clause, ClauseKind, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import listed, rows_in_words

CHECK = "or_across_columns"

RULES = (
    Rule(
        name="an OR that hides the sort key",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.input_rows",
        ),
        thresholds=(LARGE_STEP_ROWS,),
        peers=(
            "Snowflake: INAPPLICABLE_FILTER_ON_TABLE_SCAN",
            "sqlcheck, sql-sentinel: OR",
            "PerformanceStudio: OR expansion",
        ),
    ),
    Rule(
        name="an OR over columns of two tables",
        inputs=("SYS_QUERY_EXPLAIN.plan_info", "SYS_QUERY_DETAIL.input_rows"),
        thresholds=(LARGE_STEP_ROWS,),
        peers=("Snowflake: INEFFICIENT_JOIN_CONDITION",),
    ),
)


def or_across_columns(case: CaseFile) -> Iterator[Finding | RuledOut]:
    told: set[str] = set()
    for clause in clauses(case, ClauseKind.OR_ACROSS_COLUMNS):
        owners = [owner_of(case, use) for use in clause.columns]
        tables = {fact.fact_id: fact for fact in owners if fact}
        if None in owners or not tables:
            continue
        subject = listed(sorted(fact.table.full_name for fact in tables.values()))
        if subject in told:
            continue
        said = (
            _of_one_table(case, clause, *tables.values())
            if len(tables) == 1
            else _of_tables(case, clause, list(tables.values()), subject)
        )
        for one in said:
            told.add(subject)
            yield one


def _of_one_table(case: CaseFile, clause: Clause, fact: TableFact) -> Iterator[Finding | RuledOut]:
    """Only where a column of the OR leads the sort key is anything lost by it."""
    leading = sort_key_columns(fact.table)[:1]
    scans = scans_of(case, fact)
    effect = effect_of_scans(case, fact)
    if not leading or leading[0] not in {use.column_name for use in clause.columns}:
        return
    if effect is None or not scans:
        return
    key = full_column(fact, leading[0])
    fact_ids = (*statement_id(case), fact.fact_id)
    if all(scan.step.is_range_restricted for scan in scans):
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} does no harm: every recorded scan of {fact.table.full_name}"
            " was range restricted all the same.",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    worth_rows = case.limit(LARGE_STEP_ROWS)
    if effect.rows_in <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} does little harm: the scan of {fact.table.full_name} reads"
            f" {rows_in_words(effect.rows_in)} (threshold {rows_in_words(worth_rows)}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{clause.text} keeps the sort key {key} from being used",
        titles=(f"An OR hides the sort key {key}", "An OR hides the sort key"),
        evidence=f"{fact.table.full_name} is sorted by {leading[0]}, but rows may also come in by"
        f" the other side of {clause.text}: the scan read {rows_in_words(effect.rows_in)}"
        f" (threshold {rows_in_words(worth_rows)}) without skipping a block and kept"
        f" {rows_in_words(effect.rows_out)}, {effect.place}.",
        measures=(measured(case, LARGE_STEP_ROWS, "rows read", effect.rows_in),),
        fact_ids=fact_ids,
        subject=fact.table.full_name,
    )


def _of_tables(
    case: CaseFile, clause: Clause, facts: list[TableFact], subject: str
) -> Iterator[Finding | RuledOut]:
    """Decided by a join that has an equality as well; one that has none is a nested loop, which
    that check reports."""
    joins = [
        (node, fact_id)
        for node, fact_id in plan_nodes(case)
        if node.is_join
        and "Nested Loop" not in node.operator
        and " OR " in (node.condition("Join Filter") or "")
    ]
    effect = effect_of_operators(case, joins)
    if effect is None:
        return
    worth_rows = case.limit(LARGE_STEP_ROWS)
    fact_ids = (*statement_id(case), *(fact.fact_id for fact in facts))
    if effect.rows_in <= worth_rows:
        yield RuledOut(
            check=CHECK,
            sentence=f"{clause.text} does little harm: its join takes in"
            f" {effect.in_words(effect.rows_in)} (threshold {rows_in_words(worth_rows)}).",
            fact_ids=(*fact_ids, *effect.fact_ids),
        )
        return
    yield weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"{clause.text} is decided after the join",
        titles=(
            f"An OR over columns of {subject} waits for the join",
            f"An OR over columns of {len(facts)} tables waits for the join",
        ),
        evidence=f"{clause.text} names columns of {subject}, so it cannot filter either before"
        f" they are joined: {effect.in_words(effect.rows_in)} go into the join (threshold"
        f" {rows_in_words(worth_rows)}) and {effect.in_words(effect.rows_out)} come out,"
        f" {effect.place}.",
        measures=(measured(case, LARGE_STEP_ROWS, "rows joined", effect.rows_in),),
        fact_ids=fact_ids,
        subject=subject,
    )
