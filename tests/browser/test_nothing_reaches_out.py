"""A store whose every text is an attack, and a browser that must not notice.

The sample's reviews are kept a second time with a payload in front of each of their texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from backend import wiring
from backend.domain.pattern import PatternFilter
from backend.domain.recommendation import (
    AcrossPatterns,
    RecommendationFilter,
    TriageState,
)
from backend.domain.table_proposal import TableFilterBy
from backend.services.ports import HistoryStore, PatternRuns
from tests.browser.canary import Canary, a_canary
from tests.browser.conftest import served
from tests.builders import A_MOMENT, some_runs
from tests.hostile import Poison
from tests.unit.workbench.test_hostile_texts import UNSEEN

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DONE = "[data-testid=stApp][data-test-script-state=notRunning]"
PATTERNS = 6
SECTIONS = ("Advice", "Plan", "Runs", "Facts", "History")
IMAGE = "![x]({canary}/image) <img src='{canary}/html'>"


@dataclass
class Seen:
    """What the browser did beside drawing."""

    elsewhere: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, page: Page, address: str) -> None:
        own = (address, address.replace("http", "ws", 1), "data:", "blob:", "about:")
        page.on(
            "request",
            lambda one: None if one.url.startswith(own) else self.elsewhere.append(one.url),
        )
        page.on(
            "websocket",
            lambda one: None if one.url.startswith(own) else self.elsewhere.append(one.url),
        )
        page.on("popup", lambda one: self.elsewhere.append(one.url))
        page.on("dialog", lambda one: (self.dialogs.append(one.message), one.dismiss()))
        page.on("pageerror", lambda one: self.errors.append(str(one)))
        page.on(
            "console",
            lambda one: self.refused.append(one.text) if "Security Policy" in one.text else None,
        )


@dataclass(frozen=True, kw_only=True)
class Poisoned:
    address: str
    canary: Canary
    query_hashes: Sequence[str]
    table_names: Sequence[str]
    recommendation_id: str


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    folder = tmp_path_factory.mktemp("poisoned")
    sample = wiring.open_workbench(folder / "sample")
    wiring.load_sample_if_empty(sample, lambda _: None)
    with a_canary() as canary:
        poison = Poison(canary.address)
        hashes = poison_store(sample.store, wiring.open_workbench(folder / "data").store, poison)
        store = wiring.open_workbench(folder / "data").store
        advice = store.recommendations(RecommendationFilter(query_hash=hashes[0]), limit=1).items
        tables = store.used_tables(TableFilterBy(has_change=True), limit=3).items
        with served("workbench/app.py", folder / "data") as address:
            yield Poisoned(
                address=address,
                canary=canary,
                query_hashes=hashes,
                table_names=[one.table_name for one in tables],
                recommendation_id=advice[0].recommendation.recommendation_id,
            )


def poison_store(clean: HistoryStore, store: HistoryStore, poison: Poison) -> list[str]:
    """The hashes of the patterns, those with a slow-down and advice first."""
    rows = clean.rank_patterns(PatternFilter(), limit=60, offset=0).rows
    reviewed = [row.pattern for row in rows if clean.latest_review(row.pattern.query_hash)]
    reviewed.sort(key=lambda one: (one.regression is None, -len(advice_of(clean, one.query_hash))))
    for number, pattern in enumerate(reviewed):
        names = {name: poison.text(name) for name in ("user", "database", "label")}
        runs = some_runs(5, first_query_id=10 * number + 1, start=pattern.last_seen, **names)
        store.add_runs([PatternRuns(pattern=poison.all_of(pattern), runs=runs)], source="test")
    tables = list(clean.used_tables(TableFilterBy(), limit=200).items)
    uses = [use for one in tables for use in clean.table_uses_of(one.table_name, limit=50).items]
    store.put_tables(poison.all_of(one.table) for one in tables if one.table)
    for pattern in reviewed:
        review = clean.latest_review(pattern.query_hash)
        own = tuple(use for use in uses if use.query_hash == pattern.query_hash)
        store.put_review(poison.all_of(replace(review, table_uses=own)))
    weighed = clean.tables_review()
    standings = {
        one.recommendation.recommendation_id: poison.all_of(one.across_patterns)
        for pattern in reviewed
        for one in advice_of(clean, pattern.query_hash)
        if isinstance(one.across_patterns, AcrossPatterns)
    }
    store.put_table_proposals(
        [poison.all_of(one.proposal) for one in tables if one.proposal], standings, weighed
    )
    store.put_workload_review(poison.all_of(clean.latest_workload_review()))
    first = advice_of(store, reviewed[0].query_hash)[0]
    store.triage(
        first.recommendation.recommendation_id,
        TriageState.ACCEPTED,
        who=poison.text("who"),
        why=poison.text("why"),
        at=A_MOMENT,
        expected_version=first.version,
    )
    return [pattern.query_hash for pattern in reviewed]


def advice_of(store: HistoryStore, query_hash: str):
    return store.recommendations(RecommendationFilter(query_hash=query_hash), limit=50).items


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_of_others_is_more_than_text_on_any_page(
    chromium: Browser, poisoned: Poisoned, scheme: str
):
    seen = Seen()
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000}, color_scheme=scheme, accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    seen.watch(page, poisoned.address)
    told = []
    for path in paths_of(poisoned, few=scheme == "dark"):
        page.goto(f"{poisoned.address}/{path}")
        look_everywhere(page)
        told.append(page.inner_text("body"))
        assert problems_of(page) == [], path
        assert page.evaluate("window.__ran") is None, path
        assert UNSEEN.findall(told[-1].replace("\u2060", "").replace("\u200b", "")) == [], path
    context.close()

    assert poisoned.canary.asked == []
    assert seen == Seen()
    # It was there to be seen: as letters.
    for payload in (f"![x]({poisoned.canary.address}/", "<img src=", ":material/home:", "$$x^2$$"):
        assert payload in "".join(told)


def test_what_a_page_forgets_the_browser_refuses(page: Page, data_dir: Path):
    seen = Seen()
    with a_canary() as canary, served("tests/browser/leaky_app.py", data_dir) as address:
        seen.watch(page, address)
        page.goto(f"{address}/?said={quote(IMAGE.format(canary=canary.address))}")
        expect(page.get_by_role("heading", name="Drawn")).to_be_visible()
        expect(page.locator("main img, [data-testid=stMain] img").first).to_be_attached()
        page.wait_for_timeout(500)

        assert canary.asked == []
        assert any("img-src" in told for told in seen.refused)


def test_without_our_headers_the_same_page_reaches_out(page: Page, data_dir: Path):
    """So the two tests above can fail."""
    seen = Seen()
    with a_canary() as canary, served("tests/browser/leaky_script.py", data_dir) as address:
        seen.watch(page, address)
        page.goto(f"{address}/?said={quote(IMAGE.format(canary=canary.address))}")
        expect(page.get_by_role("heading", name="Drawn")).to_be_visible()
        page.wait_for_timeout(500)

        assert "/image" in canary.asked
        assert seen.elsewhere
        assert problems_of(page)


def paths_of(poisoned: Poisoned, *, few: bool) -> Iterator[str]:
    hashes = poisoned.query_hashes[: 1 if few else PATTERNS]
    tables = poisoned.table_names[: 1 if few else 3]
    queries = ((f"query?query={one}&section={section}" for section in SECTIONS) for one in hashes)
    weighed = (
        (f"table?table={quote(one)}", f"table?table={quote(one)}&about_table=use") for one in tables
    )
    yield from ("", "tables", "workload", "trends", "recommendations")
    yield f"recommendations?recommendation={poisoned.recommendation_id}"
    yield from chain.from_iterable(queries)
    yield from chain.from_iterable(weighed)


def look_everywhere(page: Page) -> None:
    """Opens what is folded, points at what tells more, and a click on a cell."""
    expect(page.locator(DONE)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stSkeletonElement")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    folded = page.locator("main details:not([open]) > summary")
    for _ in range(folded.count()):
        folded.first.click()
    expect(page.locator(DONE)).to_be_visible()
    for points in (
        "[data-testid=stTooltipHoverTarget]",
        ".nsewdrag",
        "[data-testid=stVegaLiteChart] canvas",
    ):
        for place in page.locator(points).all()[:6]:
            if place.is_visible():
                place.hover(force=True)
    for table in page.get_by_test_id("stDataFrame").all()[:2]:
        if table.is_visible():
            table.hover(position={"x": 150, "y": 60}, force=True)
    for chosen in page.get_by_test_id("stMultiSelect").all()[:2]:
        chosen.locator("input").click()
        page.keyboard.press("Escape")


def problems_of(page: Page) -> list[str]:
    """Parts of the page that a text of others must not have made."""
    own = urlsplit(page.url).netloc
    return page.evaluate(
        """(own) => {
            const found = [];
            const outside = (address) => {
                try { const at = new URL(address, document.baseURI);
                      return !['data:', 'blob:'].includes(at.protocol) && at.host !== own; }
                catch { return true; }
            };
            for (const one of document.querySelectorAll('[src],[href],[data],[action],[srcset]'))
                for (const name of ['src', 'href', 'data', 'action', 'srcset'])
                    if (one.hasAttribute(name) && outside(one.getAttribute(name)))
                        found.push(one.tagName + ' ' + name + ' ' + one.getAttribute(name));
            const main = document.querySelector('main, [data-testid=stMain]');
            for (const one of main.querySelectorAll(
                'script, iframe, object, embed, form:not(.vega-bindings), base, meta, link, .katex, del, em, i, blockquote, h5, h6, hr, li input'))
                found.push(one.outerHTML.slice(0, 200));
            for (const one of document.querySelectorAll('*'))
                for (const each of one.attributes)
                    if (each.name.startsWith('on')) found.push(one.tagName + ' ' + each.name);
            return found;
        }""",
        own,
    )
