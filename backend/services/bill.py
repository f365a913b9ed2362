"""The bill of a range of days: patterns, idle time and the rest, adding up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.money import Prices
from backend.services.ports import RunHistory


@dataclass(frozen=True, kw_only=True)
class BillLine:
    """`query_hash` is None for the patterns that have no line of their own. `scaling_dollars` is
    its part of what concurrency scaling costs, apart from `dollars`."""

    query_hash: str | None
    pattern_count: int
    busy: BusyTime
    dollars: float | None
    scaling_dollars: float | None = None


@dataclass(frozen=True, kw_only=True)
class Bill:
    """The busiest patterns first, then the others as one line. The lines' busy seconds and
    `cluster.idle_seconds` are together the days' time; so are their dollars the whole sum.

    Apart from that sum stand concurrency scaling, whose dollars the lines' parts add up to, and
    what Spectrum scanned, as far as the imported exports tell. Storage is not in here.
    `is_as_charged` where the sum of a Serverless workgroup is what was charged, `is_estimate`
    where it is worked out from its base capacity; a provisioned cluster's is neither.
    """

    lines: tuple[BillLine, ...]
    cluster: ClusterTime
    idle_dollars: float | None
    total_dollars: float | None
    prices_as_of: date | None
    is_as_charged: bool = False
    is_estimate: bool = False
    scaling_dollars: float | None = None
    lake_dollars: float | None = None


def make_bill(
    store: RunHistory,
    prices: Prices | None,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    limit: int,
) -> Bill:
    cluster, busiest = store.busiest_patterns(first_day, last_day, limit=limit)
    lines = [_line(one.query_hash, 1, one.busy, cluster, prices) for one in busiest]
    rest = _rest(cluster, [line.busy for line in lines])
    if rest.busy_seconds > 0 or rest.minimum_seconds > 0 or rest.scaled_seconds > 0:
        lines.append(_line(None, cluster.patterns - len(lines), rest, cluster, prices))
    return Bill(
        lines=tuple(lines),
        cluster=cluster,
        idle_dollars=prices.of_idle(cluster) if prices else None,
        total_dollars=prices.of_all(cluster) if prices else None,
        prices_as_of=prices.as_of if prices else None,
        is_as_charged=prices is not None and prices.is_as_charged(cluster),
        is_estimate=prices is not None
        and prices.is_serverless
        and not prices.is_as_charged(cluster),
        scaling_dollars=prices.of_all_scaling(cluster) if prices else None,
        lake_dollars=prices.of_lake(cluster.lake_bytes) if prices else None,
    )


def _line(
    query_hash: str | None,
    pattern_count: int,
    busy: BusyTime,
    cluster: ClusterTime,
    prices: Prices | None,
) -> BillLine:
    return BillLine(
        query_hash=query_hash,
        pattern_count=pattern_count,
        busy=busy,
        dollars=prices.of_pattern(busy, cluster) if prices else None,
        scaling_dollars=prices.of_scaling(busy, cluster) if prices else None,
    )


def _rest(cluster: ClusterTime, named: Sequence[BusyTime]) -> BusyTime:
    return BusyTime(
        busy_seconds=max(cluster.busy_seconds - sum(one.busy_seconds for one in named), 0.0),
        minimum_seconds=max(
            cluster.minimum_seconds - sum(one.minimum_seconds for one in named), 0.0
        ),
        scaled_seconds=max(cluster.scaled_seconds - sum(one.scaled_seconds for one in named), 0.0),
    )
