"""Which distributions of a table are worth weighing, and why a column is not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backend.domain.evidence import Table
from backend.domain.in_words import counted, number_in_words
from backend.domain.table_design import (
    ALL,
    EVEN,
    Distribution,
    by_key,
    column_of,
    piles_up,
    short_name,
    view_of,
)
from backend.domain.table_use import Arrival, JoinEnd, TableJoin, TableUse, WriteKind
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.table_design.model import KEY_VALUES, SLOW_CHANGING_WRITES
from backend.table_design.workload import Workload

WHOLE_SHARE = 0.95
"""From this part on a scan counts as the whole table, and a join as keeping all rows."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """`designs` begin with the present one; `refused` says why each other one is not among them."""

    designs: tuple[Distribution, ...]
    refused: tuple[str, ...] = ()


def distribution_candidates(key: str, workload: Workload) -> Candidates:
    table, present = workload.tables[key], workload.present[key]
    if view_of(table) is not None:
        return Candidates(designs=(present,))
    if table.has_interleaved_sort_key:
        # ALTER DISTSTYLE and ALTER DISTKEY are refused there (Redshift guide, r_ALTER_TABLE).
        return Candidates(
            designs=(present,),
            refused=("a table with an interleaved sort key cannot be distributed anew",),
        )
    designs = [present]
    refused = []
    fewest = _fewest_values(key, workload)
    for column_name in sorted(_joined_columns(key, workload)):
        objection = _objection(table, column_name, fewest.get(column_name), workload)
        if objection:
            refused.append(f"{column_name}: {objection}")
        else:
            designs.append(by_key(column_name))
    designs.append(EVEN)
    if not is_large(key, workload):
        objection = _objection_to_copies(key, workload)
        if objection:
            refused.append(f"ALL: {objection}")
        else:
            designs.append(ALL)
    return Candidates(designs=tuple(dict.fromkeys(designs)), refused=tuple(refused))


def is_large(key: str, workload: Workload) -> bool:
    """So is a table whose rows are not known."""
    row_count = workload.tables[key].row_count
    return row_count is None or row_count > workload.limit(LARGE_TABLE_ROWS)


def set_by_view(table: Table) -> str:
    """Why no ALTER TABLE may change it; empty for a table that is not behind a view."""
    view = view_of(table)
    if view is None:
        return ""
    return (
        f"It holds the rows of the materialized view {view}: DISTSTYLE, DISTKEY and SORTKEY are"
        " set by CREATE MATERIALIZED VIEW"
    )


def _joined_columns(key: str, workload: Workload) -> set[str]:
    return {
        column.column_name
        for use in workload.uses_of.get(key, ())
        for join in use.joins
        for pair in join.pairs
        for column in pair
        if column and column.table_name == key
    }


def _objection(
    table: Table, column_name: str, few: tuple[int, str] | None, workload: Workload
) -> str | None:
    column = column_of(table, column_name)
    if column is None:
        return "its type is not known"
    if piles_up(column):
        return f"{column.data_type} values would gather on few slices"
    if few is not None and few[0] < workload.limit(KEY_VALUES):
        values, partner = few
        return (
            f"every row has its partner in {partner}, so it has at most"
            f" {counted(values, 'value')} (threshold {number_in_words(workload.limit(KEY_VALUES))})"
        )
    return None


def _fewest_values(key: str, workload: Workload) -> dict[str, tuple[int, str]]:
    """By column an upper bound of its values, and the table that tells it."""
    fewest: dict[str, tuple[int, str]] = {}
    for use in workload.uses_of.get(key, ()):
        for join in use.joins:
            for column_name, bound in _value_bounds(join, key, workload.tables):
                fewest[column_name] = min(bound, fewest.get(column_name, bound))
    return fewest


def _value_bounds(
    join: TableJoin, key: str, tables: Mapping[str, Table]
) -> Iterator[tuple[str, tuple[int, str]]]:
    """A join with a whole table that keeps every row leaves no more values than it has rows."""
    if len(join.pairs) != 1:
        return
    left, right = join.pairs[0]
    sides = (left, join.outer, join.inner), (right, join.inner, join.outer)
    for own, mine, theirs in sides:
        if own is None or own.table_name != key or theirs.arrival is not Arrival.SCAN:
            continue
        partner = tables.get(theirs.table_names[0])
        if partner is None or not partner.row_count or theirs.table_names[0] == key:
            continue
        is_whole = theirs.rows >= WHOLE_SHARE * partner.row_count
        keeps_all = mine.rows > 0 and join.rows_out >= WHOLE_SHARE * mine.rows
        if is_whole and keeps_all and _is_much_larger(mine, theirs):
            yield own.column_name, (partner.row_count, short_name(theirs.table_names[0]))


def _is_much_larger(mine: JoinEnd, theirs: JoinEnd) -> bool:
    """Else the join may multiply rows, and says nothing."""
    return mine.rows >= 2 * theirs.rows


def _objection_to_copies(key: str, workload: Workload) -> str | None:
    writes = writes_a_day(workload.uses_of.get(key, ()))
    limit = workload.limit(SLOW_CHANGING_WRITES)
    if writes > limit:
        return f"it is written {number_in_words(writes)} times a day (threshold {limit:g})"
    return None


def writes_a_day(uses: tuple[TableUse, ...]) -> float:
    """Without those that make it anew: their statement decides the design."""
    return sum(
        use.runs / max(use.window_days, 1.0)
        for use in uses
        if use.write and use.write is not WriteKind.CREATE
    )
