import os
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from backend.cli.child_process import ChildProcess

PROJECT = Path(__file__).parents[3]
STARTS_A_GRANDCHILD = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN if {is_stubborn} else signal.SIG_DFL)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


STARTS_A_LEASHED_SERVER = """
import sys, time
from pathlib import Path
from backend.cli.child_process import ChildProcess
child = ChildProcess.start(
    "server",
    [sys.executable, "-m", "backend.cli.leashed", "a_server"],
    environment={"PYTHONPATH": sys.argv[1] + ":" + sys.argv[2]},
    folder=Path(sys.argv[1]),
    log_file=Path(sys.argv[1]) / "server.log",
)
print(child.process.pid, flush=True)
time.sleep(600)
"""


def start(folder: Path, *, is_stubborn: bool = False) -> tuple[ChildProcess, int]:
    """The process and the id of the one that it has started itself."""
    log_file = folder / "logs" / "server.log"
    child = ChildProcess.start(
        "server",
        [sys.executable, "-c", STARTS_A_GRANDCHILD.format(is_stubborn=is_stubborn)],
        environment={},
        folder=folder,
        log_file=log_file,
    )
    while not log_file.read_text().endswith("\n"):
        sleep(0.01)
    return child, int(log_file.read_text())


def is_running(process_id: int) -> bool:
    try:
        state = (
            Path(f"/proc/{process_id}/stat")
            .read_text(encoding="utf-8")
            .rsplit(")", 1)[1]
            .split()[0]
        )
    except FileNotFoundError:
        return False
    # A zombie has ended; it waits for whoever adopted it.
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("is_stubborn", [False, True], ids=["willing", "stubborn"])
def test_stopping_a_server_stops_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_stubborn: bool
):
    monkeypatch.setattr("backend.cli.child_process.STOP_WITHIN_SECONDS", 0.2 if is_stubborn else 8)
    child, grandchild_id = start(tmp_path, is_stubborn=is_stubborn)

    child.stop()

    assert child.exit_code is not None
    for _ in range(200):
        if not is_running(grandchild_id):
            break
        sleep(0.01)
    assert not is_running(grandchild_id)
    with pytest.raises(ProcessLookupError):
        os.kill(child.process.pid, 0)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_a_killed_parent_takes_its_server_and_what_that_started_along(tmp_path: Path):
    log_file = tmp_path / "server.log"
    (tmp_path / "a_server.py").write_text(STARTS_A_GRANDCHILD.format(is_stubborn=False))
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTS_A_LEASHED_SERVER, str(tmp_path), str(PROJECT)],
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        text=True,
    )
    assert parent.stdout
    child_id = int(parent.stdout.readline())
    while not log_file.read_text().endswith("\n"):
        sleep(0.01)
    grandchild_id = int(log_file.read_text())
    assert is_running(child_id)
    assert is_running(grandchild_id)

    parent.kill()
    parent.communicate()

    for _ in range(500):
        if not is_running(child_id) and not is_running(grandchild_id):
            break
        sleep(0.01)
    assert not is_running(child_id)
    assert not is_running(grandchild_id)


def test_the_log_of_the_time_before_is_kept(tmp_path: Path):
    for _ in range(2):
        child, _ = start(tmp_path)
        child.stop()

    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"server.log", "server.log.old"}
