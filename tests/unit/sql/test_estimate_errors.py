"""The planner's estimate against the rows that the steps of the same run measured."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.evidence import Step
from backend.domain.plan import Plan
from backend.domain.plan_difference import EstimateError
from backend.sql.estimate_errors import estimate_errors
from backend.sql.plan_rows import PlanRow, plan_from_rows
from tests.unit.sql.plan_strategies import plans

LINES = (
    (0, "XN HashAggregate  (cost=9.00..10.00 rows={aggregate} width=40)"),
    (1, "  ->  XN Hash Join DS_BCAST_INNER  (cost=0.20..8.00 rows={join} width=72)"),
    (2, "        ->  XN Seq Scan on sale  (cost=0.00..5.00 rows={sale} width=40)"),
    (2, "        ->  XN Hash  (cost=0.16..0.16 rows={shop} width=32)"),
    (4, "              ->  XN Seq Scan on shop  (cost=0.00..0.16 rows={shop} width=32)"),
)
AGGREGATE, JOIN, SALE, HASH, SHOP = 1, 2, 3, 4, 5


def a_plan(*, child: int = 1, aggregate: int = 200, join: int = 1000, sale: int = 1000,
           shop: int = 1000) -> Plan:  # fmt: skip
    rows = {"aggregate": aggregate, "join": join, "sale": sale, "shop": shop}
    return plan_from_rows(plan_rows(*[(parent, text.format(**rows)) for parent, text in LINES],
                                    child=child))  # fmt: skip


def plan_rows(*lines: tuple[int, str], child: int = 1) -> list[PlanRow]:
    return [
        PlanRow(
            child_query_sequence=child,
            plan_node_id=position,
            plan_parent_id=parent,
            plan_node=text,
        )
        for position, (parent, text) in enumerate(lines, start=1)
    ]


def a_step(name: str, node: int | None, rows: int, **more: Any) -> Step:
    told: dict[str, Any] = {
        "child_query_sequence": 1,
        "segment_id": 0,
        "step_id": 0,
        "input_rows": rows,
    }
    return Step(step_name=name, plan_node_id=node, output_rows=rows, **(told | more))


def the_error(plan: Plan, *steps: Step) -> EstimateError:
    (error,) = estimate_errors(plan, steps)
    return error


def test_a_scan_that_gave_far_more_rows_than_expected_is_wrong() -> None:
    error = the_error(a_plan(), a_step("scan", SALE, 5_000_000, segment_id=3, step_id=2))

    assert (error.node_id, error.operator, error.table_names) == (SALE, "XN Seq Scan", ("sale",))
    assert (error.estimated_rows, error.measured_rows, error.times_off) == (1000, 5_000_000, 5000)
    assert (error.child_query_sequence, error.segment_id, error.step_id) == (1, 3, 2)
    assert error.is_too_low
    assert error.sentence == (
        "The scan of sale gave 5 million rows where the planner expected 1,000 rows,"
        " 5,000 times more."
    )


def test_too_high_an_estimate_is_wrong_as_well() -> None:
    error = the_error(a_plan(sale=5_000_000), a_step("scan", SALE, 10, input_rows=5_000_000))

    assert not error.is_too_low
    assert error.times_off == 500_000
    assert error.sentence.endswith("500,000 times fewer.")


def test_an_operator_that_let_nothing_through_counts_as_one_row() -> None:
    error = the_error(a_plan(sale=40_000), a_step("scan", SALE, 0, input_rows=40_000))

    assert (error.measured_rows, error.times_off) == (0, 40_000)


@pytest.mark.parametrize(("rows", "count"), [(99_999, 0), (100_000, 1), (100_001, 1)])
def test_from_a_hundred_times_on_an_estimate_is_wrong(rows: int, count: int) -> None:
    assert len(estimate_errors(a_plan(), [a_step("scan", SALE, rows)])) == count


@pytest.mark.parametrize(("factor", "count"), [(40.0, 1), (60.0, 0)])
def test_the_factor_is_the_callers(factor: float, count: int) -> None:
    steps = [a_step("scan", SALE, 50_000)]

    assert len(estimate_errors(a_plan(), steps, factor=factor)) == count


def test_a_wrong_estimate_of_few_rows_does_no_harm() -> None:
    steps = [a_step("scan", SALE, 9_000)]

    assert estimate_errors(a_plan(sale=1), steps) == ()
    assert len(estimate_errors(a_plan(sale=1), steps, worth_rows=9_000)) == 1


def test_the_largest_error_comes_first() -> None:
    steps = [a_step("scan", SALE, 200_000), a_step("hashjoin", JOIN, 900_000)]

    assert [error.node_id for error in estimate_errors(a_plan(), steps)] == [JOIN, SALE]


# Which step speaks for the operator


def test_what_is_broadcast_for_a_join_is_not_what_the_join_gives() -> None:
    steps = [
        a_step("broadcast", JOIN, 4_000_000, segment_id=1),
        a_step("hashjoin", JOIN, 900, segment_id=2),
        a_step("project", JOIN, 900, segment_id=2, step_id=1),
    ]

    assert estimate_errors(a_plan(), steps) == ()
    assert estimate_errors(a_plan(), steps[:1]) == ()


def test_of_an_aggregation_in_two_steps_the_second_gives_the_groups() -> None:
    steps = [
        a_step("aggregate", AGGREGATE, 6_000_000, segment_id=1, step_id=4),
        a_step("distribute", AGGREGATE, 6_000_000, segment_id=1, step_id=5),
        a_step("scan", AGGREGATE, 6_000_000, segment_id=2, step_id=0),
        a_step("aggregate", AGGREGATE, 210, segment_id=2, step_id=1),
        a_step("return", AGGREGATE, 210, segment_id=2, step_id=3),
    ]

    assert estimate_errors(a_plan(), steps) == ()
    assert estimate_errors(a_plan(), list(reversed(steps))) == ()


def test_a_scan_of_what_was_kept_speaks_for_the_scan_again_and_never_adds_up() -> None:
    steps = [
        a_step("scan", SALE, 60_000, segment_id=1),
        a_step("scan", SALE, 60_000, segment_id=2),
    ]

    assert estimate_errors(a_plan(), steps) == ()


def test_a_step_that_counted_nothing_says_nothing() -> None:
    assert estimate_errors(a_plan(sale=900_000), [a_step("scan", SALE, 0)]) == ()


def test_names_filled_up_with_blanks_or_in_capitals_are_read() -> None:
    assert the_error(a_plan(), a_step("SCAN   ", SALE, 5_000_000)).step_name == "scan"


def test_an_operator_without_work_of_its_own_is_judged_by_any_step_but_bookkeeping() -> None:
    plan = plan_from_rows(
        plan_rows(
            (0, "XN Materialize  (cost=0.00..5.00 rows=10 width=40)"),
            (1, "  ->  XN Seq Scan on sale  (cost=0.00..5.00 rows=10 width=40)"),
        )
    )

    assert estimate_errors(plan, [a_step("save", 1, 900_000)]) == ()
    assert the_error(plan, a_step("materialize", 1, 900_000)).node_id == 1


# Which operator a step belongs to


def test_the_same_id_in_two_child_queries_means_two_operators() -> None:
    plan = plan_from_rows(
        [
            *plan_rows((0, "XN Seq Scan on shop  (cost=0.00..5.00 rows=900000 width=40)")),
            *plan_rows((0, "XN Seq Scan on sale  (cost=0.00..5.00 rows=10 width=40)"), child=2),
        ]
    )
    steps = [
        a_step("scan", 1, 900_000, child_query_sequence=1),
        a_step("scan", 1, 900_000, child_query_sequence=2),
    ]

    error = the_error(plan, *steps)

    assert (error.table_names, error.child_query_sequence) == (("sale",), 2)


@pytest.mark.parametrize("node", [None, 0, -1, 99])
def test_a_step_without_an_operator_or_with_one_that_the_plan_does_not_have_is_left_out(
    node: int | None,
) -> None:
    assert estimate_errors(a_plan(), [a_step("scan", node, 5_000_000)]) == ()


def test_a_plan_without_recorded_ids_is_not_judged() -> None:
    doubled = plan_from_rows(
        [
            *plan_rows((0, "XN Seq Scan on sale  (cost=0.00..5.00 rows=10 width=40)")),
            *plan_rows((0, "XN Seq Scan on shop  (cost=0.00..5.00 rows=10 width=40)")),
        ]
    )

    assert estimate_errors(doubled, [a_step("scan", 1, 5_000_000)]) == ()


def test_a_line_that_the_view_cut_has_no_estimate_to_be_wrong() -> None:
    plan = plan_from_rows(
        plan_rows(
            (0, "XN Aggregate  (cost=0.00..5.00 rows=1 width=40)"),
            (1, '  ->  S3 Seq Scan lake.visit location:"s3://shop-lake/visits/2026/'),
        )
    )

    assert estimate_errors(plan, [a_step("scan", 2, 5_000_000)]) == ()


LIMITED = (
    (0, "XN Limit  (cost=0.00..0.10 rows={limit} width=40)"),
    (1, "  ->  XN Hash Join DS_DIST_NONE  (cost=0.00..9.00 rows=900000 width=40)"),
    (2, "        ->  XN Seq Scan on sale  (cost=0.00..9.00 rows=900000 width=40)"),
    (2, "        ->  XN Hash  (cost=0.00..9.00 rows=900000 width=40)"),
    (4, "              ->  XN Seq Scan on shop  (cost=0.00..9.00 rows=900000 width=40)"),
)


def test_below_a_limit_only_what_must_be_read_whole_can_have_too_high_an_estimate() -> None:
    plan = plan_from_rows(plan_rows(*[(p, text.format(limit=50_000)) for p, text in LIMITED]))
    steps = [
        a_step("limit", 1, 10),
        a_step("hashjoin", 2, 10, input_rows=900),
        a_step("scan", 3, 900),
        a_step("scan", 5, 400),
    ]

    assert [error.node_id for error in estimate_errors(plan, steps)] == [5]


def test_too_low_an_estimate_is_one_below_a_limit_as_well() -> None:
    plan = plan_from_rows(plan_rows(*[(p, text.format(limit=10)) for p, text in LIMITED]))

    assert the_error(plan, a_step("scan", 3, 900_000_000)).node_id == 3


@given(
    plans,
    st.lists(
        st.builds(
            Step,
            child_query_sequence=st.integers(-1, 2),
            segment_id=st.integers(-1, 3),
            step_id=st.integers(-1, 3),
            step_name=st.sampled_from(["scan", "hash", "project", "", "return"]),
            plan_node_id=st.none() | st.integers(-1, 4),
            input_rows=st.integers(-5, 10**9),
            output_rows=st.integers(-5, 10**9),
        ),
        max_size=6,
    ),
)
def test_any_steps_give_errors_that_are_at_least_the_factor_off(
    plan: Plan, steps: list[Step]
) -> None:
    for error in estimate_errors(plan, steps):
        assert error.times_off >= 100
