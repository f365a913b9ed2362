"""Dollars of cluster time."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.money import Prices

AS_OF = date(2026, 11, 1)
CLUSTER = ClusterTime(
    days=1, patterns=3, busy_seconds=21_600, idle_seconds=64_800, minimum_seconds=600
)
PATTERN = BusyTime(busy_seconds=3_600, minimum_seconds=60)


def test_a_provisioned_cluster_costs_its_node_hours_whether_it_works_or_not():
    prices = Prices(as_of=AS_OF, nodes=4, node_hour=3.26)

    assert prices.of_pattern(PATTERN, CLUSTER) == pytest.approx(4 * 3.26)
    assert prices.of_idle(CLUSTER) == pytest.approx(18 * 4 * 3.26)
    assert prices.of_all(CLUSTER) == pytest.approx(24 * 4 * 3.26)


def test_serverless_costs_rpu_seconds_with_the_minimum_and_nothing_while_idle():
    prices = Prices(as_of=AS_OF, rpu_hour=0.375, base_rpu=128)

    assert prices.of_pattern(PATTERN, CLUSTER) == pytest.approx(3_660 / 3_600 * 128 * 0.375)
    assert prices.of_idle(CLUSTER) == 0
    assert prices.of_all(CLUSTER) == pytest.approx(22_200 / 3_600 * 128 * 0.375)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nodes": 2, "node_hour": 1.0, "spectrum_tb": 5.0}, 10.0),
        ({"nodes": 2, "node_hour": 1.0}, None),
        ({"rpu_hour": 0.4, "base_rpu": 8, "spectrum_tb": 5.0}, None),
    ],
    ids=["provisioned", "no price", "serverless"],
)
def test_reading_the_lake_is_charged_by_the_terabyte_on_a_provisioned_cluster(changes, expected):
    prices = Prices(as_of=date(2026, 11, 1), **changes)

    assert prices.of_lake(2e12) == expected


SCALED = replace(CLUSTER, days=2, scaled_seconds=18_000, scaling_charged_seconds=10_800)
ELSEWHERE = BusyTime(scaled_seconds=9_000)
SCALING = Prices(as_of=AS_OF, nodes=4, node_hour=1.0, concurrency_scaling_hour=4.0)


def test_concurrency_scaling_is_charged_apart_beyond_the_free_hours():
    assert SCALING.of_all_scaling(SCALED) == pytest.approx(12)
    assert SCALING.of_scaling(ELSEWHERE, SCALED) == pytest.approx(6)
    assert SCALING.of_all(SCALED) == SCALING.of_all(CLUSTER)


def test_a_pattern_that_ran_on_scaling_clusters_only_has_no_dollars_of_the_main_one():
    assert SCALING.of_pattern(ELSEWHERE, SCALED) is None


def test_without_its_price_scaling_is_time_only():
    prices = replace(SCALING, concurrency_scaling_hour=None)

    assert prices.of_all_scaling(SCALED) is None
    assert prices.of_scaling(ELSEWHERE, SCALED) is None


def test_where_nothing_ran_on_scaling_clusters_there_are_no_dollars_of_it():
    assert SCALING.of_all_scaling(CLUSTER) is None
    assert SCALING.of_scaling(PATTERN, CLUSTER) is None


def test_what_serverless_charged_is_shared_in_the_place_of_the_estimate():
    prices = Prices(as_of=AS_OF, rpu_hour=0.375, base_rpu=128)
    charged = replace(CLUSTER, charged_rpu_seconds=3_600_000)

    assert prices.is_as_charged(charged)
    assert not prices.is_as_charged(CLUSTER)
    assert prices.of_all(charged) == pytest.approx(375)
    assert prices.of_pattern(PATTERN, charged) == pytest.approx(375 * 3_660 / 22_200)


def test_what_serverless_charged_without_a_known_run_belongs_to_nobody():
    prices = Prices(as_of=AS_OF, rpu_hour=0.375, base_rpu=128)
    unused = ClusterTime(
        days=1, patterns=0, busy_seconds=0, idle_seconds=86_400, minimum_seconds=0,
        charged_rpu_seconds=7_680,
    )  # fmt: skip

    assert prices.of_idle(unused) == prices.of_all(unused) == pytest.approx(0.8)


@given(
    parts=st.lists(st.tuples(*[st.floats(0, 1e6)] * 3), min_size=1, max_size=6),
    idle=st.floats(0, 1e6),
    charged=st.none() | st.floats(1, 1e9),
    is_serverless=st.booleans(),
)
def test_the_parts_and_idle_time_add_up_to_the_whole(parts, idle, charged, is_serverless):
    patterns = [
        BusyTime(busy_seconds=busy, minimum_seconds=minimum, scaled_seconds=scaled)
        for busy, minimum, scaled in parts
    ]
    sums = [sum(column) for column in zip(*parts, strict=True)]
    cluster = ClusterTime(
        days=30, patterns=len(parts), busy_seconds=sums[0], idle_seconds=idle,
        minimum_seconds=sums[1], scaled_seconds=sums[2], scaling_charged_seconds=sums[2] / 2,
        charged_rpu_seconds=charged,
    )  # fmt: skip
    prices = (
        Prices(as_of=AS_OF, rpu_hour=0.375, base_rpu=8)
        if is_serverless
        else replace(SCALING, node_hour=2.0)
    )

    of_patterns = sum(prices.of_pattern(one, cluster) or 0 for one in patterns)
    scaling = sum(prices.of_scaling(one, cluster) or 0 for one in patterns)

    assert of_patterns + prices.of_idle(cluster) == pytest.approx(prices.of_all(cluster))
    assert scaling == pytest.approx(prices.of_all_scaling(cluster) or 0)
