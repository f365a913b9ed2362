"""Advice on a statement that became slower names its cause and what undoes it."""

from typing import Any

import pytest

from backend.checks.time.regression import regression
from backend.domain.case_file import CaseFile
from backend.domain.finding import Finding
from backend.domain.recommendation import Category, ReviewerName, recommendation_id
from backend.panel.ceilings import held_to_ceiling
from backend.panel.reviewer import Advice
from backend.panel.rules.cost_review import COST_REVIEW
from tests.unit.checks.builder import a_case

SEGMENTS_PLAN = """\
XN Hash Join DS_BCAST_INNER  (cost=10.00..900000000.00 rows=900000 width=40)
  Hash Cond: ("outer".customer_id = "inner".customer_id)
  ->  XN Seq Scan on customers  (cost=0.00..91000.00 rows=9000000 width=40)
  ->  XN Hash  (cost=90.00..90.00 rows=910000 width=32)
        ->  XN Seq Scan on segments  (cost=0.00..90.00 rows=910000 width=32)
"""
SLOWER: dict[str, Any] = {
    "runs": 60,
    "buckets": {"execution": 1000},
    "regression": {"ratio": 3.1, "before": 10, "after": 31, "extra_seconds": 420},
}
ANOTHER_PLAN = {
    "plans": {"fast": "p1-a", "slow": "p1-b"},
    "plan_changes": [{"tables": ["segments"], "node": 1}],
}


def rebuilt(**table: Any) -> dict[str, Any]:
    segments = {"name": "crm.segments", "rows": 38_400_000, "style": "AUTO(EVEN)"}
    return SLOWER | {
        "plan": SEGMENTS_PLAN,
        "tables": [
            segments | {"columns": {"customer_id": 0}} | table,
            {"name": "retail.customers", "rows": 9_000_000, "columns": {"customer_id": 0}},
        ],
        "changes": ANOTHER_PLAN | {"events": [{"kind": "created", "table": "crm.segments"}]},
    }


def advice_on(described: dict[str, Any]) -> tuple[Advice, CaseFile, Finding]:
    case = a_case(described)
    [finding] = [said for said in regression(case) if isinstance(said, Finding)]
    [advice] = COST_REVIEW.review(case, [finding], []).advice
    return advice, case, finding


def test_a_lost_distribution_key_is_given_back_where_the_table_is_created() -> None:
    advice, case, _ = advice_on(rebuilt(stats_off=97))

    assert advice.title == "Give crm.segments its distribution key customer_id back"
    assert "write DISTKEY(customer_id) into the statement that creates it" in advice.action
    assert "Run ANALYZE crm.segments" in advice.action
    assert "It has helped when a run takes about 10 s again." in advice.action
    assert advice.category is Category.TABLE_DESIGN
    node = case.node_fact(1)
    assert node is not None
    assert node.fact_id in advice.fact_ids


def test_a_table_that_still_has_a_key_is_compared_with_what_it_was() -> None:
    advice, _, _ = advice_on(rebuilt(style="KEY(segment_code)"))

    assert advice.title == "Undo what changed crm.segments"
    assert "Compare the definition of crm.segments with that of before" in advice.action


def test_lost_order_is_sorted_again() -> None:
    advice, _, _ = advice_on(
        SLOWER
        | {
            "tables": [
                {"name": "retail.inventory", "rows": 3_120_000_000, "sort_key": "day"}
                | {"unsorted": 71.8, "vacuum_sort_benefit": 44.1}
            ],
            "changes": {
                "recorded": {
                    "before": {"steps": ["s"], "blocks": [50, 50]},
                    "after": {"steps": ["s"], "blocks": [400, 400]},
                },
                "scans": [
                    {"table": "retail.inventory", "rows": [390_000_000, 3_120_000_000]}
                    | {"blocks": [50, 400], "rr": [True, False]}
                ],
            },
        }
    )

    assert advice.title == "Let it skip blocks of retail.inventory again"
    assert "Run VACUUM SORT ONLY retail.inventory" in advice.action
    assert advice.category is Category.MAINTENANCE


def test_another_plan_without_a_reason_is_looked_into() -> None:
    advice, _, _ = advice_on(SLOWER | {"changes": ANOTHER_PLAN})

    assert advice.title == "See why its plan changed: broadcasts segments"
    assert advice.category is Category.INVESTIGATE


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        (
            {"version": {"slowed": 40, "unrelated": 9, "patterns": 300}},
            "Report the slow-down that came with a new version",
        ),
        (
            {
                "comparison": {
                    "before": {"execution": 10, "returned": 500},
                    "after": {"execution": 30, "returned": 9000},
                }
            },
            "Ask for no more rows than are read",
        ),
        ({"load": [3600, 9000]}, "Find what else runs since it became slower"),
    ],
)
def test_each_cause_has_its_own_advice(changes: dict[str, Any], title: str) -> None:
    assert advice_on(SLOWER | {"changes": changes})[0].title == title


def test_without_a_cause_it_is_to_be_found_and_says_what_is_missing() -> None:
    advice, _, _ = advice_on(SLOWER)

    assert advice.title == "Find out what changed on 2026-11-18"
    assert "Export plans of runs before and after it" in advice.action
    assert advice.claimed_saving_seconds == pytest.approx(1000 * 0.42 * 0.3)


@pytest.mark.parametrize("described", [SLOWER, rebuilt()], ids=["unknown cause", "known cause"])
def test_the_claim_stays_below_what_the_slow_down_costs_and_the_advice_keeps_its_id(
    described: dict[str, Any],
) -> None:
    advice, case, finding = advice_on(described)

    recommendation, struck = held_to_ceiling(
        advice, case=case, findings=[finding], reviewer=ReviewerName.COST_REVIEW
    )

    assert struck is None
    assert 0 < recommendation.claimed_saving_seconds < recommendation.ceiling_seconds
    assert recommendation.ceiling_seconds == pytest.approx(420)
    assert recommendation.recommendation_id == recommendation_id(
        case.query_hash, ReviewerName.COST_REVIEW, "regression", ""
    )
