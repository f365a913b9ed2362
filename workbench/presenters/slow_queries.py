"""The ranked list of patterns: what each costs, where its time goes, what became slower."""

from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from backend.domain.money import Prices
from backend.domain.pattern import PatternFilter, RankedPattern, RankedPatterns
from backend.domain.regression import Regression
from workbench.presenters.bucket_bar import bucket_cell, mostly
from workbench.presenters.empty import NO_MATCH, NOTHING_STORED, EmptyState
from workbench.presenters.figure import Figure
from workbench.presenters.headline import headlines
from workbench.presenters.wording import (
    Formats,
    count,
    days_text,
    dollars,
    duration,
    full_day,
    number_of,
    per_cent,
    ratio,
    short_day,
    table_per_cent,
)

ROWS_A_PAGE = 25
TOP = 10
NAMES_SHOWN = 2
FORMATS: Formats = {
    "total": duration,
    "share": table_per_cent,
    "cost": dollars,
    "p95": duration,
    "p50": duration,
    "max": duration,
}
FORMATS_WITHOUT_COST = {name: how for name, how in FORMATS.items() if name != "cost"}


@dataclass(frozen=True, kw_only=True)
class SlowQueriesScreen:
    """`table` keeps numbers, so that it sorts by them; `formats` says how they are written."""

    empty: EmptyState | None
    figures: tuple[Figure, ...] = ()
    caption: str = ""
    table: pd.DataFrame
    formats: Formats = field(default_factory=dict)
    query_hashes: tuple[str, ...] = ()
    page_count: int = 1
    alt: str = ""


def slow_queries_screen(
    page: RankedPatterns,
    top: RankedPatterns,
    wanted: PatternFilter,
    page_number: int,
    prices: Prices | None = None,
) -> SlowQueriesScreen:
    """`page` holds the rows to show, `top` the first page, for the figures at the head. The cost
    is shown where there are prices, and never as nothing where there are none."""
    if not page.rows:
        return SlowQueriesScreen(
            empty=NO_MATCH if is_narrowed(wanted) else NOTHING_STORED, table=pd.DataFrame()
        )
    first = (page_number - 1) * ROWS_A_PAGE
    return SlowQueriesScreen(
        empty=None,
        figures=(*_figures(page, top), *_cluster_figures(page, prices)),
        caption=(
            f"Patterns {first + 1}–{first + len(page.rows)} of {count(page.pattern_count)}, "
            f"by total time · {days_text(page.first_day, page.last_day)} (UTC)"
        ),
        table=_table(page, prices),
        formats=FORMATS if prices and page.cluster else FORMATS_WITHOUT_COST,
        query_hashes=tuple(row.pattern.query_hash for row in page.rows),
        page_count=-(-page.pattern_count // ROWS_A_PAGE),
        alt=f"Query patterns by total elapsed time, {len(page.rows)} of {page.pattern_count}",
    )


def is_narrowed(wanted: PatternFilter) -> bool:
    return wanted != PatternFilter()


def slower_mark(regression: Regression | None, last_day: date | None) -> str:
    """`3.1× since 18 Nov`; the year is added only where it is not the newest run's."""
    if regression is None:
        return ""
    since = regression.changed_at.date()
    year = f" {since.year}" if last_day is not None and since.year != last_day.year else ""
    return f"{ratio(regression.ratio)} since {short_day(since)}{year}"


def _figures(page: RankedPatterns, top: RankedPatterns) -> tuple[Figure, ...]:
    top_share = sum(row.share for row in top.rows[:TOP])
    return (
        Figure(label="Patterns", value=count(page.pattern_count)),
        Figure(
            label="Runs",
            value=count(page.total_runs),
            help="Runs that ended well and were not answered from the result cache.",
        ),
        Figure(
            label="Total time",
            value=duration(page.total_elapsed_seconds),
            help="Elapsed time of all these runs together; runs overlap.",
        ),
        Figure(
            label=f"Share of the top {min(TOP, page.pattern_count)}",
            value=per_cent(top_share),
            help="How much of the total time the costliest patterns take.",
        ),
        Figure(
            label="Became slower",
            value=f"{count(page.slower_count)} of {count(page.pattern_count)}",
            help=(
                "Patterns whose own time (without queue, locks and compiling) rose at least 1.5 "
                "times and stayed there."
            ),
        ),
    )


def _cluster_figures(page: RankedPatterns, prices: Prices | None) -> tuple[Figure, ...]:
    cluster = page.cluster
    if cluster is None or cluster.covered_seconds <= 0:
        return ()
    if prices is None:
        return (
            Figure(
                label="Cluster at work",
                value=per_cent(1 - cluster.idle_share),
                help=f"Part of {number_of(cluster.days, 'day')} in which anything ran. Give prices "
                "in the configuration file to see costs.",
            ),
        )
    idle = prices.of_idle(cluster)
    apart = "storage" if prices.is_serverless else "storage, concurrency scaling and Spectrum"
    return (
        Figure(
            label="Cost",
            value=dollars(prices.of_all(cluster)),
            help=f"Of the cluster over {number_of(cluster.days, 'day')} by prices of "
            f"{full_day(prices.as_of)}, without {apart}; {dollars(idle)} of it while idle.",
        ),
    )


def _table(page: RankedPatterns, prices: Prices | None) -> pd.DataFrame:
    rows = page.rows
    cluster = page.cluster
    cost = (
        {"cost": [prices.of_pattern(row.busy, cluster) if row.busy else None for row in rows]}
        if prices and cluster
        else {}
    )
    return pd.DataFrame(
        {
            "rank": [row.rank for row in rows],
            "statement": headlines([row.pattern for row in rows]),
            "total": [row.total_elapsed_seconds for row in rows],
            "share": [row.share for row in rows],
            **cost,
            "runs": [row.runs for row in rows],
            "p95": [row.p95_elapsed_seconds for row in rows],
            "buckets": [bucket_cell(row.buckets) for row in rows],
            "trend": [list(row.daily_seconds) for row in rows],
            "slower": [slower_mark(row.pattern.regression, page.last_day) for row in rows],
            "advice": [row.open_recommendations for row in rows],
            "mostly": [mostly(row.buckets) for row in rows],
            "p50": [row.p50_elapsed_seconds for row in rows],
            "max": [row.max_elapsed_seconds for row in rows],
            "failed": [row.failed_runs + row.canceled_runs for row in rows],
            "users": [_names(row, "users") for row in rows],
            "databases": [_names(row, "databases") for row in rows],
            "type": [row.pattern.query_type for row in rows],
        }
    )


def _names(row: RankedPattern, kind: str) -> str:
    names = [share.name for share in getattr(row, kind)]
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" +{more}" if more > 0 else "")
