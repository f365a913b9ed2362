"""An error that nobody foresaw: a sentence and a reference on screen, class and place in the log.

Started from a folder of its own and with an environment that asks for all details.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.domain.visible_text import visible
from tests.browser.conftest import served
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
