"""Whether a nested loop of the plan is the normal join for its condition, and why it is one."""

from collections.abc import Sequence

from backend.domain.case_file import StepFact
from backend.domain.plan import PlanNode
from backend.sql.loop_condition import LoopKind, loop_condition, loop_kind

Loop = tuple[PlanNode, str]
"""A nested loop of the plan with its fact id."""

LONGEST_SHOWN = 120


def multiplies_nothing(
    loops: Sequence[Loop], steps: Sequence[StepFact] = (), *, fewer_pairs_than: float
) -> bool:
    """Loops without an equality that put out no more rows than they take in, and compare few
    enough; by their steps where there are any."""
    if not loops or any(loop_kind(node) is not LoopKind.RANGE for node, _ in loops):
        return False
    inner = max(node.children[1].rows for node, _ in loops)
    outer = max(node.children[0].rows for node, _ in loops)
    taken_in, put_out = max(outer, inner), max(node.rows for node, _ in loops)
    if steps:
        outer = taken_in = max(fact.step.input_rows for fact in steps)
        put_out = max(fact.step.output_rows for fact in steps)
    return put_out <= taken_in and outer * inner < fewer_pairs_than


def normal_for(loops: Sequence[Loop]) -> str:
    if {loop_kind(node) for node, _ in loops} != {LoopKind.RANGE}:
        return ""
    return "; for a condition without an equality a loop is normal"


def condition_of(loops: Sequence[Loop], *, is_normal: bool = False) -> str:
    """Sentences on the condition of the only loop; none where there are several."""
    if len(loops) != 1:
        return ""
    normal = " A loop is the normal join for that, and this one multiplies no rows."
    return f" {_condition_in_words(loops[0][0])}{normal if is_normal else ''}"


def _condition_in_words(loop: PlanNode) -> str:
    """A sentence on why the loop is one."""
    kind, condition = loop_kind(loop), loop_condition(loop)
    shown = condition if len(condition) <= LONGEST_SHOWN else condition[: LONGEST_SHOWN - 1] + "…"
    if kind is LoopKind.NO_CONDITION:
        return "The plan shows no condition that links its two sides."
    if kind is LoopKind.RANGE:
        return f"Its condition has no equality: {shown}."
    return f"Its condition has an {kind.value}, but none that can be hashed: {shown}."
