"""What happened to one table around a slow-down, in clauses with their facts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from backend.domain.case_file import CaseFile
from backend.domain.causes.cause import Happening, TableHappening
from backend.domain.causes.thresholds import CAUSE_DAYS, DATING_HOURS, GROWTH_TIMES
from backend.domain.change_facts import ScanChangeFact, TableChangeFact, TableEventFact
from backend.domain.in_words import number_in_words, rows_in_words
from backend.domain.table_history import (
    DESIGN,
    TableChange,
    TableEventKind,
    TableFigure,
)
from backend.domain.threshold import STATISTICS_OFF_PERCENT, VACUUM_SORT_BENEFIT

TELLING = frozenset(
    {
        Happening.REDEFINED,
        Happening.REDESIGNED,
        Happening.OPTIMIZED,
        Happening.GREW,
        Happening.SHRANK,
        Happening.FILLED,
        Happening.ANALYZED,
    }
)
"""What can make the planner choose another plan; lost order and stale statistics only make it worse."""

_SAME_HOUR = timedelta(hours=1)


def happenings(case: CaseFile, table_name: str) -> tuple[TableHappening, ...]:
    """The most telling first. `table_name` as plan, statement or facts write it."""
    fact = case.table(table_name)
    name = fact.table.full_name if fact else table_name
    events = [each for each in case.changes.events if _same(each.event.full_name, name)]
    changed = [each for each in case.changes.tables if _same(each.table_name, name)]
    scans = [each for each in case.changes.scans if _same(each.table_name, name)]
    found = [
        *_redefined(case, events),
        *_redesigned(changed),
        *_done(case, _since_redefined(case, events)),
        *_grown(case, changed, scans),
        *_order_and_statistics(case, name),
    ]
    return tuple(sorted(found, key=lambda one: list(Happening).index(one.kind)))


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()


def _is_in_time(case: CaseFile, at: datetime) -> bool:
    """Before the slow-down, or so little after it that its date may be off."""
    if case.regression is None:
        return False
    after = at - case.regression.regression.changed_at
    return -timedelta(days=case.limit(CAUSE_DAYS)) <= after <= timedelta(hours=DATING_HOURS)


def _redefined(case: CaseFile, events: Sequence[TableEventFact]) -> Iterator[TableHappening]:
    """A statement that makes a table anew and the create_time that it leaves are one thing."""
    statements = [
        each
        for each in events
        if each.event.kind is TableEventKind.STATEMENT and each.event.status == "redefines"
    ]
    created = [each for each in events if each.event.kind is TableEventKind.CREATED]
    for fact in created:
        by = sorted(
            (each for each in statements if abs(each.event.at - fact.event.at) <= _SAME_HOUR),
            key=lambda each: not each.event.what.startswith("CREATE"),
        )
        if _is_in_time(case, fact.event.at):
            how = f" by {by[0].event.what}" if by else ""
            yield TableHappening(
                kind=Happening.REDEFINED,
                clause=f"was created anew on {_minute(fact.event.at)}{how}",
                fact_ids=(fact.fact_id, *(each.fact_id for each in by)),
            )
        statements = [each for each in statements if each not in by]
    for fact in statements:
        if _is_in_time(case, fact.event.at):
            yield TableHappening(
                kind=Happening.REDEFINED,
                clause=f"was changed by {fact.event.what} on {_minute(fact.event.at)}",
                fact_ids=(fact.fact_id,),
            )


def _redesigned(changed: Sequence[TableChangeFact]) -> Iterator[TableHappening]:
    for fact in changed:
        for change in fact.changes:
            if change.figure in DESIGN:
                yield TableHappening(
                    kind=Happening.REDESIGNED,
                    clause=_design_clause(change, fact),
                    fact_ids=(fact.fact_id,),
                )


def _design_clause(change: TableChange, fact: TableChangeFact) -> str:
    when = f"between {fact.before_at:%Y-%m-%d} and {fact.after_at:%Y-%m-%d}"
    if change.figure is TableFigure.ENCODINGS:
        return f"got other columns or encodings {when}"
    return f"went from {change.figure.value} {change.before} to {change.after} {when}"


def _since_redefined(case: CaseFile, events: Sequence[TableEventFact]) -> list[TableEventFact]:
    """What was done to a table that was dropped since did nothing to this one."""
    anew = [
        each.event.at
        for each in events
        if each.event.kind is TableEventKind.CREATED and _is_in_time(case, each.event.at)
    ]
    return [each for each in events if not anew or each.event.at >= max(anew)]


_DONE = {
    TableEventKind.AUTO_OPTIMIZATION: Happening.OPTIMIZED,
    TableEventKind.ANALYZE: Happening.ANALYZED,
    TableEventKind.VACUUM: Happening.VACUUMED,
    TableEventKind.STATEMENT: Happening.FILLED,
}


def _done(case: CaseFile, events: Sequence[TableEventFact]) -> Iterator[TableHappening]:
    """The last of each kind."""
    last = {
        each.event.kind: each
        for each in events
        if _is_in_time(case, each.event.at)
        and not (each.event.kind is TableEventKind.STATEMENT and each.event.status == "redefines")
    }
    for kind, happening in _DONE.items():
        fact = last.get(kind)
        if fact is None:
            continue
        at = _minute(fact.event.at)
        clause = {
            Happening.OPTIMIZED: f"got another {fact.event.what} by Redshift itself on {at}",
            Happening.ANALYZED: f"was analyzed on {at}",
            Happening.VACUUMED: f"was vacuumed ({fact.event.what}) on {at}",
            Happening.FILLED: f"was written by {fact.event.what} on {at}, as it had not been in the"
            " fortnight before",
        }[happening]
        yield TableHappening(kind=happening, clause=clause, fact_ids=(fact.fact_id,))


def _grown(
    case: CaseFile, changed: Sequence[TableChangeFact], scans: Sequence[ScanChangeFact]
) -> Iterator[TableHappening]:
    """By the view's own figures where there are two of them, else by what was scanned of it."""
    for fact in changed:
        rows = next((one for one in fact.changes if one.figure is TableFigure.ROWS), None)
        if rows and rows.ratio:
            yield from _size(case, rows.ratio, rows.before, rows.after, (fact.fact_id,))
            return
    for scan in scans:
        if scan.rows_ratio and _reads_all(scan):
            yield from _size(case, scan.rows_ratio, scan.fast_rows, scan.slow_rows, (scan.fact_id,))


