"""The sample's plans are plans of Redshift, and add up."""

import pytest

from backend.sample.catalogue import SAMPLE_PATTERNS
from backend.sample.plan_builder import SORT_CONSTANT, Operator, hash_join, scan, sort
from backend.sample.recorded_steps import segments_of
from backend.sample.sample_plan import SamplePlan
from backend.sample.warehouse import ORDERS, PRODUCTS
from backend.sql.plan_rows import PlanRow, plan_from_rows

PLANS = [
    pytest.param(make(), id=f"{pattern.name}-{when}")
    for pattern in SAMPLE_PATTERNS
    for when, make in (
        ("plan", pattern.plan),
        ("after", pattern.change.plan_after if pattern.change else None),
    )
    if make is not None
]


@pytest.mark.parametrize("sample", PLANS)
def test_every_plan_is_read_back_as_it_was_built(sample: SamplePlan) -> None:
    plan = plan_from_rows(_rows(sample))

    read, built = list(plan.walk()), list(sample.root.walk())
    assert [node.rows for node in read] == [node.rows for node in built]
    assert [node.movement or "" for node in read] == [node.movement for node in built]
    assert [len(node.children) for node in read] == [len(node.children) for node in built]
    assert plan.tables_missing_statistics == sample.tables_missing_statistics


@pytest.mark.parametrize("sample", PLANS)
def test_costs_only_grow_upward(sample: SamplePlan) -> None:
    for node in sample.root.walk():
        assert node.startup <= node.total
        if "Limit" not in node.words:
            assert all(child.total <= node.total for child in node.children)


@pytest.mark.parametrize("sample", PLANS)
def test_no_line_is_longer_than_its_column(sample: SamplePlan) -> None:
    assert all(len(line.text) <= 400 for line in sample.lines())


@pytest.mark.parametrize("sample", PLANS)
def test_every_table_that_a_plan_scans_is_scanned_by_a_step(sample: SamplePlan) -> None:
    planned = sorted(node.table.name for node in sample.root.walk() if node.table)

    stepped = sorted(
        step.table.name for segment in segments_of(sample) for step in segment.steps if step.table
    )
    assert stepped == planned


def test_a_sort_and_all_above_it_carry_the_constant() -> None:
    below = scan(ORDERS, keeps=0.01)

    above = sort(below, "order_date")

    assert below.total < SORT_CONSTANT < above.startup < above.total


def test_a_broadcast_costs_more_than_a_join_that_moves_nothing() -> None:
    def joined(movement: str) -> Operator:
        return hash_join(
            scan(ORDERS, "o"), scan(PRODUCTS, "p"), movement, "store_id = product_id", rows=10
        )

    still, moved = joined("DS_DIST_NONE"), joined("DS_BCAST_INNER")

    assert moved.total > still.total
    assert (still.moved_rows, moved.moved_rows) == (0, 4 * PRODUCTS.rows)


def _rows(sample: SamplePlan) -> list[PlanRow]:
    return [
        PlanRow(
            child_query_sequence=1,
            plan_node_id=line.node_id,
            plan_parent_id=line.parent_id,
            plan_node=line.text,
            plan_info=line.condition,
        )
        for line in sample.lines()
    ]
