from datetime import timedelta

from backend.domain.finding import Severity
from backend.domain.pattern import KnownNames
from backend.domain.recommendation import DailyCount, ReviewerName, TrendDimension, TriageState
from backend.domain.regression import Regression
from backend.domain.runs import RunStatus
from tests.builders import A_DAY, A_MOMENT, some_runs
from workbench.presenters.runs_chart import POINTS_DRAWN, runs_chart
from workbench.presenters.source import data_source
from workbench.presenters.trends import advice_chart, time_chart


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
    assert chart.points["seconds"].max() == 900.0
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
