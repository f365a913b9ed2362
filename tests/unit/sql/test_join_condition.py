"""What the conditions of joins and loops in a plan set equal."""

import pytest

from backend.domain.plan import Condition, PlanNode
from backend.sql.join_condition import equalities
from backend.sql.loop_condition import LoopKind, loop_kind


@pytest.mark.parametrize(
    ("condition", "pairs"),
    [
        ('("outer".order_id = "inner".order_id)', [("order_id", "order_id")]),
        ('("inner".id = "outer".item_id)', [("item_id", "id")]),
        ('(("outer".a = "inner".b) AND ("outer".c = "inner".d))', [("a", "b"), ("c", "d")]),
        ('(("outer".code)::text = ("inner".code)::text)', [("code", "code")]),
        ('("outer"."Odd Name" = "inner".id)', [("Odd Name", "id")]),
        ('("outer".price >= "inner".price)', []),
        ("", []),
    ],
)
def test_the_columns_of_both_sides(condition, pairs):
    assert [tuple(pair) for pair in equalities(condition)] == pairs


@pytest.mark.parametrize(
    ("condition", "kind"),
    [
        (None, LoopKind.NO_CONDITION),
        ('("outer".a >= "inner".b)', LoopKind.RANGE),
        ('(("outer".a >= "inner".b) AND ("outer".a <= "inner".c))', LoopKind.RANGE),
        ('("outer".a <> "inner".b)', LoopKind.RANGE),
        ('("outer".a != "inner".b)', LoopKind.RANGE),
        ('(("outer".a = ?) AND ("outer".c > "inner".d))', LoopKind.RANGE),
        ('(("outer".name)::text ~~ ("inner".pattern)::text)', LoopKind.RANGE),
        ('(("outer".a = "inner".b) OR ("outer".c = "inner".b))', LoopKind.EQUALITY_BESIDE_OR),
        ('(("outer".a = "inner".b) OR ("outer".c > ?))', LoopKind.EQUALITY_BESIDE_OR),
        ('(("outer".a + "inner".b) = "outer".c)', LoopKind.EQUALITY),
        ('(lower("outer".a) = lower("inner".b))', LoopKind.EQUALITY),
    ],
)
def test_what_a_loop_compares_by(condition, kind):
    conditions = (Condition(name="Join Filter", text=condition),) if condition else ()

    assert loop_kind(PlanNode(node_id=1, operator="XN Nested Loop", conditions=conditions)) is kind
