"""Steps ran out of memory and worked on disk.

Anti-pattern: A hash, sort or aggregate needs more memory than the run was given, and writes its
blocks to local disk or, when that is full, to S3, which is slower again. The figure stands on
segment rows of SYS_QUERY_DETAIL; a block is 1 MB. Spill is a symptom: a little of it is normal,
and zero is no goal.

Remedy: Bring fewer and narrower rows into the step: filter before the join, drop columns that
nobody reads, aggregate first, hash the smaller side (fresh statistics let the planner choose it).
Declare VARCHARs no wider than needed. Only then give the run more memory: fewer slots, a queue
with a higher priority, more capacity at that hour.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import MOST_CITED, measured, too_small_to_matter, weigh
from backend.checks.fan_out import FAN_OUT_RATIO, fan_outs
from backend.checks.memory_steps import memory_steps, spilled_by
from backend.checks.rule import Rule
from backend.checks.wide_steps import CARRIED_MB, CARRIED_ROW_BYTES, wide_steps
from backend.checks.wrong_estimates import wrong_estimates
from backend.domain.case_file import CaseFile, SegmentFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import (
    counted,
    listed,
    megabytes_in_words,
    number_in_words,
    percent,
    rows_in_words,
)
from backend.domain.plan_difference import ESTIMATE_OFF
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket

SPILLED_MB = Threshold(
    name="spilled_mb",
    default=1_000,
    unit="MB",
    meaning="less spilled to disk in a run is ruled out",
    source=f"{OWN}: a gigabyte passes in a second. {AWS_REVIEW} speaks up at 1,000,000 MB of the"
    " cluster's top 50 queries together",
)
SPILLED_TO_S3_MB = Threshold(
    name="spilled_to_s3_mb",
    default=100,
    unit="MB",
    meaning="so much spilled on to S3 is of high severity",
    source=OWN,
)
RULES = (
    Rule(
        name="segments spill to local disk or S3",
        inputs=(
            "SYS_QUERY_DETAIL.spilled_block_local_disk",
            "SYS_QUERY_DETAIL.spilled_block_remote_disk",
            "SYS_QUERY_DETAIL.duration",
            "SYS_QUERY_DETAIL.step_name",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.output_bytes",
        ),
        thresholds=(
            SPILLED_MB,
            SPILLED_TO_S3_MB,
            FAN_OUT_RATIO,
            CARRIED_ROW_BYTES,
            CARRIED_MB,
            ESTIMATE_OFF,
        ),
        peers=(
            "awslabs: spill (REC_021)",
            "Snowflake: REMOTE_SPILLAGE",
            "Infraredshift: remote spill",
            "QMR: query_temp_blocks_to_disk",
        ),
    ),
)


def spill_to_disk(case: CaseFile) -> Iterator[Finding | RuledOut]:
    if not case.segments:
        return
    spilled = sorted(
        (fact for fact in case.segments if _spilled_mb(fact) > 0),
        key=lambda fact: (-_spilled_mb(fact), fact.fact_id),
    )
    total_mb = sum(_spilled_mb(fact) for fact in spilled)
    remote_mb = sum(fact.segment.spilled_remote_blocks for fact in spilled)
    fact_ids = tuple(fact.fact_id for fact in (spilled or case.segments)[:MOST_CITED])
    worth_mb, remote_worth_mb = case.limit(SPILLED_MB), case.limit(SPILLED_TO_S3_MB)
    if total_mb < worth_mb and remote_mb < remote_worth_mb:
        yield RuledOut(
            check="spill_to_disk",
            sentence=f"Memory was enough: {megabytes_in_words(total_mb)} spilled (threshold"
            f" {megabytes_in_words(worth_mb)}).",
            fact_ids=fact_ids,
        )
        return
    spilled_seconds = sum(fact.segment.duration_seconds for fact in spilled)
    share = spilled_seconds / case.segments_seconds if case.segments_seconds > 0 else 0.0
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"{megabytes_in_words(total_mb)} spilled"
        yield too_small_to_matter(case, "spill_to_disk", what, share, fact_ids)
        return
    yield Finding(
        check="spill_to_disk",
        severity=Severity.HIGH if remote_mb >= remote_worth_mb else severity,
        bucket=Bucket.EXECUTION,
        title=f"Spills {megabytes_in_words(total_mb)} to disk"
        + (", part of it to S3" if remote_mb >= remote_worth_mb else ""),
        evidence=f"{len(spilled)} of {counted(len(case.segments), 'segment')} ran out of memory"
        f" and wrote {megabytes_in_words(total_mb)} to disk (threshold"
        f" {megabytes_in_words(worth_mb)}){_to_s3(remote_mb, remote_worth_mb)}; they took"
        f" {percent(share)} of the segment time.{_by_whom(case, spilled)}"
        f"{_causes(case, spilled)}",
        fact_ids=fact_ids,
        measures=(
            measured(case, SPILLED_MB, "spilled", total_mb),
            measured(case, SPILLED_TO_S3_MB, "spilled to S3", remote_mb),
        ),
        affected_share=share,
    )


def _to_s3(remote_mb: int, worth_mb: float) -> str:
    if not remote_mb:
        return ""
    threshold = megabytes_in_words(worth_mb)
    return f", {megabytes_in_words(remote_mb)} of it on to S3 (threshold {threshold})"


def _by_whom(case: CaseFile, spilled: Sequence[SegmentFact]) -> str:
    shares = spilled_by(case, spilled)
    return f" Memory was short for {shares}." if shares else ""


def _causes(case: CaseFile, spilled: Sequence[SegmentFact]) -> str:
    """What the facts show of why so much was kept; a spill is only its symptom."""
    steps_of = memory_steps(case, spilled)
    kept = {step.fact_id for steps in steps_of.values() for step in steps}
    causes = []
    multiplied = [each for each in fan_outs(case) if kept & {fact.fact_id for fact in each.steps}]
    if multiplied:
        join = multiplied[0]
        causes.append(
            f"a join there makes {rows_in_words(join.put_out)} of"
            f" {number_in_words(join.larger_rows)}"
        )
    wide = [each for each in wide_steps(case) if each.fact.fact_id in kept]
    if wide:
        causes.append(f"rows of {wide[0].row_bytes:,.0f} bytes are kept there")
    places = {(f.segment.child_query_sequence, f.segment.segment_id) for f in spilled}
    errors = (wrong.error for wrong in wrong_estimates(case))
    error = next(
        (
            one
            for one in errors
            if one.is_too_low and (one.child_query_sequence, one.segment_id) in places
        ),
        None,
    )
    if error:
        causes.append(
            f"the planner expected {number_in_words(error.estimated_rows)} rows there and"
            f" {number_in_words(error.measured_rows)} came"
        )
    return f" It is a symptom: {listed(causes)}." if causes else ""


def _spilled_mb(fact: SegmentFact) -> int:
    return fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks
