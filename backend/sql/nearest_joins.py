"""For which join of the plan a recorded step works."""

from collections.abc import Container

from backend.domain.case_file import CaseFile
from backend.domain.plan import Movement


def nearest_joins(
    case: CaseFile, movements: Container[Movement | None] | None = None
) -> dict[tuple[int, int | None], int]:
    """By child query and plan_node_id the node_id of the join at or above the node.

    Only joins with these movements, if given. Empty where the plan came without ids, or from
    another run than the steps.
    """
    if case.plan is None or case.plan_query_id != case.steps_query_id:
        return {}
    found: dict[tuple[int, int | None], int] = {}
    pending = [(root, 0) for root in case.plan.roots]
    while pending:
        node, above = pending.pop()
        is_wanted = node.is_join and (movements is None or node.movement in movements)
        join_id = node.node_id if is_wanted else above
        if node.child_query_sequence is not None and node.recorded_node_id is not None:
            found[node.child_query_sequence, node.recorded_node_id] = join_id
        pending.extend((child, join_id) for child in node.children)
    return found
