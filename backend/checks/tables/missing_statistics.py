"""The planner chose this plan without good statistics of a table that it reads.

Anti-pattern: The plan names tables without statistics, or stats_off of SVV_TABLE_INFO says that
too much has changed since the last ANALYZE. The planner then guesses row counts, and may hash or
broadcast the large side of a join. On small tables a wrong guess costs nothing, nor do old
statistics where a plan joins nothing, or of a table that is only written.

Remedy: ANALYZE these tables (PREDICATE COLUMNS is enough and quicker), and do it after the load
that changes them. Look at SYS_ANALYZE_HISTORY first: automatic analyze may be about to run, and
"Skipped" is normal for a table that has hardly changed. Where stats_off is low ANALYZE changes
nothing.
"""

from collections.abc import Iterator, Sequence

from backend.checks.check import (
    MOST_CITED,
    full_name,
    measured,
    milder,
    too_small_to_matter,
    weigh,
)
from backend.checks.rule import Rule
from backend.checks.scans import is_read
from backend.domain.case_file import CaseFile, TableFact
from backend.domain.finding import Finding, Measure, RuledOut, Severity
from backend.domain.in_words import counted, rows_in_words, titled
from backend.domain.plan import TEMPORARY_TABLES
from backend.domain.threshold import (
    AWS_GUIDE,
    LARGE_TABLE_ROWS,
    OWN,
    STATISTICS_OFF_PERCENT,
    Threshold,
)
from backend.domain.time_buckets import Bucket
from backend.sql.statement_head import written_table

CHECK = "missing_statistics"

SMALL_TABLE_ROWS = Threshold(
    name="statistics_small_table_rows",
    default=100_000,
    unit="rows",
    meaning="ANALYZE of a table with fewer rows is ruled out",
    source=f"{OWN}: every plan for it is quick, however wrong the estimate",
)

STATISTICS_NOTICES = Threshold(
    name="statistics_notices",
    default=1,
    unit="notices",
    meaning="so many notices or alerts of the planner count, whatever stats_off says since",
    source=f"{AWS_GUIDE}, the planner's alert for missing statistics",
)

BLIND_SHARE = 0.25
STALE_SHARE = 0.10
"""Nothing measures what better statistics would save: they may or may not change the plan. So no
more is claimed where the planner had none, and less where they are only old."""

LOADS = ("COPY", "LOAD")
"""A load reads files; the statistics of the table that it fills are of no use to it."""

READ_WHAT_THEY_CHANGE = ("UPDATE", "DELETE", "MERGE")

ALERT_START = "missing query planner statistics"

RULES = (
    Rule(
        name="the plan was made without statistics of a table",
        inputs=(
            "SYS_QUERY_EXPLAIN.plan_node",
            "SYS_QUERY_DETAIL.alert",
            "SVV_TABLE_INFO.stats_off",
        ),
        thresholds=(
            STATISTICS_NOTICES,
            STATISTICS_OFF_PERCENT,
            SMALL_TABLE_ROWS,
            LARGE_TABLE_ROWS,
        ),
        peers=(
            "awslabs: statistics alert (REC_003)",
            "Advisor: update table statistics",
            "STL alert: Missing query planner statistics",
            "redshift-utils: missing_table_stats",
        ),
    ),
    Rule(
        name="the statistics of a table are out of date",
        inputs=("SVV_TABLE_INFO.stats_off", "SVV_TABLE_INFO.tbl_rows"),
        thresholds=(STATISTICS_OFF_PERCENT, SMALL_TABLE_ROWS, LARGE_TABLE_ROWS),
        peers=(
            "awslabs: stats_off above 10 (REC_003)",
            "Advisor: update table statistics",
            "Infraredshift: stats_off of 10",
        ),
    ),
)


def missing_statistics(case: CaseFile) -> Iterator[Finding | RuledOut]:
    if case.query_type.upper() in LOADS:
        return
    said: list[Finding | RuledOut] = []
    blind = _blind_names(case)
    for name in blind:
        said.extend(_judge_blind(case, name))
    told = {fact.fact_id for fact in map(case.table, blind) if fact}
    others = [
        fact
        for fact in case.tables
        if fact.fact_id not in told and not _is_only_written(case, fact)
    ]
    for fact in others:
        if _statistics_off(fact) > case.limit(STATISTICS_OFF_PERCENT):
            said.extend(_judge_stale(case, fact))
    yield from said
    if any(isinstance(one, Finding) for one in said):
        return
    fresh = [f for f in others if f.table.statistics_off_percent is not None]
    fresh = [f for f in fresh if _statistics_off(f) <= case.limit(STATISTICS_OFF_PERCENT)]
    alert_ids = _alert_ids(case)
    if fresh:
        yield _all_fresh(case, fresh, alert_ids)
    elif alert_ids and not said:
        yield from _judge_alert(case, alert_ids)


