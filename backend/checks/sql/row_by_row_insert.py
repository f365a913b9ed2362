"""Rows are inserted a few at a time, very often.

Anti-pattern: INSERT … VALUES in a loop. Each one is planned, queued and committed on its own, writes
a block of 1 MB for every column however small the row, and leaves the table unsorted.

Remedy: Collect the rows and load them with one COPY from S3, or through a staging table and one
INSERT … SELECT; for a steady stream take streaming ingestion or Firehose. At the least put as many
rows as possible into each VALUES and commit them together.
"""

from collections.abc import Iterator

from backend.checks.check import largest, measured, steps_named, weigh
from backend.checks.clauses import clauses, statement_id
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, ClauseKind
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import (
    counted,
    duration_in_words,
    number_in_words,
    rows_in_words,
    titled,
)
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "row_by_row_insert"
SECONDS_A_DAY = 86_400

INSERTS_A_DAY = Threshold(
    name="inserts_a_day",
    default=1_000,
    unit="runs",
    meaning="fewer runs of an INSERT … VALUES a day are ruled out",
    source=f"{OWN}; {AWS_REVIEW} counts more than 100 small inserts in an hour",
)
SMALL_INSERT_ROWS = Threshold(
    name="small_insert_rows",
    default=100,
    unit="rows",
    meaning="an INSERT … VALUES of more rows is no small one",
    source=AWS_REVIEW,
)
RULES = (
    Rule(
        name="very many small inserts",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_HISTORY.start_time",
            "SYS_QUERY_DETAIL.output_rows",
        ),
        thresholds=(INSERTS_A_DAY, SMALL_INSERT_ROWS),
        peers=("awslabs: more than 100 small inserts an hour (REC_024)",),
    ),
)


def row_by_row_insert(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for clause in clauses(case, ClauseKind.INSERT_VALUES)[:1]:
        yield from _judge(case, clause.table_names[0], clause.text)


def _judge(case: CaseFile, target: str, text: str) -> Iterator[Finding | RuledOut]:
    days = (case.window_end - case.window_start).total_seconds() / SECONDS_A_DAY
    runs = case.statistics.runs
    a_day = runs / days if days > 0 else 0.0
    worth_runs = case.limit(INSERTS_A_DAY)
    known = case.table(target)
    name = known.table.full_name if known else target
    written = largest(steps_named(case, "insert"))[:1]
    fact_ids = (*statement_id(case), case.statistics.fact_id)
    if a_day < worth_runs:
        yield RuledOut(
            check=CHECK,
            sentence=f"{text} ran {number_in_words(a_day)} times a day (threshold"
            f" {number_in_words(worth_runs)}).",
            fact_ids=fact_ids,
        )
        return
    rows = max((max(f.step.output_rows, f.step.input_rows) for f in written), default=0)
    if rows > case.limit(SMALL_INSERT_ROWS):
        yield RuledOut(
            check=CHECK,
            sentence=f"{text} ran {number_in_words(a_day)} times a day, but its recorded run"
            f" inserted {rows_in_words(rows)} at once (threshold"
            f" {rows_in_words(case.limit(SMALL_INSERT_ROWS))}).",
            fact_ids=(*fact_ids, *(fact.fact_id for fact in written)),
        )
        return
    bucket = case.buckets.buckets.dominant or Bucket.EXECUTION
    severity = weigh(case, bucket, 1.0)
    if severity is None:
        return
    inserted = f", its recorded run inserted {rows_in_words(rows)}" if rows else ""
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=bucket,
        title=titled(
            f"{number_in_words(a_day)} small inserts a day into {name}",
            f"{number_in_words(a_day)} small inserts a day",
        ),
        evidence=f"{text} ran {counted(runs, 'time')} in {days:.0f} days, {number_in_words(a_day)}"
        f" times a day (threshold {number_in_words(worth_runs)}), for"
        f" {duration_in_words(case.statistics.total_elapsed_seconds)} in all{inserted}.",
        fact_ids=(*fact_ids, case.buckets.fact_id, *(fact.fact_id for fact in written)),
        subject=name,
        measures=(measured(case, INSERTS_A_DAY, "runs a day", a_day),),
    )
