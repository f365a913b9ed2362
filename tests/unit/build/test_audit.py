"""`make audit` fails on a known vulnerability, and says so where it could look nothing up."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[3]
AUDIT = PROJECT / ".ci" / "audit.py"
LONGEST_SECONDS = 30
SKIPPED = "SKIPPED: dependency audit: no vulnerability database reachable"
HASH = "--hash=sha256:" + "0" * 64
LOCK = f"boto3==1.2.3 \\\n    {HASH} \\\n    {HASH}\nsix==1.17.0 \\\n    {HASH}\n"

FOUND = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1"],
    "summary": "A flaw.",
    "affected": [
        {
            "package": {"name": "six", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.18"}]}],
        }
    ],
}


class Database(ThreadingHTTPServer):
    """Speaks OSV's query over loopback: knows a flaw of the packages in `flawed`."""

    def __init__(self, *, flawed: set[str], status: int = 200, fails_from: int = 10_000) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.flawed = flawed
        self.status = status
        self.fails_from = fails_from
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answer(BaseHTTPRequestHandler):
    server: Database

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        query: dict[str, Any] = json.loads(self.rfile.read(size))
        name = query["package"]["name"]
        self.server.asked.append((name, query["version"]))
        is_failing = len(self.server.asked) > self.server.fails_from
        body = json.dumps({"vulns": [FOUND]} if name in self.server.flawed else {}).encode()
        self.send_response(503 if is_failing else self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def database(**given: Any) -> Iterator[Database]:
    server = Database(**given)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(LOCK)
    return path


def run_audit(url: str, *locks: Path) -> subprocess.CompletedProcess[str]:
    """Offline it may not take longer than the time limit here."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}  # noqa: TID251
    return subprocess.run(
        [sys.executable, AUDIT, "--url", url, *locks],
        capture_output=True, text=True, check=False, env=environment, timeout=LONGEST_SECONDS,
    )  # fmt: skip


def test_a_known_vulnerability_fails_with_its_package_and_remedy(lock: Path):
    with database(flawed={"six"}) as server:
        done = run_audit(server.url, lock)

    assert done.returncode == 1
    assert "six 1.17.0: PYSEC-2026-1, mended in 1.18" in done.stdout
    assert "boto3" not in done.stdout
    assert set(server.asked) == {("boto3", "1.2.3"), ("six", "1.17.0")}


def test_without_any_vulnerability_it_passes(lock: Path):
    with database(flawed=set()) as server:
        done = run_audit(server.url, lock)

    assert (done.returncode, done.stderr) == (0, "")
    assert "0 known vulnerabilities" in done.stdout


def test_where_no_database_answers_it_says_so_and_passes(lock: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    done = run_audit(f"http://127.0.0.1:{port}/v1/query", lock)

    assert (done.returncode, done.stderr) == (0, f"{SKIPPED}\n")


@pytest.mark.slow
def test_a_database_that_never_answers_is_not_waited_for(lock: Path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        done = run_audit(f"http://127.0.0.1:{silent.getsockname()[1]}/v1/query", lock)

    assert (done.returncode, done.stderr) == (0, f"{SKIPPED}\n")


@pytest.mark.parametrize("given", [{"status": 503}, {"fails_from": 2}])
def test_a_database_that_refuses_is_no_clean_bill(lock: Path, given: dict[str, int]):
    with database(flawed=set(), **given) as server:
        done = run_audit(server.url, lock)

    assert (done.returncode, done.stderr) == (0, f"{SKIPPED}\n")
    assert "known vulnerabilities" not in done.stdout


def test_a_lock_without_hashes_fails(tmp_path: Path, lock: Path):
    bare = tmp_path / "bare.txt"
    bare.write_text("six==1.17.0\n")

    with database(flawed=set()) as server:
        done = run_audit(server.url, lock, bare)

    assert done.returncode == 1
    assert "The dependency audit failed" in done.stderr


@pytest.mark.slow
def test_every_package_of_both_locks_of_the_project_is_looked_up():
    with database(flawed=set()) as server:
        done = run_audit(server.url)

    locked = {
        found[1].lower()
        for name in ("requirements.txt", "requirements-dev.txt")
        for found in re.finditer(
            r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==[^;\n]*$",
            (PROJECT / name).read_text(),
            re.MULTILINE,
        )
    }
    assert done.returncode == 0, done.stderr
    assert {name for name, _ in server.asked} >= {"boto3", "streamlit", "pytest"}
    assert {re.sub(r"[-_.]+", "-", name) for name in locked} <= {name for name, _ in server.asked}


def test_make_check_audits():
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)

    assert recipe is not None
    assert ".ci/audit.py" in recipe[1]
