"""A scan reads a large table whole to keep a small part of it.

Anti-pattern: Redshift skips blocks by the lowest and highest value that it keeps for each; that
works where the table is sorted by what the statement filters. A scan that was not range
restricted (is_rrscan = f) and keeps less than a quarter of what it reads could have read far less.

Remedy: Filter the leading sort-key column with a plain comparison. If most statements filter
another column, make that the sort key. VACUUM SORT ONLY helps where vacuum_sort_benefit is above
0, and nowhere else. Leave small tables alone: without a sort key they are just as fast.
"""

from collections.abc import Iterator

from backend.checks.check import (
    LARGE_STEP_ROWS,
    MOST_CITED,
    cited,
    measured,
    milder,
    segment_share,
    statement_ids,
    too_small_to_matter,
    weigh,
)
from backend.checks.ored_sort_key import ored_sort_key, skipped_no_block
from backend.checks.rule import Rule
from backend.checks.scans import is_small_table, kept_share, large_scans, large_tables
from backend.checks.sort_keys import filters_column, hidden_sort_key, sort_key_columns
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, listed, percent, rows_in_words, titled
from backend.domain.threshold import (
    AWS_REVIEW,
    LARGE_TABLE_ROWS,
    OWN,
    VACUUM_SORT_BENEFIT,
    Threshold,
)
from backend.domain.time_buckets import Bucket

CHECK = "unsorted_scan"

KEPT_SHARE = Threshold(
    name="scan_kept_share",
    default=0.25,
    unit="share",
    meaning="a scan without range restriction that keeps less of what it reads is wasteful",
    source=AWS_REVIEW,
)
UNSORTED_PERCENT = Threshold(
    name="unsorted_percent",
    default=10.0,
    unit="%",
    meaning="less unsorted is not named as the reason of a whole scan",
    source=f"{OWN}: twice what VACUUM leaves alone",
)
RULES = (
    Rule(
        name="a large table is read whole to keep little of it",
        inputs=(
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SVV_TABLE_INFO.sortkey1",
            "SVV_TABLE_INFO.unsorted",
        ),
        thresholds=(LARGE_STEP_ROWS, KEPT_SHARE, LARGE_TABLE_ROWS, UNSORTED_PERCENT),
        peers=(
            "awslabs: scanning unsorted data (REC_007)",
            "Advisor: alter sort keys",
            "Snowflake: UNSELECTIVE_FILTER, INAPPLICABLE_FILTER_ON_TABLE_SCAN",
            "Infraredshift: sort key not used",
        ),
    ),
    Rule(
        name="an unsorted table that VACUUM SORT would mend",
        inputs=("SVV_TABLE_INFO.vacuum_sort_benefit", "SVV_TABLE_INFO.unsorted"),
        thresholds=(VACUUM_SORT_BENEFIT, UNSORTED_PERCENT),
        peers=("awslabs: vacuum_sort_benefit of 10 (REC_012)", "Infraredshift: unsorted of 20"),
    ),
)


def unsorted_scan(case: CaseFile) -> Iterator[Finding | RuledOut]:
    for subject, read in large_scans(case).items():
        wasteful = [fact for fact in read if is_wasteful(case, fact)]
        if wasteful:
            yield from _judge(case, subject, wasteful)
        elif any(fact.step.is_range_restricted for fact in read):
            yield RuledOut(
                check=CHECK,
                sentence=f"Blocks are skipped: the scan of {subject or 'its large table'} is"
                " range restricted.",
                fact_ids=cited(case, read),
                subject=subject,
            )


def is_wasteful(case: CaseFile, fact: StepFact) -> bool:
    """Whether this check is about the scan: others leave its sort order to it."""
    step = fact.step
    worth_keeping = case.limit(KEPT_SHARE) * step.input_rows
    return step.is_range_restricted is False and step.output_rows < worth_keeping


