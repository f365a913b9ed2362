"""The same data of the lake is read again and again.

Anti-pattern: Runs of one statement read the same external table ten times and more, 100 GB and
more in all. Spectrum keeps nothing between runs: each one reads, and on provisioned clusters
pays for, the bytes anew.

Remedy: Keep what they share near: a materialized view over the external table (refreshed
incrementally where it can be), or a local table that a load brings up to date. Then point the
statement at it. On Serverless the reads cost RPU time instead of a price by the terabyte.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.lake.scans import (
    BYTES_A_MB,
    scan_share,
    scans_by_table,
    short_name,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LakeUseFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, dollars_in_words, megabytes_in_words, percent, titled
from backend.domain.threshold import Threshold
from backend.domain.time_buckets import Bucket

CHECK = "repeated_lake_scans"
INFRAREDSHIFT = "our own, after Infraredshift's Spectrum rules"
REPEATED_RUNS = Threshold(
    name="lake_repeated_runs",
    default=10,
    unit="runs",
    meaning="a table read in fewer recorded runs is not read again and again",
    source=INFRAREDSHIFT,
)
REPEATED_MB = Threshold(
    name="lake_repeated_mb",
    default=100_000,
    unit="MB",
    meaning="less read in all is not worth a copy",
    source=INFRAREDSHIFT,
)
RULES = (
    Rule(
        name="the same external table is read in many runs",
        inputs=(
            "SYS_EXTERNAL_QUERY_DETAIL.returned_bytes",
            "SYS_EXTERNAL_QUERY_DETAIL.query_id",
        ),
        thresholds=(REPEATED_RUNS, REPEATED_MB),
        peers=(
            "Infraredshift: materialise from 10 queries and 100 GB on",
            "BigQuery: materialized view recommender",
        ),
    ),
)


def repeated_lake_scans(case: CaseFile) -> Iterator[Finding | RuledOut]:
    scans_of = {short_name(name): scans for name, scans in scans_by_table(case).items()}
    for use in case.lake_uses:
        name, read_mb = short_name(use.table_name), use.scanned_bytes / BYTES_A_MB
        scans = scans_of.get(name, ())
        fact_ids = (use.fact_id, *(fact.fact_id for fact in scans[:2]))
        told = (
            f"{counted(use.runs, 'recorded run')} on {counted(use.days, 'day')} read"
            f" {megabytes_in_words(read_mb)} of {name}"
        )
        if use.runs < case.limit(REPEATED_RUNS) or read_mb < case.limit(REPEATED_MB):
            yield RuledOut(
                check=CHECK,
                sentence=f"A copy of {name} is not worth it: {told} (thresholds"
                f" {case.limit(REPEATED_RUNS):g} runs and"
                f" {megabytes_in_words(case.limit(REPEATED_MB))}).",
                fact_ids=fact_ids,
            )
            continue
        share = scan_share(case, scans)
        severity = weigh(case, Bucket.EXECUTION, share)
        if severity is None:
            yield too_small_to_matter(case, CHECK, told, share, fact_ids)
            continue
        yield Finding(
            check=CHECK,
            severity=severity,
            bucket=Bucket.EXECUTION,
            title=titled(f"Reads {megabytes_in_words(read_mb)} of {name} in {use.runs:,} runs"),
            evidence=f"{told}, {megabytes_in_words(read_mb / use.runs)} each time (thresholds"
            f" {case.limit(REPEATED_RUNS):g} runs and"
            f" {megabytes_in_words(case.limit(REPEATED_MB))}); the scans take {percent(share)} of"
            f" a run.{_charge(use)}",
            fact_ids=fact_ids,
            subject=name,
            measures=(
                measured(case, REPEATED_RUNS, "runs", use.runs),
                measured(case, REPEATED_MB, "read in all", read_mb),
            ),
            affected_share=share,
        )


def _charge(use: LakeUseFact) -> str:
    if use.cost is None:
        return ""
    return f" Spectrum charges {dollars_in_words(use.cost.dollars)} for it."
