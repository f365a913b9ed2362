"""Whether a slower statement reads, spills or returns more than it did."""

from collections.abc import Iterator

from backend.domain.case_file import CaseFile
from backend.domain.causes.cause import Cause, CauseKind, Evidence, Excluded, Happening
from backend.domain.causes.tables import happenings, times_in_words
from backend.domain.causes.thresholds import GROWTH_TIMES
from backend.domain.change_facts import RecordedRunsFact, ScanChangeFact, Spread
from backend.domain.comparison import ComparisonBasis
from backend.domain.finding import Measure
from backend.domain.in_words import (
    counted,
    listed,
    megabytes_in_words,
    number_in_words,
    percent,
    rows_in_words,
)
from backend.domain.table_history import TableFigure

NEARLY_ALL = 0.9
SPILL_WORTH_MB = 1_000
ROWS_WORTH_RETURNING = 100
MOST_HAPPENINGS = 3
_OF_READING = frozenset(
    {
        Happening.REDEFINED,
        Happening.REDESIGNED,
        Happening.OPTIMIZED,
        Happening.GREW,
        Happening.FILLED,
        Happening.LOST_ORDER,
    }
)


def reading_evidence(case: CaseFile) -> Evidence:
    recorded = case.changes.recorded_runs
    if recorded is None or recorded.fast is None or recorded.slow is None:
        return Evidence(unseen=(_unseen(recorded),))
    if not _is_comparable(case, recorded):
        return Evidence(unseen=(_not_comparable(recorded),))
    causes = tuple(_reads_more(case, recorded))
    spill = tuple(_spills_more(case, recorded))
    excluded = []
    if not causes:
        excluded.append(_reads_the_same(case, recorded))
    if not spill and recorded.slow.spilled_mb and recorded.fast.spilled_mb:
        excluded.append(_spills_the_same(recorded))
    return Evidence(causes=(*causes, *spill), excluded=tuple(one for one in excluded if one))


def result_evidence(case: CaseFile) -> Evidence:
    """Returned rows are known of all runs, so this needs no recorded one."""
    fact = case.changes.comparison
    if fact is None or fact.comparison.basis is not ComparisonBasis.SLOW_DOWN:
        return Evidence()
    before, after = fact.comparison.fast.returned_rows, fact.comparison.slow.returned_rows
    ratio = after / before if before else 0.0
    figures = f"{number_in_words(before)} → {rows_in_words(after)} a run"
    if ratio >= case.limit(GROWTH_TIMES) and after >= ROWS_WORTH_RETURNING:
        return Evidence(
            causes=(
                Cause(
                    kind=CauseKind.RESULT_GREW,
                    clause=f"it returns {times_in_words(ratio)} the rows ({figures}): more is asked"
                    " of it",
                    short="returns more rows",
                    fact_ids=(fact.fact_id,),
                    measures=(_measure(case, "returned rows", ratio),),
                ),
            )
        )
    if before == after == 0:
        return Evidence()
    return Evidence(
        excluded=(
            Excluded(
                what="the size of the result",
                sentence=f"A larger result is not the cause: {figures} (threshold"
                f" {case.limit(GROWTH_TIMES):g} times).",
                fact_ids=(fact.fact_id,),
            ),
        )
    )


def _unseen(recorded: RecordedRunsFact | None) -> str:
    if recorded is None or (recorded.fast is None and recorded.slow is None):
        return "steps of runs before and after it"
    return f"steps of a run {'before' if recorded.fast is None else 'after'} it"


def _is_comparable(case: CaseFile, recorded: RecordedRunsFact) -> bool:
    """Other plans read otherwise: then what each table gave is held against itself, if at all."""
    has_reads = recorded.fast and recorded.fast.blocks_read and recorded.slow
    if not has_reads or recorded.slow is None or recorded.slow.blocks_read is None:
        return False
    return recorded.is_comparable or bool(case.changes.scans and case.changes.plans)


