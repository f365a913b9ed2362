"""The statement asks for every column of a wide table.

Anti-pattern: Redshift stores each column on its own and reads only those that a statement names.
SELECT * on a wide table reads, moves and returns them all, and breaks its readers when a column is
added.

Remedy: Name the columns that the reader uses. Where everything is really wanted, it is an export:
UNLOAD writes it to S3 from all slices at once instead of through the leader.
"""

from collections.abc import Iterator

from backend.checks.check import (
    UNMEASURED_SHARE,
    cited,
    largest,
    measured,
    milder,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, PlanNodeFact, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import megabytes_in_words, rows_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "select_star"

WIDE_TABLE_COLUMNS = Threshold(
    name="wide_table_columns",
    default=20,
    unit="columns",
    meaning="SELECT * of a table with fewer columns costs little",
    source=OWN,
)
WIDE_ROW_BYTES = Threshold(
    name="wide_row_bytes",
    default=500,
    unit="bytes",
    meaning="SELECT * of narrower rows costs little",
    source=OWN,
)
SMALL_RESULT_ROWS = Threshold(
    name="star_small_result_rows",
    default=10_000,
    unit="rows",
    meaning="SELECT * of fewer rows weighs little",
    source=f"{OWN}: they are found first, and only then are their other columns read",
)
RULES = (
    Rule(
        name="SELECT * of a wide table",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.column_name",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(WIDE_TABLE_COLUMNS, WIDE_ROW_BYTES, SMALL_RESULT_ROWS),
        peers=(
            "Infraredshift: select-star",
            "sqlcheck, sql-sentinel: SELECT *",
            "AWS query best practices: avoid select *",
        ),
    ),
)


def select_star(case: CaseFile) -> Iterator[Finding | RuledOut]:
    if case.statement is None or not case.statement.selects_star:
        return
    widest = max(_starred(case), key=lambda fact: len(fact.table.columns), default=None)
    column_count = len(widest.table.columns) if widest else 0
    root = case.plan_nodes[0] if case.plan_nodes else None
    row_bytes = root.node.width_bytes if root else 0
    wide_columns, wide_bytes = case.limit(WIDE_TABLE_COLUMNS), case.limit(WIDE_ROW_BYTES)
    if column_count < wide_columns and row_bytes < wide_bytes:
        if column_count or row_bytes:
            yield _narrow(case, widest, root)
        return
    scans = _scans_of(case, widest)
    share = segment_share(case, scans) if scans else UNMEASURED_SHARE
    returned = largest(steps_named(case, "return"))[:1]
    has_small_result = bool(returned) and returned[0].step.output_rows < case.limit(
        SMALL_RESULT_ROWS
    )
    if has_small_result:
        share = min(share, UNMEASURED_SHARE)
    severity = weigh(case, Bucket.EXECUTION, share)
    is_wide_table = widest is not None and column_count >= wide_columns
    fact_ids = (
        case.statement.fact_id,
        *((widest.fact_id,) if widest and is_wide_table else ()),
        *((root.fact_id,) if root and row_bytes >= wide_bytes else ()),
        *cited(case, scans[:2]),
        *(fact.fact_id for fact in returned),
    )
    if severity is None:
        yield too_small_to_matter(case, CHECK, "SELECT * reads every column", share, fact_ids)
        return
    subject = widest.table.full_name if widest and is_wide_table else ""
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.LOW if has_small_result else Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"SELECT * reads all {column_count} columns of {subject}"
            if subject
            else f"SELECT * returns rows of {row_bytes:,} bytes"
        ),
        evidence=_evidence(case, subject, column_count, row_bytes, returned),
        fact_ids=fact_ids,
        subject=subject,
        measures=(
            measured(case, WIDE_TABLE_COLUMNS, "columns", column_count),
            measured(case, WIDE_ROW_BYTES, "row width", row_bytes),
        ),
        affected_share=share,
    )


def _starred(case: CaseFile) -> list[TableFact]:
    """The known tables that the `*` stands for; all of them where it is not told which."""
    names = case.statement.starred_tables if case.statement else ()
    starred = {fact.fact_id for fact in map(case.table, names) if fact}
    return [fact for fact in case.tables if not names or fact.fact_id in starred]


def _evidence(
    case: CaseFile, subject: str, column_count: int, row_bytes: int, returned: list[StepFact]
) -> str:
    parts = []
    if subject:
        parts.append(
            f"{subject} has {column_count} columns (threshold {case.limit(WIDE_TABLE_COLUMNS):g})"
        )
    if row_bytes:
        parts.append(
            f"the plan returns rows of {row_bytes:,} bytes (threshold {case.limit(WIDE_ROW_BYTES):g})"
        )
    if returned:
        rows = rows_in_words(returned[0].step.output_rows)
        megabytes = returned[0].step.output_bytes / 1_000_000
        sized = f" ({megabytes_in_words(megabytes)})" if megabytes >= 1 else ""
        parts.append(f"the recorded run returned {rows}{sized}")
    return f"The statement selects every column: {', '.join(parts)}."


def _narrow(case: CaseFile, widest: TableFact | None, root: PlanNodeFact | None) -> RuledOut:
    figures = []
    if widest and widest.table.columns:
        figures.append(f"{widest.table.full_name} has {len(widest.table.columns)} columns")
    if root:
        figures.append(f"rows of {root.node.width_bytes:,} bytes are returned")
    facts = (case.statement, widest, root)
    return RuledOut(
        check=CHECK,
        sentence=f"SELECT * costs little here: {' and '.join(figures)} (thresholds"
        f" {case.limit(WIDE_TABLE_COLUMNS):g} columns, {case.limit(WIDE_ROW_BYTES):g} bytes).",
        fact_ids=tuple(fact.fact_id for fact in facts if fact),
    )


def _scans_of(case: CaseFile, widest: TableFact | None) -> list[StepFact]:
    if widest is None:
        return []
    scans = (fact for fact in steps_named(case, "scan") if fact.step.table_name)
    return largest(fact for fact in scans if case.table(fact.step.table_name or "") is widest)
