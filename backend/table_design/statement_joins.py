"""The joins of a pattern without a recorded plan, as far as its statement tells them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.domain.case_file import CaseFile, TableFact
from backend.domain.evidence import Table
from backend.domain.table_design import ALL, distribution_of, key_of_table
from backend.domain.table_use import Arrival, JoinEnd, JoinKind, TableColumn, TableJoin
from backend.domain.threshold import LARGE_TABLE_ROWS
from backend.sql.plan_joins import JoinPair, JoinSide
from backend.sql.statement_joins import statement_pairs
from backend.table_design.column_owners import table_column
from backend.table_design.recorded_steps import MOVES, step_name
from backend.table_design.segment_time import SegmentTime


def read_statement_joins(case: CaseFile, time: SegmentTime) -> tuple[TableJoin, ...]:
    """Without a plan it is not known which join moved what was moved: the time of the moving
    segments is shared evenly by the joins of two large tables that do not lie together."""
    joins = list(_joins(case))
    moving = [fact for fact in case.steps if step_name(fact) in MOVES]
    scattered = [join for join in joins if _is_scattered(case, join)]
    if not moving or not scattered:
        return tuple(joins)
    seconds = time.of_steps(moving) / len(scattered)
    rows = sum(fact.step.output_rows for fact in moving) // len(scattered)
    return tuple(
        replace(join, moving_seconds=seconds, rows_moved=rows) if join in scattered else join
        for join in joins
    )


def _joins(case: CaseFile) -> Iterator[TableJoin]:
    """One for each two tables, with all the pairs of columns that are set equal."""
    by_tables: dict[tuple[str, str], list[JoinPair]] = defaultdict(list)
    for pair in statement_pairs(case):
        if pair.outer.table and pair.inner.table:
            tables = key_of_table(pair.outer.table.table), key_of_table(pair.inner.table.table)
            by_tables[tables].append(pair)
    for join_id, pairs in enumerate(by_tables.values(), start=1):
        yield TableJoin(
            join_id=join_id,
            kind=JoinKind.INNER,
            outer=_end(case, [pair.outer for pair in pairs]),
            inner=_end(case, [pair.inner for pair in pairs]),
            fact_ids=(case.statement.fact_id,) if case.statement else (),
        )


def _end(case: CaseFile, sides: Sequence[JoinSide]) -> JoinEnd:
    fact = sides[0].table
    if fact is None:
        raise ValueError("a join of the statement without a known table")
    columns: list[TableColumn | None] = [table_column(fact, side.column_name) for side in sides]
    return JoinEnd(
        arrival=Arrival.SCAN,
        columns=tuple(columns),
        rows=_rows(case, fact),
        table_names=(key_of_table(fact.table),),
    )


def _rows(case: CaseFile, fact: TableFact) -> int:
    """What the recorded scan of the table kept; without one all its rows."""
    scans = [
        each.step.output_rows
        for each in case.steps
        if step_name(each) == "scan"
        and each.step.table_name
        and case.table(each.step.table_name) == fact
    ]
    return max(scans) if scans else fact.table.row_count or 0


def _is_scattered(case: CaseFile, join: TableJoin) -> bool:
    facts = [
        fact
        for fact in case.tables
        if key_of_table(fact.table) in (*join.outer.table_names, *join.inner.table_names)
    ]
    if any((fact.table.row_count or 0) <= case.limit(LARGE_TABLE_ROWS) for fact in facts):
        return False
    if any(distribution_of(fact.table) == ALL for fact in facts):
        return False
    table_of: dict[str, Table] = {key_of_table(fact.table): fact.table for fact in facts}
    return not any(
        outer and inner and _is_key(table_of, outer) and _is_key(table_of, inner)
        for outer, inner in join.pairs
    )


def _is_key(table_of: dict[str, Table], column: TableColumn) -> bool:
    distribution = distribution_of(table_of[column.table_name])
    return distribution is not None and distribution.column == column.column_name
