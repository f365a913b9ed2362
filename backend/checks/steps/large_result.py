"""Very many rows go to the reader, all of them through the leader node.

Anti-pattern: The compute nodes work side by side, but what a SELECT returns is gathered by one
leader node and sent to one client row by row. Millions of rows are an export, not an answer, and
the statement lasts until the client has taken the last one.

Remedy: UNLOAD writes the rows to S3 from all slices at once; a CREATE TABLE AS or a materialized
view keeps them in the warehouse for the next step. Where a person reads them: aggregate, filter,
or end with a LIMIT.
"""

from collections.abc import Iterator

from sqlglot import exp

from backend.checks.check import (
    cited,
    largest,
    measured,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.step_flow import flows
from backend.domain.case_file import CaseFile, StepFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import megabytes_in_words, percent, rows_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.sql.parse import NotParsedError, parse
from backend.sql.placeholders import with_stand_ins

CHECK = "large_result"

RESULT_ROWS = Threshold(
    name="result_rows",
    default=1_000_000,
    unit="rows",
    meaning="a SELECT that returns more rows is an export",
    source=f"{OWN}; the guide speaks of a very large result set and gives no number",
)
RESULT_MB = Threshold(
    name="result_mb",
    default=1_000,
    unit="MB",
    meaning="a SELECT that returns more megabytes is an export",
    source=OWN,
)
RULES = (
    Rule(
        name="a very large result goes through the leader",
        inputs=(
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.output_bytes",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_HISTORY.query_type",
            "SYS_QUERY_HISTORY.returned_rows",
            "SYS_QUERY_HISTORY.returned_bytes",
        ),
        thresholds=(RESULT_ROWS, RESULT_MB),
        peers=(
            "AWS guide: very large result set",
            "QMR: return_row_count",
            "Datadog: high row count",
        ),
    ),
)


def large_result(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Only of statements that return their rows: CTAS, INSERT and UNLOAD keep them."""
    if case.query_type.upper() != "SELECT" or _writes_a_table(case):
        return
    returned = returning_steps(case)
    if not returned:
        return
    rows = max(returned[0].step.output_rows, returned[0].step.input_rows)
    megabytes = returned[0].step.output_bytes / 1_000_000
    if _is_small_by_history(case):
        return
    if rows <= case.limit(RESULT_ROWS) and megabytes <= case.limit(RESULT_MB):
        return
    share = segment_share(case, returned[:1])
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = cited(case, returned[:1])
    sized = f" ({megabytes_in_words(megabytes)})" if megabytes >= 1 else ""
    if severity is None:
        what = f"{rows_in_words(rows)}{sized} are returned"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Returns {rows_in_words(rows)}{sized} through the leader node"),
        evidence=f"The recorded run returned {rows_in_words(rows)}"
        f" ({f'{megabytes_in_words(megabytes)}; ' if sized else ''}thresholds"
        f" {rows_in_words(case.limit(RESULT_ROWS))} and {megabytes_in_words(case.limit(RESULT_MB))})"
        f" in a segment with {percent(share)} of the segment time: they pass through the leader"
        " node one after the other.",
        fact_ids=fact_ids,
        measures=(
            measured(case, RESULT_ROWS, "returned rows", rows),
            measured(case, RESULT_MB, "returned", megabytes),
        ),
        affected_share=share,
    )


def _is_small_by_history(case: CaseFile) -> bool:
    """The leader may keep less than it is sent: the history counts what the client got."""
    rows, sent_bytes = case.steps_returned_rows, case.steps_returned_bytes
    is_known = rows > 0 and sent_bytes > 0
    is_large = rows > case.limit(RESULT_ROWS) or sent_bytes > case.limit(RESULT_MB) * 1_000_000
    return is_known and not is_large


def returning_steps(case: CaseFile) -> list[StepFact]:
    """The steps that a child query ends with, if they return rows; the largest first."""
    last = (flow.steps[-1] for flow in flows(case))
    return largest(fact for fact in last if step_name(fact) == "return")


def _writes_a_table(case: CaseFile) -> bool:
    """SELECT … INTO."""
    if not case.scrubbed_sql or "into" not in case.scrubbed_sql.lower():
        return False
    try:
        trees = parse(with_stand_ins(case.scrubbed_sql))
    except (NotParsedError, ValueError):
        return True
    return any(tree.find(exp.Into) for tree in trees)
