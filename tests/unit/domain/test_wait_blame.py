"""Waiting is charged to those who held the slots meanwhile, and to nobody else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.wait_blame import Spans, Sweep, blamed_patterns

A, B, C = 1, 2, 3


def spans(*described: tuple[int, int, int]) -> Spans:
    """(pattern, first second, last second)"""
    table = np.array(described, dtype=np.int64).reshape(-1, 3)
    return Spans(
        pattern=table[:, 0], start_us=table[:, 1] * 1_000_000, end_us=table[:, 2] * 1_000_000
    )


def test_all_waiting_is_charged_to_the_only_run_under_way():
    blamed, charges = blamed_patterns(
        spans((A, 0, 10), (A, 4, 6)), spans((B, 0, 20)), most=5, most_victims=5
    )

    assert [(one.pattern, one.others_seconds) for one in blamed] == [(B, 12.0)]
    assert blamed[0].victims == ((A, 12.0),)
    assert charges.charged_seconds == charges.waited_seconds == 12.0


def test_a_moment_of_waiting_is_shared_by_all_who_hold_a_slot_then():
    blamed, _ = blamed_patterns(
        spans((A, 0, 10)), spans((B, 0, 10), (C, 5, 10)), most=5, most_victims=5
    )

    assert {one.pattern: one.others_seconds for one in blamed} == {B: 7.5, C: 2.5}


def test_nobody_is_charged_for_waiting_without_a_holder():
    blamed, charges = blamed_patterns(spans((A, 0, 10)), spans((B, 6, 8)), most=5, most_victims=5)

    assert [one.others_seconds for one in blamed] == [2.0]
    assert (charges.waited_seconds, charges.charged_seconds) == (10.0, 2.0)


def test_waiting_behind_runs_of_the_same_pattern_is_its_own():
    blamed, _ = blamed_patterns(
        spans((A, 0, 10), (B, 0, 4)), spans((A, 0, 10)), most=5, most_victims=5
    )

    assert [(one.pattern, one.others_seconds, one.own_seconds) for one in blamed] == [
        (A, 4.0, 10.0)
    ]


def test_who_only_holds_up_himself_is_not_on_the_list():
    blamed, _ = blamed_patterns(spans((A, 0, 10)), spans((A, 0, 10)), most=5, most_victims=5)

    assert blamed == []


def test_the_list_is_as_long_as_wanted_and_the_worst_comes_first():
    holding = [(number, 0, number) for number in range(2, 9)]

    blamed, _ = blamed_patterns(spans((A, 0, 10)), spans(*holding), most=3, most_victims=5)

    assert [one.pattern for one in blamed] == [8, 7, 6]


def test_hours_count_when_the_holders_began():
    hour = 3_600

    blamed, _ = blamed_patterns(
        spans((A, 0, 3 * hour)),
        spans((B, 0, 60), (B, 90, 120), (B, 2 * hour, 2 * hour + 5)),
        most=5,
        most_victims=5,
    )

    assert blamed[0].hours == 2


def test_without_anything_there_is_no_blame():
    blamed, charges = blamed_patterns(spans(), spans(), most=5, most_victims=5)

    assert (list(blamed), charges.waited_seconds) == ([], 0.0)


def test_distinct_drops_a_run_that_was_read_with_two_days():
    doubled = Spans.concat([spans((A, 0, 5)), spans((A, 0, 5), (B, 0, 5))])

    assert len(doubled.distinct()) == 2


SPAN = st.tuples(st.integers(0, 4), st.integers(0, 60), st.integers(1, 60)).map(
    lambda one: (one[0], one[1], one[1] + one[2])
)


@given(st.lists(SPAN, max_size=12), st.lists(SPAN, max_size=12))
def test_charges_add_up_to_the_waiting_that_had_a_holder(waiting, holding):
    """Against a count second by second."""
    sweep = Sweep(spans(*waiting), spans(*holding))

    expected = np.zeros(len(holding))
    for second in range(125):
        waits = sum(start <= second < end for _, start, end in waiting)
        open_now = [start <= second < end for _, start, end in holding]
        if any(open_now):
            expected += np.array(open_now) * waits / sum(open_now)
    assert sweep.charges().of_span == pytest.approx(expected, abs=1e-9)


@given(st.lists(SPAN, max_size=12), st.lists(SPAN, min_size=1, max_size=12))
def test_what_the_victims_waited_adds_up_to_the_whole_charge(waiting, holding):
    sweep = Sweep(spans(*waiting), spans(*holding))

    by_victim = sum((sweep.charged_by(victim) for victim in range(5)), np.zeros(len(holding)))

    assert sweep.charges().of_span == pytest.approx(by_victim, abs=1e-9)
