"""What a pattern does with each of its tables, read off its case file."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from backend.domain.case_file import CaseFile, StepFact, TableFact
from backend.domain.plan import PlanNode
from backend.domain.table_design import key_of_table, table_key
from backend.domain.table_use import (
    FilterKind,
    TableFilter,
    TableJoin,
    TableScan,
    TableUse,
    WriteKind,
)
from backend.sql.column_filters import column_filters
from backend.sql.group_by import groupings
from backend.sql.plan_joins import has_column
from backend.sql.written_table import WriteAction, written_tables
from backend.table_design.plan_cost import estimated_seconds
from backend.table_design.plan_joins import read_plan_joins
from backend.table_design.recorded_steps import (
    WRITES,
    RecordedSteps,
    recorded_steps,
    step_name,
)
from backend.table_design.segment_time import SegmentTime, segment_time
from backend.table_design.statement_joins import read_statement_joins

UNRECORDED_WRITE_SHARE = 0.5
"""Of a statement that both reads and writes, where no step tells how long it wrote."""

MOST_CITED = 6

_WRITES_OF = {
    WriteAction.INSERT: WriteKind.INSERT,
    WriteAction.COPY: WriteKind.COPY,
    WriteAction.UPDATE: WriteKind.UPDATE,
    WriteAction.DELETE: WriteKind.DELETE,
    WriteAction.MERGE: WriteKind.MERGE,
    WriteAction.CREATE: WriteKind.CREATE,
}
_MADE_BEFORE_RENAME = ("__dbt_tmp", "__dbt_backup", "__tmp", "_tmp", "__new", "_new")
"""How tools call a table that they make anew and then rename to its place."""


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """All that is read once for a pattern; scans are by the table's key, the largest first."""

    case: CaseFile
    time: SegmentTime
    steps: RecordedSteps
    joins: tuple[TableJoin, ...]
    scans: Mapping[str, Sequence[StepFact]]
    scan_nodes: Mapping[str, Sequence[PlanNode]]
    written: str | None
    write: WriteKind | None
    observed_days: float
    analysis_timestamp: datetime

    @property
    def names_tables(self) -> bool:
        """Whether the steps tell which tables they scan."""
        return self.time.is_recorded and any(fact.step.table_name for fact in self.case.steps)


class _Standing(NamedTuple):
    """Seconds of the window that stand on a table, and whether steps measured them."""

    seconds: float
    is_measured: bool


def read_table_uses(
    case: CaseFile, *, analysis_timestamp: datetime, observed_days: float
) -> tuple[TableUse, ...]:
    """One for each table whose design is known, and one for a table that the pattern makes anew.

    `observed_days` are the days of the window that the history reaches back.
    """
    reading = _read(case, analysis_timestamp, observed_days)
    uses = [_use(reading, fact) for fact in case.tables]
    return (*uses, *_made_anew(reading))


def _read(case: CaseFile, analysis_timestamp: datetime, observed_days: float) -> _Reading:
    time, steps = segment_time(case), recorded_steps(case)
    joins = read_plan_joins(case, time, steps) if case.plan else read_statement_joins(case, time)
    written = written_tables(case.scrubbed_sql) if case.scrubbed_sql else ()
    kinds = [(each.name, _WRITES_OF[each.action]) for each in written if each.action in _WRITES_OF]
    name, kind = kinds[0] if kinds else (None, None)
    return _Reading(
        case=case,
        time=time,
        steps=steps,
        joins=joins,
        scans=_scans(case),
        scan_nodes=_scan_nodes(case),
        written=name,
        write=kind,
        observed_days=observed_days,
        analysis_timestamp=analysis_timestamp,
    )


