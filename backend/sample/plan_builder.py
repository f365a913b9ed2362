"""Redshift query plans built from operators, so that costs, indent and conditions agree.

Costs are cumulative upward in the planner's relative units; a sort carries the constant 1e12
that real plans show. Each operator also knows what really happened (rows, blocks, skew), from
which the cost model and the step rows are made.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.sample.lake_tables import LakeRead
from backend.sample.warehouse import SampleTable

SORT_CONSTANT = 1e12
COST_PER_ROW = 0.01
NETWORK_COST_PER_BYTE = {
    "DS_BCAST_INNER": 8.0,
    "DS_DIST_INNER": 0.4,
    "DS_DIST_OUTER": 0.4,
    "DS_DIST_BOTH": 0.4,
}


@dataclass(frozen=True, kw_only=True)
class Operator:
    """One plan node. `rows` is the planner's estimate, `actual_rows` what came out of it."""

    words: str
    step_name: str
    startup: float
    total: float
    rows: int
    width: int
    actual_rows: int
    condition: str = ""
    movement: str = ""
    children: tuple["Operator", ...] = ()
    table: SampleTable | None = None
    rows_read: int = 0
    blocks_read: int = 0
    is_range_restricted: bool = False
    data_skewness: int = 0
    spilled_blocks: int = 0
    lake: LakeRead | None = None

    def walk(self) -> Iterator["Operator"]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def moved_rows(self) -> int:
        """Rows that this operator sends between nodes; a broadcast sends each to all four."""
        if not self.movement:
            return 0
        outer_rows, inner_rows = (child.actual_rows for child in self.children[:2])
        return {
            "DS_BCAST_INNER": 4 * inner_rows,
            "DS_DIST_INNER": inner_rows,
            "DS_DIST_OUTER": outer_rows,
            "DS_DIST_BOTH": outer_rows + inner_rows,
        }.get(self.movement, 0)


def scan(
    table: SampleTable,
    alias: str = "",
    *,
    keeps: float = 1.0,
    reads: float = 1.0,
    columns: float = 0.4,
    width: int = 24,
    where: str = "",
    skew: int = 4,
) -> Operator:
    """`reads`: share of the table that zone maps leave to read; `keeps`: share of the whole table
    that passes the filter; `columns`: share of the table's size that the wanted columns hold.
    `where` is the filter with its parentheses."""
    planned = table.believed_rows
    return Operator(
        words=f"XN Seq Scan on {table.name}{' ' + alias if alias else ''}",
        step_name="scan",
        startup=0.0,
        total=planned * COST_PER_ROW * (1.25 if where else 1.0),
        rows=max(1, round(planned * keeps)),
        width=width,
        actual_rows=max(1, round(table.rows * keeps)),
        condition=f"Filter: {where}" if where else "",
        table=table,
        rows_read=round(table.rows * reads),
        blocks_read=max(1, round(table.size_mb * reads * columns)),
        is_range_restricted=reads < 1.0,
        data_skewness=skew,
    )


def hash_of(child: Operator, *, spills_mb: int = 0) -> Operator:
    return Operator(
        words="XN Hash", step_name="hash", startup=child.total, total=child.total,
        rows=child.rows, width=child.width, actual_rows=child.actual_rows, children=(child,),
        spilled_blocks=spills_mb,
    )  # fmt: skip


def hash_join(
    outer: Operator,
    inner: Operator,
    movement: str,
    on: str,
    *,
    rows: int,
    actual_rows: int | None = None,
    kind: str = "Hash Join",
    spills_mb: int = 0,
) -> Operator:
    """`on` is `outer_column = inner_column`."""
    hashed = hash_of(inner, spills_mb=spills_mb)
    left, right = on.split(" = ")
    return Operator(
        words=f"XN {kind} {movement}", step_name="hashjoin", movement=movement,
        startup=hashed.total,
        total=outer.total + hashed.total + 0.005 * (outer.rows + inner.rows)
        + _network_cost(movement, outer, inner),
        rows=rows, width=outer.width + inner.width,
        actual_rows=rows if actual_rows is None else actual_rows,
        condition=f'Hash Cond: ("outer".{left} = "inner".{right})', children=(outer, hashed),
    )  # fmt: skip


def merge_join(outer: Operator, inner: Operator, on: str, *, rows: int) -> Operator:
    left, right = on.split(" = ")
    return Operator(
        words="XN Merge Join DS_DIST_NONE", step_name="merge", movement="DS_DIST_NONE",
        startup=0.0, total=outer.total + inner.total + 0.0025 * (outer.rows + inner.rows),
        rows=rows, width=outer.width + inner.width, actual_rows=rows,
        condition=f'Merge Cond: ("outer".{left} = "inner".{right})', children=(outer, inner),
    )  # fmt: skip


