"""The time of a part of the plan where no steps were recorded: by the planner's costs, capped."""

from collections.abc import Iterable

from backend.domain.case_file import CaseFile
from backend.domain.plan import PlanNode
from backend.table_design.segment_time import SegmentTime

ESTIMATED_SHARE_AT_MOST = 0.5
"""Plan costs are relative units of the planner: without measured steps we claim no more."""


def estimated_seconds(case: CaseFile, time: SegmentTime, nodes: Iterable[PlanNode]) -> float:
    """Of the execution time over the window, the operators' own part of the plan's cost."""
    total = sum(root.total_cost for root in case.plan.roots) if case.plan else 0.0
    if total <= 0:
        return 0.0
    own = sum(node.self_cost for node in {node.node_id: node for node in nodes}.values())
    return time.execution_seconds * min(own / total, ESTIMATED_SHARE_AT_MOST)
