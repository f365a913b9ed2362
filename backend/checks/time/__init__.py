"""Where the elapsed time went, before anything else is looked at."""

from backend.checks.check import Check
from backend.checks.time.compile_dominated import compile_dominated
from backend.checks.time.lock_dominated import lock_dominated
from backend.checks.time.queue_dominated import queue_dominated

CHECKS: tuple[Check, ...] = (
    queue_dominated,
    lock_dominated,
    compile_dominated,
)
