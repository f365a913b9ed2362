"""The segments and steps that a plan turns into when it runs (SYS_QUERY_DETAIL)."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.sample.cost_model import (
    HANDLED_ROWS_PER_SECOND,
    LAKE_MB_PER_SECOND,
    MOVED_ROWS_PER_SECOND,
    SCANNED_MB_PER_SECOND,
    SPILLED_MB_PER_SECOND,
)
from backend.sample.plan_builder import Operator
from backend.sample.sample_plan import SamplePlan
from backend.sample.warehouse import SampleTable

ALERTED_MOVED_ROWS = 1_000_000
ALERTED_KEPT_SHARE = 0.05
ALERTED_DELETED_SHARE = 0.03
# The planner speaks of missing statistics once they are this far off.
ALERTED_STATS_OFF = 40.0


@dataclass(frozen=True, kw_only=True)
class SampleStep:
    step_name: str
    node: Operator
    input_rows: int
    output_rows: int
    table: SampleTable | None = None
    alert: str = ""
    blocks_read: int = 0
    spilled_blocks: int = 0

    @property
    def weight_seconds(self) -> float:
        moved = self.output_rows if self.step_name in {"broadcast", "distribute"} else 0
        copies = 4 if self.step_name == "broadcast" else 1
        lake = self.node.lake if self.step_name == "scan" else None
        return (
            self.blocks_read / SCANNED_MB_PER_SECOND
            + (lake.size_mb / LAKE_MB_PER_SECOND if lake else 0.0)
            + self.spilled_blocks / SPILLED_MB_PER_SECOND
            + moved * copies / MOVED_ROWS_PER_SECOND
            + self.output_rows / HANDLED_ROWS_PER_SECOND
            + 1e-4
        )


@dataclass(frozen=True, kw_only=True)
class SampleSegment:
    steps: tuple[SampleStep, ...]

    @property
    def weight_seconds(self) -> float:
        return sum(step.weight_seconds for step in self.steps)

    @property
    def blocks_read(self) -> int:
        return sum(step.blocks_read for step in self.steps)

    @property
    def spilled_blocks(self) -> int:
        return sum(step.spilled_blocks for step in self.steps)

    @property
    def time_skewness(self) -> int:
        return max(step.node.data_skewness for step in self.steps)


def segments_of(plan: SamplePlan) -> list[SampleSegment]:
    """In the order in which they run: inner sides of joins first, the return to the client last."""
    done: list[SampleSegment] = []
    last = _open_steps(plan.root, done)
    done.append(SampleSegment(steps=(*last, _passing("return", plan.root))))
    return done


def _open_steps(node: Operator, done: list[SampleSegment]) -> list[SampleStep]:
    """The steps of the segment that this operator's rows flow through; finished ones go to
    `done`."""
    if node.step_name == "scan":
        return [_scan(node)]
    if node.step_name in {"hashjoin", "nestloop"}:
        return _join(node, done)
    if node.step_name in {"network", "partition"}:
        # The way to the leader is the return step, which every plan ends with; the list of
        # partitions is read on the leader.
        return _open_steps(node.children[-1], done)
    if len(node.children) == 2:
        outer, inner = node.children
        return [*_open_steps(outer, done), *_open_steps(inner, done), _working(node)]
    below = _open_steps(node.children[0], done)
    if node.step_name in {"aggregate", "sort"}:
        # These need all their rows before they give the first one.
        done.append(SampleSegment(steps=(*below, _working(node))))
        return [_passing("scan", node)]
    return [*below, _working(node)]


def _join(node: Operator, done: list[SampleSegment]) -> list[SampleStep]:
    outer, inner = node.children
    inner_steps = _open_steps(inner.children[0] if inner.step_name == "hash" else inner, done)
    if node.movement == "DS_BCAST_INNER":
        inner_steps.append(_moving("broadcast", node, inner))
    elif node.movement in {"DS_DIST_INNER", "DS_DIST_BOTH"}:
        inner_steps.append(_moving("distribute", node, inner))
    if inner.step_name == "hash":
        inner_steps.append(_working(inner))
    done.append(SampleSegment(steps=tuple(inner_steps)))
    outer_steps = _open_steps(outer, done)
    if node.movement in {"DS_DIST_OUTER", "DS_DIST_BOTH"}:
        done.append(SampleSegment(steps=(*outer_steps, _moving("distribute", node, outer))))
        outer_steps = [_passing("scan", outer)]
    return [*outer_steps, _working(node)]


def _scan(node: Operator) -> SampleStep:
    return SampleStep(
        step_name="scan",
        node=node,
        input_rows=node.rows_read,
        output_rows=node.actual_rows,
        table=node.table,
        alert="; ".join(_scan_alerts(node)),
        blocks_read=node.blocks_read,
    )


def _scan_alerts(node: Operator) -> Iterator[str]:
    if node.table is None:
        return
    if node.table.stats_off_percent >= ALERTED_STATS_OFF:
        yield "Missing query planner statistics"
    elif node.table.deleted_share >= ALERTED_DELETED_SHARE:
        deleted = round(node.rows_read * node.table.deleted_share)
        yield f"Scanned a large number of deleted rows:{deleted} rows were scanned"
    elif (
        node.rows_read > ALERTED_MOVED_ROWS
        and node.actual_rows < ALERTED_KEPT_SHARE * node.rows_read
    ):
        yield (
            f"Very selective query filter:ratio=rows({node.actual_rows})/"
            f"rows_pre_user_filter({node.rows_read})={node.actual_rows / node.rows_read:.6f}"
        )


def _working(node: Operator) -> SampleStep:
    rows_in = node.children[0].actual_rows
    alert = "Nested Loop Join in the query plan" if node.step_name == "nestloop" else ""
    return SampleStep(
        step_name=node.step_name,
        node=node,
        input_rows=rows_in,
        output_rows=node.actual_rows,
        alert=alert,
        spilled_blocks=node.spilled_blocks,
    )


def _moving(step_name: str, join: Operator, moved: Operator) -> SampleStep:
    alert = ""
    if moved.actual_rows > ALERTED_MOVED_ROWS:
        word = "Broadcasted" if step_name == "broadcast" else "Distributed"
        alert = (
            f"{word} a large number of rows across the network:"
            f"{moved.actual_rows} rows were moved in order to process the join"
        )
    return SampleStep(
        step_name=step_name,
        node=join,
        input_rows=moved.actual_rows,
        output_rows=moved.actual_rows,
        alert=alert,
    )


def _passing(step_name: str, node: Operator) -> SampleStep:
    return SampleStep(
        step_name=step_name, node=node, input_rows=node.actual_rows, output_rows=node.actual_rows
    )
