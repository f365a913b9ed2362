"""A scan skips blocks and still reads many rows to keep next to none.

Anti-pattern: The sort key restricts the scan, but the filter that does the work is on another
column: below one row in twenty is kept (Redshift's own alert for a very selective filter), and
all others are read to be thrown away.

Remedy: If most statements filter that column as well, make it the second column of the sort key;
that helps as far as the first one is compared with single values or short ranges. Else narrow the
range on the present key. What a join throws away no sort key can save, nor what a pattern that
begins with % searches for.
"""

from collections import Counter
from collections.abc import Iterator

from backend.checks.alerts import PLANNER_ALERTS, AlertKind, alert_ids, judge_alert_alone
from backend.checks.check import (
    LARGE_STEP_ROWS,
    cited,
    largest,
    measured,
    milder,
    segment_share,
    steps_named,
    too_small_to_matter,
    weigh,
)
from backend.checks.clauses import clauses, owner_of
from backend.checks.rule import Rule
from backend.checks.scans import is_small_table, kept_share, large_scans
from backend.checks.sort_keys import compared_columns, hidden_sort_key, sort_key_columns
from backend.checks.steps.unsorted_scan import KEPT_SHARE
from backend.domain.case_file import CaseFile, ClauseKind, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import listed, percent, rows_in_words, titled
from backend.domain.threshold import AWS_GUIDE, LARGE_TABLE_ROWS, Threshold
from backend.domain.time_buckets import Bucket

CHECK = "selective_filter"

SELECTIVE_SHARE = Threshold(
    name="selective_filter_kept_share",
    default=0.05,
    unit="share",
    meaning="a scan that keeps less of what it reads has a very selective filter",
    source=f"{AWS_GUIDE}, the planner's alert for a very selective filter",
)
RULES = (
    Rule(
        name="a very selective filter on a column outside the sort key",
        inputs=(
            "SYS_QUERY_DETAIL.input_rows",
            "SYS_QUERY_DETAIL.output_rows",
            "SYS_QUERY_DETAIL.is_rrscan",
            "SYS_QUERY_DETAIL.alert",
            "SVV_REDSHIFT_COLUMNS.sortkey",
            "SYS_QUERY_HISTORY.query_text",
        ),
        thresholds=(LARGE_STEP_ROWS, SELECTIVE_SHARE, LARGE_TABLE_ROWS, PLANNER_ALERTS),
        peers=(
            "STL alert: Very selective query filter",
            "AWS guide: suboptimal WHERE clause",
            "redshift-utils: filter_used, selective alerts of v_extended_table_info",
            "pev2: rows removed by filter",
            "Infraredshift: large scan for few rows",
        ),
    ),
)


