"""Dollars of cluster time."""

from datetime import date

import pytest

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.money import Prices

AS_OF = date(2026, 11, 1)
CLUSTER = ClusterTime(
    days=1, patterns=3, busy_seconds=21_600, idle_seconds=64_800, minimum_seconds=600
)
PATTERN = BusyTime(busy_seconds=3_600, minimum_seconds=60)


def test_a_provisioned_cluster_costs_its_node_hours_whether_it_works_or_not():
    prices = Prices(as_of=AS_OF, nodes=4, node_hour=3.26)

    assert prices.of_pattern(PATTERN) == pytest.approx(4 * 3.26)
    assert prices.of_idle(CLUSTER) == pytest.approx(18 * 4 * 3.26)
    assert prices.of_all(CLUSTER) == pytest.approx(24 * 4 * 3.26)


def test_serverless_costs_rpu_seconds_with_the_minimum_and_nothing_while_idle():
    prices = Prices(as_of=AS_OF, rpu_hour=0.375, base_rpu=128)

    assert prices.of_pattern(PATTERN) == pytest.approx(3_660 / 3_600 * 128 * 0.375)
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
