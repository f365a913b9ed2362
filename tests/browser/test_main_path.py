"""The way of an analyst: from the list to a recommendation, and out with the CSV."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import wiring
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import (
    a_case_file,
    a_finding,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    some_runs,
)

pytestmark = pytest.mark.browser
ROW_HEIGHT = 36
STATEMENT_X = 120
HOSTILE_SQL = (
    'SELECT "![x](http://evil.test/a.png)", "<img src=http://evil.test/b.png>", '
    '"www.evil.test" FROM t'
)


@pytest.fixture(autouse=True)
def stored(data_dir: Path) -> HistoryStore:
    """Two patterns, the costlier one reviewed; the texts try to be more than text."""
    store = wiring.open_workbench(data_dir).store
    for number, seconds, changes in ((1, 60.0, {}), (2, 5.0, {"scrubbed_sql": HOSTILE_SQL})):
        runs = some_runs(12, elapsed_seconds=seconds, first_query_id=100 * number)
        store.add_runs(
            [PatternRuns(pattern=a_pattern(a_hash(number), **changes), runs=runs)], source="test"
        )
    advice = a_recommendation(
        title="Join on equal keys ![x](http://evil.test/i.png)",
        rationale='=HYPERLINK("http://evil.test") <img src="http://evil.test/j.png">',
    )
    store.put_review(
        a_review(recommendations=[advice], findings=(a_finding(),), case_file=a_case_file())
    )
    return store


def test_from_the_list_to_a_recommendation_and_its_csv(
    page: Page, address: str, stored: HistoryStore, tmp_path: Path
):
    foreign: list[str] = []
    page.on("request", lambda request: _note_foreign(request.url, address, foreign))

    page.goto(address)
    expect(page.get_by_role("heading", name="Slow queries")).to_be_visible()
    _click_row(page, 0, STATEMENT_X)

    expect(page.get_by_text("Where the time went")).to_be_visible()
    assert f"query={a_hash(1)}" in page.url
    expect(page.get_by_text("A nested loop over many rows")).to_be_visible()
    page.get_by_role("link", name="Decide on it").click()

    expect(page.get_by_role("heading", name="Recommendations")).to_be_visible()
    expect(page.get_by_text("Open the query")).to_be_visible()
    page.get_by_text("Accept", exact=True).click()
    page.get_by_role("button", name="Save: accept").click()
    expect(page.get_by_text("Accepted.", exact=True)).to_be_visible()

    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download all 1 as CSV").click()
    downloading.value.save_as(tmp_path / "advice.csv")
    with (tmp_path / "advice.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["query_hash"] for row in rows] == [a_hash(1)]
    assert rows[0]["state"] == "accepted"
    assert rows[0]["rationale"].startswith("'=HYPERLINK")
    assert foreign == []


def test_a_link_shows_the_same_in_a_new_browser(page: Page, address: str):
    foreign: list[str] = []
    page.on("request", lambda request: _note_foreign(request.url, address, foreign))

    page.goto(f"{address}/query?query={a_hash(2)}&section=Runs")

    expect(page.get_by_text("12 runs by start time (UTC).")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(page.get_by_role("heading", name="![x](http")).to_be_visible()
    assert page.locator("main a[href*=evil], main img[src*=evil]").count() == 0
    assert foreign == []


def test_review_now_ends_with_the_new_review_on_screen(
    page: Page, address: str, stored: HistoryStore
):
    page.goto(f"{address}/query?query={a_hash(2)}")
    expect(page.get_by_text("Not reviewed yet")).to_be_visible()

    page.get_by_role("button", name="Review now").click()

    expect(page.get_by_text("by rules", exact=False)).to_be_visible()
    assert stored.latest_review(a_hash(2)) is not None


def _click_row(page: Page, row: int, x: int) -> None:
    """The table is a canvas: rows are reached by their place below the header."""
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": x, "y": ROW_HEIGHT * (row + 1) + ROW_HEIGHT / 2})


def _note_foreign(url: str, address: str, foreign: list[str]) -> None:
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    if not url.startswith(own):
        foreign.append(url)
