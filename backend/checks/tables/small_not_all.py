"""A small table is sent to its partners again and again, and that takes time.

Anti-pattern: A small dimension without DISTSTYLE ALL is broadcast or redistributed in every run of
every statement that joins it. Mostly that costs next to nothing, as AWS says itself; where it shows
in the measured segments it is paid for in each run.

Remedy: DISTSTYLE ALL keeps a copy on every node, and the join moves nothing. It is for tables that
change slowly: each write is done once a node. Leave it where the move takes no time worth naming.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    LARGE_STEP_ROWS,
    MOST_CITED,
    cited,
    measured,
    milder,
    segment_share,
    too_small_to_matter,
    weigh,
)
from backend.checks.distribution_keys import is_copied_to_every_node, is_left_to_redshift
from backend.checks.joins_of_table import JoinOfTable, joins_of_table, moving_steps
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, percent, rows_in_words, titled
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "small_not_all"

RULES = (
    Rule(
        name="a small table that is moved for a join, with DISTSTYLE EVEN or KEY",
        inputs=(
            "SVV_TABLE_INFO.diststyle",
            "SVV_TABLE_INFO.tbl_rows",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(LARGE_TABLE_ROWS, LARGE_STEP_ROWS),
        peers=("awslabs: small table without DISTSTYLE ALL (REC_008)",),
    ),
)


def small_not_all(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Only measured time counts: the planner's price for a broadcast is far too high."""
    if not case.steps or case.plan is None:
        return
    for fact in case.tables:
        if not _is_small(case, fact) or is_left_to_redshift(fact.table):
            continue
        if is_copied_to_every_node(fact.table):
            continue
        joins = [join for join in joins_of_table(case, fact) if join.is_moved]
        steps = moving_steps(case, joins) if joins else []
        # Large moves are the matter of large_broadcast and redistributes_both_sides.
        if steps and all(step.step.output_rows <= case.limit(LARGE_STEP_ROWS) for step in steps):
            yield _judge(case, fact, joins, steps)


def _is_small(case: CaseFile, fact: TableFact) -> bool:
    rows = fact.table.row_count
    return rows is not None and 0 < rows <= case.limit(LARGE_TABLE_ROWS)


def _judge(
    case: CaseFile, fact: TableFact, joins: Sequence[JoinOfTable], steps: Sequence[StepFact]
) -> Finding | RuledOut:
    table = fact.table
    share = segment_share(case, steps)
    rows = sum(step.step.output_rows for step in steps)
    fact_ids = (*(join.fact_id for join in joins[:MOST_CITED]), *cited(case, steps), fact.fact_id)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"{table.full_name} is DISTSTYLE {table.distribution_style} and moved for a join"
        return too_small_to_matter(case, CHECK, what, share, fact_ids)
    return Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.MEDIUM),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Moves the small table {table.full_name} in every run",
            "Moves a small table in every run",
        ),
        evidence=f"{table.full_name} ({rows_in_words(table.row_count or 0)}, threshold"
        f" {rows_in_words(case.limit(LARGE_TABLE_ROWS))}) is DISTSTYLE {table.distribution_style},"
        f" so {counted(len(joins), 'join')} {'moves' if len(joins) == 1 else 'move'} it:"
        f" {rows_in_words(rows)} in {counted(len(steps), 'step')}, in segments with"
        f" {percent(share)} of the segment time.",
        fact_ids=fact_ids,
        subject=table.full_name,
        measures=(measured(case, LARGE_TABLE_ROWS, "rows of the table", table.row_count or 0),),
        affected_share=share,
    )
