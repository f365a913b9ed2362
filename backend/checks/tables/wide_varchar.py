"""Very wide VARCHARs without statistics are carried through steps that spill.

Anti-pattern: Where the planner has no statistics of a column it takes its declared width for its
real one, and plans memory by it. ANALYZE skips columns as wide as VARCHAR(65535), so those never
have any. Carried through a hash, sort or aggregate they crowd out of memory what would have fitted.

Remedy: See how long the longest value really is, and declare the column no wider (ALTER TABLE …
ALTER COLUMN … TYPE varchar(n)), or leave it out of the statement. Where the column has statistics
its declared width does not matter.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    MOST_CITED,
    measured,
    milder,
    segment_share,
    statement_ids,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.columns_of_table import columns_of_table
from backend.checks.rule import Rule
from backend.checks.steps.spill_to_disk import SPILLED_MB
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.evidence import Column
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import listed, megabytes_in_words, percent, titled
from backend.domain.threshold import ANALYZE_SKIPS_VARCHAR, AWS_REVIEW, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "wide_varchar"

WIDE_BYTES = Threshold(
    name="wide_varchar_bytes",
    default=1_000,
    unit="bytes",
    meaning="a VARCHAR declared wider counts, if the planner has no statistics of it",
    source=f"{AWS_REVIEW}, max_varchar above 1,000",
)
RULES = (
    Rule(
        name="a very wide VARCHAR without statistics in a step that spills",
        inputs=(
            "SVV_REDSHIFT_COLUMNS.data_type",
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.spilled_block_local_disk",
            "SYS_QUERY_DETAIL.spilled_block_remote_disk",
        ),
        thresholds=(WIDE_BYTES, ANALYZE_SKIPS_VARCHAR, SPILLED_MB),
        peers=(
            "awslabs: VARCHAR wider than 1,000 (earlier rules)",
            "redshift-guide: declared width matters only without statistics",
        ),
    ),
)

_KEEPING_STEPS = ("hash", "sort", "aggregate", "aggr", "unique", "window")


def wide_varchar(case: CaseFile) -> Iterator[Finding | RuledOut]:
    spilled = _spilling_steps(case)
    for fact in case.tables:
        used = columns_of_table(case, fact)
        wide = [
            column
            for column in (used.carried if used else ())
            if column.varchar_bytes > case.limit(WIDE_BYTES)
            and _lacks_statistics(case, fact, column)
        ]
        if wide and case.segments:
            yield from _judge(case, fact, wide, spilled)


def _lacks_statistics(case: CaseFile, fact: TableFact, column: Column) -> bool:
    blind = (name for notice in case.plan_notices for name in notice.tables_missing_statistics)
    return column.varchar_bytes >= case.limit(ANALYZE_SKIPS_VARCHAR) or any(
        case.table(name) == fact for name in blind
    )


def _spilling_steps(case: CaseFile) -> list[StepFact]:
    """The memory-keeping steps of the segments that spilled."""
    spilling = {
        (fact.segment.child_query_sequence, fact.segment.segment_id)
        for fact in case.segments
        if fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks > 0
    }
    return [
        fact
        for fact in steps_named(case, *_KEEPING_STEPS)
        if (fact.step.child_query_sequence, fact.step.segment_id) in spilling
    ]


def _judge(
    case: CaseFile, fact: TableFact, wide: Sequence[Column], steps: Sequence[StepFact]
) -> Iterator[Finding | RuledOut]:
    segments = {(step.step.child_query_sequence, step.step.segment_id) for step in steps}
    spilled = [
        each
        for each in case.segments
        if (each.segment.child_query_sequence, each.segment.segment_id) in segments
    ]
    megabytes = sum(
        each.segment.spilled_local_blocks + each.segment.spilled_remote_blocks for each in spilled
    )
    names = listed([f"{column.name} {column.data_type}" for column in wide])
    what = f"The statement carries {names} of {fact.table.full_name}, without statistics"
    fact_ids = (
        fact.fact_id,
        *statement_ids(case),
        *(each.fact_id for each in spilled[:MOST_CITED]),
    )
    if megabytes < case.limit(SPILLED_MB):
        yield RuledOut(
            check=CHECK,
            sentence=f"{what}, but memory was enough for it: {megabytes_in_words(megabytes)}"
            f" spilled in hashes, sorts and aggregates (threshold"
            f" {megabytes_in_words(case.limit(SPILLED_MB))}).",
            fact_ids=fact_ids,
        )
        return
    share = segment_share(case, steps)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    widest = max(column.varchar_bytes for column in wide)
    step_names = listed(list(dict.fromkeys(step.step.step_name.strip() for step in steps)))
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Plans memory for {listed([column.name for column in wide], 2)} by declared width",
            "Plans memory for wide columns by their declared width",
        ),
        evidence=f"{what} (threshold {case.limit(WIDE_BYTES):,.0f} bytes), so memory is planned by"
        f" what is declared. {megabytes_in_words(megabytes)} spilled in segments with {step_names}"
        f" steps (threshold {megabytes_in_words(case.limit(SPILLED_MB))}), which took"
        f" {percent(share)} of the segment time.",
        fact_ids=fact_ids,
        subject=fact.table.full_name,
        measures=(
            measured(case, WIDE_BYTES, "widest column", widest),
            measured(case, SPILLED_MB, "spilled", megabytes),
        ),
        affected_share=share,
    )