def _use(reading: _Reading, fact: TableFact) -> TableUse:
    case, key = reading.case, key_of_table(fact.table)
    joins = tuple(join for join in reading.joins if takes_part(join, key))
    is_written = reading.written is not None and case.table(reading.written) == fact
    write_seconds = _write_seconds(reading) if is_written else 0.0
    standing = _standing(reading, key, joins, write_seconds)
    return TableUse(
        query_hash=case.query_hash,
        table_name=key,
        analysis_timestamp=reading.analysis_timestamp,
        window_end=case.window_end,
        window_days=reading.observed_days,
        runs=case.statistics.runs,
        seconds=standing.seconds,
        is_measured=standing.is_measured,
        like_runs=reading.time.like_runs,
        scan=_scan(reading, key),
        filters=tuple(_filters(case, fact)),
        joins=joins,
        grouped_by=tuple(dict.fromkeys(_grouped_by(case, fact))),
        write=reading.write if is_written else None,
        write_seconds=write_seconds,
        fact_ids=_fact_ids(reading, fact),
        dollars_a_second=_dollars_a_second(case),
        prices_as_of=_prices_as_of(case),
    )


def _dollars_a_second(case: CaseFile) -> float | None:
    """None without prices, and never nothing: no amount is better than an amount of nothing."""
    return case.dollars_a_working_second or None


def _prices_as_of(case: CaseFile) -> date | None:
    return case.cost.cost.prices_as_of if case.cost and case.cost.cost else None


def takes_part(join: TableJoin, key: str) -> bool:
    """By a column of the table's own, or as the only table of a side."""
    own = any(column and column.table_name == key for pair in join.pairs for column in pair)
    return own or any(end.table_names == (key,) for end in (join.outer, join.inner))


def _made_anew(reading: _Reading) -> Iterator[TableUse]:
    """No time stands on it: the statement that makes it also decides how it is laid out."""
    if reading.write is not WriteKind.CREATE or reading.written is None:
        return
    case = reading.case
    parts = reading.written.split(".")
    suffix = next((end for end in _MADE_BEFORE_RENAME if parts[-1].endswith(end)), "")
    databases = case.statistics.databases
    if len(parts) < 2 or not (databases or len(parts) > 2):
        return
    yield TableUse(
        query_hash=case.query_hash,
        table_name=table_key(
            parts[-3] if len(parts) > 2 else databases[0].name,
            parts[-2],
            parts[-1].removesuffix(suffix),
        ),
        analysis_timestamp=reading.analysis_timestamp,
        window_end=case.window_end,
        window_days=reading.observed_days,
        runs=case.statistics.runs,
        seconds=0.0,
        is_measured=False,
        like_runs=reading.time.like_runs,
        write=WriteKind.CREATE,
        dollars_a_second=_dollars_a_second(case),
        prices_as_of=_prices_as_of(case),
    )


# Time


def _standing(
    reading: _Reading, key: str, joins: Sequence[TableJoin], write_seconds: float
) -> _Standing:
    case, time, scans = reading.case, reading.time, reading.scans.get(key, ())
    if reading.names_tables and (scans or joins or not write_seconds):
        steps = [*scans, *_steps_of(reading, joins)]
        seconds = time.of_steps(steps) + write_seconds
        return _Standing(min(seconds, time.execution_seconds), is_measured=True)
    if write_seconds:
        return _Standing(write_seconds, is_measured=False)
    if case.plan:
        nodes = [*reading.scan_nodes.get(key, ()), *_join_nodes(case, joins)]
        return _Standing(estimated_seconds(case, time, nodes), is_measured=False)
    return _Standing(time.execution_seconds * _part_by_size(case, key), is_measured=False)


def _part_by_size(case: CaseFile, key: str) -> float:
    """Of a statement's time where no plan and no step names a table. A statement of one table
    spends all of it there; several share it by their size, as nothing tells more, and evenly where
    a size is not known."""
    sizes = {key_of_table(fact.table): fact.table.size_mb for fact in case.tables}
    known = [max(size, 1) for size in sizes.values() if size is not None]
    own = sizes.get(key)
    if own is None or len(known) < len(sizes):
        return 1 / max(len(sizes), 1)
    return max(own, 1) / sum(known)


