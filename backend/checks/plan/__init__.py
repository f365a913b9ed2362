"""What the recorded plan does, with the rows that its steps measured."""

from backend.checks.check import Check
from backend.checks.plan.estimate_off import estimate_off
from backend.checks.plan.hash_join_could_merge import hash_join_could_merge
from backend.checks.plan.large_broadcast import large_broadcast
from backend.checks.plan.nested_loop import nested_loop
from backend.checks.plan.redistributes_both_sides import redistributes_both_sides
from backend.checks.plan.redistributes_one_side import redistributes_one_side
from backend.checks.plan.serial_join import serial_join
from backend.checks.plan.two_phase_aggregation import two_phase_aggregation

CHECKS: tuple[Check, ...] = (
    nested_loop,
    large_broadcast,
    redistributes_both_sides,
    redistributes_one_side,
    serial_join,
    two_phase_aggregation,
    hash_join_could_merge,
    estimate_off,
)
