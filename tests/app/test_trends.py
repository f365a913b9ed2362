"""Trends in their states."""

from backend.services.ports import HistoryStore
from tests.app.conftest import keep, open_page, said
from tests.builders import a_pattern, a_recommendation, a_review, some_runs


def test_an_empty_store_says_how_to_fill_it():
    app = open_page("trends")

    assert not app.exception
    assert "workbench import FOLDER" in said(app)


def test_slow_time_and_recommendations_are_drawn(store: HistoryStore):
    keep(store, a_pattern(), some_runs(4, elapsed_seconds=60.0))
    store.put_review(a_review(recommendations=[a_recommendation()]))

    app = open_page("trends")

    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 2
    assert "the busiest day was 2 Mar 2026 with 4.0 min" in said(app)
    assert "1 recommendation first raised 2 Mar 2026" in said(app)


def test_the_dimension_comes_from_the_link(store: HistoryStore):
    keep(store, a_pattern(), some_runs(4))
    store.put_review(a_review(recommendations=[a_recommendation()]))

    app = open_page("trends", by_dimension="Reviewer")

    assert not app.exception
    assert "by reviewer as it is now" in said(app)


def test_without_reviews_only_the_time_is_drawn(store: HistoryStore):
    keep(store, a_pattern(), some_runs(4))

    app = open_page("trends")

    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 1
    assert "Nothing in this time range" in said(app)