def _steps_of(reading: _Reading, joins: Sequence[TableJoin]) -> list[StepFact]:
    wanted = {join.join_id for join in joins}
    return [
        fact
        for by_join in (reading.steps.moving, reading.steps.joining)
        for join_id, facts in by_join.items()
        if join_id in wanted
        for fact in facts
    ]


def _scans(case: CaseFile) -> dict[str, list[StepFact]]:
    found: dict[str, list[StepFact]] = defaultdict(list)
    for step in sorted(case.steps, key=lambda each: (-each.step.input_rows, each.fact_id)):
        name = step.step.table_name
        if step_name(step) == "scan" and name and (fact := case.table(name)):
            found[key_of_table(fact.table)].append(step)
    return dict(found)


def _scan_nodes(case: CaseFile) -> dict[str, list[PlanNode]]:
    found: dict[str, list[PlanNode]] = defaultdict(list)
    for node in case.plan.walk() if case.plan else ():
        if node.table_name and not node.children and (fact := case.table(node.table_name)):
            found[key_of_table(fact.table)].append(node)
    return dict(found)


def _scan(reading: _Reading, key: str) -> TableScan | None:
    """Without steps only the time is known, by the plan's costs."""
    time, scans = reading.time, reading.scans.get(key, ())
    if not scans:
        nodes = reading.scan_nodes.get(key, ())
        seconds = estimated_seconds(reading.case, time, nodes)
        return TableScan(seconds=seconds) if nodes else None
    told = [each.step.is_range_restricted for each in scans]
    return TableScan(
        rows_read=sum(each.step.input_rows for each in scans),
        rows_kept=sum(each.step.output_rows for each in scans),
        is_range_restricted=None if None in told else all(told),
        seconds=time.of_steps(scans),
        skewed_seconds=sum(time.of_steps([each]) * each.step.data_skewness / 100 for each in scans),
    )


def _join_nodes(case: CaseFile, joins: Sequence[TableJoin]) -> list[PlanNode]:
    wanted = {join.join_id for join in joins}
    return [node for node in (case.plan.walk() if case.plan else ()) if node.node_id in wanted]


def _write_seconds(reading: _Reading) -> float:
    """By the writing steps; without any, all of a load and half of what reads as well."""
    if reading.write is None or reading.write is WriteKind.CREATE:
        return 0.0
    writing = [fact for fact in reading.case.steps if step_name(fact) in WRITES]
    if writing:
        return reading.time.of_steps(writing)
    if reading.write is WriteKind.COPY:
        return reading.time.execution_seconds
    return reading.time.execution_seconds * UNRECORDED_WRITE_SHARE


# What the statement says


def _filters(case: CaseFile, fact: TableFact) -> Iterator[TableFilter]:
    for each in column_filters(case.scrubbed_sql) if case.scrubbed_sql else ():
        if _owner(case, each.table_name, each.column_name) == fact:
            yield TableFilter(column_name=each.column_name.casefold(), kind=FilterKind(each.kind))


def _grouped_by(case: CaseFile, fact: TableFact) -> Iterator[str]:
    for grouping in (groupings(case.scrubbed_sql) or ()) if case.scrubbed_sql else ():
        for column in () if grouping.is_distinct else grouping.columns:
            if _owner(case, column.table_name or None, column.column_name) == fact:
                yield column.column_name.casefold()


def _owner(case: CaseFile, table_name: str | None, column_name: str) -> TableFact | None:
    """The table that the statement names, else the only known one that has the column."""
    if table_name is not None:
        fact = case.table(table_name)
        return fact if fact and (not fact.table.columns or has_column(fact, column_name)) else None
    having = [fact for fact in case.tables if has_column(fact, column_name)]
    return having[0] if len(having) == 1 else None


def _fact_ids(reading: _Reading, fact: TableFact) -> tuple[str, ...]:
    scans = reading.scans.get(key_of_table(fact.table), ())
    cited = [fact.fact_id, reading.case.buckets.fact_id, *(each.fact_id for each in scans)]
    return tuple(dict.fromkeys(cited))[:MOST_CITED]