def nested_loop(
    outer: Operator, inner: Operator, join_filter: str, *, rows: int, actual_rows: int
) -> Operator:
    return Operator(
        words="XN Nested Loop DS_BCAST_INNER", step_name="nestloop", movement="DS_BCAST_INNER",
        startup=0.0,
        total=outer.total + inner.total + COST_PER_ROW * outer.rows * inner.rows
        + _network_cost("DS_BCAST_INNER", outer, inner),
        rows=rows, width=outer.width + inner.width, actual_rows=actual_rows,
        condition=f"Join Filter: ({join_filter})", children=(outer, inner),
    )  # fmt: skip


def hash_aggregate(child: Operator, *, rows: int, spills_mb: int = 0) -> Operator:
    startup = child.total + 0.0075 * child.rows
    return Operator(
        words="XN HashAggregate", step_name="aggregate", startup=startup,
        total=startup + 0.0025 * rows, rows=rows, width=child.width, actual_rows=rows,
        children=(child,), spilled_blocks=spills_mb,
    )  # fmt: skip


def group_aggregate(child: Operator, *, rows: int) -> Operator:
    return Operator(
        words="XN GroupAggregate", step_name="aggregate", startup=child.startup,
        total=child.total + 0.0075 * child.rows, rows=rows, width=child.width, actual_rows=rows,
        children=(child,),
    )  # fmt: skip


def aggregate(child: Operator) -> Operator:
    total = child.total + 0.005 * child.rows
    return Operator(
        words="XN Aggregate", step_name="aggregate", startup=total, total=total, rows=1,
        width=child.width, actual_rows=1, children=(child,),
    )  # fmt: skip


def window(child: Operator, partition: str, order: str, *, spills_mb: int = 0) -> Operator:
    """With the sort that it needs below it."""
    sorted_child = sort(child, f"{partition}, {order}", spills_mb=spills_mb)
    return Operator(
        words="XN Window", step_name="window", startup=sorted_child.startup,
        total=sorted_child.total + 0.01 * child.rows, rows=child.rows, width=child.width,
        actual_rows=child.actual_rows, condition=f"Partition: {partition}",
        children=(sorted_child,),
    )  # fmt: skip


def sort(child: Operator, keys: str, *, spills_mb: int = 0) -> Operator:
    startup = child.total + SORT_CONSTANT + 0.02 * child.rows
    return Operator(
        words="XN Sort", step_name="sort", startup=startup, total=startup + 0.0025 * child.rows,
        rows=child.rows, width=child.width, actual_rows=child.actual_rows,
        condition=f"Sort Key: {keys}", children=(child,), spilled_blocks=spills_mb,
    )  # fmt: skip


def ordered(child: Operator, keys: str, *, limit: int | None = None) -> Operator:
    """Sorted on the nodes, merged on the leader, and cut."""
    sorted_child = sort(child, keys)
    network = _passing(sorted_child, "XN Network", "Send to leader", step_name="network")
    merge = _passing(network, "XN Merge", f"Merge Key: {keys}", step_name="merge")
    return merge if limit is None else limited(merge, limit)


def limited(child: Operator, rows: int) -> Operator:
    kept = min(rows, child.rows)
    share = kept / max(child.rows, 1)
    return Operator(
        words="XN Limit", step_name="limit", startup=child.startup,
        total=child.startup + (child.total - child.startup) * share, rows=kept,
        width=child.width, actual_rows=min(rows, child.actual_rows), children=(child,),
    )  # fmt: skip


def _passing(child: Operator, words: str, condition: str, *, step_name: str) -> Operator:
    return Operator(
        words=words, step_name=step_name, startup=child.startup, total=child.total,
        rows=child.rows, width=child.width, actual_rows=child.actual_rows, condition=condition,
        children=(child,),
    )  # fmt: skip


def _network_cost(movement: str, outer: Operator, inner: Operator) -> float:
    outer_bytes, inner_bytes = outer.rows * outer.width, inner.rows * inner.width
    moved = {
        "DS_DIST_OUTER": outer_bytes,
        "DS_DIST_BOTH": outer_bytes + inner_bytes,
    }.get(movement, inner_bytes)
    return moved * NETWORK_COST_PER_BYTE.get(movement, 0.0)
