from datetime import timedelta

from backend.domain.finding import Severity
from backend.domain.pattern import KnownNames
from backend.domain.recommendation import DailyCount, ReviewerName, TrendDimension, TriageState
from backend.domain.regression import Regression
from backend.domain.runs import RunStatus
from tests.builders import A_DAY, A_MOMENT, some_runs
from workbench.presenters.runs_chart import POINTS_DRAWN, runs_chart
from workbench.presenters.source import data_source
from workbench.presenters.trends import advice_chart, shared_days, time_chart


def a_count(count: int, severity: Severity = Severity.LOW, days: int = 0) -> DailyCount:
    return DailyCount(
        day=A_DAY + timedelta(days=days),
        severity=severity,
        reviewer=ReviewerName.OPTIMIZE,
        state=TriageState.OPEN,
        count=count,
    )


def test_counts_are_summed_by_day_and_kind():
    chart = advice_chart(
        [a_count(2), a_count(3), a_count(1, Severity.HIGH)], TrendDimension.SEVERITY
    )

    assert chart is not None
    assert dict(zip(chart.points["kind"], chart.points["count"], strict=True)) == {
        "Low": 5,
        "High": 1,
    }
    assert chart.caption.startswith("6 recommendations first raised 2 Mar 2026")


def test_days_without_runs_are_drawn_as_nothing():
    chart = time_chart({A_DAY: 60.0, A_DAY + timedelta(days=2): 120.0})

    assert chart is not None
    assert list(chart.points["time"]) == [1.0, 0.0, 2.0]
    assert "the busiest day was 4 Mar 2026 with 2.0 min" in chart.caption


def test_nothing_gives_no_chart():
    assert advice_chart([], TrendDimension.STATE) is None
    assert time_chart({}) is None
    assert runs_chart(some_runs(0), None) is None


def test_few_runs_are_all_drawn_with_their_status():
    runs = some_runs(
        3,
        status=[RunStatus.SUCCESS, RunStatus.FAILED, RunStatus.SUCCESS],
        is_cache_hit=[False, False, True],
    )

    chart = runs_chart(runs, None)

    assert chart is not None
    assert list(chart.points["status"]) == ["Succeeded", "Failed", "From the result cache"]


def test_many_runs_are_thinned_but_the_slowest_stays():
    seconds = [1.0] * 20_000
    seconds[12_345] = 900.0

    chart = runs_chart(some_runs(20_000, elapsed_seconds=seconds), None)

    assert chart is not None
    assert len(chart.points) <= POINTS_DRAWN
    assert chart.points["elapsed"].max() == 15.0
    assert chart.unit == "minutes"
    assert "of 20,000 runs" in chart.caption


def test_the_moment_of_a_slow_down_is_labelled():
    regression = Regression(
        changed_at=A_MOMENT,
        runs_before=5,
        runs_after=5,
        median_before_seconds=1.0,
        median_after_seconds=2.0,
        ratio=2.0,
        chance=0.001,
        extra_seconds=5.0,
    )

    chart = runs_chart(some_runs(4), regression)

    assert chart is not None
    assert chart.change_label == "2.0× slower since 2 Mar"


def test_a_slow_down_outside_the_range_is_not_marked():
    regression = Regression(
        changed_at=A_MOMENT + timedelta(days=30),
        runs_before=5,
        runs_after=5,
        median_before_seconds=1.0,
        median_after_seconds=2.0,
        ratio=2.0,
        chance=0.001,
        extra_seconds=5.0,
    )

    chart = runs_chart(some_runs(4), regression, (A_DAY, A_DAY))

    assert chart is not None
    assert chart.changed_at is None
    assert [height for *_, height in chart.medians] == [1.0]


def test_all_charts_share_the_days_on_which_anything_happened():
    later = A_DAY + timedelta(days=3)

    days = shared_days([A_DAY], [A_DAY + timedelta(days=1)], [later])
    chart = time_chart({A_DAY: 60.0}, days, A_DAY)

    assert days == (A_DAY, later)
    assert chart is not None
    assert chart.spec["encoding"]["x"]["scale"]["domain"] == [
        "2026-03-02T00:00:00Z",
        "2026-03-06T00:00:00Z",
    ]
    assert shared_days([], []) is None


def test_the_newest_day_is_marked_as_perhaps_incomplete():
    chart = time_chart(
        {A_DAY: 60.0, A_DAY + timedelta(days=1): 6.0}, newest=A_DAY + timedelta(days=1)
    )

    assert chart is not None
    assert list(chart.points["is_newest"]) == [False, True]
    assert "Paler: 3 Mar 2026, the newest day, which may be incomplete." in chart.caption


def test_days_with_reviews_are_told_also_where_nothing_new_was_raised():
    chart = advice_chart([], TrendDimension.STATE, None, [A_DAY + timedelta(days=7), A_DAY])

    assert chart is not None
    assert chart.caption.endswith("Reviews (▼) ran on 2 days: 2 Mar, 9 Mar.")


def test_an_import_under_way_is_said():
    known = KnownNames(first_day=A_DAY, last_day=A_DAY)

    source = data_source("import", None, known, 0, import_began=A_MOMENT.isoformat())

    assert source.under_way is not None
    assert "began 2 Mar 2026, 09:00 UTC and has not ended yet" in source.under_way.sentence
    assert data_source("import", None, known, 0, import_began="").under_way is None
    assert data_source("import", None, known, 0, import_began="soon").under_way is not None


def test_the_source_is_named_and_a_sample_has_its_banner():
    known = KnownNames(first_day=A_DAY, last_day=A_DAY)

    sample = data_source("sample", None, known, 3)
    imported = data_source("import", '{"at": "2026-03-02T09:00:00+00:00"}', known, 3)

    assert sample.banner is not None
    assert sample.lines == ("2 Mar 2026", "3 reviews", "Times are UTC.")
    assert imported.banner is None
    assert "Imported 2 Mar 2026, 09:00 UTC" in imported.lines


def test_an_unreadable_note_is_passed_over():
    known = KnownNames(first_day=A_DAY, last_day=A_DAY)

    assert data_source("import", "not json", known, 1).lines[1] == "1 review"
