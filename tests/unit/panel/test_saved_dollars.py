"""What a saving is worth."""

from datetime import date
from typing import Any

import pytest

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.case_file import CaseFile, CostFact
from backend.domain.money import Cost
from backend.domain.time_buckets import Bucket
from backend.panel.money import dollars_of
from backend.panel.rules import rules_panel
from tests.unit.panel.cases import CROSS_PLAN, a_case, of_join, orders, shops


def a_priced_case(dollars: float | None = 100.0, **changes: Any) -> CaseFile:
    return a_case(
        cost=CostFact(
            fact_id="F99",
            busy=BusyTime(busy_seconds=500),
            cluster=ClusterTime(
                days=1, patterns=1, busy_seconds=500, idle_seconds=500, minimum_seconds=0
            ),
            cost=None if dollars is None else Cost(dollars=dollars, prices_as_of=date(2026, 11, 1)),
        ),
        **changes,
    )


def test_seconds_at_work_are_worth_their_part_of_what_the_pattern_costs():
    case = a_priced_case(execution_seconds=800.0, queue_seconds=200.0)

    assert dollars_of(case, Bucket.EXECUTION, 400) == pytest.approx(50)


@pytest.mark.parametrize("bucket", [Bucket.QUEUE, Bucket.LOCK_WAIT])
def test_waiting_costs_no_money(bucket: Bucket):
    case = a_priced_case(execution_seconds=800.0, queue_seconds=200.0, lock_wait_seconds=100.0)

    assert dollars_of(case, bucket, 100) is None


def test_without_prices_nothing_is_said_of_money():
    assert dollars_of(a_priced_case(dollars=None), Bucket.EXECUTION, 100) is None
    assert dollars_of(a_case(), Bucket.EXECUTION, 100) is None


def test_a_saving_is_never_worth_more_than_the_pattern_costs():
    assert dollars_of(a_priced_case(), Bucket.EXECUTION, 1e9) == 100


def test_a_recommendation_says_what_it_is_worth_and_by_which_prices():
    case = a_priced_case(plan=CROSS_PLAN, tables=(orders(), shops()))

    outcome = rules_panel().review(case, [of_join(case, "nested_loop")], [])

    advice = outcome.recommendations[0]
    assert advice.claimed_saving_dollars == pytest.approx(advice.claimed_saving_seconds / 10)
    assert advice.prices_as_of == date(2026, 11, 1)
