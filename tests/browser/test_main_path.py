"""The way of an analyst: from the list to a recommendation, and out with the CSV."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import wiring
from backend.domain.case_file import MissingEvidence, PlanNodeFact
from backend.domain.finding import GoodNews, Measure, RuledOut
from backend.domain.plan import Condition
from backend.domain.recommendation import RecommendationFilter, ReviewerName, TriageState
from backend.domain.regression import Regression
from backend.domain.review import AgentResponse
from backend.services.ports import HistoryStore, PatternRuns
from tests.builders import (
    A_MOMENT,
    a_case_file,
    a_finding,
    a_hash,
    a_pattern,
    a_plan,
    a_plan_node,
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
HOSTILE = (
    "![x](http://evil.test/a.png) [l](http://evil.test) <img src=x onerror='window.__evil=1'> "
    "<script>window.__evil=1</script> <b>t</b> :material/home: :red[r] $\\frac{1}{2}$ _i_ "
    "\x1b[31mansi www.evil.test"
)
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
SECTIONS = ("Plan", "Runs", "Facts", "History")
DONE = "[data-test-script-state=notRunning]"


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


@pytest.fixture
def hostile(stored: HistoryStore) -> str:
    """The hash of a pattern whose every text tries to be more than text; its advice is decided."""
    query_hash = a_hash(3)
    runs = some_runs(3, first_query_id=900, user=HOSTILE, database=HOSTILE, label=HOSTILE)
    pattern = a_pattern(
        query_hash,
        scrubbed_sql=HOSTILE,
        table_names=(HOSTILE,),
        query_type=HOSTILE,
        regression=SLOWER,
    )
    stored.add_runs([PatternRuns(pattern=pattern, runs=runs)], source="test")
    node = a_plan_node(
        1, HOSTILE, table_name=HOSTILE, conditions=(Condition(name=HOSTILE, text=HOSTILE),)
    )
    advice = a_recommendation(
        query_hash,
        subject=HOSTILE,
        **dict.fromkeys(("title", "rationale", "action", "action_sql"), HOSTILE),
    )
    stored.put_review(
        a_review(
            query_hash,
            recommendations=[advice],
            findings=(
                a_finding(
                    title=HOSTILE,
                    evidence=HOSTILE,
                    subject=HOSTILE,
                    fact_ids=("F3", HOSTILE),
                    measures=(Measure(name=HOSTILE, value=1.0, unit=HOSTILE),),
                ),
            ),
            ruled_out=(RuledOut(check=HOSTILE, sentence=HOSTILE),),
            good_news=(GoodNews(check=HOSTILE, sentence=HOSTILE, fact_ids=(HOSTILE,)),),
            agent_responses=(
                AgentResponse(reviewer=ReviewerName.OPTIMIZE, engine=HOSTILE, summary=HOSTILE),
            ),
            case_file=a_case_file(
                query_hash,
                plan=replace(a_plan(node), notices=(HOSTILE,)),
                plan_nodes=(PlanNodeFact(fact_id="F3", node=node),),
                missing=(MissingEvidence(what=HOSTILE, why=HOSTILE, how_to_get=HOSTILE),),
            ),
        )
    )
    stored.triage(
        advice.recommendation_id,
        TriageState.DISMISSED,
        who=HOSTILE,
        why=HOSTILE,
        at=A_MOMENT,
        expected_version=1,
    )
    return query_hash


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
    expect(page.get_by_role("link", name="Query: orders")).to_be_visible()
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


@pytest.mark.parametrize(
    "place", ["", *SECTIONS, "recommendations", "queries"], ids=lambda place: place or "query"
)
def test_foreign_text_is_shown_as_text_everywhere(
    page: Page, address: str, stored: HistoryStore, hostile: str, place: str
):
    foreign: list[str] = []
    page.on("request", lambda request: _note_foreign(request.url, address, foreign))
    [advice] = stored.recommendations(RecommendationFilter(query_hash=hostile)).items
    chosen = f"recommendations?recommendation={advice.recommendation.recommendation_id}"
    links = {"recommendations": chosen, "queries": ""}

    page.goto(f"{address}/{links.get(place, f'query?query={hostile}&section={place}')}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(f"[data-testid=stApp]{DONE}")).to_be_visible()
    folded = page.locator("main details:not([open]) > summary")
    while folded.count():
        folded.first.click()
    expect(page.locator(f"[data-testid=stApp]{DONE}")).to_be_visible()

    main = page.locator("main, [data-testid=stMain]").first
    assert main.locator("a[href*=evil], img[src*=evil], .katex, script").count() == 0
    assert main.locator("b, i, em").count() == 0
    assert main.locator("[data-testid=stIconMaterial]", has_text="home").count() == 0
    assert page.evaluate("window.__evil") is None
    assert foreign == []


def test_the_way_to_a_recommendation_needs_no_mouse(page: Page, address: str):
    page.goto(address)
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    page.get_by_placeholder("contains …").focus()
    _tab_until(page, "document.activeElement.tagName === 'CANVAS'")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Space")

    expect(page.get_by_text("Where the time went")).to_be_visible()
    link = page.get_by_role("link", name="Decide on it")
    expect(link).to_be_visible()
    _tab_until(page, "document.activeElement.innerText.includes('Decide on it')")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Chosen recommendation")).to_be_visible()


def test_days_are_chosen_from_and_to_and_stand_in_the_link(page: Page, address: str):
    page.goto(address)
    page.get_by_text("From – to", exact=True).click()

    expect(page.get_by_test_id("stDateInput")).to_be_visible()
    expect(page.get_by_text("2 Mar 2026 (UTC)")).to_be_visible()
    assert "range=From" in page.url


def test_the_time_range_goes_along_to_a_query_and_back(page: Page, address: str):
    page.goto(f"{address}/?range=7+days&text=orders")
    for _ in range(2):
        _click_row(page, 0, STATEMENT_X)
        expect(page.get_by_text("Where the time went")).to_be_visible()
        expect(page.get_by_role("radio", name="7 days")).to_be_checked()
        assert "within=7" in page.url

        page.get_by_role("link", name="All slow queries").click()
        expect(page.get_by_role("heading", name="Slow queries")).to_be_visible()
        expect(page.get_by_role("radio", name="7 days")).to_be_checked()
        expect(page.get_by_placeholder("contains …")).to_have_value("orders")


def test_review_now_ends_with_the_new_review_on_screen(
    page: Page, address: str, stored: HistoryStore
):
    page.goto(f"{address}/query?query={a_hash(2)}")
    expect(page.get_by_text("Not reviewed yet")).to_be_visible()

    page.get_by_role("button", name="Review now").click()

    expect(page.get_by_text("by rules", exact=False)).to_be_visible()
    assert stored.latest_review(a_hash(2)) is not None


def _tab_until(page: Page, condition: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(condition):
            return
    pytest.fail(f"the keyboard never came to where {condition}")


def _click_row(page: Page, row: int, x: int) -> None:
    """The table is a canvas: rows are reached by their place below the header."""
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    table.click(position={"x": x, "y": ROW_HEIGHT * (row + 1) + ROW_HEIGHT / 2})


def _note_foreign(url: str, address: str, foreign: list[str]) -> None:
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    if not url.startswith(own):
        foreign.append(url)
