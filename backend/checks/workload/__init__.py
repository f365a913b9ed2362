"""What only shows across all patterns: queues, loads, the cluster, its bill."""

from backend.checks.workload.busy_hours import busy_hours
from backend.checks.workload.equal_priorities import equal_priorities
from backend.checks.workload.heavy_concurrency_scaling import heavy_concurrency_scaling
from backend.checks.workload.lock_blame import lock_blame
from backend.checks.workload.manual_wlm import manual_wlm
from backend.checks.workload.no_concurrency_scaling import no_concurrency_scaling
from backend.checks.workload.no_monitoring_rules import no_monitoring_rules
from backend.checks.workload.queue_pressure import queue_pressure
from backend.checks.workload.serverless_capacity import serverless_capacity
from backend.checks.workload.serverless_overhead import serverless_overhead
from backend.checks.workload.short_query_acceleration import short_query_acceleration
from backend.checks.workload.single_queue import single_queue
from backend.checks.workload.unread_tables import unread_tables
from backend.checks.workload.view_upkeep import view_upkeep
from backend.checks.workload.wait_blame import wait_blame
from backend.checks.workload.waiting import WorkloadCheck

CHECKS: tuple[WorkloadCheck, ...] = (
    queue_pressure,
    wait_blame,
    lock_blame,
    single_queue,
    manual_wlm,
    equal_priorities,
    short_query_acceleration,
    no_concurrency_scaling,
    heavy_concurrency_scaling,
    no_monitoring_rules,
    busy_hours,
    serverless_overhead,
    serverless_capacity,
    unread_tables,
    view_upkeep,
)
"""Run over the whole workload, not over one pattern."""