def _not_comparable(recorded: RecordedRunsFact) -> str:
    fast, slow = recorded.fast, recorded.slow
    if fast is None or slow is None or not fast.steps_hashes or not slow.steps_hashes:
        side = "before" if fast is None or not fast.steps_hashes else "after"
        return f"steps of a run {side} it"
    return (
        f"recorded runs that can be compared (of {fast.runs} before and {slow.runs} after it no two"
        " have the same steps)"
    )


def _reads_more(case: CaseFile, recorded: RecordedRunsFact) -> Iterator[Cause]:
    """The table of which most more is read, if no run before read as much as any after it."""
    if not _is_apart(recorded):
        return
    grown = [scan for scan in case.changes.scans if _grew(case, scan)]
    if grown:
        yield _of_table(case, max(grown, key=_more), recorded)
        return
    fast, slow = _totals(recorded)
    if not case.changes.scans and fast and slow and _ratio(fast, slow) >= case.limit(GROWTH_TIMES):
        ratio = _ratio(fast, slow)
        yield Cause(
            kind=CauseKind.READS_MORE,
            clause=f"it reads {times_in_words(ratio)} as much by the same steps"
            f" ({megabytes_in_words(fast.median)} → {megabytes_in_words(slow.median)} a run)",
            short="reads more",
            fact_ids=(recorded.fact_id,),
            measures=(_measure(case, "blocks read", ratio),),
        )


def _is_apart(recorded: RecordedRunsFact) -> bool:
    fast, slow = recorded.fast, recorded.slow
    if fast is None or slow is None:
        return False
    pairs = ((fast.blocks_read, slow.blocks_read), (fast.scanned_rows, slow.scanned_rows))
    return any(before and after and before.is_below(after) for before, after in pairs)


def _totals(recorded: RecordedRunsFact) -> tuple[Spread | None, Spread | None]:
    fast, slow = recorded.fast, recorded.slow
    return (fast.blocks_read if fast else None, slow.blocks_read if slow else None)


def _ratio(fast: Spread, slow: Spread) -> float:
    return slow.median / max(fast.median, 1.0)


def _grew(case: CaseFile, scan: ScanChangeFact) -> bool:
    return max(scan.rows_ratio or 0.0, scan.blocks_ratio or 0.0) >= case.limit(GROWTH_TIMES)


def _more(scan: ScanChangeFact) -> tuple[float, str]:
    """In blocks where they are known: they are what takes time."""
    if scan.fast_blocks is not None and scan.slow_blocks is not None:
        return scan.slow_blocks - scan.fast_blocks, scan.table_name
    return (scan.slow_rows - scan.fast_rows) / 1e6, scan.table_name


def _of_table(case: CaseFile, scan: ScanChangeFact, recorded: RecordedRunsFact) -> Cause:
    fact = case.table(scan.table_name)
    rows = fact.table.row_count if fact else None
    happened = happenings(case, scan.table_name)
    lost = _lost_pruning(case, scan, rows)
    told = [one for one in happened if one.kind in _OF_READING][:MOST_HAPPENINGS]
    behind = f"; it {listed([one.clause for one in told])}" if told else ""
    return Cause(
        kind=CauseKind.READS_MORE,
        clause=f"{_what_is_read(scan, rows, lost=lost)}{behind}",
        short=f"reads {'all' if lost else 'more'} of {scan.table_name}",
        fact_ids=tuple(
            dict.fromkeys(
                (
                    scan.fact_id,
                    recorded.fact_id,
                    *((case.changes.plans.fact_id,) if case.changes.plans else ()),
                    *(each for one in told for each in one.fact_ids),
                )
            )
        ),
        table_name=scan.table_name,
        happenings=happened,
        lost_pruning=lost,
        measures=(
            _measure(
                case, "rows or blocks read", max(scan.rows_ratio or 0.0, scan.blocks_ratio or 0.0)
            ),
        ),
    )


