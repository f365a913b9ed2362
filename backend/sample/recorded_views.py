"""Rows of SYS_QUERY_DETAIL, SYS_QUERY_EXPLAIN and STL_ALERT_EVENT_LOG for the recorded runs."""

from collections.abc import Iterator, Sequence

import numpy as np

from backend.sample.history import SampleHistory
from backend.sample.history_views import escaped, native_hash, timestamps
from backend.sample.recorded_runs import RecordedRun
from backend.sample.recorded_steps import SampleSegment, SampleStep, segments_of
from backend.sample.story import version_change_us

DETAIL_COLUMNS = (
    "user_id", "query_id", "child_query_sequence", "stream_id", "segment_id", "step_id",
    "step_name", "table_id", "table_name", "is_rrscan", "start_time", "end_time", "duration",
    "alert", "input_bytes", "input_rows", "output_bytes", "output_rows", "blocks_read",
    "blocks_write", "local_read_io", "remote_read_io", "source", "data_skewness",
    "time_skewness", "is_active", "spilled_block_local_disk", "spilled_block_remote_disk",
    "step_attribute", "metrics_level", "plan_parent_id", "plan_node_id",
)  # fmt: skip
EXPLAIN_COLUMNS = (
    "query_id", "child_query_sequence", "plan_node_id", "plan_parent_id", "plan_node", "plan_info",
)  # fmt: skip
ALERT_COLUMNS = (
    "userid", "query", "slice", "segment", "step", "pid", "xid", "event", "solution",
    "event_time", "generic_query_hash", "querytxt",
)  # fmt: skip

PLAN_NODE_LENGTH = 400
REMOTE_SPILL_SHARE = 0.15
# STL views number queries on their own; SYS query ids are never equal to them.
STL_QUERY_OFFSET = 6_114_007
SOLUTIONS = (
    ("Missing query planner statistics", "Run the ANALYZE command"),
    (
        "Nested Loop Join in the query plan",
        "Review the join predicates to avoid Cartesian products",
    ),
    (
        "Very selective query filter",
        "Review the choice of sort key to enable range restricted scans, or run the VACUUM "
        "command to ensure the table is sorted",
    ),
    (
        "Scanned a large number of deleted rows",
        "Run the VACUUM command to reclaim deleted space",
    ),
    (
        "Distributed a large number of rows across the network",
        "Review the choice of distribution key to collocate the join or aggregation",
    ),
    (
        "Broadcasted a large number of rows across the network",
        "Review the choice of distribution key to collocate the join and consider using "
        "distributed tables",
    ),
)


def explain_rows(recorded: Sequence[RecordedRun]) -> Iterator[Sequence[object]]:
    for run in recorded:
        for line in run.plan.lines():
            yield (
                run.query_id, 1, line.node_id, line.parent_id, line.text[:PLAN_NODE_LENGTH],
                line.condition,
            )  # fmt: skip


def detail_rows(recorded: Sequence[RecordedRun]) -> Iterator[Sequence[object]]:
    """Segments run one after the other and share the run's execution time by their work."""
    for run in recorded:
        segments = segments_of(run.plan)
        weights = np.array([segment.weight_seconds for segment in segments])
        ends = run.executes_from_us + np.rint(
            run.execution_us * np.cumsum(weights) / weights.sum()
        ).astype(np.int64)
        starts = np.concatenate([[run.executes_from_us], ends[:-1]])
        durations = (ends - starts).tolist()
        start_times, end_times = timestamps(starts), timestamps(ends)
        node_ids = run.plan.node_ids()
        for number, segment in enumerate(segments):
            head = (run.user_id, run.query_id, 1, number, number)
            times = (start_times[number], end_times[number], durations[number])
            yield (*head, *_segment_tail(segment, times))
            for step_number, step in enumerate(segment.steps):
                yield (*head, *_step_tail(step_number, step, times, node_ids[id(step.node)]))


def _segment_tail(segment: SampleSegment, times: Sequence[object]) -> Sequence[object]:
    remote = round(segment.spilled_blocks * REMOTE_SPILL_SHARE)
    blocks = segment.blocks_read
    return (
        -1, "", "", "", "f", *times, "", 0, 0, 0, 0, blocks, 0, blocks * 3 // 4, blocks // 4, "",
        0, segment.time_skewness, "f", segment.spilled_blocks - remote, remote, "", "segment", 0, 0,
    )  # fmt: skip


def _step_tail(
    number: int, step: SampleStep, times: Sequence[object], node_id: int
) -> Sequence[object]:
    width, table = step.node.width, step.table
    return (
        number, step.step_name, table.table_id if table else "", table.full_name if table else "",
        "t" if table and step.node.is_range_restricted else "f", *times, step.alert,
        step.input_rows * width, step.input_rows, step.output_rows * width, step.output_rows,
        0, 0, 0, 0, "", step.node.data_skewness, step.node.data_skewness, "f", 0, 0, "", "step",
        0, node_id,
    )  # fmt: skip


def alert_rows(
    recorded: Sequence[RecordedRun], history: SampleHistory
) -> Iterator[Sequence[object]]:
    """With the hash and text that an exporter adds from STL_QUERY: STL's own ids lead nowhere."""
    changes_at = version_change_us(history.last_day)
    for run in recorded:
        times = history.patterns[run.pattern_position]
        name = times.pattern.name
        version = 2 if times.started_us[run.row] >= changes_at else 1
        text = history.texts[run.pattern_position][int(times.variant[run.row])]
        at = timestamps(np.array([run.executes_from_us]))[0]
        for number, segment in enumerate(segments_of(run.plan)):
            for step_number, step in enumerate(segment.steps):
                if step.alert:
                    yield (
                        run.user_id, run.query_id - STL_QUERY_OFFSET, 0, number, step_number,
                        20_000 + run.query_id % 9_973, run.query_id + 77, step.alert,
                        _solution(step.alert), at, native_hash(name, version),
                        escaped(text)[:PLAN_NODE_LENGTH * 10],
                    )  # fmt: skip


def _solution(event: str) -> str:
    return next(solution for start, solution in SOLUTIONS if event.startswith(start))
