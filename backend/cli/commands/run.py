"""`workbench run`: the pages and the API on this machine, until Ctrl-C."""

import signal
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from types import FrameType

from backend import wiring
from backend.cli.child_process import ChildProcess
from backend.cli.loopback import address, answers, require_free_port
from backend.cli.terminal import Terminal
from backend.domain.errors import UnusableInputError, WorkbenchError
from backend.services.load_sample import SampleProgress, SampleStage
from backend.settings import Settings, child_environment, read_settings

SUMMARY = "serve the pages and the API until Ctrl-C"
EXAMPLES = """\
examples:
  workbench run
  workbench run --port 8601 --api-port 8100
  workbench --data-dir /srv/workbench run --no-sample

Loads a sample workload if the store is empty. Ends by printing the addresses, and stops all it
started on Ctrl-C. The servers' logs are in the folder `logs` of the data folder.
"""
READY_WITHIN_SECONDS = 120.0
LOOK_EVERY_SECONDS = 0.2
PAGES_OPTIONS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableXsrfProtection": "true",
    "server.enableStaticServing": "false",
    "server.enableAgentApi": "false",
    "client.disableDataExport": "true",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "logger.enableRich": "false",
    "runner.magicEnabled": "false",
    "browser.gatherUsageStats": "false",
}
"""Given as options, which nothing else overrules: neither the environment nor a file."""
LEASHED = ("-m", "backend.cli.leashed")
"""So that the servers end with us, even by kill -9."""


class ServerFailedError(WorkbenchError):
    """A server that the workbench needs has ended or never answered."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", type=port_number, metavar="N", help="the port of the pages (default: 8501)"
    )
    parser.add_argument(
        "--api-port", type=port_number, metavar="N", help="the port of the API (default: 8000)"
    )
    parser.add_argument("--no-sample", action="store_true", help="leave an empty store empty")


def execute(arguments: Namespace, terminal: Terminal) -> int:
    settings = _chosen(read_settings(arguments.data_dir), arguments)
    serving = settings.serving
    require_free_port(serving.host, serving.port, option="--port")
    require_free_port(serving.host, serving.api_port, option="--api-port")
    # Until there are servers to stop, each of the signals just ends the command.
    _on_stop_signals(signal.default_int_handler)
    workbench = wiring.open_workbench(settings.storage.folder)
    if not arguments.no_sample:
        load_sample(workbench, terminal)
    stop_wanted = threading.Event()
    _on_stop_signals(lambda *_: stop_wanted.set())
    serve(settings, terminal, stop_wanted)
    return 0


def load_sample(workbench: wiring.Workbench, terminal: Terminal) -> None:
    """Into an empty store only."""
    loaded = wiring.load_sample_if_empty(
        workbench,
        lambda progress: terminal.progress(_progress_line(progress), step=progress.stage),
    )
    terminal.end_progress()
    if loaded:
        terminal.remark(
            f"Loaded the sample workload: {loaded.patterns:,} patterns, {loaded.runs:,} runs, "
            f"{loaded.reviews:,} reviews. `workbench import FOLDER` replaces it."
        )


def _progress_line(progress: SampleProgress) -> str:
    what = {
        SampleStage.WRITE: "Writing the sample workload",
        SampleStage.IMPORT: "Importing it",
        SampleStage.REVIEW: "Reviewing it",
        SampleStage.TRIAGE: "Deciding on some of the advice",
        SampleStage.TABLES: "Weighing its tables over all patterns",
    }[progress.stage]
    total = f" of {progress.total:,}" if progress.total else ""
    return f"{what}: {progress.done:,}{total}" if progress.done else f"{what} …"


def serve(settings: Settings, terminal: Terminal, stop_wanted: threading.Event) -> None:
    """Until `stop_wanted`, or until a server ends by itself (raises ServerFailedError)."""
    serving = settings.serving
    servers: list[ChildProcess] = []
    try:
        for name, command in server_commands(settings).items():
            servers.append(_start(name, command, settings))
        terminal.progress("Starting the pages and the API …")
        _wait_until_ready(settings, servers, stop_wanted)
        terminal.end_progress()
        if not stop_wanted.is_set():
            terminal.say(f"Workbench  {address(serving.host, serving.port)}")
            terminal.say(f"API        {address(serving.host, serving.api_port)}")
            terminal.say("Ctrl-C stops both.")
            terminal.out.flush()
        while not stop_wanted.wait(LOOK_EVERY_SECONDS):
            _require_running(servers)
    finally:
        for server in servers:
            server.ask_to_stop()
        for server in servers:
            server.stop()


def server_commands(settings: Settings) -> dict[str, Sequence[str]]:
    serving = settings.serving
    api = (
        *(*LEASHED, "uvicorn", "--factory", "backend.api.app:open_app", "--no-access-log"),
        *("--host", serving.host, "--port", str(serving.api_port)),
    )
    pages = (
        *(*LEASHED, "streamlit", "run", str(_pages_folder() / "app.py")),
        *("--server.address", serving.host, "--server.port", str(serving.port)),
        *(part for name, value in PAGES_OPTIONS.items() for part in (f"--{name}", value)),
    )
    return {"api": (sys.executable, *api), "workbench": (sys.executable, *pages)}


def port_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise ArgumentTypeError(f"{text!r} is not a port; ports are 1 to 65535")
    return int(text)


def _on_stop_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGTERM, handler)
    # Under nohup the end of the terminal is to be survived.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handler)


def _chosen(settings: Settings, arguments: Namespace) -> Settings:
    """An option beats the environment."""
    chosen = {
        name: value
        for name in ("host", "port", "api_port")
        if (value := getattr(arguments, name)) is not None
    }
    serving = settings.serving.model_copy(update=chosen)
    if serving.port == serving.api_port:
        raise UnusableInputError(
            f"The pages and the API cannot both use port {serving.port}; "
            "choose another with --port or --api-port."
        )
    return replace(settings, serving=serving)


def _start(name: str, command: Sequence[str], settings: Settings) -> ChildProcess:
    return ChildProcess.start(
        name,
        command,
        environment=child_environment(settings),
        folder=_pages_folder().parent,
        log_file=settings.storage.logs_folder / f"{name}.log",
    )


def _wait_until_ready(
    settings: Settings, servers: Sequence[ChildProcess], stop_wanted: threading.Event
) -> None:
    serving = settings.serving
    give_up_at = monotonic() + READY_WITHIN_SECONDS
    waiting = [(serving.api_port, "/healthz"), (serving.port, "/_stcore/health")]
    while waiting and not stop_wanted.wait(LOOK_EVERY_SECONDS):
        _require_running(servers)
        waiting = [place for place in waiting if not answers(serving.host, *place)]
        if waiting and monotonic() > give_up_at:
            raise ServerFailedError(
                f"No answer from port {waiting[0][0]} within {READY_WITHIN_SECONDS:.0f} seconds. "
                f"The logs are in {settings.storage.logs_folder}."
            )


def _require_running(servers: Sequence[ChildProcess]) -> None:
    for server in servers:
        if server.exit_code is not None:
            raise ServerFailedError(
                f"The server `{server.name}` ended by itself (exit code {server.exit_code}). "
                f"Its log is {server.log_file}."
            )


def _pages_folder() -> Path:
    """By name only: the engine does not import the pages, it starts them."""
    found = find_spec("workbench")
    if found is None or not found.submodule_search_locations:
        raise ServerFailedError("The package `workbench` with the pages is not installed.")
    return Path(found.submodule_search_locations[0])
