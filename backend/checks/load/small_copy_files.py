"""COPY is run often, on small files.

Anti-pattern: More than 24 recorded COPY runs load files of less than 10 MB on average. What each
run and each file costs beside its data (planning, listing, the commit) outweighs the loading, and
commits of a cluster wait for each other.

Remedy: Load less often and more at a time: collect files under one prefix or manifest, and let
the writer make files of 1 MB to 1 GB after compression, best of 100 MB and more. For a steady
stream take streaming ingestion or a zero-ETL integration.
"""

from collections.abc import Iterator

from backend.checks.check import UNMEASURED_SHARE, measured, weigh
from backend.checks.load.files import BYTES_A_MB
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LoadFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, megabytes_in_words, titled
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "small_copy_files"
MANY_COPIES = Threshold(
    name="copy_runs",
    default=24,
    unit="runs",
    meaning="fewer recorded COPY runs are few enough",
    source=AWS_REVIEW,
)
SMALL_FILE_MB = Threshold(
    name="copy_file_mb",
    default=10,
    unit="MB",
    meaning="files of this size on average are large enough",
    source=AWS_REVIEW,
)
COPY_SECONDS = Threshold(
    name="copy_small_seconds",
    default=3_600,
    unit="s",
    meaning="small COPY runs that take less in all do not hurt",
    source=f"{OWN}: an hour of loading over the window",
)
RULES = (
    Rule(
        name="many COPY runs of small files",
        inputs=(
            "SYS_LOAD_HISTORY.source_file_bytes",
            "SYS_LOAD_HISTORY.source_file_count",
            "SYS_LOAD_HISTORY.duration",
        ),
        thresholds=(MANY_COPIES, SMALL_FILE_MB, COPY_SECONDS),
        peers=(
            "awslabs: more than 24 copies of files below 10 MB (REC_020)",
            "Advisor: objects of 1 to 128 MB",
        ),
    ),
)


def small_copy_files(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for fact in case.loads:
        if fact.load.files:
            yield from _judge(case, fact)


def _judge(case: CaseFile, fact: LoadFact) -> Iterator[Finding | RuledOut]:
    load = fact.load
    file_mb = load.bytes_a_file / BYTES_A_MB
    total_seconds = case.statistics.total_elapsed_seconds
    size = megabytes_in_words(file_mb) if file_mb >= 1 else f"{file_mb * 1000:,.0f} kB"
    told = (
        f"{counted(load.copies, 'recorded COPY run')} read {counted(load.files, 'file')} of"
        f" {size} on average"
    )
    fact_ids = (fact.fact_id, case.statistics.fact_id)
    is_small = file_mb < case.limit(SMALL_FILE_MB) and load.copies > case.limit(MANY_COPIES)
    if not is_small or total_seconds < case.limit(COPY_SECONDS):
        yield RuledOut(
            check=CHECK,
            sentence=f"Small files are not the cause: {told}, all runs of the window take"
            f" {duration_in_words(total_seconds)} (thresholds {case.limit(MANY_COPIES):g} runs,"
            f" {case.limit(SMALL_FILE_MB):g} MB and"
            f" {duration_in_words(case.limit(COPY_SECONDS))}).",
            fact_ids=fact_ids,
        )
        return
    severity = weigh(case, Bucket.EXECUTION, UNMEASURED_SHARE)
    if severity is None:
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Loads files of {size} in {load.copies:,} COPY runs"),
        evidence=f"{told} into {load.table_name} (threshold {case.limit(SMALL_FILE_MB):g} MB):"
        f" {duration_in_words(load.seconds / load.copies)} a run for"
        f" {load.files_a_copy:.3g} files. All runs of the window take"
        f" {duration_in_words(total_seconds)}.",
        fact_ids=fact_ids,
        subject=load.table_name,
        measures=(
            measured(case, MANY_COPIES, "COPY runs", load.copies),
            measured(case, SMALL_FILE_MB, "average file", file_mb),
            measured(case, COPY_SECONDS, "time of all runs", total_seconds),
        ),
        affected_share=UNMEASURED_SHARE,
    )
