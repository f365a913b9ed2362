"""An external table is read row by row: its files are text, JSON or Avro.

Anti-pattern: Spectrum reads the whole file where the format is not columnar (CSV, text, JSON,
Avro, Ion …), whatever few columns the statement names, and cannot skip row groups. Spectrum
bills by the bytes that it reads, except on Serverless, where it runs on the workgroup's own RPU.

Remedy: Write the files as Parquet or ORC, compressed, with the columns sorted that are filtered
most: UNLOAD … FORMAT PARQUET or a job that already writes the lake. Keep the old files until the
readers have moved.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.lake.scans import (
    BYTES_A_MB,
    cited_scans,
    scan_share,
    scans_by_table,
    seconds_of,
    short_name,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut
from backend.domain.in_words import duration_in_words, megabytes_in_words, percent, titled
from backend.domain.lake import is_columnar
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "non_columnar_format"
WHOLE_FILES_MB = Threshold(
    name="lake_row_format_mb",
    default=1_000,
    unit="MB",
    meaning="less read of files that are not columnar is ruled out",
    source=f"{OWN}: a gigabyte is read in seconds in any format",
)
RULES = (
    Rule(
        name="files of an external table are not columnar",
        inputs=(
            "SYS_EXTERNAL_QUERY_DETAIL.file_format",
            "SYS_EXTERNAL_QUERY_DETAIL.returned_bytes",
            "SYS_EXTERNAL_QUERY_DETAIL.duration",
            "SVV_EXTERNAL_TABLES.input_format",
        ),
        thresholds=(WHOLE_FILES_MB,),
        peers=(
            "AWS guide: use Parquet formatted data files",
            "Infraredshift: columnar format",
        ),
    ),
)


def non_columnar_format(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for table_name, scans in scans_by_table(case).items():
        file_format = _format(case, table_name, [fact.scan.file_format for fact in scans])
        columnar = is_columnar(file_format)
        if columnar is None:
            continue
        read_mb = sum(fact.scan.scanned_bytes for fact in scans) / BYTES_A_MB
        name, size = short_name(table_name), megabytes_in_words(read_mb)
        fact_ids = cited_scans(case, scans)
        worth_mb = case.limit(WHOLE_FILES_MB)
        if columnar or read_mb < worth_mb:
            why = "columnar" if columnar else f"few (threshold {megabytes_in_words(worth_mb)})"
            yield RuledOut(
                check=CHECK,
                sentence=f"The format of {name} is not the cause: {size} of {file_format} files"
                f" are {why}.",
                fact_ids=fact_ids,
            )
            continue
        share = scan_share(case, scans)
        severity = weigh(case, Bucket.EXECUTION, share)
        if severity is None:
            what = f"{size} of {file_format} files are read whole"
            yield too_small_to_matter(case, CHECK, what, share, fact_ids)
            continue
        yield Finding(
            check=CHECK,
            severity=severity,
            bucket=Bucket.EXECUTION,
            title=titled(f"Reads {size} of {file_format} files of {name} whole"),
            evidence=f"{name} lies in {file_format} files, of which every column is read: {size}"
            f" (threshold {megabytes_in_words(worth_mb)}) in"
            f" {duration_in_words(seconds_of(scans))}, {percent(share)} of the run.",
            fact_ids=fact_ids,
            subject=name,
            measures=(measured(case, WHOLE_FILES_MB, "read", read_mb),),
            affected_share=share,
        )


def _format(case: CaseFile, table_name: str, seen: list[str]) -> str:
    """As the scan says it, else as the catalogue does."""
    known = case.lake_table(table_name)
    return next(filter(None, seen), known.table.file_format if known else "")
