"""Which leading sort column serves the patterns that read a table, by the time that they scan.

A filter on the leading column lets blocks be skipped (Redshift guide, t_Sorting_data). How many is
measured by the rows that a scan keeps; where several columns filter one scan, each is taken to do
an even part of it. What the present key would serve, were the rows in order, counts for it: the
cure is then VACUUM SORT.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.domain.evidence import Table
from backend.domain.in_words import percent, rows_in_words
from backend.domain.table_design import column_of, sort_columns, view_of
from backend.domain.table_use import TableScan, TableUse
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.table_design.model import MERGE_FRACTION, SCAN_FRACTION
from backend.table_design.table_effects import UseEffect
from backend.table_design.workload import Workload

NO_COLUMN = ""
"""In the place of the leading column: the rows have no order."""

_NOT_SORTABLE = ("super", "varbyte", "geometry", "geography", "hllsketch")


@dataclass(frozen=True, kw_only=True)
class SortKey:
    """The columns by which blocks are skipped at present: the leading one, all if interleaved."""

    columns: tuple[str, ...]

    @property
    def leading(self) -> str:
        return self.columns[0] if self.columns else ""


def present_sort_key(table: Table) -> SortKey:
    columns = sort_columns(table)
    return SortKey(columns=columns if table.has_interleaved_sort_key else columns[:1])


def sort_candidates(key: str, workload: Workload) -> list[str]:
    """Columns that patterns filter on, without the present leading one; none for a small table,
    which is read as fast without an order."""
    table = workload.tables[key]
    is_small = (table.row_count or 0) <= workload.limit(LARGE_TABLE_ROWS)
    if is_small or view_of(table) is not None:
        return []
    present = present_sort_key(table)
    own = present.leading if not table.has_interleaved_sort_key else ""
    filtered = {
        each.column_name for use in workload.uses_of.get(key, ()) for each in use.usable_filters
    }
    return sorted(name for name in filtered if name != own and _can_sort(table, name))


def _can_sort(table: Table, column_name: str) -> bool:
    column = column_of(table, column_name)
    return column is not None and not column.data_type.lower().startswith(_NOT_SORTABLE)


def sort_effects(key: str, column_name: str, workload: Workload) -> Iterator[UseEffect]:
    """Of sorting the table by this column, or by none, against its present order."""
    table = workload.tables[key]
    present = present_sort_key(table)
    for use in workload.uses_of.get(key, ()):
        effects = list(_of_use(use, table, present, column_name))
        seconds = sum(each.seconds for each in effects)
        if seconds:
            heaviest = max(effects, key=lambda each: abs(each.seconds))
            yield UseEffect(use, seconds, heaviest.reason)


def _of_use(use: TableUse, table: Table, present: SortKey, column_name: str) -> Iterator[UseEffect]:
    if use.scan:
        yield from _of_scan(use, use.scan, table, present, column_name)
    if present.leading == column_name:
        return
    for join in use.joins:
        own = {
            column.column_name
            for pair in join.pairs
            for column in pair
            if column and column.table_name == use.table_name
        }
        if join.is_merge and present.leading in own:
            seconds = join.join_seconds * MERGE_FRACTION / use.weeks
            reason = f"its merge join on {present.leading} becomes a hash join"
            yield UseEffect(use, -seconds, reason)


def _of_scan(
    use: TableUse, scan: TableScan, table: Table, present: SortKey, column_name: str
) -> Iterator[UseEffect]:
    """In rows read a run: today, by the present key in order, and by the other key."""
    filtered = list(dict.fromkeys(each.column_name for each in use.usable_filters))
    if not scan.rows_read or scan.rows_kept is None or not filtered:
        return
    today = float(scan.rows_read)
    served = next((name for name in present.columns if name in filtered), None)
    skips_today = bool(scan.is_range_restricted) and served is not None
    whole = max(float(table.row_count or 0), today) if skips_today else today
    by_one_filter = whole * (scan.rows_kept / whole) ** (1 / len(filtered))
    would_read = by_one_filter if column_name in filtered else whole
    could_read = today
    if served and not skips_today and is_out_of_order(table):
        could_read = min(today, by_one_filter)
    if would_read == could_read:
        return
    seconds = scan.seconds * SCAN_FRACTION / use.weeks
    saved = seconds * (could_read - would_read) / today
    if saved > 0:
        part = percent(would_read / today)
        reason = f"filters {column_name}, so that it reads about {part} of what it reads today"
    elif could_read < today:
        reason = f"filters {served}, which skips blocks once the rows are sorted again"
    elif column_name in filtered:
        reason = f"skips fewer blocks by {column_name} than by {served} today"
    else:
        reason = f"filters {served}, by which it reads only {rows_in_words(today)} today"
    yield UseEffect(use, saved, reason)


def is_out_of_order(table: Table) -> bool:
    """Redshift itself expects sorting to speed its scans (vacuum_sort_benefit)."""
    return (table.vacuum_sort_benefit_percent or 0.0) > 0
