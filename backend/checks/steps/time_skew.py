"""One slice takes far longer than the others over the same number of rows.

Anti-pattern: A segment is finished when its slowest slice is. Where the rows are spread evenly
(low data_skewness) and the time is not (high time_skewness), the rows of one slice are dearer, as
with a pattern match or a function on long texts, or one node is slower or busier than the others.
More nodes do not help: the others wait all the same.

Remedy: See which expression of the segment costs so much for some rows: filter before it, work it
out once and store it. If the slow slice is the same one in other patterns, it is the node: look
at its disk and CPU, and report it.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    MOST_CITED,
    largest,
    measured,
    step_name,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.step_flow import named_steps
from backend.checks.steps.data_skew import STEP_ROWS
from backend.domain.case_file import CaseFile, SegmentFact, StepFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "time_skew"

TIME_SKEWNESS = Threshold(
    name="segment_time_skewness",
    default=50,
    unit="%",
    meaning="a segment whose time_skewness is as high has a slow slice",
    source=f"{OWN}; AWS gives no threshold for it",
)
EVEN_DATA_SKEWNESS = Threshold(
    name="even_data_skewness",
    default=20,
    unit="%",
    meaning="the rows of a slow slice are as many as the others' if data_skewness is no higher",
    source=f"{OWN}; between it and step_data_skewness neither rows nor slice are blamed",
)
SKEWED_SEGMENT_SECONDS = Threshold(
    name="skewed_segment_seconds",
    default=5,
    unit="s",
    meaning="a slow slice of a shorter segment does not count",
    source=f"{OWN}: over a second or two slices differ by chance",
)
RULES = (
    Rule(
        name="one slice or node is slow over evenly spread rows",
        inputs=(
            "SYS_QUERY_DETAIL.time_skewness",
            "SYS_QUERY_DETAIL.data_skewness",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(TIME_SKEWNESS, EVEN_DATA_SKEWNESS, SKEWED_SEGMENT_SECONDS, STEP_ROWS),
        peers=(
            "AWS guide: slices take unequal time for a step",
            "BigQuery: partition skew",
            "QMR: cpu_skew, io_skew",
        ),
    ),
)

_EVEN_TIME = 20

Slow = tuple[SegmentFact, list[StepFact]]


def time_skew(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Judged by steps of many rows only: a few rows cannot be spread evenly."""
    long_segments = [
        (fact, steps)
        for fact in case.segments
        if fact.segment.duration_seconds >= case.limit(SKEWED_SEGMENT_SECONDS)
        and (steps := _heavy_steps(case, fact))
    ]
    slow = [each for each in long_segments if _is_slow(case, each)]
    if slow:
        yield from _judge(case, slow)
    elif long_segments:
        # Where rows and time are both spread evenly data_skew's word is enough.
        worst = max(long_segments, key=lambda each: each[0].segment.time_skewness)
        if _EVEN_TIME <= worst[0].segment.time_skewness < case.limit(TIME_SKEWNESS):
            yield RuledOut(
                check=CHECK,
                sentence="No slice is slow: the highest time skewness of a long segment is"
                f" {worst[0].segment.time_skewness} (threshold {case.limit(TIME_SKEWNESS):g}).",
                fact_ids=(worst[0].fact_id,),
            )


def _heavy_steps(case: CaseFile, fact: SegmentFact) -> list[StepFact]:
    segment = fact.segment
    key = (segment.child_query_sequence, segment.segment_id)
    return largest(
        step
        for step in case.steps
        if (step.step.child_query_sequence, step.step.segment_id) == key
        and max(step.step.input_rows, step.step.output_rows) >= case.limit(STEP_ROWS)
    )


def _is_slow(case: CaseFile, each: Slow) -> bool:
    segment, steps = each
    return segment.segment.time_skewness >= case.limit(TIME_SKEWNESS) and _data_skewness(
        steps
    ) <= case.limit(EVEN_DATA_SKEWNESS)


def _data_skewness(steps: Sequence[StepFact]) -> int:
    return max(fact.step.data_skewness for fact in steps)


def _judge(case: CaseFile, slow: Sequence[Slow]) -> Iterator[Finding | RuledOut]:
    slow = sorted(slow, key=lambda each: -each[0].segment.duration_seconds)
    seconds = sum(fact.segment.duration_seconds for fact, _ in slow)
    # What the slowest slice has over the average one is the most that can be won.
    lost = sum(f.segment.duration_seconds * f.segment.time_skewness / 100 for f, _ in slow)
    whole = case.segments_seconds
    share = min(lost / whole, 1.0) if whole > 0 else 0.0
    worst = max(fact.segment.time_skewness for fact, _ in slow)
    even = max(_data_skewness(steps) for _, steps in slow)
    kept = slow[:MOST_CITED]
    fact_ids = (*(fact.fact_id for fact, _ in kept), *(steps[0].fact_id for _, steps in kept))
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"A slice is slow (time skewness {worst})"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    names = list(dict.fromkeys(step_name(fact) for _, steps in slow for fact in steps))
    which = counted(len(slow), "segment")
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"A slow slice holds up the {named_steps(names)}",
            "A slow slice holds up the others",
        ),
        evidence=f"{which} of {duration_in_words(seconds)} ({percent(seconds / whole)} of the"
        f" segment time) reached a time skewness of up to {worst} (threshold"
        f" {case.limit(TIME_SKEWNESS):g}), while the rows are spread evenly: data skewness {even}"
        f" at most (threshold {case.limit(EVEN_DATA_SKEWNESS):g}). The slice is slow, not full.",
        fact_ids=fact_ids,
        measures=(
            measured(case, TIME_SKEWNESS, "time skewness", worst),
            measured(case, EVEN_DATA_SKEWNESS, "data skewness", even),
        ),
        affected_share=share,
    )
