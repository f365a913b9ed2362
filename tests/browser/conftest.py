"""The workbench served on a free port of this machine, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

REPOSITORY = Path(__file__).parents[2]
STARTS_WITHIN_SECONDS = 60


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    if executable is None:
        reason = "chromium is not installed; `apt-get install chromium` brings it"
        if os.environ.get("CI") == "true":  # noqa: TID251 - CI must not skip this
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(STARTS_WITHIN_SECONDS * 1000)
    expect.set_options(timeout=STARTS_WITHIN_SECONDS * 1000)
    yield page
    context.close()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def address(data_dir: Path) -> Iterator[str]:
    """Serves what is in `data_dir` by then."""
    with served("workbench/app.py", data_dir) as own_address:
        yield own_address


@contextmanager
def served(
    script: str,
    data_dir: Path,
    *,
    folder: Path = REPOSITORY,
    extra: Mapping[str, str] | None = None,
    log: Path = Path(os.devnull),
) -> Iterator[str]:
    """`script` is a path in the repository, `folder` where the server is started, `extra` what its
    environment has beside ours."""
    port = free_port()
    said = log.open("wb")
    server = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", str(REPOSITORY / script),
            "--server.address", "127.0.0.1", "--server.port", str(port),
            "--server.fileWatcherType", "none", "--server.headless", "true",
        ],
        cwd=folder,
        env={
            **os.environ,  # noqa: TID251
            "PYTHONPATH": str(REPOSITORY),
            "WORKBENCH_DATA_DIR": str(data_dir),
            **(extra or {}),
        },
        stdout=said,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/_stcore/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        said.close()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for(health: str, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < ends:
        if server.poll() is not None:
            pytest.fail(f"the workbench ended at once, with {server.returncode}")
        try:
            with urlopen(health, timeout=1):  # noqa: S310 - our own address
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail("the workbench did not answer in time")