def _blind_names(case: CaseFile) -> Sequence[str]:
    """Tables of the plan's notice; temporary and external ones cannot be analyzed by name."""
    external = {
        fact.node.table_name
        for fact in case.plan_nodes
        if fact.node.table_name and fact.node.reads_lake
    }
    names = (
        name
        for fact in case.plan_notices
        for name in fact.tables_missing_statistics
        if name not in external and not name.startswith(TEMPORARY_TABLES)
    )
    # `sale` and `public.sale` may be the same table: it is told once.
    return list({full_name(case, name): name for name in names}.values())


def _judge_blind(case: CaseFile, name: str) -> Iterator[Finding | RuledOut]:
    notice_ids = tuple(f.fact_id for f in case.plan_notices if f.tables_missing_statistics)
    fact = case.table(name)
    table = fact.table if fact else None
    subject = table.full_name if table else name
    fact_ids = (*notice_ids, *((fact.fact_id,) if fact else ()))
    rows = table.row_count if table else None
    if table and table.statistics_off_percent is not None:
        off = table.statistics_off_percent
        if off <= case.limit(STATISTICS_OFF_PERCENT):
            yield RuledOut(
                check=CHECK,
                sentence=f"The plan had no statistics of {subject}, but it has been analyzed"
                f" since: stats_off {off:g} (threshold {case.limit(STATISTICS_OFF_PERCENT):g}).",
                fact_ids=fact_ids,
                subject=subject,
            )
            return
    if rows is not None and rows < case.limit(SMALL_TABLE_ROWS):
        yield _too_few_rows(case, subject, rows, fact_ids)
        return
    severity = weigh(case, Bucket.EXECUTION, BLIND_SHARE)
    if severity is None:
        what = f"{subject} has no statistics"
        yield too_small_to_matter(case, CHECK, what, BLIND_SHARE, fact_ids, subject=subject)
        return
    sized = f" ({rows_in_words(rows)})" if rows is not None else ""
    is_large = rows is not None and rows > case.limit(LARGE_TABLE_ROWS)
    yield Finding(
        check=CHECK,
        severity=Severity.HIGH if is_large and severity is not Severity.LOW else severity,
        bucket=Bucket.EXECUTION,
        title=titled(f"No statistics of {subject}"),
        evidence=f"The plan was made without statistics of {subject}{sized}: a notice in it says so.",
        fact_ids=fact_ids,
        subject=subject,
        measures=(
            measured(case, STATISTICS_NOTICES, "notices", len(notice_ids)),
            *_measures(case, fact),
        ),
        affected_share=BLIND_SHARE,
    )


def _judge_stale(case: CaseFile, fact: TableFact) -> Iterator[Finding | RuledOut]:
    table, off = fact.table, _statistics_off(fact)
    if table.row_count is not None and table.row_count < case.limit(SMALL_TABLE_ROWS):
        yield _too_few_rows(case, table.full_name, table.row_count, (fact.fact_id,))
        return
    if _has_no_choice(case):
        yield _no_choice(case, fact)
        return
    severity = weigh(case, Bucket.EXECUTION, STALE_SHARE)
    if severity is None:
        what = f"The statistics of {table.full_name} are out of date (stats_off {off:g})"
        yield too_small_to_matter(
            case, CHECK, what, STALE_SHARE, (fact.fact_id,), subject=table.full_name
        )
        return
    is_large = table.row_count is not None and table.row_count > case.limit(LARGE_TABLE_ROWS)
    sized = f" ({rows_in_words(table.row_count)})" if table.row_count is not None else ""
    yield Finding(
        check=CHECK,
        severity=milder(severity, at_most=Severity.MEDIUM if is_large else Severity.LOW),
        bucket=Bucket.EXECUTION,
        title=titled(
            f"Statistics of {table.full_name} are out of date (stats_off {off:g})",
            f"Statistics of {table.full_name} are out of date",
        ),
        evidence=f"The statistics of {table.full_name}{sized} are out of date: stats_off is"
        f" {off:g} of 100 (threshold {case.limit(STATISTICS_OFF_PERCENT):g}).",
        fact_ids=(fact.fact_id,),
        subject=table.full_name,
        measures=_measures(case, fact),
        affected_share=STALE_SHARE,
    )


