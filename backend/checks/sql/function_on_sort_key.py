"""A function around a sort-key column keeps Redshift from skipping blocks.

Anti-pattern: WHERE DATE_TRUNC('month', sold_at) = …, TO_CHAR(sold_at, …), sold_at::date or
COALESCE(sold_at, …): the zone maps hold values of the bare column, so every block must be read
and the function worked out for every row.

Remedy: Compare the bare column with a range: sold_at >= start AND sold_at < end. If the expression
itself is what everyone filters by, store it as a column of its own and sort by that.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    UNMEASURED_SHARE,
    cited,
    measured,
    milder,
    segment_share,
    too_small_to_matter,
    weigh,
)
from backend.checks.clauses import statement_id
from backend.checks.effects import scans_of
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, sort_key_columns, table_of
from backend.domain.case_file import CaseFile, ColumnUse, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import percent, rows_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "function_on_sort_key"

SMALL_TABLE_ROWS = Threshold(
    name="sort_key_small_table_rows",
    default=100_000,
    unit="rows",
    meaning="a function on the sort key of a table with fewer rows is harmless",
    source=f"{OWN}: they fit into a few blocks a slice, and there is nothing to skip",
)
RULES = (
    Rule(
        name="a function around a sort-key column",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_DETAIL.is_rrscan",
        ),
        thresholds=(SMALL_TABLE_ROWS,),
        peers=(
            "Infraredshift: func-on-sortkey, SARGABLE_SORTKEY",
            "Snowflake: INAPPLICABLE_FILTER_ON_TABLE_SCAN",
            "Datadog: function in filter",
            "sql-sentinel: function on column",
        ),
    ),
)


def function_on_sort_key(case: CaseFile) -> Iterator[Finding | RuledOut]:
    told: set[tuple[str, str]] = set()
    for use in case.statement.wrapped_columns if case.statement else ():
        fact = table_of(case, use)
        column_name = use.column_name.lower()
        if fact is None or (fact.fact_id, column_name) in told:
            continue
        keys = sort_key_columns(fact.table)
        if column_name in keys:
            told.add((fact.fact_id, column_name))
            yield from _judge(case, fact, use, position=keys.index(column_name) + 1)


def _judge(
    case: CaseFile, fact: TableFact, use: ColumnUse, *, position: int
) -> Iterator[Finding | RuledOut]:
    table = fact.table
    subject = f"{table.full_name}.{use.column_name.lower()}"
    scans = scans_of(case, fact)
    fact_ids = (*statement_id(case), fact.fact_id, *cited(case, scans))
    if table.row_count is None and not scans:
        return  # A view, an empty table, or one that nothing is known of.
    excluded = _excluded(case, fact, use, scans)
    if excluded:
        yield RuledOut(
            check=CHECK,
            sentence=f"The function on {subject} does no harm: {excluded}.",
            fact_ids=fact_ids,
            subject=subject,
        )
        return
    share = segment_share(case, scans) if scans else UNMEASURED_SHARE
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"{subject} stands inside {use.expression}"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=subject)
        return
    sized = f"{rows_in_words(table.row_count)}, " if table.row_count is not None else ""
    effect = (
        f"its scans are in segments with {percent(share)} of the segment time"
        if scans
        else "no scan of it was recorded to measure the effect"
    )
    yield Finding(
        check=CHECK,
        severity=severity if position == 1 else milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(f"A function hides the sort key {subject}"),
        evidence=f"The statement filters {use.expression}, and {use.column_name} is sort-key"
        f" column {position} of {table.full_name} ({sized}threshold"
        f" {rows_in_words(case.limit(SMALL_TABLE_ROWS))}); {effect}.",
        fact_ids=fact_ids,
        subject=subject,
        measures=(measured(case, SMALL_TABLE_ROWS, "rows of the table", table.row_count or 0),),
        affected_share=share,
    )


def _excluded(
    case: CaseFile, fact: TableFact, use: ColumnUse, scans: Sequence[StepFact]
) -> str | None:
    """Why the function is harmless here; None where it is not."""
    rows = fact.table.row_count
    if rows is not None and rows < case.limit(SMALL_TABLE_ROWS):
        return f"the table has {rows_in_words(rows)} (threshold {rows_in_words(case.limit(SMALL_TABLE_ROWS))})"
    if scans and all(step.step.is_range_restricted for step in scans):
        return "every recorded scan of the table was range restricted all the same"
    if filters_column(case, fact, use.column_name.lower()):
        return "the statement filters the bare column as well"
    return None
