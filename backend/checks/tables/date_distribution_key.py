"""A large table is distributed by a date that this pattern filters on.

Anti-pattern: A DISTKEY puts all rows of one value on one slice. With a date as the key the rows of
a day, which most statements ask for, lie on one slice of many: that slice works and all others
wait, although skew_rows over the whole table looks even.

Remedy: Distribute by a column with many values that large joins use, or EVEN, and sort by the date
instead: a sort key on it skips blocks on every slice.
"""

from collections.abc import Iterator

from backend.checks.check import (
    UNMEASURED_SHARE,
    measured,
    milder,
    statement_ids,
    too_small_to_matter,
    weigh,
)
from backend.checks.distribution_keys import date_distribution_key as date_key
from backend.checks.rule import Rule
from backend.checks.sort_keys import filters_column, wraps_column
from backend.checks.steps.data_skew import STEP_SKEWNESS
from backend.checks.table_scans import TableScans, large_scans
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import rows_in_words, titled
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "date_distribution_key"

RULES = (
    Rule(
        name="a DISTKEY on a date that the statement filters, or whose scans are skewed",
        inputs=(
            "SVV_TABLE_INFO.diststyle",
            "SVV_REDSHIFT_COLUMNS.distkey",
            "SVV_REDSHIFT_COLUMNS.data_type",
            "SYS_QUERY_DETAIL.data_skewness",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(LARGE_TABLE_ROWS, STEP_SKEWNESS),
        peers=("awslabs: DISTKEY on a date of a large table (REC_008)",),
    ),
)


def date_distribution_key(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for scans in large_scans(case):
        key = date_key(scans.fact.table)
        if key is None:
            continue
        is_filtered = filters_column(case, scans.fact, key) or wraps_column(case, scans.fact, key)
        if scans.is_measured:
            yield from _by_steps(case, scans, key, is_filtered=is_filtered)
        elif is_filtered:
            yield from _by_plan(case, scans, key)


def _by_steps(
    case: CaseFile, scans: TableScans, key: str, *, is_filtered: bool
) -> Iterator[Finding | RuledOut]:
    threshold = case.limit(STEP_SKEWNESS)
    skewness = max(fact.step.data_skewness for fact in scans.steps)
    by_date = _by_date(scans, key)
    if skewness < threshold:
        if is_filtered:
            yield RuledOut(
                check=CHECK,
                sentence=f"{by_date}, but the slices share its scans evenly: their highest data"
                f" skewness is {skewness} (threshold {threshold:g}).",
                fact_ids=scans.fact_ids,
            )
        return
    share = scans.share * skewness / 100
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, by_date, share, scans.fact_ids)
        return
    yield _finding(
        case,
        scans,
        severity,
        evidence=f"{by_date}{_filter(key, is_filtered=is_filtered)}: its scans reach a data"
        f" skewness of {skewness} (threshold {threshold:g}); {scans.cost_in_words}.",
        skewness=skewness,
        share=share,
    )


def _by_plan(case: CaseFile, scans: TableScans, key: str) -> Iterator[Finding | RuledOut]:
    share = min(scans.share, UNMEASURED_SHARE)
    by_date = _by_date(scans, key)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        yield too_small_to_matter(case, CHECK, by_date, share, scans.fact_ids)
        return
    yield _finding(
        case,
        scans,
        milder(severity, at_most=Severity.LOW),
        evidence=f"{by_date}{_filter(key, is_filtered=True)}; {scans.cost_in_words}.",
        skewness=None,
        share=share,
    )


def _by_date(scans: TableScans, key: str) -> str:
    table = scans.fact.table
    rows = rows_in_words(table.row_count or 0)
    return f"{table.full_name} ({rows}) is distributed by the date {key}"


def _filter(key: str, *, is_filtered: bool) -> str:
    if not is_filtered:
        return ""
    return f", and the statement filters {key}, so the rows that it asks for lie on few slices"


def _finding(
    case: CaseFile,
    scans: TableScans,
    severity: Severity,
    *,
    evidence: str,
    skewness: int | None,
    share: float,
) -> Finding:
    table = scans.fact.table
    skewed = () if skewness is None else (measured(case, STEP_SKEWNESS, "data skewness", skewness),)
    return Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"The rows of a day of {table.full_name} lie on few slices",
            "The rows of a day lie on few slices",
        ),
        evidence=evidence,
        fact_ids=(*scans.fact_ids, *statement_ids(case)),
        subject=table.full_name,
        measures=(
            measured(case, LARGE_TABLE_ROWS, "rows of the table", table.row_count or 0),
            *skewed,
        ),
        affected_share=share,
    )
