"""COPY reads fewer files than there are slices, or not a multiple of them.

Anti-pattern: Files that cannot be split (gzip, lzop or zstd, JSON, Avro) are loaded one a slice,
in rounds. With 3 files on 16 slices 13 stay idle; with 17, all but one in the second round.

Remedy: Let the writer split each load into a multiple of the slices, of about the same size, 1 MB
to 1 GB after compression. Or write Parquet, or leave large text uncompressed or under BZIP2:
Redshift splits those by itself from 128 MB on.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.load.files import BYTES_A_MB, can_be_split
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LoadFact, SlicesFact
from backend.domain.finding import Finding, Measure, RuledOut
from backend.domain.in_words import counted, duration_in_words, megabytes_in_words, percent, titled
from backend.domain.loads import idle_slice_share
from backend.domain.threshold import AWS_GUIDE, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "copy_file_count"
SMALLEST_SPLIT_MB = 128
IDLE_SLICES = Threshold(
    name="copy_idle_slice_share",
    default=0.25,
    unit="share",
    meaning="a COPY that leaves less of the slices' time idle is well split",
    source=f"{OWN}; AWS: any number of files that is no multiple of the slices",
)
WORTH_SPLITTING_MB = Threshold(
    name="copy_worth_splitting_mb",
    default=100,
    unit="MB",
    meaning="a COPY of less is quick on one slice",
    source=f"{AWS_GUIDE}: files of 1 MB to 1 GB; {OWN} for what is worth it",
)
RULES = (
    Rule(
        name="fewer files than slices, or no multiple of them",
        inputs=(
            "SYS_LOAD_HISTORY.source_file_count",
            "SYS_LOAD_HISTORY.source_file_bytes",
            "STV_SLICES.slice",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(IDLE_SLICES, WORTH_SPLITTING_MB),
        peers=(
            "awslabs: more than 24 copies with fewer files than slices (REC_020)",
            "Advisor: split S3 objects loaded by COPY",
            "redshift-utils: copy_performance",
        ),
    ),
)


def copy_file_count(case: CaseFile) -> Iterator[Finding | RuledOut]:
    if case.slices is None:
        return
    for fact in case.loads:
        if fact.load.files and fact.load.file_counts:
            yield from _judge(case, fact, case.slices)


def _judge(case: CaseFile, fact: LoadFact, slices: SlicesFact) -> Iterator[Finding | RuledOut]:
    load, fact_ids = fact.load, (fact.fact_id, slices.fact_id)
    idle = idle_slice_share(load.file_counts, slices.slices)
    copy_mb = load.bytes_a_copy / BYTES_A_MB
    files = f"{load.files_a_copy:.3g} files a copy on {counted(slices.slices, 'slice')}"
    splits_itself = can_be_split(case, load) and (
        load.bytes_a_file / BYTES_A_MB >= SMALLEST_SPLIT_MB
    )
    if splits_itself or idle < case.limit(IDLE_SLICES) or copy_mb < case.limit(WORTH_SPLITTING_MB):
        why = (
            "Redshift splits files of this kind itself"
            if splits_itself
            else f"{percent(idle)} of the slices' time is idle at {megabytes_in_words(copy_mb)} a copy"
        )
        yield RuledOut(
            check=CHECK,
            sentence=f"The number of files is not the cause: {files}, {why} (thresholds"
            f" {percent(case.limit(IDLE_SLICES))} and"
            f" {megabytes_in_words(case.limit(WORTH_SPLITTING_MB))}).",
            fact_ids=fact_ids,
        )
        return
    severity = weigh(case, Bucket.EXECUTION, idle)
    if severity is None:
        yield too_small_to_matter(case, CHECK, files, idle, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Loads {files}"),
        evidence=f"{counted(load.copies, 'recorded COPY run')} into {load.table_name} read"
        f" {load.files_a_copy:.3g} files of {megabytes_in_words(load.bytes_a_file / BYTES_A_MB)}"
        f" on average, which cannot be split: {percent(idle)} of the time of"
        f" {counted(slices.slices, 'slice')} is idle (threshold {percent(case.limit(IDLE_SLICES))})."
        f" A copy takes {duration_in_words(load.seconds / load.copies)}.",
        fact_ids=fact_ids,
        subject=load.table_name,
        measures=(
            measured(case, IDLE_SLICES, "idle slices", idle),
            measured(case, WORTH_SPLITTING_MB, "a copy", copy_mb),
            Measure(name="files a copy", value=load.files_a_copy),
        ),
        affected_share=idle,
    )
