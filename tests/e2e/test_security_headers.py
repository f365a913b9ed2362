"""Both servers over real HTTP: every kind of answer has the headers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import REPOSITORY, free_port, served, wait_for

ON_EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def ask(
    address: str, path: str, method: str = "GET", headers: dict[str, str] | None = None
) -> Answer:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return Answer(status=answer.status, headers=answer.headers, body=answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    with served("workbench/app.py", folder / "data", folder=folder) as address:
        yield address


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served_api(tmp_path_factory.mktemp("api")) as address:
        yield address


@contextmanager
def served_api(data_dir: Path) -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "uvicorn", "--factory", "backend.api.app:open_app",
            "--host", "127.0.0.1", "--port", str(port), "--no-access-log",
        ],
        cwd=REPOSITORY,
        env={**os.environ, "WORKBENCH_DATA_DIR": str(data_dir)},  # noqa: TID251
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def a_static_file(pages: str) -> str:
    found = re.search(rb'src="\./(static/js/[^"]+)"', ask(pages, "/").body)
    assert found
    return "/" + found[1].decode()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/query?query=f1-1", 200),
        ("HEAD", "/", 200),
        ("GET", "/_stcore/health", 200),
        ("GET", "/_stcore/host-config", 200),
        ("GET", "/_stcore/nothing", None),
        ("GET", "/query/_stcore/health", 404),
        ("GET", "/media/nothing.csv", 404),
        ("GET", "/component/nothing/index.html", 404),
        ("GET", "/static/..%2f..%2fsecret", None),
        ("POST", "/", 405),
        ("PUT", "/_stcore/upload_file/a/b", None),
        ("GET", "/_stcore/stream", None),
        ("GET", "/" + "x" * 5_000, None),
    ],
)
def test_the_pages_send_the_headers_with_every_answer(
    pages: str, method: str, path: str, status: int | None
):
    answer = ask(pages, path, method)

    assert status in {None, answer.status}
    assert answer.status < 500
    has_the_headers(answer)
    assert b"Traceback" not in answer.body


def test_a_static_file_has_the_headers_and_is_kept_by_the_browser(pages: str):
    answer = ask(pages, a_static_file(pages))

    assert answer.status == 200
    has_the_headers(answer)
    assert "immutable" in answer.headers["cache-control"]


def test_what_is_no_static_file_is_not_kept(pages: str):
    assert ask(pages, "/").headers["cache-control"] == "no-cache"
    assert ask(pages, "/media/nothing.csv").headers["cache-control"] == "no-store"


def test_a_websocket_from_elsewhere_is_refused(pages: str):
    answer = ask(pages, "/_stcore/stream", headers={**WEBSOCKET, "Origin": "http://evil.test"})

    assert (answer.status, answer.body) == (403, b"")


def test_the_policy_of_the_pages_lets_nothing_come_from_elsewhere(pages: str):
    policy = policy_of(ask(pages, "/"))

    assert policy["default-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "data:", "blob:"]
    assert policy["script-src"][0] == "'self'"
    assert all(each.startswith("'sha256-") for each in policy["script-src"][1:])
    assert policy["font-src"] == ["'self'", "data:"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    allowed = [source for sources in policy.values() for source in sources]
    assert not [source for source in allowed if "*" in source or "//" in source]
    assert "'unsafe-eval'" not in allowed


def test_the_pages_offer_no_machine_a_way_in(pages: str):
    """Streamlit's own API for agents stays off, its files stay shut."""
    for name in ("interact", "mcp"):
        answer = ask(pages, f"/_stcore/agent/{name}", "POST")
        assert 400 <= answer.status < 500
        assert b"not_available" in answer.body or not answer.body
    assert b"showErrorDetails" not in ask(pages, "/app/static/config.toml").body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("GET", "/history", 200),
        ("GET", "/history?limit=0", 400),
        ("GET", "/history/f1-nothing", 404),
        ("GET", "/metrics", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
        ("GET", "/nothing", 404),
        ("POST", "/history", 405),
        ("OPTIONS", "/history", 405),
    ],
)
def test_the_api_sends_the_headers_with_every_answer(api: str, method: str, path: str, status: int):
    answer = ask(api, path, method)

    assert answer.status == status
    has_the_headers(answer)
    assert policy_of(answer)["default-src"] == ["'none'"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_api_over_a_broken_store_has_the_headers_and_says_no_path(tmp_path: Path):
    with served_api(tmp_path) as address:
        for file in tmp_path.glob("history.sqlite3*"):
            file.write_bytes(b"not a database" * 400)
        answer = ask(address, "/history")

    assert answer.status >= 500
    has_the_headers(answer)
    assert str(tmp_path).encode() not in answer.body


def has_the_headers(answer: Answer) -> None:
    for name, value in ON_EVERY_ANSWER.items():
        assert answer.headers.get_all(name) == [value], name
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "geolocation=()" in answer.headers["permissions-policy"]


def policy_of(answer: Answer) -> dict[str, list[str]]:
    rules = (rule.split() for rule in answer.headers["content-security-policy"].split(";"))
    return {name: sources for name, *sources in rules}