def _judge(case: CaseFile, subject: str, scans: list[StepFact]) -> Iterator[Finding | RuledOut]:
    table_fact = case.table(subject) if subject else None
    fact_ids = (*cited(case, scans), *((table_fact.fact_id,) if table_fact else ()))
    rows_in = sum(fact.step.input_rows for fact in scans)
    kept = kept_share(scans)
    if table_fact and is_small_table(case, table_fact):
        yield RuledOut(
            check=CHECK,
            sentence=f"A sort key will not help {subject}: it has"
            f" {rows_in_words(table_fact.table.row_count or 0)} (threshold"
            f" {rows_in_words(case.limit(LARGE_TABLE_ROWS))}).",
            fact_ids=fact_ids,
            subject=subject,
        )
        return
    hidden_key = hidden_sort_key(case, table_fact) if table_fact else None
    if hidden_key:
        yield RuledOut(
            check=CHECK,
            sentence=f"Another sort key will not help {subject}: the scan, which keeps"
            f" {percent(kept)} of its rows, could use the present one, {hidden_key}, but for the"
            " function around it.",
            fact_ids=fact_ids,
            subject=subject,
        )
        return
    ored = ored_sort_key(case, table_fact) if table_fact else None
    if table_fact and ored and _is_told_of_the_or(case, table_fact):
        yield RuledOut(
            check=CHECK,
            sentence=f"Another sort key will not help {subject}: the scan, which keeps"
            f" {percent(kept)} of its rows, already has a condition on the present one,"
            f" {ored.text}.",
            fact_ids=(*fact_ids, *statement_ids(case)),
            subject=subject,
        )
        return
    share = segment_share(case, scans)
    severity = weigh(case, Bucket.EXECUTION, share)
    if severity is None:
        what = f"{subject or 'A table'} is read whole to keep {percent(kept)}"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=subject)
        return
    if table_fact is None:
        severity = milder(severity, at_most=Severity.MEDIUM)
    yield Finding(
        check=CHECK,
        severity=severity,
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Reads {rows_in_words(rows_in)}{f' of {subject}' if subject else ''} to keep"
            f" {percent(kept)}"
        ),
        evidence=f"{counted(len(scans), 'scan step')} read {rows_in_words(rows_in)} (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}) without skipping a block and kept {percent(kept)} of"
        f" them (threshold {percent(case.limit(KEPT_SHARE))}), in segments with {percent(share)} of the"
        f" segment time; {_reason(case, table_fact)}.",
        fact_ids=fact_ids,
        subject=subject,
        measures=_measures(case, rows_in, kept, table_fact),
        affected_share=share,
    )
    if table_fact:
        yield from _vacuum_ruled_out(case, table_fact)


def _is_told_of_the_or(case: CaseFile, fact: TableFact) -> bool:
    """Whether or_on_one_column reports these scans."""
    return skipped_no_block(case, fact) and not is_out_of_order(case, fact)


def is_out_of_order(case: CaseFile, fact: TableFact) -> bool:
    """Whether VACUUM SORT would mend what the scan reads too much."""
    is_unsorted = (fact.table.unsorted_percent or 0.0) >= case.limit(UNSORTED_PERCENT)
    return is_unsorted and _vacuum_benefit(fact) > case.limit(VACUUM_SORT_BENEFIT)


def _reason(case: CaseFile, fact: TableFact | None) -> str:
    """Why no block could be skipped, as far as the facts say."""
    if fact is None:
        large = ", ".join(other.table.full_name for other in large_tables(case)[:MOST_CITED])
        return "the steps do not name the table" + (f", one of {large}" if large else "")
    table = fact.table
    keys = sort_key_columns(table)
    if not keys and table.has_interleaved_sort_key:
        return f"which columns the interleaved sort key of {table.full_name} has is not known"
    if not keys:
        return f"{table.full_name} has no sort key"
    is_used = case.statement is None or filters_column(case, fact, keys[0])
    if is_used and is_out_of_order(case, fact):
        return (
            f"{table.unsorted_percent:g} % of {table.full_name} is unsorted, vacuum_sort_benefit"
            f" {_vacuum_benefit(fact):g} %"
        )
    return _unused_key(case, fact, keys)


def _unused_key(case: CaseFile, fact: TableFact, keys: tuple[str, ...]) -> str:
    """The leading column restricts a scan; of an interleaved key any column does."""
    is_interleaved = fact.table.has_interleaved_sort_key
    useful = keys if is_interleaved else keys[:1]
    kind = "interleaved sort key" if is_interleaved else "sort key"
    filtered = [key for key in useful if case.statement and filters_column(case, fact, key)]
    if filtered:
        of_key = f"{listed(filtered)} of its {kind}" if is_interleaved else f"its {kind} {keys[0]}"
        return f"it was read whole although the statement filters {of_key}"
    unread = "" if case.statement else ", as far as is known,"
    if is_interleaved:
        return f"the statement{unread} filters no column of its {kind} ({', '.join(keys)})"
    return f"the statement{unread} does not filter its {kind} {keys[0]}"


def _vacuum_ruled_out(case: CaseFile, fact: TableFact) -> Iterator[RuledOut]:
    table = fact.table
    benefit = table.vacuum_sort_benefit_percent
    if benefit is not None and benefit <= case.limit(VACUUM_SORT_BENEFIT):
        unsorted = (
            f", {table.unsorted_percent:g} % unsorted" if table.unsorted_percent is not None else ""
        )
        yield RuledOut(
            check=CHECK,
            sentence=f"VACUUM SORT will not help {table.full_name}: vacuum_sort_benefit is"
            f" {benefit:g}{unsorted}.",
            fact_ids=(fact.fact_id,),
        )


def _vacuum_benefit(fact: TableFact) -> float:
    return fact.table.vacuum_sort_benefit_percent or 0.0


def _measures(
    case: CaseFile, rows_in: int, kept: float, fact: TableFact | None
) -> tuple[Measure, ...]:
    measures = [
        measured(case, LARGE_STEP_ROWS, "rows read", rows_in),
        measured(case, KEPT_SHARE, "rows kept", kept),
    ]
    if fact and fact.table.vacuum_sort_benefit_percent is not None:
        benefit = _vacuum_benefit(fact)
        measures.append(measured(case, VACUUM_SORT_BENEFIT, "vacuum_sort_benefit", benefit))
    return tuple(measures)