def selective_filter(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Scans that skip no block are unsorted_scan's."""
    ids = alert_ids(case, AlertKind.SELECTIVE_FILTER)
    if not case.steps:
        yield from judge_alert_alone(
            case,
            check=CHECK,
            about="a very selective filter",
            title="Redshift raised an alert about a very selective filter",
            ids=ids,
        )
        return
    scans = large_scans(case)
    said = [
        one
        for subject, read in scans.items()
        for one in _judge(case, subject, [fact for fact in read if _is_selective(case, fact)])
    ]
    yield from said
    if ids and not said and not _is_told_elsewhere(case, scans):
        yield _rule_alert_out(case, ids)


def _is_selective(case: CaseFile, fact: StepFact) -> bool:
    step = fact.step
    return (
        step.is_range_restricted is not False
        and step.output_rows < case.limit(SELECTIVE_SHARE) * step.input_rows
    )


def _is_told_elsewhere(case: CaseFile, scans: dict[str, list[StepFact]]) -> bool:
    return any(
        fact.step.is_range_restricted is False
        and fact.step.output_rows < case.limit(KEPT_SHARE) * fact.step.input_rows
        for read in scans.values()
        for fact in read
    )


def _rule_alert_out(case: CaseFile, ids: tuple[str, ...]) -> RuledOut:
    scans = largest(fact for fact in steps_named(case, "scan") if fact.step.table_name)
    read = scans[0].step.input_rows if scans else 0
    return RuledOut(
        check=CHECK,
        sentence="No scan reads many rows to keep few, although a run raised an alert about it:"
        f" the largest reads {rows_in_words(read)} and keeps {percent(kept_share(scans[:1]))}"
        f" (thresholds {rows_in_words(case.limit(LARGE_STEP_ROWS))} and"
        f" {percent(case.limit(SELECTIVE_SHARE))}).",
        fact_ids=ids,
    )


def _judge(case: CaseFile, subject: str, scans: list[StepFact]) -> Iterator[Finding | RuledOut]:
    fact = case.table(subject) if subject else None
    if not scans or (fact and hidden_sort_key(case, fact)):
        return
    statement_ids = (case.statement.fact_id,) if case.statement else ()
    fact_ids = (*cited(case, scans), *((fact.fact_id,) if fact else ()), *statement_ids)
    if reason := _no_help(case, fact):
        yield RuledOut(
            check=CHECK,
            sentence=f"A second sort column will not help {subject}, of which the scan keeps"
            f" {percent(kept_share(scans))}: {reason}.",
            fact_ids=fact_ids,
            subject=subject,
        )
        return
    kept = kept_share(scans)
    share = segment_share(case, scans) * (1 - kept)
    severity = weigh(case, Bucket.EXECUTION, share)
    rows = sum(one.step.input_rows for one in scans)
    of_table = f" of {subject}" if subject else ""
    if severity is None:
        what = f"{rows_in_words(rows)}{of_table} are read to keep {percent(kept)}"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=subject)
        return
    is_restricted = all(one.step.is_range_restricted for one in scans)
    skips = "although blocks were skipped" if is_restricted else "in all"
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.MEDIUM if fact else Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(f"Reads {rows_in_words(rows)}{of_table} to keep {percent(kept)}"),
        evidence=f"The scan{of_table} read {rows_in_words(rows)} {skips} (threshold"
        f" {rows_in_words(case.limit(LARGE_STEP_ROWS))}) and kept {percent(kept)} of them (threshold"
        f" {percent(case.limit(SELECTIVE_SHARE))}), in segments with"
        f" {percent(segment_share(case, scans))} of the segment time{_filters(case, fact)}.",
        fact_ids=fact_ids,
        subject=subject,
        measures=(
            measured(case, LARGE_STEP_ROWS, "rows read", rows),
            measured(case, SELECTIVE_SHARE, "rows kept", kept),
        ),
        affected_share=share,
    )


def _no_help(case: CaseFile, fact: TableFact | None) -> str:
    """Why another sort column would change nothing; empty where it might."""
    if fact is None:
        return ""
    if is_small_table(case, fact):
        limit = rows_in_words(case.limit(LARGE_TABLE_ROWS))
        return f"it has {rows_in_words(fact.table.row_count or 0)} (threshold {limit})"
    patterned = _searched_columns(case, fact)
    if patterned and not unkeyed_columns(case, fact):
        return (
            f"it is searched by a pattern on {listed(patterned)}, and no sort order finds what a"
            " pattern means that may begin with anything"
        )
    if case.statement and not unkeyed_columns(case, fact):
        keys = sort_key_columns(fact.table)
        on = f" but {listed(list(keys))}" if keys else ""
        return f"the statement filters no column of it{on}, so a join throws the others away"
    return ""


def unkeyed_columns(case: CaseFile, fact: TableFact) -> list[str]:
    """The columns that the statement filters the table on, without those of its sort key, and
    those that it only searches by a pattern that no sort order helps."""
    useless = {*sort_key_columns(fact.table), *_searched_columns(case, fact)}
    names = (use.column_name.lower() for use in compared_columns(case, fact))
    return [name for name in names if name not in useless]


def _searched_columns(case: CaseFile, fact: TableFact) -> list[str]:
    """Those that stand in a pattern wherever the statement filters them."""
    if case.statement is None:
        return []
    patterns = Counter(
        use.column_name.lower()
        for clause in clauses(case, ClauseKind.LEADING_WILDCARD, ClauseKind.REGULAR_EXPRESSION)
        for use in clause.columns
        if owner_of(case, use, clause.table_names) == fact
    )
    filters = Counter(
        use.column_name.lower()
        for use in (*case.statement.filtered_columns, *case.statement.wrapped_columns)
        if owner_of(case, use) == fact
    )
    return [name for name, count in patterns.items() if count >= filters[name]]


def _filters(case: CaseFile, fact: TableFact | None) -> str:
    columns = unkeyed_columns(case, fact) if fact else []
    if fact is None or not columns:
        return ""
    keys = sort_key_columns(fact.table)
    lacking = (
        f"which its sort key, {listed(list(keys))}, lacks" if keys else "and it has no sort key"
    )
    return f"; the statement filters it on {listed(columns)}, {lacking}"
