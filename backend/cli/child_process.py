"""A server that `workbench run` starts and stops."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_WITHIN_SECONDS = 8.0


@dataclass(frozen=True, kw_only=True)
class ChildProcess:
    """Leads its own process group, so that what it starts itself can be stopped with it.

    Its standard input is a pipe that nobody writes to: its end says that we are gone.
    """

    name: str
    log_file: Path
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log_file: Path,
    ) -> "ChildProcess":
        """The log of the time before is kept as `.old`."""
        log_file.parent.mkdir(parents=True, exist_ok=True)
        if log_file.exists():
            log_file.replace(log_file.with_suffix(".log.old"))
        with log_file.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        return cls(name=name, log_file=log_file, process=process)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Returns when the whole group is gone: asked first, then made to."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_WITHIN_SECONDS)
        # Also after a quiet end: a grandchild may have stayed behind.
        self._signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()

    def _signal(self, which: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, which)
        except ProcessLookupError:
            return
