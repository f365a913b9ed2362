"""Wide rows are carried through joins, sorts and aggregates.

Anti-pattern: A long text that only the end needs, or nobody, is read at the start and then hashed,
sorted and sent along with every row: memory fills, and what does not fit spills. In a GROUP BY or
DISTINCT it is compared byte by byte as well.

Remedy: Work on keys and figures first, and join the long columns to the few rows that remain.
Leave out those that nobody reads, cut them early (LEFT) where the beginning is enough, and keep
them out of GROUP BY and DISTINCT: group by the key, take the text with MAX.
"""

import math
from collections.abc import Iterator, Sequence

from backend.checks.check import (
    cited,
    measured,
    milder,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.step_flow import named_steps
from backend.checks.wide_steps import (
    CARRIED_MB,
    CARRIED_ROW_BYTES,
    WideStep,
    wide_steps,
)
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import listed, megabytes_in_words, percent, rows_in_words, titled
from backend.domain.time_buckets import Bucket
from backend.sql.named_columns import wide_columns, widest_possible_bytes

CHECK = "wide_rows"
MOST_COLUMNS = 3

RULES = (
    Rule(
        name="wide rows are carried through joins, sorts and aggregates",
        inputs=(
            "SYS_QUERY_DETAIL.output_bytes",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SVV_REDSHIFT_COLUMNS.data_type",
        ),
        thresholds=(CARRIED_ROW_BYTES, CARRIED_MB),
        peers=(
            "AWS guide: large SELECT list, bytes high relative to rows",
            "Infraredshift: wide scan",
        ),
    ),
)


def wide_rows(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Not of a statement that selects every column: select_star tells of that."""
    if case.statement and case.statement.selects_star:
        return
    found = wide_steps(case)
    if not found:
        return
    steps = [each.fact for each in found]
    widest = max(found, key=lambda each: each.row_bytes)
    share = segment_share(case, steps)
    severity = weigh(case, Bucket.EXECUTION, share)
    columns = list(wide_columns(case))[:MOST_COLUMNS]
    tables = dict.fromkeys(fact.fact_id for fact, _, _ in columns)
    statement_ids = (case.statement.fact_id,) if case.statement and columns else ()
    fact_ids = (*cited(case, steps), *tables, *statement_ids)
    if severity is None:
        what = f"Rows of {widest.row_bytes:,.0f} bytes are carried along"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    # Measured, and no wider than the statement's columns can be.
    is_sure = widest.is_measured and math.isfinite(widest_possible_bytes(case))
    names = list(dict.fromkeys(step_name(fact) for fact in steps))
    yield Finding(
        check=CHECK,
        severity=severity if is_sure else milder(severity, at_most=Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Carries rows of {widest.row_bytes:,.0f} bytes through the {named_steps(names)}",
            f"Carries rows of {widest.row_bytes:,.0f} bytes along",
        ),
        evidence=f"{_carried(case, found)}, in segments with {percent(share)} of the segment time."
        f"{_made_wide_by(columns_in_words(case))}",
        fact_ids=fact_ids,
        measures=(
            measured(case, CARRIED_ROW_BYTES, "row width", widest.row_bytes),
            measured(case, CARRIED_MB, "carried", found[0].megabytes),
        ),
        affected_share=share,
    )


def columns_in_words(case: CaseFile) -> list[str]:
    return [
        f"{fact.table.full_name}.{name} ({declared:,} bytes)"
        for fact, name, declared in list(wide_columns(case))[:MOST_COLUMNS]
    ]


def _carried(case: CaseFile, found: Sequence[WideStep]) -> str:
    most = found[0]
    by_plan = "" if most.is_measured else " by the plan's width"
    others = f", the most of {len(found)} such steps" if len(found) > 1 else ""
    return (
        f"The {step_name(most.fact)} step carries {rows_in_words(most.rows)} of"
        f" {most.row_bytes:,.0f} bytes{by_plan} (threshold {case.limit(CARRIED_ROW_BYTES):g}),"
        f" {megabytes_in_words(most.megabytes)} in all{others}"
    )


def _made_wide_by(columns: Sequence[str]) -> str:
    if not columns:
        return ""
    verb = "is" if len(columns) == 1 else "are"
    return f" Of the columns that the statement names, {listed(columns)} {verb} declared widest."
