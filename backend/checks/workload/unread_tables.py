"""A large table is never read, or only written.

Anti-pattern: In the whole history no statement names the table to read it, and no recorded scan
touches it. It costs storage, and what writes it costs time as well.

Remedy: Ask its owner. UNLOAD it to S3 as Parquet, read it through Spectrum should anybody need
it, and drop it; or stop the job that fills it. Look for views, other databases of a data share
and jobs that run once a quarter first: they leave no trace in a short history.
"""

from collections.abc import Iterator

from backend.checks.check import measured
from backend.checks.rule import Rule
from backend.checks.workload.waiting import share_of, weigh_seconds
from backend.domain.finding import Finding, RuledOut, Severity
from backend.domain.in_words import counted, duration_in_words, listed, megabytes_in_words, titled
from backend.domain.threshold import OWN, Threshold
from backend.domain.time_buckets import Bucket
from backend.domain.workload import LargeTablesFact, TableUseFact, WorkloadCase

CHECK = "unread_tables"
MOST_FINDINGS = 10
HISTORY_DAYS = Threshold(
    name="unread_history_days",
    default=28,
    unit="days",
    meaning="a shorter history says nothing about tables that are not read",
    source=f"{OWN}: a report at the end of the month must have had its turn",
)
UNREAD_MB = Threshold(
    name="unread_table_mb",
    default=10_000,
    unit="MB",
    meaning="a smaller table that is not read costs next to nothing",
    source=f"{OWN}: some cents of managed storage a month; AWS names no size",
)
RULES = (
    Rule(
        name="a table that is never scanned",
        inputs=(
            "SVV_TABLE_INFO.size",
            "SYS_QUERY_HISTORY.query_text",
            "SYS_QUERY_DETAIL.table_name",
        ),
        thresholds=(HISTORY_DAYS, UNREAD_MB),
        peers=(
            "awslabs: unload cold data (REC_006)",
            "redshift-utils: unscanned_table_summary",
            "peers' union: cold table to lake",
        ),
    ),
    Rule(
        name="a table that is written, but never read",
        inputs=("SVV_TABLE_INFO.size", "SYS_QUERY_HISTORY.query_text"),
        thresholds=(HISTORY_DAYS, UNREAD_MB),
        peers=("Snowflake: tables above 100 GB written not read",),
    ),
)


def unread_tables(case: WorkloadCase) -> Iterator[Finding | RuledOut]:
    large = case.large_tables
    if large is None:
        return
    unread = large.count - large.read
    uses = [fact for fact in case.table_uses if fact.last_read is None]
    fact_ids = (case.window.fact_id, large.fact_id, *(fact.fact_id for fact in uses[:3]))
    days, size = case.window.history_days, megabytes_in_words(large.least_mb)
    if unread and days < case.limit(HISTORY_DAYS):
        yield RuledOut(
            check=CHECK,
            sentence=f"Nobody reads {counted(unread, 'table')} of {size} and more, but"
            f" {counted(days, 'day')} of history cannot tell that nobody needs them (threshold"
            f" {case.limit(HISTORY_DAYS):g}).",
            fact_ids=fact_ids,
        )
        return
    if not unread:
        yield RuledOut(
            check=CHECK,
            sentence=f"Every one of {counted(large.count, 'table')} of {size} and more was read in"
            f" {counted(days, 'day')}.",
            fact_ids=fact_ids,
        )
        return
    for fact in uses[:MOST_FINDINGS]:
        yield _finding(case, fact)
    yield from _others(large, min(len(uses), MOST_FINDINGS))


def _others(large: LargeTablesFact, told: int) -> Iterator[RuledOut]:
    """What the findings leave out."""
    more = large.count - large.read - told
    if large.read or more:
        others = f"; {more:,} smaller ones are not, either" if more else ""
        yield RuledOut(
            check=CHECK,
            sentence=f"Of {counted(large.count, 'table')} of {megabytes_in_words(large.least_mb)}"
            f" and more, {large.read:,} {'is' if large.read == 1 else 'are'} read{others}.",
            fact_ids=(large.fact_id,),
        )


def _finding(case: WorkloadCase, fact: TableUseFact) -> Finding:
    name, size_mb = fact.table.full_name, fact.table.size_mb or 0
    size = megabytes_in_words(size_mb)
    weight = weigh_seconds(case, fact.writing_seconds, case.window.elapsed_seconds)
    doubt = case.unresolved_names
    written = (
        f"It was last written on {fact.last_written:%Y-%m-%d} by"
        f" {counted(len(fact.writing_patterns), 'pattern')}, which took"
        f" {duration_in_words(fact.writing_seconds)} in the window."
        if fact.last_written
        else "Nothing writes it either."
    )
    behind = (
        f" {counted(doubt.unread_patterns, 'statement')} with names that are no known table"
        f" ({listed(doubt.names, 3)}) may read it through a view."
        if doubt and doubt.unread_patterns
        else ""
    )
    verb = "is written, but never read" if fact.last_written else "is never read"
    return Finding(
        check=CHECK,
        severity=Severity.LOW if behind else weight or Severity.LOW,
        bucket=Bucket.EXECUTION,
        title=titled(f"{name} ({size}) {verb}", f"{size} {verb}"),
        evidence=f"In {counted(case.window.history_days, 'day')} of history (threshold"
        f" {case.limit(HISTORY_DAYS):g}) no statement reads {name}, which holds {size} (threshold"
        f" {megabytes_in_words(case.limit(UNREAD_MB))}), and no recorded scan touches it."
        f" {written}{behind}",
        fact_ids=(
            fact.fact_id,
            case.window.fact_id,
            *((doubt.fact_id,) if doubt and behind else ()),
        ),
        subject=name,
        measures=(
            measured(case, UNREAD_MB, "size", size_mb),
            measured(case, HISTORY_DAYS, "history", case.window.history_days),
        ),
        affected_share=share_of(fact.writing_seconds, case.window.elapsed_seconds),
    )
