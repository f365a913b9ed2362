"""The README's commands, typed as they stand there."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import pytest

from backend.settings import child_environment, read_settings
from tests.e2e.exports import write_exports

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
WORKBENCH = str(Path(sys.executable).with_name("workbench"))


def commands_of(readme: str) -> list[str]:
    """The lines of its shell blocks, without their remarks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    lines = (line.split(" #")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def environment(data_dir: Path) -> Mapping[str, str]:
    return child_environment(read_settings(data_dir))


@contextmanager
def running(data_dir: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`workbench run`, killed at the end if it is still there."""
    process = subprocess.Popen(
        [WORKBENCH, "run", *options],
        env=environment(data_dir),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def lines_until_ready(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or "Ctrl-C" not in lines[-1]:
        line = process.stdout.readline()
        assert line, f"ended before it was ready, having said {lines}"
        lines.append(line.strip())
    return lines


def descendants_of(process_id: int) -> list[int]:
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    return [number for child in map(int, children) for number in (child, *descendants_of(child))]


def wait_until_gone(process_ids: list[int]) -> list[int]:
    """Those that are still there after a while."""
    give_up_at = monotonic() + 10
    left = process_ids
    while left and monotonic() < give_up_at:
        left = [number for number in left if Path(f"/proc/{number}").exists()]
        sleep(0.05)
    return left


def test_the_first_screen_has_two_commands_that_make_knows():
    first_block = re.search(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)

    assert first_block
    assert commands_of(first_block[0] + "\n") == ["make run", "make test"]
    for target in set(re.findall(r"`?make ([a-z-]+)", README)) & {"run", "test", "check", "bench"}:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.slow
def test_the_commands_for_ones_own_queries_work_in_their_order(tmp_path: Path):
    write_exports(tmp_path / "exports", literal="ana@example.com")
    own = [shlex.split(line) for line in commands_of(README) if line.startswith("workbench ")]

    ended = {
        " ".join(words): subprocess.run(
            [WORKBENCH, *words[1:]],
            cwd=tmp_path,
            env=environment(tmp_path / "data"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        for words in own
    }

    assert len(ended) >= 6
    assert {command: done.stderr for command, done in ended.items() if done.returncode} == {}
    assert (tmp_path / "advice.csv").read_text(encoding="utf-8").startswith('"recommendation_id",')


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM], ids=lambda s: s.name)
def test_run_serves_a_reviewed_sample_and_stops_all_it_started(
    tmp_path: Path, stop_signal: signal.Signals
):
    port, api_port = free_port(), free_port()
    options = ["--port", str(port), "--api-port", str(api_port)]
    if stop_signal is signal.SIGTERM:
        options.append("--no-sample")
    with running(tmp_path / "data", *options) as process:
        lines = lines_until_ready(process)
        servers = descendants_of(process.pid)
        page_status, page = get(port, "/")
        reviews = get(api_port, "/history?limit=1")

        process.send_signal(stop_signal)
        exit_code = process.wait(timeout=30)

    assert f"Workbench  http://localhost:{port}" in lines
    assert f"API        http://localhost:{api_port}" in lines
    assert page_status == 200
    assert "<title>Streamlit</title>" in page
    assert reviews[0] == 200
    assert ('"query_hash"' in reviews[1]) is (stop_signal is signal.SIGINT)
    assert exit_code == 0
    assert len(servers) >= 2
    assert wait_until_gone(servers) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_a_killed_run_leaves_no_server_behind(tmp_path: Path):
    options = ["--port", str(free_port()), "--api-port", str(free_port()), "--no-sample"]
    with running(tmp_path / "data", *options) as process:
        lines_until_ready(process)
        servers = descendants_of(process.pid)

        process.kill()
        process.wait(timeout=30)

    assert len(servers) >= 2
    assert wait_until_gone(servers) == []


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks into /proc")
def test_a_server_that_ends_by_itself_ends_the_other(tmp_path: Path):
    options = ["--port", str(free_port()), "--api-port", str(free_port()), "--no-sample"]
    with running(tmp_path / "data", *options) as process:
        lines_until_ready(process)
        servers = descendants_of(process.pid)

        os.kill(servers[0], signal.SIGKILL)
        _, told = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "ended by itself" in told
    assert "Its log is" in told
    assert wait_until_gone(servers) == []
