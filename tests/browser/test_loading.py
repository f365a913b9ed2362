"""While the store is read, a page shows that something is coming."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import wiring
from backend.services.ports import PatternRuns
from tests.browser.conftest import served
from tests.builders import a_hash, a_pattern, a_review, some_runs

pytestmark = pytest.mark.browser


def test_each_page_shows_that_it_is_loading(page: Page, data_dir: Path):
    store = wiring.open_workbench(data_dir).store
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=some_runs(5))], source="export")
    store.put_review(a_review())

    with served("tests/browser/slow_app.py", data_dir) as address:
        for path in ("/", f"/query?query={a_hash()}", "/recommendations", "/trends"):
            page.goto(address + path)
            expect(page.get_by_test_id("stSkeletonElement").first).to_be_visible()
            expect(page.get_by_test_id("stSkeletonElement")).to_have_count(0)
            expect(page.get_by_test_id("stException")).to_have_count(0)