def _reads_all(scan: ScanChangeFact) -> bool:
    """Neither run skipped blocks, so that what was scanned is what there was."""
    return scan.fast_is_restricted is False and scan.slow_is_restricted is False


def _size(
    case: CaseFile,
    ratio: float,
    before: float | str | None,
    after: float | str | None,
    fact_ids: tuple[str, ...],
) -> Iterator[TableHappening]:
    if isinstance(before, str) or isinstance(after, str) or before is None or after is None:
        return
    figures = f"({number_in_words(before)} → {rows_in_words(after)})"
    if ratio >= case.limit(GROWTH_TIMES):
        yield TableHappening(
            kind=Happening.GREW,
            clause=f"holds {times_in_words(ratio)} the rows {figures}",
            fact_ids=fact_ids,
        )
    elif ratio <= 1 / case.limit(GROWTH_TIMES):
        yield TableHappening(
            kind=Happening.SHRANK,
            clause=f"holds a part of the rows only {figures}",
            fact_ids=fact_ids,
        )


def _order_and_statistics(case: CaseFile, name: str) -> Iterator[TableHappening]:
    fact = case.table(name)
    if fact is None:
        return
    table = fact.table
    benefit = table.vacuum_sort_benefit_percent
    if benefit is not None and benefit > case.limit(VACUUM_SORT_BENEFIT) and table.unsorted_percent:
        yield TableHappening(
            kind=Happening.LOST_ORDER,
            clause=f"is {table.unsorted_percent:g} % unsorted (vacuum_sort_benefit {benefit:g} %)",
            fact_ids=(fact.fact_id,),
        )
    notices = [
        notice
        for notice in case.plan_notices
        if any(case.table(missing) == fact for missing in notice.tables_missing_statistics)
    ]
    off = table.statistics_off_percent
    if notices or (off is not None and off > case.limit(STATISTICS_OFF_PERCENT)):
        figure = f" (stats_off {off:g})" if off is not None else ""
        word = "lacks statistics" if notices else "has stale statistics"
        yield TableHappening(
            kind=Happening.STALE_STATISTICS,
            clause=f"{word}{figure}",
            fact_ids=(fact.fact_id, *(notice.fact_id for notice in notices)),
        )


def times_in_words(ratio: float) -> str:
    """`1.7 times`, `42 times`"""
    return f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:,.0f} times"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