def _lost_pruning(case: CaseFile, scan: ScanChangeFact, row_count: int | None) -> bool:
    """A scan that skipped blocks by their smallest and largest values and now does not; where the
    view did not say so, one that now reads all of a table that had as many rows before."""
    if scan.fast_is_restricted and scan.slow_is_restricted is False:
        return True
    then_and_now = [fact for fact in case.changes.tables if fact.table_name == scan.table_name]
    if not row_count or not then_and_now or scan.fast_is_restricted is False:
        return False
    rows = [one for one in then_and_now[0].changes if one.figure is TableFigure.ROWS]
    has_grown = any((one.ratio or 0.0) >= case.limit(GROWTH_TIMES) for one in rows)
    reads_all = scan.slow_rows >= NEARLY_ALL * row_count > scan.fast_rows / NEARLY_ALL
    return reads_all and not has_grown


def _what_is_read(scan: ScanChangeFact, row_count: int | None, *, lost: bool) -> str:
    blocks = ""
    if scan.fast_blocks is not None and scan.slow_blocks is not None:
        before, after = megabytes_in_words(scan.fast_blocks), megabytes_in_words(scan.slow_blocks)
        blocks = f", {after} instead of {before}"
    before, after = rows_in_words(scan.fast_rows), rows_in_words(scan.slow_rows)
    if lost:
        part = f" ({percent(scan.fast_rows / row_count)} of the table)" if row_count else ""
        return (
            f"by the same plan it no longer skips blocks of {scan.table_name}: it scans {after}"
            f" instead of {before}{part}{blocks}"
        )
    ratio = max(scan.rows_ratio or 0.0, scan.blocks_ratio or 0.0)
    return (
        f"by the same plan it reads {times_in_words(ratio)} as much of {scan.table_name} ({after}"
        f" scanned instead of {before}{blocks})"
    )


def _reads_the_same(case: CaseFile, recorded: RecordedRunsFact) -> Excluded | None:
    fast, slow = _totals(recorded)
    if fast is None or slow is None:
        return None
    grew = _ratio(fast, slow) >= case.limit(GROWTH_TIMES)
    but = " but the runs of both sides overlap" if grew else ""
    return Excluded(
        what="more rows to read",
        sentence=f"Reading more is not the cause: {_range(fast)} read in the recorded runs before,"
        f" {_range(slow)} after it{but} (threshold {case.limit(GROWTH_TIMES):g} times).",
        fact_ids=(recorded.fact_id,),
    )


def _spills_more(case: CaseFile, recorded: RecordedRunsFact) -> Iterator[Cause]:
    fast, slow = recorded.fast, recorded.slow
    if not (fast and slow and fast.spilled_mb and slow.spilled_mb):
        return
    before, after = fast.spilled_mb, slow.spilled_mb
    ratio = _ratio(before, after)
    if (
        before.is_below(after)
        and after.median >= SPILL_WORTH_MB
        and ratio >= case.limit(GROWTH_TIMES)
    ):
        yield Cause(
            kind=CauseKind.SPILL,
            clause=f"it spills {megabytes_in_words(after.median)} to disk instead of"
            f" {megabytes_in_words(before.median)}",
            short=f"spills {megabytes_in_words(after.median)}",
            fact_ids=(recorded.fact_id,),
            measures=(_measure(case, "spilled", ratio),),
        )


def _spills_the_same(recorded: RecordedRunsFact) -> Excluded | None:
    fast, slow = recorded.fast, recorded.slow
    if not (fast and slow and fast.spilled_mb and slow.spilled_mb):
        return None
    return Excluded(
        what="spill",
        sentence="Spill is not the cause: none of the"
        f" {counted(fast.runs + slow.runs, 'recorded run')} spilled."
        if slow.spilled_mb.most == fast.spilled_mb.most == 0
        else f"Spill is not the cause: {_range(fast.spilled_mb)} spilled in the recorded runs"
        f" before, {_range(slow.spilled_mb)} after it.",
        fact_ids=(recorded.fact_id,),
    )


def _range(spread: Spread) -> str:
    least, most = megabytes_in_words(spread.least), megabytes_in_words(spread.most)
    return least if least == most else f"{least} to {most}"


def _measure(case: CaseFile, name: str, ratio: float) -> Measure:
    return Measure(
        name=f"{name}, times as much", value=ratio, unit="×", threshold=case.limit(GROWTH_TIMES)
    )
