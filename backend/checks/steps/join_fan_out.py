"""A join multiplies its rows, and they are thrown together again.

Anti-pattern: The join key repeats on both sides, so that each row meets many partners: far more
rows come out than either side has, and a GROUP BY, a DISTINCT or a later join takes most of them
away again. Often a part of the key is missing in the condition. A 1:n join is another matter: it
puts out what its larger side has.

Remedy: Join on a key that is unique on one side, or add its missing part to the condition. Where
the repeated rows are meant to be summed up, aggregate one side by the join key before the join.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    LARGE_STEP_ROWS,
    MEDIUM_IMPACT,
    bucket_share,
    cited,
    join_tables,
    measured,
    segment_share,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.fan_out import FAN_OUT_RATIO, JoinedRows, fan_outs, joined_rows
from backend.checks.joins_of_plan import JoinSteps
from backend.checks.rule import Rule
from backend.checks.sql.distinct_hiding_fan_out import distinct_hiding_fan_out
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import number_in_words, percent, rows_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "join_fan_out"

RETURNED_PART = Threshold(
    name="join_fan_out_returned",
    default=10,
    unit="×",
    meaning="a join that puts out fewer times the rows that are returned makes what is asked for",
    source=OWN,
)
LARGER_SIDE_ALONE = 1.5
"""Up to so many times its larger side a join counts as 1:n: a few keys may repeat."""

RULES = (
    Rule(
        name="a join multiplies its rows (duplicates on the join key)",
        inputs=(
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_HISTORY.returned_rows",
        ),
        thresholds=(LARGE_STEP_ROWS, FAN_OUT_RATIO, RETURNED_PART, MEDIUM_IMPACT),
        peers=(
            "AWS guide: hash join, HJOIN rows far above RETURN rows",
            "Snowflake: EXPLODING_JOIN, NESTED_EXPLODING_JOIN",
            "BigQuery: high-cardinality join",
            "PerformanceStudio: many-to-many merge",
        ),
    ),
)


def join_fan_out(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Where a DISTINCT throws the rows together distinct_hiding_fan_out tells of it."""
    multiplied = fan_outs(case)
    if not multiplied:
        yield from _one_to_many(case)
        return
    returned = _rows_given_back(case)
    meant = {
        each.join.fact_id: reason for each in multiplied if (reason := _meant(case, each, returned))
    }
    wasted = [each for each in multiplied if each.join.fact_id not in meant]
    if wasted:
        if not any(isinstance(said, Finding) for said in distinct_hiding_fan_out(case)):
            yield from _judge(case, wasted, returned)
    else:
        largest = multiplied[0]
        yield RuledOut(
            check=CHECK,
            sentence=f"A join puts out {_times(largest)}, and that is what the statement is for:"
            f" {meant[largest.join.fact_id]}.",
            fact_ids=cited(case, largest.steps),
        )


def _times(each: JoinedRows) -> str:
    return (
        f"{rows_in_words(each.put_out)} for the {number_in_words(each.larger_rows)} of its larger"
        " side"
    )


def _meant(case: CaseFile, each: JoinedRows, returned: int | None) -> str:
    """Why the many rows are no waste; empty where they are."""
    if returned is not None and each.put_out < case.limit(RETURNED_PART) * returned:
        return f"{rows_in_words(returned)} are returned or written"
    remaining = each.remaining_rows
    if remaining is not None and remaining > each.larger_rows:
        return f"grouped they still are {rows_in_words(remaining)}, more than that side has"
    return ""


def _rows_given_back(case: CaseFile) -> int | None:
    """What is returned or written in the end; None where neither history nor a step says so."""
    if case.query_type.upper() == "SELECT" and case.steps_returned_rows > 0:
        return case.steps_returned_rows
    rows = [
        max(fact.step.output_rows, fact.step.input_rows)
        for fact in case.steps
        if step_name(fact) in {"return", "insert", "unload"}
    ]
    return max(rows) if rows else None


def _one_to_many(case: CaseFile) -> Iterator[RuledOut]:
    """The join that an analyst may suspect: it puts out far more rows than its smaller side has."""
    each = next(iter(joined_rows(case)), None)
    if each is None or not each.smaller_rows or each.put_out <= case.limit(LARGE_STEP_ROWS):
        return
    share = bucket_share(case, Bucket.EXECUTION) * segment_share(case, [each.join])
    is_suspect = each.put_out >= case.limit(FAN_OUT_RATIO) * each.smaller_rows
    if is_suspect and each.ratio <= LARGER_SIDE_ALONE and share >= case.limit(MEDIUM_IMPACT):
        yield RuledOut(
            check=CHECK,
            sentence=f"The largest join multiplies no rows: {rows_in_words(each.put_out)} come out,"
            f" and its larger side has {number_in_words(each.larger_rows)} (threshold"
            f" {case.limit(FAN_OUT_RATIO):g} times as many).",
            fact_ids=cited(case, [each.join]),
        )


def _judge(
    case: CaseFile, wasted: Sequence[JoinedRows], returned: int | None
) -> Iterator[Finding | RuledOut]:
    largest = wasted[0]
    steps = [fact for each in wasted for fact in each.steps]
    # Without the repeated keys the larger side's rows would still have to be joined.
    share = segment_share(case, steps) * (1 - 1 / largest.ratio)
    severity = weigh(case, Bucket.EXECUTION, share)
    join = JoinSteps(case).join_of(largest.join)
    fact_ids = (*((join[1],) if join else ()), *cited(case, steps))
    if severity is None:
        yield too_small_to_matter(
            case, CHECK, f"A join puts out {_times(largest)}", share, fact_ids
        )
        return
    tables = join_tables(case, join[0]) if join else None
    between = f" of {tables[0]} with {tables[1]}" if tables else ""
    made = f"makes {rows_in_words(largest.put_out)} of {number_in_words(largest.larger_rows)}"
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"A join{between} {made}",
            f"A join{between} makes {largest.ratio:.0f} rows of each",
            f"A join {made}",
        ),
        evidence=f"The join{between} puts out {_times(largest)}, {largest.ratio:.1f} times as many"
        f" (threshold {case.limit(FAN_OUT_RATIO):g}), in segments with"
        f" {percent(segment_share(case, steps))} of the segment time: its key repeats on both sides."
        f"{_afterwards(largest, returned)}{_others(wasted)}",
        fact_ids=fact_ids,
        measures=(
            measured(case, FAN_OUT_RATIO, "rows out per row in", largest.ratio),
            measured(case, LARGE_STEP_ROWS, "joined rows", largest.put_out),
        ),
        affected_share=share,
    )


def _afterwards(each: JoinedRows, returned: int | None) -> str:
    if each.remaining_rows is not None:
        return f" Grouped, {rows_in_words(each.remaining_rows)} of them remain."
    return f" {rows_in_words(returned).capitalize()} are returned." if returned is not None else ""


def _others(wasted: Sequence[JoinedRows]) -> str:
    if len(wasted) == 1:
        return ""
    return f" {len(wasted)} joins of the run multiply their rows, this one most."
