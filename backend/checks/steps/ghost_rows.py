"""Scans read deleted rows that are still in the table.

Anti-pattern: DELETE and UPDATE only mark rows; until they are vacuumed away every scan reads them
and passes them over (tbl_rows above estimated_visible_rows, or Redshift's alert about deleted
rows). Rows of a load that is not committed yet look the same.

Remedy: VACUUM DELETE ONLY, when the load is light. Redshift does that by itself, but not past a
transaction that has been open since before: look for one, and at jobs that update the same rows
again and again. TRUNCATE leaves nothing behind where a whole table is emptied.
"""

from collections.abc import Iterator

from backend.checks.alerts import (
    PLANNER_ALERTS,
    AlertKind,
    alert_ids,
    although_alerted,
    is_alert,
    judge_alert_alone,
)
from backend.checks.check import (
    UNMEASURED_SHARE,
    cited,
    full_name,
    measured,
    milder,
    segment_share,
    too_small_to_matter,
    weigh,
)
from backend.checks.effects import scans_of
from backend.checks.rule import Rule
from backend.checks.scans import is_read, is_small_table
from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, number_in_words, percent, rows_in_words, titled
from backend.domain.threshold import DELETED_ROWS_SHARE, LARGE_TABLE_ROWS
from backend.domain.time_buckets import Bucket

CHECK = "ghost_rows"

RULES = (
    Rule(
        name="scans read deleted rows",
        inputs=(
            "SVV_TABLE_INFO.tbl_rows",
            "SVV_TABLE_INFO.estimated_visible_rows",
            "SYS_QUERY_DETAIL.alert",
            "SYS_QUERY_DETAIL.duration",
        ),
        thresholds=(DELETED_ROWS_SHARE, LARGE_TABLE_ROWS, PLANNER_ALERTS),
        peers=(
            "awslabs: more than 10 % of the rows deleted (REC_002)",
            "STL alert: Scanned a large number of deleted rows",
            "AWS guide: ghost rows or uncommitted rows",
            "redshift-utils: deleted alerts of v_extended_table_info",
        ),
    ),
)


def ghost_rows(case: CaseFile) -> Iterator[Finding | RuledOut]:
    """Only of tables that the run reads: what others hold does not slow it."""
    known = [fact for fact in case.tables if fact.table.deleted_share is not None]
    said = [one for fact in known if is_read(case, fact) for one in _judge(case, fact)]
    yield from said
    ids = alert_ids(case, AlertKind.DELETED_ROWS)
    if ids and not said:
        yield from _by_alert(case, known, ids)


def _alerted_scans(case: CaseFile, fact: TableFact) -> list[StepFact]:
    return [
        scan for scan in scans_of(case, fact) if is_alert(scan.step.alert, AlertKind.DELETED_ROWS)
    ]


def _judge(case: CaseFile, fact: TableFact) -> Iterator[Finding | RuledOut]:
    deleted = fact.table.deleted_share or 0.0
    alerts = tuple(scan.fact_id for scan in _alerted_scans(case, fact))
    if deleted <= case.limit(DELETED_ROWS_SHARE):
        if alerts:
            yield _few_deleted(case, fact, deleted, alerts)
    elif not is_small_table(case, fact):
        yield from _judge_many(case, fact, deleted)


def _few_deleted(
    case: CaseFile, fact: TableFact, deleted: float, alerts: tuple[str, ...]
) -> RuledOut:
    limit = percent(case.limit(DELETED_ROWS_SHARE))
    return RuledOut(
        check=CHECK,
        sentence=f"VACUUM DELETE will not help {fact.table.full_name}: {percent(deleted)} of its"
        f" {rows_in_words(fact.table.row_count or 0)} are deleted (threshold {limit})"
        f"{although_alerted(alerts)}.",
        fact_ids=(fact.fact_id, *alerts),
        subject=fact.table.full_name,
    )


def _judge_many(case: CaseFile, fact: TableFact, deleted: float) -> Iterator[Finding | RuledOut]:
    table = fact.table
    scans = scans_of(case, fact)
    # Of a scan's time deleted rows can take no more than their part.
    share = deleted * (segment_share(case, scans) if scans else UNMEASURED_SHARE)
    severity = weigh(case, Bucket.EXECUTION, share)
    fact_ids = (fact.fact_id, *cited(case, scans))
    gone = (table.row_count or 0) - (table.visible_rows or 0)
    if severity is None:
        what = f"{percent(deleted)} of the rows of {table.full_name} are deleted"
        yield too_small_to_matter(case, CHECK, what, share, fact_ids, subject=table.full_name)
        return
    effect = (
        f"its scans are in segments with {percent(segment_share(case, scans))} of the segment time"
        if scans
        else "no scan of it was recorded to measure what reading them costs"
    )
    alerted = _alerted_scans(case, fact)
    also = ", and Redshift raised an alert about it" if alerted else ""
    yield Finding(
        check=CHECK,
        severity=severity if scans else milder(severity, at_most=Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Reads {number_in_words(gone)} deleted rows of {table.full_name}",
            f"Reads deleted rows of {table.full_name}",
        ),
        evidence=f"{number_in_words(gone)} of {rows_in_words(table.row_count or 0)} of"
        f" {table.full_name} ({percent(deleted)}, threshold"
        f" {percent(case.limit(DELETED_ROWS_SHARE))}) are deleted but not vacuumed away{also};"
        f" {effect}.",
        fact_ids=fact_ids,
        subject=table.full_name,
        measures=(measured(case, DELETED_ROWS_SHARE, "deleted rows", deleted),),
        affected_share=share,
    )


def _by_alert(
    case: CaseFile, known: list[TableFact], ids: tuple[str, ...]
) -> Iterator[Finding | RuledOut]:
    """An alert about rows of a table that is not known, or that holds few of them by now."""
    read = [fact for fact in known if is_read(case, fact)]
    named = [step.step.table_name for step in case.steps if step.fact_id in ids]
    unknown = [name for name in named if name and case.table(name) not in known]
    if read and not unknown:
        worst = max(read, key=lambda fact: (fact.table.deleted_share or 0.0, fact.fact_id))
        deleted = worst.table.deleted_share or 0.0
        which = counted(len(read), "table")
        yield RuledOut(
            check=CHECK,
            sentence=f"VACUUM DELETE will not help: of {which} read, {worst.table.full_name} has"
            f" most deleted rows, {percent(deleted)} (threshold"
            f" {percent(case.limit(DELETED_ROWS_SHARE))} of a large table)"
            f"{although_alerted(ids)}.",
            fact_ids=(worst.fact_id, *ids),
        )
        return
    subject = full_name(case, unknown[0]) if unknown else ""
    yield from judge_alert_alone(
        case,
        check=CHECK,
        about=f"deleted rows{f' of {subject}' if subject else ''} that were scanned",
        title=f"Redshift raised an alert about deleted rows{f' of {subject}' if subject else ''}",
        ids=ids,
        unknown="no row of SVV_TABLE_INFO tells how many there are",
        subject=subject,
    )
