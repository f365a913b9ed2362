"""An error that nobody foresaw: a sentence and a reference on screen, class and place in the log.

Started from a folder of its own and with an environment that asks for all details.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend import wiring
from backend.domain.visible_text import visible
from backend.services.ports import PatternRuns
from tests.browser.conftest import served
from tests.builders import a_pattern, some_runs
from tests.secrets_in_errors import secrets_in

pytestmark = pytest.mark.browser
TALKATIVE = {
    "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full",
    "STREAMLIT_CLIENT_DISABLE_DATA_EXPORT": "false",
    "STREAMLIT_LOGGER_ENABLE_RICH": "true",
}
WAYS = ("the script", "Fail in a callback", "Fail in a part")


@pytest.mark.parametrize("way", WAYS)
def test_an_error_says_nothing_of_its_own_text(
    page: Page, data_dir: Path, tmp_path: Path, way: str
):
    log = tmp_path / "server.log"
    with served(
        "tests/browser/failing_app.py", data_dir, folder=tmp_path, extra=TALKATIVE, log=log
    ) as address:
        page.goto(address + ("/?fail=1" if way == WAYS[0] else ""))
        if way != WAYS[0]:
            page.get_by_role("button", name=way).click()
        expect(
            page.get_by_role("heading", name="Something went wrong on this page")
        ).to_be_visible()
        shown = page.inner_text("body")

        expect(page.get_by_test_id("stException")).to_have_count(0)
    logged = visible(log.read_text())
    reference = shown.rpartition(": ")[2].split()[0]
    assert secrets_in(shown + page.content() + logged) == []
    assert "Traceback" not in shown + logged
    assert "RuntimeError in" in logged
    assert f"reference {reference}" in logged


def test_a_table_has_no_download_of_its_own(page: Page, data_dir: Path, tmp_path: Path):
    """Streamlit's is not safe against formulas."""
    store = wiring.open_workbench(data_dir).store
    store.add_runs([PatternRuns(pattern=a_pattern(), runs=some_runs(5))], source="test")
    with served("workbench/app.py", data_dir, folder=tmp_path, extra=TALKATIVE) as address:
        page.goto(address)
        page.get_by_test_id("stDataFrame").first.hover()
        tools = page.get_by_test_id("stElementToolbarButton")
        expect(tools.first).to_be_visible()

        assert "Download as CSV" not in [
            tool.get_attribute("aria-label") or tool.inner_text() for tool in tools.all()
        ]
        assert "ownload" not in page.get_by_test_id("stElementToolbar").first.inner_html()
