"""What a nested loop of the plan compares its rows by."""

import re
from enum import Enum

from backend.domain.plan import PlanNode

_CONDITIONS = ("Join Filter", "Filter")
_CONNECTIVE = re.compile(r"\b(?:AND|OR)\b")
_OR = re.compile(r"\bOR\b")
_EQUALS = re.compile(r"(?<![<>!=])=(?![<>=~])")


class LoopKind(Enum):
    """RANGE: compared by <, >, BETWEEN, LIKE or <>, for which a loop is the normal join."""

    NO_CONDITION = "no condition"
    EQUALITY = "equality"
    EQUALITY_BESIDE_OR = "equality beside an OR"
    RANGE = "range"


def loop_condition(loop: PlanNode) -> str:
    return next((text for name in _CONDITIONS if (text := loop.condition(name))), "")


def loop_kind(loop: PlanNode) -> LoopKind:
    condition = loop_condition(loop)
    if not condition:
        return LoopKind.NO_CONDITION
    if not any(_equates_sides(part) for part in _CONNECTIVE.split(condition)):
        return LoopKind.RANGE
    return LoopKind.EQUALITY_BESIDE_OR if _OR.search(condition) else LoopKind.EQUALITY


def _equates_sides(comparison: str) -> bool:
    """Of a column of each side; not of one side with a value."""
    left, *others = _EQUALS.split(comparison)
    return any(
        _is_across(side, other) or _is_across(other, side)
        for side, other in zip([left, *others], others, strict=False)
    )


def _is_across(one: str, other: str) -> bool:
    return '"outer".' in one and '"inner".' in other
