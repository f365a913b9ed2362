from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote

from backend.domain.busy_time import BusyTime, ClusterTime
from backend.domain.money import Prices
from backend.domain.pattern import NameShare, PatternFilter, RankedPattern, RankedPatterns
from backend.domain.regression import Regression
from backend.domain.time_buckets import TimeBuckets
from tests.builders import A_DAY, A_MOMENT, a_hash, a_pattern
from workbench.presenters.bucket_bar import bucket_bar, bucket_cell, bucket_legend, mostly
from workbench.presenters.slow_queries import slow_queries_screen, slower_mark


def a_row(rank: int = 1, **changes) -> RankedPattern:
    row = RankedPattern(
        rank=rank,
        pattern=a_pattern(a_hash(rank)),
        runs=10,
        failed_runs=1,
        canceled_runs=1,
        cache_hits=0,
        failed_seconds=0.0,
        total_elapsed_seconds=7200.0,
        p50_elapsed_seconds=1.0,
        p95_elapsed_seconds=2.0,
        max_elapsed_seconds=3.0,
        has_exact_quantiles=True,
        share=0.5,
        buckets=TimeBuckets(queue_seconds=1800.0, execution_seconds=5400.0),
        daily_seconds=(3600.0, 3600.0),
        users=tuple(
            NameShare(name=name, runs=1, total_elapsed_seconds=1.0) for name in ("a", "b", "c")
        ),
    )
    return replace(row, **changes)


def ranked(*rows: RankedPattern, count: int | None = None) -> RankedPatterns:
    return RankedPatterns(
        rows=rows,
        pattern_count=len(rows) if count is None else count,
        total_runs=10,
        total_elapsed_seconds=14_400.0,
        first_day=A_DAY,
        last_day=A_DAY,
    )


def a_regression(changed_at: datetime = A_MOMENT) -> Regression:
    return Regression(
        changed_at=changed_at,
        runs_before=10,
        runs_after=10,
        median_before_seconds=10.0,
        median_after_seconds=31.0,
        ratio=3.1,
        chance=0.001,
        extra_seconds=210.0,
    )


def test_times_and_shares_stay_numbers_but_are_written_with_the_unit_that_fits():
    page = ranked(a_row(), a_row(2, total_elapsed_seconds=155.0, share=0.0004))

    screen = slow_queries_screen(page, page, PatternFilter(), 1)

    assert list(screen.table["total"]) == [7200.0, 155.0]
    written = screen.table.style.format(screen.formats).to_html()
    assert "2.0 h" in written
    assert "2.6 min" in written
    assert "&lt;0.1 %" in written or "<0.1 %" in written


def test_many_names_are_counted():
    page = ranked(a_row())

    screen = slow_queries_screen(page, page, PatternFilter(), 1)

    assert list(screen.table["users"]) == ["a, b +1"]
    assert list(screen.table["failed"]) == [2]


def test_the_head_says_how_much_the_top_takes_and_how_many_of_all_became_slower():
    page = replace(ranked(a_row(), a_row(2), count=30), slower_count=5)

    screen = slow_queries_screen(page, page, PatternFilter(), 1)

    figures = {figure.label: figure.value for figure in screen.figures}
    assert figures["Share of the top 10"] == "100 %"
    assert figures["Became slower"] == "5 of 30"


def test_the_count_of_all_is_said_beside_the_rows_shown():
    page = ranked(a_row(26), count=26)

    screen = slow_queries_screen(page, page, PatternFilter(), 2)

    assert screen.caption.startswith("Patterns 26–26 of 26, by total time · 2 Mar 2026")
    assert screen.page_count == 2


def test_a_slow_down_names_its_day_and_only_an_older_year():
    assert slower_mark(None, A_DAY) == ""
    assert slower_mark(a_regression(), A_DAY) == "3.1× since 2 Mar"
    old = a_regression(A_MOMENT - timedelta(days=90))
    assert slower_mark(old, A_DAY) == "3.1× since 2 Dec 2025"


def test_an_empty_answer_tells_a_filter_from_an_empty_store():
    nothing = ranked(count=0)

    narrowed = slow_queries_screen(nothing, nothing, PatternFilter(text="x"), 1)
    empty = slow_queries_screen(nothing, nothing, PatternFilter(), 1)

    assert narrowed.empty
    assert narrowed.empty.title == "No pattern matches these filters"
    assert empty.empty
    assert empty.empty.command == "workbench import FOLDER"


def test_the_bar_has_a_box_for_each_measured_bucket():
    buckets = TimeBuckets(queue_seconds=25.0, execution_seconds=75.0)

    bar = bucket_bar(buckets)

    assert bar.svg.count("<rect") == 2
    assert "width='750.0'" in bar.svg
    assert "Queue 25 %" in bar.alt
    assert "Execution 75 %" in bar.alt
    assert mostly(buckets) == "Execution 75 %"


def test_the_legend_names_every_bucket_in_the_order_of_the_bar():
    legend = bucket_legend()

    assert legend.count("](data:image/svg+xml;base64,") == 5
    assert legend.index("queue") < legend.index("compile") < legend.index("execution")


def test_an_unmeasured_pattern_has_an_empty_bar():
    assert mostly(TimeBuckets()) == "not measured"
    assert unquote(bucket_cell(TimeBuckets())).count("<rect") == 1


A_CLUSTER = ClusterTime(
    days=2, patterns=1, busy_seconds=43_200, idle_seconds=129_600, minimum_seconds=0
)


def test_without_prices_the_pages_show_time_and_no_dollars():
    page = replace(ranked(a_row(busy=BusyTime(busy_seconds=3_600))), cluster=A_CLUSTER)

    screen = slow_queries_screen(page, page, PatternFilter(), 1)

    assert "cost" not in screen.table
    assert ("Cluster at work", "25 %") in [(one.label, one.value) for one in screen.figures]


def test_with_prices_each_pattern_has_its_part_of_the_bill():
    page = replace(ranked(a_row(busy=BusyTime(busy_seconds=3_600))), cluster=A_CLUSTER)

    screen = slow_queries_screen(
        page, page, PatternFilter(), 1, Prices(as_of=A_DAY, nodes=2, node_hour=1.5)
    )

    assert screen.table["cost"].tolist() == [3.0]
    cost = next(one for one in screen.figures if one.label == "Cost")
    assert cost.value == "$144.00"
    assert "$108.00 of it while idle" in cost.help
