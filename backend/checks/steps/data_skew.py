"""One slice does far more of the work than the others.

Anti-pattern: A step is finished when its slowest slice is. Rows pile up on one slice because the
table's distribution key has few or very uneven values (skew_rows of SVV_TABLE_INFO), or because
the rows of one run do: a join or GROUP BY on a column with one very common value, often NULL, ''
or a default. More nodes help neither.

Remedy: Table skew: another distribution key with many evenly spread values, or EVEN. Run-time
skew: leave the table alone; treat the common value on its own (filter NULLs out before the join,
join the heavy value separately with UNION ALL) or aggregate before the rows are redistributed.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    UNMEASURED_SHARE,
    cited,
    largest,
    measured,
    milder,
    segment_share,
    too_small_to_matter,
    weigh,
)
from backend.checks.distribution_keys import date_distribution_key
from backend.checks.effects import scans_of
from backend.checks.rule import Rule
from backend.checks.step_flow import named_steps
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, percent, rows_in_words, titled
from backend.domain.threshold import LARGE_TABLE_ROWS, OWN, TABLE_SKEW_RATIO, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "data_skew"

STEP_SKEWNESS = Threshold(
    name="step_data_skewness",
    default=50,
    unit="%",
    meaning="a large step whose data_skewness is as high is skewed",
    source=f"{OWN}; AWS gives no threshold for it",
)
STEP_ROWS = Threshold(
    name="skewed_step_rows",
    default=1_000_000,
    unit="rows",
    meaning="skew of smaller steps does not count",
    source=OWN,
)
RULES = (
    Rule(
        name="rows pile up on one slice while the statement runs",
        inputs=(
            "SYS_QUERY_DETAIL.data_skewness",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(STEP_SKEWNESS, STEP_ROWS),
        peers=("Infraredshift: skew", "BigQuery: partition skew"),
    ),
    Rule(
        name="a table's rows lie unevenly on the slices",
        inputs=("SVV_TABLE_INFO.skew_rows", "SVV_TABLE_INFO.tbl_rows", "SVV_TABLE_INFO.diststyle"),
        thresholds=(TABLE_SKEW_RATIO, LARGE_TABLE_ROWS),
        peers=("awslabs: skew_rows of 4 (REC_008)", "Infraredshift: skew of 4"),
    ),
)


def data_skew(case: CaseFile) -> Iterator[Finding | RuledOut]:
    tables = [fact for fact in case.tables if _is_skewed(case, fact)]
    if not case.steps:
        for fact in tables:
            yield from _table_without_steps(case, fact)
        return
    threshold = case.limit(STEP_SKEWNESS)
    heavy = [fact for fact in case.steps if _rows(fact) >= case.limit(STEP_ROWS)]
    skewed = largest(fact for fact in heavy if fact.step.data_skewness >= threshold)
    if not skewed:
        if heavy:
            yield _no_skewed_step(case, heavy, tables)
        return
    worst = max(skewed, key=lambda fact: fact.step.data_skewness)
    # Evening out saves at most what the slowest slice has over the average one.
    share = segment_share(case, skewed) * worst.step.data_skewness / 100
    severity = weigh(case, Bucket.EXECUTION, share)
    culprits = _culprits(case, skewed, tables)
    fact_ids = (*cited(case, skewed), *(fact.fact_id for fact in culprits))
    if severity is None:
        what = (
            f"{counted(len(skewed), 'step')} reached a data skewness of up to"
            f" {worst.step.data_skewness} (threshold {threshold:g})"
        )
        yield too_small_to_matter(case, CHECK, what, share, fact_ids)
        return
    subject = culprits[0].table.full_name if culprits else ""
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"{subject} lies unevenly on the slices"
            if subject
            else f"Rows pile up on one slice in the {_step_names(skewed)}",
            "Rows pile up on one slice while the statement runs",
        ),
        evidence=f"One slice does far more than the others: {counted(len(skewed), 'step')} of up to"
        f" {rows_in_words(max(_rows(fact) for fact in skewed))} reached a data skewness of up to"
        f" {worst.step.data_skewness} (threshold {threshold:g}), in segments with"
        f" {percent(segment_share(case, skewed))} of the segment time;"
        f" {_origin(case, skewed, tables, culprits)}.",
        fact_ids=fact_ids,
        subject=subject,
        measures=(
            measured(case, STEP_SKEWNESS, "data skewness", worst.step.data_skewness),
            *(_table_measure(case, fact) for fact in culprits[:1]),
        ),
        affected_share=share,
    )


def _step_names(skewed: Sequence[StepFact]) -> str:
    return named_steps(list(dict.fromkeys(fact.step.step_name.strip() for fact in skewed)))


def _rows(fact: StepFact) -> int:
    return max(fact.step.input_rows, fact.step.output_rows)


def _is_skewed(case: CaseFile, fact: TableFact) -> bool:
    table = fact.table
    return (
        (table.row_skew_ratio or 0.0) >= case.limit(TABLE_SKEW_RATIO)
        and (table.row_count or 0) > case.limit(LARGE_TABLE_ROWS)
        and not table.distribution_style.upper().startswith(("AUTO", "ALL"))
    )


def _culprits(
    case: CaseFile, skewed: Sequence[StepFact], tables: Sequence[TableFact]
) -> Sequence[TableFact]:
    """Skewed tables that the skewed steps read; any of them where steps name no table.

    A table whose own scan is even is not to blame for what piles up later.
    """
    if any(fact.step.table_name for fact in skewed):
        read = _read_by(case, skewed)
        tables = [fact for fact in tables if fact in read]
    guilty = [fact for fact in tables if not _is_scanned_evenly(case, fact)]
    return sorted(guilty, key=lambda fact: -(fact.table.row_skew_ratio or 0.0))


def _read_by(case: CaseFile, skewed: Sequence[StepFact]) -> list[TableFact]:
    names = dict.fromkeys(fact.step.table_name for fact in skewed if fact.step.table_name)
    return [fact for fact in map(case.table, names) if fact]


def _is_scanned_evenly(case: CaseFile, fact: TableFact) -> bool:
    scans = [scan for scan in scans_of(case, fact) if _rows(scan) >= case.limit(STEP_ROWS)]
    return bool(scans) and all(
        scan.step.data_skewness < case.limit(STEP_SKEWNESS) for scan in scans
    )


def _origin(
    case: CaseFile,
    skewed: Sequence[StepFact],
    tables: Sequence[TableFact],
    culprits: Sequence[TableFact],
) -> str:
    if culprits:
        table = culprits[0].table
        return (
            f"skew_rows of {table.full_name} is {table.row_skew_ratio:g} (threshold"
            f" {case.limit(TABLE_SKEW_RATIO):g})"
        )
    by_date = [fact.table for fact in _read_by(case, skewed) if date_distribution_key(fact.table)]
    if by_date:
        return f"they read {by_date[0].full_name}, whose DISTKEY is a date"
    if tables:
        acquitted = max(tables, key=lambda fact: fact.table.row_skew_ratio or 0.0)
        is_even = _is_scanned_evenly(case, acquitted)
        why = "its own scan is even" if is_even else "the skewed steps do not read it"
        name = f"{acquitted.table.full_name} (skew_rows {acquitted.table.row_skew_ratio:g})"
        return f"{name} is not to blame, as {why}"
    known = [fact.table for fact in case.tables if fact.table.row_skew_ratio is not None]
    if not known:
        return "without SVV_TABLE_INFO it is not known whether a table is to blame"
    worst = max(known, key=lambda table: table.row_skew_ratio or 0.0)
    return (
        f"no large table is to blame (highest skew_rows {worst.row_skew_ratio:g},"
        f" {worst.full_name})"
    )


def _no_skewed_step(
    case: CaseFile, heavy: Sequence[StepFact], tables: Sequence[TableFact]
) -> RuledOut:
    worst = max(heavy, key=lambda fact: fact.step.data_skewness)
    despite = "".join(
        f" although skew_rows of {fact.table.full_name} is {fact.table.row_skew_ratio:g}"
        for fact in tables[:1]
    )
    return RuledOut(
        check=CHECK,
        sentence=f"The slices share the rows evenly{despite}: the highest data skewness of a"
        f" large step is {worst.step.data_skewness} (threshold {case.limit(STEP_SKEWNESS):g}).",
        fact_ids=(worst.fact_id, *(fact.fact_id for fact in tables[:1])),
    )


def _table_without_steps(case: CaseFile, fact: TableFact) -> Iterator[Finding | RuledOut]:
    severity = weigh(case, Bucket.EXECUTION, UNMEASURED_SHARE)
    if severity is None:
        return
    table = fact.table
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(f"{table.full_name} lies unevenly on the slices"),
        evidence=f"skew_rows of {table.full_name} is {table.row_skew_ratio:g} (threshold"
        f" {case.limit(TABLE_SKEW_RATIO):g}) at {rows_in_words(table.row_count or 0)}: its fullest slice holds"
        " that many times the rows of its emptiest; no steps were recorded to measure what that"
        " costs.",
        fact_ids=(fact.fact_id,),
        subject=table.full_name,
        measures=(_table_measure(case, fact),),
        affected_share=UNMEASURED_SHARE,
    )


def _table_measure(case: CaseFile, fact: TableFact) -> Measure:
    return measured(case, TABLE_SKEW_RATIO, "skew_rows", fact.table.row_skew_ratio or 0.0)
