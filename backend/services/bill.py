"""The bill of a range of days: patterns, idle time and the rest, adding up to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.money import Prices
from backend.services.ports import RunHistory


@dataclass(frozen=True, kw_only=True)
class BillLine:
    """`query_hash` is None for the patterns that have no line of their own."""

    query_hash: str | None
    pattern_count: int
    busy: BusyTime
    dollars: float | None


@dataclass(frozen=True, kw_only=True)
class Bill:
    """The busiest patterns first, then the others as one line. The lines' busy seconds and
    `cluster.idle_seconds` are together the days' time; so are their dollars the whole sum.
    Storage, Spectrum and concurrency scaling are billed apart and not in here."""

    lines: tuple[BillLine, ...]
    cluster: ClusterTime
    idle_dollars: float | None
    total_dollars: float | None
    prices_as_of: date | None


def make_bill(
    store: RunHistory,
    prices: Prices | None,
    *,
    first_day: date | None = None,
    last_day: date | None = None,
    limit: int,
) -> Bill:
    cluster, busiest = store.busiest_patterns(first_day, last_day, limit=limit)
    lines = [
        BillLine(
            query_hash=one.query_hash,
            pattern_count=1,
            busy=one.busy,
            dollars=prices.of_pattern(one.busy) if prices else None,
        )
        for one in busiest
    ]
    rest = _rest(cluster, [line.busy for line in lines])
    if rest.busy_seconds > 0 or rest.minimum_seconds > 0:
        others = cluster.patterns - len(lines)
        dollars = prices.of_pattern(rest) if prices else None
        lines.append(BillLine(query_hash=None, pattern_count=others, busy=rest, dollars=dollars))
    return Bill(
        lines=tuple(lines),
        cluster=cluster,
        idle_dollars=prices.of_idle(cluster) if prices else None,
        total_dollars=prices.of_all(cluster) if prices else None,
        prices_as_of=prices.as_of if prices else None,
    )


def _rest(cluster: ClusterTime, named: Sequence[BusyTime]) -> BusyTime:
    return BusyTime(
        busy_seconds=max(cluster.busy_seconds - sum(one.busy_seconds for one in named), 0.0),
        minimum_seconds=max(
            cluster.minimum_seconds - sum(one.minimum_seconds for one in named), 0.0
        ),
    )
