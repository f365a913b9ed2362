"""An external table is read with next to none of its partitions left out.

Anti-pattern: A Spectrum scan opens more than 100 partitions and leaves out less than 95 % of the
table's (qualified_partitions and total_partitions of SYS_EXTERNAL_QUERY_DETAIL), or the table has
no partitions at all. Every file of every partition is then listed, opened and paid for.

Remedy: Compare the partition column itself with constants, without a function or cast around it
and not only through a join: Redshift prunes partitions before it reads. Partition the table by
the column that most statements filter, usually a date, and no finer than some 64 MB a partition.
"""

from collections.abc import Iterator, Sequence

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
from backend.domain.case_file import CaseFile, LakeScanFact
from backend.domain.finding import Finding, Measure, RuledOut
from backend.domain.in_words import (
    counted,
    duration_in_words,
    listed,
    megabytes_in_words,
    percent,
    titled,
)
from backend.domain.threshold import AWS_REVIEW, OWN, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "no_partition_pruning"
MANY_PARTITIONS = Threshold(
    name="lake_qualified_partitions",
    default=100,
    unit="partitions",
    meaning="fewer partitions read by a scan are few enough",
    source=AWS_REVIEW,
)
PRUNED_SHARE = Threshold(
    name="lake_pruned_share",
    default=0.95,
    unit="share",
    meaning="a scan that leaves out less of the partitions is not pruned well",
    source=f"{AWS_REVIEW}, which counts the queries that prune at all",
)
LONG_SCAN_SECONDS = Threshold(
    name="lake_scan_seconds",
    default=60,
    unit="s",
    meaning="shorter scans are left alone",
    source=AWS_REVIEW,
)
UNPARTITIONED_MB = Threshold(
    name="lake_unpartitioned_mb",
    default=10_000,
    unit="MB",
    meaning="less read of a table without partitions is left alone",
    source=f"{OWN}: there is little to leave out",
)
RULES = (
    Rule(
        name="most partitions of an external table are read",
        inputs=(
            "SYS_EXTERNAL_QUERY_DETAIL.qualified_partitions",
            "SYS_EXTERNAL_QUERY_DETAIL.total_partitions",
            "SYS_EXTERNAL_QUERY_DETAIL.duration",
            "SVV_EXTERNAL_COLUMNS.part_key",
        ),
        thresholds=(MANY_PARTITIONS, PRUNED_SHARE, LONG_SCAN_SECONDS),
        peers=(
            "awslabs: Spectrum partitions (REC_023)",
            "Infraredshift: partition predicate, pruning below 50 and 90 %",
            "BigQuery: partition recommender",
        ),
    ),
    Rule(
        name="a large external table has no partitions",
        inputs=(
            "SYS_EXTERNAL_QUERY_DETAIL.total_partitions",
            "SYS_EXTERNAL_QUERY_DETAIL.returned_bytes",
        ),
        thresholds=(UNPARTITIONED_MB, LONG_SCAN_SECONDS),
        peers=("Infraredshift: unpartitioned Spectrum",),
    ),
)


def no_partition_pruning(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for table_name, scans in scans_by_table(case).items():
        longest = max(scans, key=lambda fact: fact.scan.qualified_partitions)
        if longest.scan.total_partitions > 1:
            yield from _judge_pruning(case, table_name, scans, longest)
        else:
            yield from _judge_unpartitioned(case, table_name, scans)


def _judge_pruning(
    case: CaseFile, table_name: str, scans: Sequence[LakeScanFact], longest: LakeScanFact
) -> Iterator[Finding | RuledOut]:
    scan, name = longest.scan, short_name(table_name)
    read = f"{scan.qualified_partitions:,} of {counted(scan.total_partitions, 'partition')}"
    seconds = seconds_of(scans)
    fact_ids = cited_scans(case, [longest])
    if scan.qualified_partitions <= case.limit(MANY_PARTITIONS) or (
        scan.pruned_share >= case.limit(PRUNED_SHARE)
    ):
        yield RuledOut(
            check=CHECK,
            sentence=f"Partitions of {name} are not the cause: {read} are read (thresholds"
            f" {case.limit(MANY_PARTITIONS):g} partitions and"
            f" {percent(case.limit(PRUNED_SHARE))} left out).",
            fact_ids=fact_ids,
        )
        return
    share = scan_share(case, scans)
    severity = weigh(case, Bucket.EXECUTION, share)
    if seconds <= case.limit(LONG_SCAN_SECONDS):
        yield RuledOut(
            check=CHECK,
            sentence=f"{read} of {name} are read, but that takes {duration_in_words(seconds)}"
            f" (threshold {duration_in_words(case.limit(LONG_SCAN_SECONDS))}).",
            fact_ids=fact_ids,
        )
        return
    if severity is None:
        yield too_small_to_matter(case, CHECK, f"{read} of {name} are read", share, fact_ids)
        return
    keys = _partition_keys(case, table_name)
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Reads {read} of {name}", f"Reads {scan.qualified_partitions:,} partitions"),
        evidence=f"The scan of {name} opens {read} and leaves out {percent(scan.pruned_share)}"
        f" (threshold {percent(case.limit(PRUNED_SHARE))}); it takes"
        f" {duration_in_words(seconds)}, {percent(share)} of the run.{keys}",
        fact_ids=fact_ids,
        subject=name,
        measures=(
            measured(case, MANY_PARTITIONS, "partitions read", scan.qualified_partitions),
            measured(case, PRUNED_SHARE, "partitions left out", scan.pruned_share),
            measured(case, LONG_SCAN_SECONDS, "scan time", seconds),
        ),
        affected_share=share,
    )


def _partition_keys(case: CaseFile, table_name: str) -> str:
    """What the table is partitioned by, and whether the statement filters it."""
    known = case.lake_table(table_name)
    keys = known.table.partition_keys if known else ()
    if not keys:
        return ""
    filtered = {
        use.column_name.lower()
        for use in (case.statement.filtered_columns if case.statement else ())
    }
    unfiltered = [key for key in keys if key.lower() not in filtered]
    by = f" It is partitioned by {listed(keys)}"
    if case.statement and unfiltered:
        return f"{by}; the statement does not compare {listed(unfiltered)} with a value."
    return f"{by}."


def _judge_unpartitioned(
    case: CaseFile, table_name: str, scans: Sequence[LakeScanFact]
) -> Iterator[Finding | RuledOut]:
    read_mb = sum(fact.scan.scanned_bytes for fact in scans) / BYTES_A_MB
    seconds, name = seconds_of(scans), short_name(table_name)
    if read_mb < case.limit(UNPARTITIONED_MB) or seconds <= case.limit(LONG_SCAN_SECONDS):
        return
    share = scan_share(case, scans)
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = cited_scans(case, scans)
    size = megabytes_in_words(read_mb)
    if severity is None:
        what = f"{size} of {name} are read, which has no partitions"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"Reads {size} of {name}, which has no partitions"),
        evidence=f"{name} has no partitions to leave out: each run reads {size} (threshold"
        f" {megabytes_in_words(case.limit(UNPARTITIONED_MB))}) in {duration_in_words(seconds)},"
        f" {percent(share)} of the run.",
        fact_ids=fact_ids,
        subject=name,
        measures=(
            measured(case, UNPARTITIONED_MB, "read", read_mb),
            Measure(name="partitions", value=1.0),
        ),
        affected_share=share,
    )
