"""A whole large table is deleted or updated row by row.

Anti-pattern: DELETE without WHERE marks every row as deleted, so that later scans still read them
until a VACUUM; UPDATE without WHERE does that and writes every row anew behind it, unsorted.

Remedy: TRUNCATE empties a table at once, without VACUUM; it commits the transaction and cannot be
rolled back. Instead of updating all rows, make the new table by CREATE TABLE AS with the value
worked out, and swap the names.
"""

from collections.abc import Iterator

from backend.checks.check import largest, measured, steps_named
from backend.checks.clauses import clauses, statement_id
from backend.checks.effects import MANY_ROWS, Effect, weighed_finding
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import rows_in_words

CHECK = "delete_without_where"

RULES = (
    Rule(
        name="DELETE or UPDATE of a whole table",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.input_rows",
            "SVV_TABLE_INFO.tbl_rows",
        ),
        thresholds=(MANY_ROWS,),
        peers=("sql-sentinel: DELETE, UPDATE no WHERE", "AWS redshift-guide: DELETE without WHERE"),
    ),
)


def delete_without_where(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for clause in clauses(case, ClauseKind.DELETE_ALL, ClauseKind.UPDATE_ALL)[:1]:
        known = case.table(clause.table_names[0])
        name = known.table.full_name if known else clause.table_names[0]
        written = largest(steps_named(case, "delete"))[:1]
        of_steps = max((max(f.step.input_rows, f.step.output_rows) for f in written), default=0)
        of_table = (known.table.row_count or 0) if known else 0
        rows = of_steps or of_table
        fact_ids = (*statement_id(case), *((known.fact_id,) if known else ()))
        if rows == 0:
            return
        worth_rows = case.limit(MANY_ROWS)
        if rows < worth_rows:
            yield RuledOut(
                check=CHECK,
                sentence=f"{clause.text} has no WHERE, but touches {rows_in_words(rows)} (threshold"
                f" {rows_in_words(worth_rows)}).",
                fact_ids=(*fact_ids, *(fact.fact_id for fact in written)),
            )
            return
        is_delete = clause.kind is ClauseKind.DELETE_ALL
        effect = Effect(
            rows_in=rows,
            rows_out=rows,
            share=1.0,
            fact_ids=tuple(fact.fact_id for fact in written),
            is_measured=bool(of_steps),
        )
        counted = (
            f"; its recorded run went through {rows_in_words(rows)}"
            if of_steps
            else f", and no step was recorded to count its rows: {name} has {rows_in_words(rows)}"
        )
        yield weighed_finding(
            case,
            effect,
            check=CHECK,
            what=f"{clause.text} has no WHERE",
            titles=(
                f"{'Deletes' if is_delete else 'Updates'} every row of {name}",
                f"{'Deletes' if is_delete else 'Updates'} every row of a table",
            ),
            evidence=f"{clause.text} has no WHERE{counted} (threshold {rows_in_words(worth_rows)}).",
            measures=(measured(case, MANY_ROWS, "rows", rows),),
            fact_ids=fact_ids,
            subject=name,
            at_most=Severity.HIGH if of_steps else Severity.MEDIUM,
        )
