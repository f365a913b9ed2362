"""Where the elapsed time went, and since when, before anything else is looked at."""

from backend.checks.check import Check
from backend.checks.time.compile_dominated import compile_dominated
from backend.checks.time.execution_dominated import execution_dominated
from backend.checks.time.lock_dominated import lock_dominated
from backend.checks.time.plan_flips import plan_flips
from backend.checks.time.planning_dominated import planning_dominated
from backend.checks.time.queue_dominated import queue_dominated
from backend.checks.time.reads_vary import reads_vary
from backend.checks.time.regression import regression

CHECKS: tuple[Check, ...] = (
    queue_dominated,
    lock_dominated,
    compile_dominated,
    planning_dominated,
    execution_dominated,
    regression,
    plan_flips,
    reads_vary,
)
