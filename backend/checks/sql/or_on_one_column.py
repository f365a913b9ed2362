"""An OR over single values of the sort key, by which the recorded scan skipped no block.

Anti-pattern: WHERE sold_on = … OR sold_on = … names nothing but the column that the table is
sorted by, and still the scan was not range restricted (is_rrscan = f): it read the table from end
to end to keep less than a quarter. Over any other column such an OR reads no more than a list.

Remedy: Put a range from the lowest to the highest of the values beside the OR; it changes no
result and is the plain comparison that zone maps are made for. A list is another thing to
Redshift than the OR only where it has more than ten values.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import LARGE_STEP_ROWS, cited, measured, segment_share
from backend.checks.clauses import full_column, statement_id
from backend.checks.effects import Effect, scans_of, weighed_finding
from backend.checks.ored_sort_key import ored_sort_key, skipped_no_block
from backend.checks.rule import Rule
from backend.checks.scans import is_small_table, kept_share
from backend.checks.steps.unsorted_scan import KEPT_SHARE, is_out_of_order, is_wasteful
from backend.domain.case_file import CaseFile, Clause, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import percent, rows_in_words

CHECK = "or_on_one_column"

RULES = (
    Rule(
        name="an OR on the sort key that skipped no block",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(LARGE_STEP_ROWS, KEPT_SHARE),
        peers=(
            "Snowflake: INAPPLICABLE_FILTER_ON_TABLE_SCAN",
            "sqlcheck, sql-sentinel: OR",
        ),
    ),
)


def or_on_one_column(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """A table that is out of order is unsorted_scan's, which leaves all others with such an OR to
    this check."""
    for fact in case.tables:
        clause = ored_sort_key(case, fact)
        scans = scans_of(case, fact)
        if clause is None or not scans or is_small_table(case, fact):
            continue
        excluded = _excluded(case, fact, scans)
        if excluded:
            yield RuledOut(
                check=CHECK,
                sentence=f"{clause.text} does no harm: {excluded}.",
                fact_ids=(*statement_id(case), fact.fact_id, *cited(case, scans)),
            )
        elif skipped_no_block(case, fact) and not is_out_of_order(case, fact):
            worth_rows = case.limit(LARGE_STEP_ROWS)
            large = [scan for scan in scans if scan.step.input_rows > worth_rows]
            wasteful = [scan for scan in large if is_wasteful(case, scan)]
            if wasteful:
                yield _said(case, clause, fact, wasteful)


def _excluded(case: CaseFile, fact: TableFact, scans: Sequence[StepFact]) -> str | None:
    """Why the OR is harmless here; None where it is not, or where nothing tells."""
    name = fact.table.full_name
    worth_rows = case.limit(LARGE_STEP_ROWS)
    if all(scan.step.is_range_restricted for scan in scans):
        return f"every recorded scan of {name} was range restricted all the same"
    most = max(scan.step.input_rows for scan in scans)
    if most <= worth_rows:
        return (
            f"the scan of {name} reads {rows_in_words(most)} (threshold"
            f" {rows_in_words(worth_rows)})"
        )
    if skipped_no_block(case, fact) and not any(is_wasteful(case, scan) for scan in scans):
        return (
            f"the scan of {name} keeps {percent(kept_share(list(scans)))} of what it reads"
            f" (threshold {percent(case.limit(KEPT_SHARE))}), so that there is little to skip"
        )
    return None


def _said(
    case: CaseFile, clause: Clause, fact: TableFact, scans: list[StepFact]
) -> Finding | RuledOut:
    kept = kept_share(scans)
    column_name = clause.columns[0].column_name
    subject = full_column(fact, column_name)
    effect = Effect(
        rows_in=sum(scan.step.input_rows for scan in scans),
        rows_out=sum(scan.step.output_rows for scan in scans),
        share=segment_share(case, scans),
        fact_ids=cited(case, scans),
        is_measured=True,
    )
    rows = rows_in_words(effect.rows_in)
    return weighed_finding(
        case,
        effect,
        check=CHECK,
        what=f"By {clause.text} no block of {fact.table.full_name} was skipped",
        titles=(
            f"An OR on the sort key {subject} skipped no block",
            f"An OR on the sort key {column_name} skipped no block",
            "An OR on the sort key skipped no block",
        ),
        evidence=f"{fact.table.full_name} is sorted by {column_name}, and of that the statement"
        f" asks {clause.text} and nothing else: the scan read {rows} (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}) without skipping a block and kept"
        f" {percent(kept)} of them (threshold {percent(case.limit(KEPT_SHARE))}), {effect.place}.",
        measures=(
            measured(case, LARGE_STEP_ROWS, "rows read", effect.rows_in),
            measured(case, KEPT_SHARE, "rows kept", kept),
        ),
        fact_ids=(*statement_id(case), fact.fact_id),
        subject=subject,
    )
