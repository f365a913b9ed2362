"""The list of slow queries in its four states."""

from datetime import timedelta

from backend.services.ports import HistoryStore
from tests.app.conftest import figures_of, keep, open_page, said
from tests.builders import A_MOMENT, a_hash, a_pattern, a_recommendation, a_review, some_runs


def test_an_empty_store_says_how_to_fill_it():
    app = open_page("queries")

    assert not app.exception
    assert "No runs are stored yet" in said(app)
    assert "workbench import FOLDER" in said(app)


def test_the_costliest_pattern_stands_first_with_its_figures(store: HistoryStore):
    keep(store, a_pattern(a_hash(1)), some_runs(2, elapsed_seconds=3.0))
    keep(
        store,
        a_pattern(a_hash(2), scrubbed_sql="SELECT * FROM big", table_names=("public.big",)),
        some_runs(4, elapsed_seconds=30.0, first_query_id=100),
    )

    app = open_page("queries")

    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["statement"]) == [
        "big: SELECT *",
        "orders: sum(amount)",
    ]
    assert list(table["rank"]) == [1, 2]
    assert list(table["runs"]) == [4, 2]
    assert figures_of(app)["Total time"] == "2.1 min"


def test_a_picked_row_opens_the_query(store: HistoryStore):
    keep(store, a_pattern(a_hash(1)), some_runs(2))
    app = open_page("queries")

    app.session_state["queries.table"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()

    assert not app.exception
    assert app.query_params["query"] in (a_hash(1), [a_hash(1)])
    assert "All slow queries" not in said(app)
    assert "Where the time went" in said(app)


def test_a_link_brings_its_filters_back(store: HistoryStore):
    keep(store, a_pattern(a_hash(1)), some_runs(2, user="etl", database="shop"))
    keep(
        store,
        a_pattern(a_hash(2)),
        some_runs(2, user="bi", database="shop", first_query_id=100),
    )

    app = open_page("queries", user="bi")

    assert app.multiselect(key="user").value == ["bi"]
    assert len(app.dataframe[0].value) == 1


def test_filters_that_leave_nothing_say_so(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    app = open_page("queries")

    app.text_input(key="text").set_value("no such statement").run()

    assert not app.exception
    assert "No pattern matches these filters" in said(app)


def test_the_second_page_goes_on_where_the_first_ended(store: HistoryStore):
    for number in range(1, 31):
        keep(
            store,
            a_pattern(a_hash(number)),
            some_runs(1, elapsed_seconds=100.0 - number, first_query_id=number),
        )

    app = open_page("queries", page="2")

    assert not app.exception
    assert list(app.dataframe[0].value["rank"]) == [26, 27, 28, 29, 30]
    assert "Patterns 26–30 of 30" in said(app)


def test_a_page_beyond_the_last_shows_the_last(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))

    app = open_page("queries", page="99")

    assert not app.exception
    assert len(app.dataframe[0].value) == 1


def test_the_time_range_counts_back_from_the_newest_run(store: HistoryStore):
    keep(store, a_pattern(a_hash(1)), some_runs(1))
    keep(
        store,
        a_pattern(a_hash(2)),
        some_runs(1, start=A_MOMENT - timedelta(days=20), first_query_id=100),
    )

    app = open_page("queries", range="7 days")

    assert len(app.dataframe[0].value) == 1


def test_days_from_and_to_come_from_the_link(store: HistoryStore):
    for number, days in ((1, 0), (2, 5), (3, 9)):
        start = A_MOMENT + timedelta(days=days)
        keep(store, a_pattern(a_hash(number)), some_runs(1, start=start, first_query_id=number))

    app = open_page("queries", range="From – to", days=["2026-03-02", "2026-03-07"])

    assert not app.exception
    assert len(app.dataframe[0].value) == 2
    assert "2 Mar – 7 Mar 2026 (UTC)" in said(app)


def test_an_import_by_another_process_is_said(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    store.set_note("import_under_way", A_MOMENT.isoformat())

    app = open_page("queries")

    assert "An import began 2 Mar 2026, 09:00 UTC and has not ended yet" in said(app)


def test_sample_data_is_said_to_be_one(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    store.set_note("origin", "sample")

    app = open_page("queries")

    assert "An invented retail warehouse" in said(app)


def test_imported_data_carries_no_sample_banner(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    store.set_note("origin", "import")

    app = open_page("queries")

    assert "invented" not in said(app)


def test_open_advice_is_counted_beside_the_pattern(store: HistoryStore):
    keep(store, a_pattern(), some_runs(2))
    store.put_review(a_review(recommendations=[a_recommendation()]))

    app = open_page("queries")

    assert list(app.dataframe[0].value["advice"]) == [1]
