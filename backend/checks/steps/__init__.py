"""What the recorded segments and steps measured."""

from backend.checks.check import Check
from backend.checks.steps.data_skew import data_skew
from backend.checks.steps.ghost_rows import ghost_rows
from backend.checks.steps.idle_aggregate import idle_aggregate
from backend.checks.steps.join_fan_out import join_fan_out
from backend.checks.steps.large_result import large_result
from backend.checks.steps.late_filter import late_filter
from backend.checks.steps.merges_unsorted_region import merges_unsorted_region
from backend.checks.steps.selective_filter import selective_filter
from backend.checks.steps.spill_to_disk import spill_to_disk
from backend.checks.steps.time_skew import time_skew
from backend.checks.steps.unsorted_scan import unsorted_scan
from backend.checks.steps.wide_rows import wide_rows

CHECKS: tuple[Check, ...] = (
    join_fan_out,
    spill_to_disk,
    data_skew,
    time_skew,
    unsorted_scan,
    selective_filter,
    late_filter,
    ghost_rows,
    large_result,
    wide_rows,
    idle_aggregate,
    merges_unsorted_region,
)
