"""An external table lies in very many small files.

Anti-pattern: A scan opens more than 1,000 files of far less than 64 MB. Listing and opening them
takes longer than reading them; each is a request to S3.

Remedy: Compact the files to 64 MB and more each, all of about the same size: rewrite the
partitions that are no longer written, and let the writer collect more before it writes. Partition
no finer than a file's worth of data.
"""

from collections.abc import Iterator

from backend.checks.check import measured, too_small_to_matter, weigh
from backend.checks.lake.scans import (
    BYTES_A_MB,
    cited_scans,
    scan_share,
    scans_by_table,
    short_name,
)
from backend.checks.rule import Rule
from backend.domain.case_file import CaseFile, LakeScanFact
from backend.domain.finding import Finding, Measure, RuledOut
from backend.domain.in_words import counted, duration_in_words, percent, titled
from backend.domain.threshold import AWS_GUIDE, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "small_lake_files"
INFRAREDSHIFT = "our own, after Infraredshift's Spectrum rules"
MANY_FILES = Threshold(
    name="lake_files_a_scan",
    default=1_000,
    unit="files",
    meaning="fewer files in a scan are few enough, whatever their size",
    source=INFRAREDSHIFT,
)
SMALL_FILE_MB = Threshold(
    name="lake_file_mb",
    default=64,
    unit="MB",
    meaning="files of this size on average are large enough",
    source=f"{AWS_GUIDE}, c-spectrum-external-performance: keep file sizes larger than 64 MB",
)
LISTING_SECONDS = Threshold(
    name="lake_listing_seconds",
    default=2,
    unit="s",
    meaning="files that take longer to list are too many, whatever their number",
    source=INFRAREDSHIFT,
)
RULES = (
    Rule(
        name="very many small files, or files that take long to list",
        inputs=(
            "SYS_EXTERNAL_QUERY_DETAIL.scanned_files",
            "SYS_EXTERNAL_QUERY_DETAIL.returned_bytes",
            "SYS_EXTERNAL_QUERY_DETAIL.s3list_time",
        ),
        thresholds=(MANY_FILES, SMALL_FILE_MB, LISTING_SECONDS),
        peers=("Infraredshift: file layout", "AWS guide: file sizes larger than 64 MB"),
    ),
)


def small_lake_files(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for table_name, scans in scans_by_table(case).items():
        worst = max(scans, key=lambda fact: (fact.scan.scanned_files, fact.scan.listing_seconds))
        if worst.scan.scanned_files:
            yield from _judge(case, short_name(table_name), worst)


def _judge(case: CaseFile, name: str, fact: LakeScanFact) -> Iterator[Finding | RuledOut]:
    scan, file_mb = fact.scan, fact.scan.bytes_a_file / BYTES_A_MB
    files = f"{counted(scan.scanned_files, 'file')} of {_size(file_mb)}"
    fact_ids = cited_scans(case, [fact])
    is_many = scan.scanned_files > case.limit(MANY_FILES)
    lists_long = scan.listing_seconds > case.limit(LISTING_SECONDS)
    if file_mb >= case.limit(SMALL_FILE_MB) or not (is_many or lists_long):
        yield RuledOut(
            check=CHECK,
            sentence=f"The files of {name} are not the cause: {files} on average.",
            fact_ids=fact_ids,
        )
        return
    share = scan_share(case, [fact])
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, f"A scan reads {files}", share, fact_ids)
        return
    listing = (
        f" Listing them alone takes {duration_in_words(scan.listing_seconds)}."
        if scan.listing_seconds
        else ""
    )
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Opens {files} each of {name}", f"Opens {files} each"),
        evidence=f"A scan of {name} opens {files} on average (threshold"
        f" {case.limit(SMALL_FILE_MB):g} MB), {duration_in_words(scan.duration_seconds)} or"
        f" {percent(share)} of the run.{listing}",
        fact_ids=fact_ids,
        subject=name,
        measures=(
            measured(case, MANY_FILES, "files", scan.scanned_files),
            measured(case, SMALL_FILE_MB, "average file", file_mb),
            Measure(
                name="listing",
                value=scan.listing_seconds,
                unit="s",
                threshold=case.limit(LISTING_SECONDS),
            ),
        ),
        affected_share=share,
    )


def _size(megabytes: float) -> str:
    return f"{megabytes * 1000:,.0f} kB" if megabytes < 1 else f"{megabytes:,.0f} MB"
