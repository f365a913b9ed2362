"""A statement with very many joins or subqueries takes long to plan.

Anti-pattern: The planner weighs orders and ways of joining; with many joins and queries in one
statement that can take longer than the work itself, and with each further join its estimates are
worse. Where planning takes next to no time, the number of joins does no harm.

Remedy: Work the statement out in parts: put what is small and used often into a temporary table
with ANALYZE, and join that. Leave out joins whose columns nobody reads, and views that join more
than is asked for.
"""

from collections.abc import Iterator

from backend.checks.check import MEDIUM_IMPACT, bucket_share, measured
from backend.checks.clauses import statement_id
from backend.checks.effects import Effect, weighed_finding
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, percent
from backend.domain.threshold import Threshold
from backend.domain.time_buckets import Bucket

CHECK = "many_joins"

JOINS = Threshold(
    name="many_joins",
    default=8,
    unit="joins",
    meaning="a statement with so many joins has many",
    source="our own, as Infraredshift has it (8 joins)",
)
SUBQUERIES = Threshold(
    name="many_subqueries",
    default=10,
    unit="subqueries",
    meaning="a statement with so many subqueries has many",
    source="our own; Infraredshift marks 3, which is common and planned in no time",
)
RULES = (
    Rule(
        name="planning time of a statement with many joins",
        inputs=("SYS_QUERY_HISTORY.planning_time", "SYS_QUERY_HISTORY.query_text"),
        thresholds=(JOINS, SUBQUERIES, MEDIUM_IMPACT),
        peers=(
            "Infraredshift: 8 joins and more, 3 subqueries and more",
            "sqlcheck: many joins, spaghetti query",
            "sql-sentinel: 5 joins and more",
            "PerformanceStudio: compile CPU",
        ),
    ),
)


def many_joins(case: CaseFile) -> Iterator[Finding | RuledOut]:
    statement = case.statement
    if statement is None:
        return
    joins, subqueries = statement.join_count, max(0, statement.query_count - 1)
    if joins < case.limit(JOINS) and subqueries < case.limit(SUBQUERIES):
        return
    parts = counted(joins, "join") if joins >= case.limit(JOINS) else f"{subqueries} subqueries"
    has = f"The statement has {parts}"
    share = bucket_share(case, Bucket.PLANNING)
    fact_ids = (*statement_id(case), case.buckets.fact_id)
    worth_share = case.limit(MEDIUM_IMPACT)
    if share < worth_share:
        yield RuledOut(
            check=CHECK,
            sentence=f"{has}, but planning takes {percent(share)} of its time (threshold"
            f" {percent(worth_share)}).",
            fact_ids=fact_ids,
        )
        return
    runs = max(case.statistics.runs, 1)
    seconds = case.buckets.buckets.seconds(Bucket.PLANNING) / runs
    yield weighed_finding(
        case,
        Effect(rows_in=0, rows_out=0, share=1.0, fact_ids=(), is_measured=True),
        check=CHECK,
        what=has,
        titles=(f"Planning {parts} takes {percent(share)} of the time",),
        evidence=f"{has} (thresholds {case.limit(JOINS):g} joins, {case.limit(SUBQUERIES):g}"
        f" subqueries); planning took {percent(share)} of its time (threshold"
        f" {percent(worth_share)}), {duration_in_words(seconds)} a run.",
        measures=(
            measured(case, JOINS, "joins", joins),
            measured(case, MEDIUM_IMPACT, "planning time", share),
        ),
        fact_ids=fact_ids,
        bucket=Bucket.PLANNING,
    )
