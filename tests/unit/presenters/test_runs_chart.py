"""What the chart of runs says: Plotly reads tags in its texts, so none of others may come there."""

import json

import pytest

from backend.domain.regression import Regression
from tests.builders import A_MOMENT, some_runs
from tests.hostile import payloads
from workbench.presenters.runs_chart import runs_chart

SLOWER = Regression(
    changed_at=A_MOMENT,
    runs_before=5,
    runs_after=5,
    median_before_seconds=1.0,
    median_after_seconds=2.0,
    ratio=2.0,
    chance=0.001,
    extra_seconds=5.0,
)


@pytest.mark.parametrize("text", tuple(payloads("http://evil.test", "html", "plotly", "latex")))
def test_nothing_of_others_comes_into_the_chart(text: str):
    chart = runs_chart(some_runs(4, user=text, database=text, label=text), SLOWER)

    assert chart is not None
    told = json.dumps(
        [
            chart.points["told"].tolist(),
            chart.points["status"].tolist(),
            dict(chart.counts),
            chart.change_label,
            chart.unit,
            chart.caption,
            chart.alt,
        ]
    )
    assert not [mark for mark in ("<", ">", "%{", "$", "evil") if mark in told]
