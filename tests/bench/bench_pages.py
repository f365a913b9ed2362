"""First table on screen and filter change, beside a bare Streamlit page, in headless Chromium."""

import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import truediv
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.seed_store import seed_reviews

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 7
FILTER_WORDS = ("sales", "customer", "orders", "select", "join", "where", "from", "sum")
BARE_PAGE = """
import pandas as pd
import streamlit as st

st.set_page_config(layout="wide")
st.title("Slow queries")
st.dataframe(pd.DataFrame({f"column {c}": range(50) for c in "abcdefgh"}))
"""
BARE_FILTER = """
import pandas as pd
import streamlit as st

st.set_page_config(layout="wide")
rows = pd.DataFrame({f"column {c}": [f"sales {r}" for r in range(50)] for c in "abcdefgh"})
word = st.text_input("contains")
st.dataframe(rows[rows["column a"].str.contains(word, regex=False)])
"""
WATCH_SCRIPT_STATE = """
() => {
  const app = document.querySelector('[data-testid="stApp"]');
  window.__states = [];
  new MutationObserver(() => window.__states.push(
    [performance.now(), app.getAttribute('data-test-script-state')]
  )).observe(app, {attributes: true, attributeFilter: ['data-test-script-state']});
}
"""


@contextmanager
def served(script: Path, data_dir: Path) -> Iterator[str]:
    """A Streamlit server of its own on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    command += ["--browser.gatherUsageStats=false"]
    environment = {"WORKBENCH_DATA_DIR": str(data_dir), "PATH": "/usr/bin:/bin"}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address + "/_stcore/health")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address: str) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.25)
    raise TimeoutError(address)


def seconds_to_first_table(page: Page, address: str, _round_number: int) -> float:
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector('[data-testid="stDataFrame"] canvas', state="visible", timeout=60_000)
    return time.perf_counter() - start


def seconds_to_filter(page: Page, address: str, round_number: int) -> float:
    """From the key press that ends the text to the end of the script run that it starts."""
    page.goto(address)
    page.wait_for_selector('[data-testid="stDataFrame"] canvas', state="visible", timeout=60_000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.evaluate(WATCH_SCRIPT_STATE)
    box = page.get_by_role("textbox").first
    box.fill(FILTER_WORDS[round_number])
    # A press right behind the last letter may come before the page has taken the text.
    page.wait_for_timeout(200)
    pressed = page.evaluate("performance.now()")
    box.press("Enter")
    page.wait_for_function(
        "window.__states.length && window.__states.at(-1)[1] === 'notRunning'", timeout=30_000
    )
    finished = page.evaluate("window.__states.at(-1)[0]")
    return float(finished - pressed) / 1000


def run(*, reviews: int = 100_000) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        (data_dir / "bare.py").write_text(BARE_PAGE)
        (data_dir / "bare_filter.py").write_text(BARE_FILTER)
        seed_reviews(data_dir / "history.sqlite3", reviews=reviews)
        with (
            served(ROOT / "workbench" / "app.py", data_dir) as ours,
            served(data_dir / "bare.py", data_dir) as bare,
            served(data_dir / "bare_filter.py", data_dir) as bare_filter,
            sync_playwright() as play,
        ):
            browser = play.chromium.launch(
                executable_path=shutil.which("chromium"),
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
            first = {"ours": ours, "bare": bare}
            tables = _in_turn(browser, first, seconds_to_first_table)
            both = {"ours": ours, "bare": bare_filter}
            filters = _in_turn(browser, both, seconds_to_filter)
            browser.close()
    return {
        "stored_reviews": reviews,
        "first_table_seconds": statistics.median(tables["ours"]),
        "bare_page_seconds": statistics.median(tables["bare"]),
        "first_table_ratio": statistics.median(map(truediv, tables["ours"], tables["bare"])),
        "filter_change_seconds": statistics.median(filters["ours"]),
        "filter_change_seconds_worst": max(filters["ours"]),
        "bare_filter_seconds": statistics.median(filters["bare"]),
    }


def _in_turn(
    browser: Browser, addresses: dict[str, str], measure: Callable[[Page, str, int], float]
) -> dict[str, list[float]]:
    """Ours and the bare page one after the other; the first round warms up and is left out."""
    seconds: dict[str, list[float]] = {name: [] for name in addresses}
    for round_number in range(ROUNDS + 1):
        for name, address in addresses.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            measured = measure(page, address, round_number)
            page.close()
            if round_number:
                seconds[name].append(measured)
    return seconds


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
