"""What the recorded segments and steps measured."""

from backend.checks.check import Check
from backend.checks.steps.data_skew import data_skew
from backend.checks.steps.spill_to_disk import spill_to_disk
from backend.checks.steps.unsorted_scan import unsorted_scan

CHECKS: tuple[Check, ...] = (
    spill_to_disk,
    data_skew,
    unsorted_scan,
)