def _is_only_written(case: CaseFile, fact: TableFact) -> bool:
    """Its statistics have no part in the plan of the statement that fills, makes or drops it."""
    query_type = case.query_type.upper()
    if query_type == "DDL":
        return True
    if query_type in READ_WHAT_THEY_CHANGE or is_read(case, fact):
        return False
    target = written_table(case.scrubbed_sql or "")
    return target is not None and case.table(target) == fact


def _has_no_choice(case: CaseFile) -> bool:
    """Without a join there is neither an order nor a side to choose, and memory was enough."""
    if case.plan is None or any(node.is_join for node in case.plan.walk()):
        return False
    spilled = (
        fact.segment.spilled_local_blocks + fact.segment.spilled_remote_blocks
        for fact in case.segments
    )
    return bool(case.segments) and not any(spilled)


def _no_choice(case: CaseFile, fact: TableFact) -> RuledOut:
    table = fact.table
    plan_ids = tuple(node.fact_id for node in case.plan_nodes[:1])
    segment_ids = tuple(segment.fact_id for segment in case.segments[:MOST_CITED])
    alert_ids = _alert_ids(case)
    alerted = ", although the run raised an alert about missing ones" if alert_ids else ""
    return RuledOut(
        check=CHECK,
        sentence=f"ANALYZE {table.full_name} will not help: its statistics are out of date"
        f" (stats_off {_statistics_off(fact):g}, threshold {case.limit(STATISTICS_OFF_PERCENT):g}),"
        f" but the plan joins nothing and nothing spilled{alerted}.",
        fact_ids=(fact.fact_id, *plan_ids, *segment_ids, *alert_ids),
        subject=table.full_name,
    )


def _judge_alert(case: CaseFile, alert_ids: tuple[str, ...]) -> Iterator[Finding | RuledOut]:
    severity = weigh(case, Bucket.EXECUTION, STALE_SHARE)
    if severity:
        yield Finding(
            check=CHECK,
            severity=milder(severity, at_most=Severity.LOW),
            bucket=Bucket.EXECUTION,
            title="Redshift raised an alert about missing statistics",
            evidence=f"The recorded run raised {counted(len(alert_ids), 'alert')} about missing"
            " statistics; no row of SVV_TABLE_INFO tells of which table, or whether they still"
            " are missing.",
            fact_ids=alert_ids,
            measures=(measured(case, STATISTICS_NOTICES, "alerts", len(alert_ids)),),
            affected_share=STALE_SHARE,
        )


def _all_fresh(case: CaseFile, facts: Sequence[TableFact], alert_ids: tuple[str, ...]) -> RuledOut:
    worst = max(facts, key=_statistics_off)
    name = worst.table.full_name
    measured = (
        f"the statistics of {name} are up to date"
        if len(facts) == 1
        else f"of {len(facts)} tables {name} has the most outdated statistics"
    )
    alerted = ", although the run raised an alert about missing ones" if alert_ids else ""
    return RuledOut(
        check=CHECK,
        sentence=f"ANALYZE will not help: {measured}, stats_off {_statistics_off(worst):g}"
        f" (threshold {case.limit(STATISTICS_OFF_PERCENT):g}){alerted}.",
        fact_ids=(worst.fact_id, *alert_ids),
    )


def _too_few_rows(case: CaseFile, subject: str, rows: int, fact_ids: tuple[str, ...]) -> RuledOut:
    return RuledOut(
        check=CHECK,
        sentence=f"ANALYZE {subject} will not help: it has {rows_in_words(rows)} (threshold"
        f" {rows_in_words(case.limit(SMALL_TABLE_ROWS))}).",
        fact_ids=fact_ids,
        subject=subject,
    )


def _alert_ids(case: CaseFile) -> tuple[str, ...]:
    of_steps = (f.fact_id for f in case.steps if _is_about_statistics(f.step.alert))
    of_log = (f.fact_id for f in case.alerts if _is_about_statistics(f.alert.event))
    return (*of_steps, *of_log)[:MOST_CITED]


def _is_about_statistics(alert: str | None) -> bool:
    return (alert or "").strip().lower().startswith(ALERT_START)


def _statistics_off(fact: TableFact) -> float:
    return fact.table.statistics_off_percent or 0.0


def _measures(case: CaseFile, fact: TableFact | None) -> tuple[Measure, ...]:
    if fact is None or fact.table.statistics_off_percent is None:
        return ()
    off = fact.table.statistics_off_percent
    return (measured(case, STATISTICS_OFF_PERCENT, "stats_off", off),)
