"""Small workloads: tables, and what patterns do with them. All seconds are a week's."""

import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.domain.evidence import Column, Table
from backend.domain.plan import Movement
from backend.domain.table_proposal import Aspect, Decision, TableProposal
from backend.domain.table_use import (
    Arrival,
    FilterKind,
    JoinEnd,
    JoinKind,
    TableColumn,
    TableFilter,
    TableJoin,
    TableScan,
    TableUse,
    WriteKind,
)
from backend.table_design.propose import Proposed, propose_designs

AT = datetime(2026, 11, 23, tzinfo=UTC)
DATABASE = "shop"
MILLION = 1_000_000


def key(name: str) -> str:
    return f"{DATABASE}.sales.{name}"


def a_table(
    name: str,
    style: str = "EVEN",
    *,
    rows: int = 100 * MILLION,
    columns: Any = None,
    **changes: Any,
) -> Table:
    """`columns` are types by name; `sorted_by` in the changes names sort columns."""
    types = columns or {"order_id": "bigint", "customer_id": "bigint", "sold_on": "date"}
    sort = changes.pop("sorted_by", ())
    raw = changes.pop("raw", ())
    return Table(
        database_name=DATABASE,
        schema_name="sales",
        table_name=name,
        distribution_style=style,
        row_count=rows,
        size_mb=changes.pop("size_mb", 1000),
        columns=tuple(
            Column(
                name=column,
                data_type=data_type,
                encoding="none" if column in raw else "az64",
                sort_key_position=sort.index(column) + 1 if column in sort else 0,
            )
            for column, data_type in types.items()
        ),
        **changes,
    )


def an_end(name: str, *columns: str, rows: int = 10 * MILLION) -> JoinEnd:
    """A side that is one table, joined by these columns."""
    return JoinEnd(
        arrival=Arrival.SCAN,
        columns=tuple(TableColumn(table_name=key(name), column_name=each) for each in columns),
        rows=rows,
        table_names=(key(name),),
    )


def a_join(
    outer: str,
    inner: str,
    *,
    moving: float = 0.0,
    movement: Movement | None = Movement.DS_DIST_BOTH,
    rows: tuple[int, int] = (10 * MILLION, 10 * MILLION),
    **changes: Any,
) -> TableJoin:
    """`orders.order_id` with `lines.order_id`."""
    ends = [
        an_end(side.partition(".")[0], side.partition(".")[2], rows=count)
        for side, count in zip((outer, inner), rows, strict=True)
    ]
    return TableJoin(
        join_id=changes.pop("join_id", 1),
        kind=changes.pop("kind", JoinKind.INNER),
        outer=ends[0],
        inner=ends[1],
        movement=movement,
        moving_seconds=moving,
        is_measured=changes.pop("is_measured", True),
        fact_ids=("F7",),
        **changes,
    )


def a_use(pattern: str, table: str, **changes: Any) -> TableUse:
    """Of one week; `filters` are kinds by column."""
    known: dict[str, Any] = {
        "analysis_timestamp": AT,
        "window_end": AT,
        "window_days": 7.0,
        "runs": 70,
        "seconds": 1000.0,
        "is_measured": True,
        "like_runs": 70.0,
        "fact_ids": ("F3",),
    }
    filters = changes.pop("filters", {})
    return TableUse(
        query_hash=pattern,
        table_name=key(table),
        filters=tuple(
            TableFilter(column_name=name, kind=FilterKind(kind)) for name, kind in filters.items()
        ),
        **(known | changes),
    )


def joined(pattern: str, *joins: TableJoin, **changes: Any) -> list[TableUse]:
    """The uses of all tables that these joins of one pattern bring together."""
    names = sorted(
        {name for join in joins for end in (join.outer, join.inner) for name in end.table_names}
    )
    return [
        a_use(
            pattern,
            name.rpartition(".")[2],
            joins=tuple(
                join for join in joins if name in (*join.outer.table_names, *join.inner.table_names)
            ),
            **changes,
        )
        for name in names
    ]


def scanning(
    pattern: str,
    table: str,
    *,
    seconds: float,
    read: int,
    kept: int,
    restricted: bool | None = None,
    **changes: Any,
) -> TableUse:
    scan = TableScan(
        rows_read=read, rows_kept=kept, is_range_restricted=restricted, seconds=seconds
    )
    return a_use(pattern, table, scan=scan, **changes)


def writing(pattern: str, table: str, *, seconds: float, runs: int = 70) -> TableUse:
    return a_use(pattern, table, write=WriteKind.INSERT, write_seconds=seconds, runs=runs)


def proposed(uses: Any, tables: Any, **how: Any) -> Proposed:
    return propose_designs(uses, tables, at=AT, **how)


def proposal_for(result: Proposed, name: str) -> TableProposal:
    return next(each for each in result.proposals if each.table_name == key(name))


def decision(result: Proposed, name: str, aspect: Aspect = Aspect.DISTRIBUTION) -> Decision:
    return next(each for each in proposal_for(result, name).decisions if each.aspect is aspect)


def days_ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def number_of(text: str) -> int:
    """A fixed number for a name."""
    return zlib.crc32(text.encode())
