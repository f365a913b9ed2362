"""COPY loads text that is not compressed.

Anti-pattern: The files are CSV, text or JSON, and neither GZIP nor LZOP, ZSTD or BZIP2 stands in
the statement: three to ten times the bytes have to come from S3.

Remedy: Compress what is written and name the method in COPY, or write Parquet. Split compressed
text into a multiple of the slices, as Redshift cannot split it (BZIP2 apart).
"""

from collections.abc import Iterator

from backend.checks.check import UNMEASURED_SHARE, measured, weigh
from backend.checks.load.files import BYTES_A_MB, compression_of, is_columnar_load
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LoadFact
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import counted, duration_in_words, megabytes_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "uncompressed_copy"
WORTH_COMPRESSING_MB = Threshold(
    name="copy_worth_compressing_mb",
    default=1_000,
    unit="MB",
    meaning="a COPY of less is quick without compression",
    source=f"{OWN}; AWS: Advisor speaks up from 5 MB on",
)
RULES = (
    Rule(
        name="files are not compressed",
        inputs=(
            "SYS_QUERY_HISTORY.query_text",
            "SYS_LOAD_HISTORY.source_file_bytes",
            "SYS_LOAD_HISTORY.file_format",
        ),
        thresholds=(WORTH_COMPRESSING_MB,),
        peers=("Advisor: compress S3 objects loaded by COPY",),
    ),
)


def uncompressed_copy(case: CaseFile) -> Iterator[Finding | RuledOut]:
    if case.scrubbed_sql is None:
        return
    for fact in case.loads:
        if fact.load.file_bytes:
            yield from _judge(case, fact)


def _judge(case: CaseFile, fact: LoadFact) -> Iterator[Finding | RuledOut]:
    load, fact_ids = fact.load, (fact.fact_id,)
    copy_mb, worth_mb = load.bytes_a_copy / BYTES_A_MB, case.limit(WORTH_COMPRESSING_MB)
    is_columnar = is_columnar_load(case, load)
    compression = compression_of(case)
    if is_columnar or compression or copy_mb < worth_mb:
        method = f"compressed with {compression}" if compression else "not compressed"
        method = "columnar files have their own" if is_columnar else method
        yield RuledOut(
            check=CHECK,
            sentence=f"Compression is not the cause: {method}, {megabytes_in_words(copy_mb)} a"
            f" copy (threshold {megabytes_in_words(worth_mb)}).",
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
        title=titled(f"Loads {megabytes_in_words(copy_mb)} a copy without compression"),
        evidence=f"{counted(load.copies, 'recorded COPY run')} into {load.table_name} read"
        f" {megabytes_in_words(copy_mb)} each (threshold {megabytes_in_words(worth_mb)}) in"
        f" {duration_in_words(load.seconds / load.copies)}, and the statement names no"
        " compression.",
        fact_ids=fact_ids,
        subject=load.table_name,
        measures=(measured(case, WORTH_COMPRESSING_MB, "a copy", copy_mb),),
        affected_share=UNMEASURED_SHARE,
    )
