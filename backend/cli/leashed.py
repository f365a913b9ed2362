"""Runs a module as `python -m` does, until whoever started it is gone.

`workbench run` holds the other end of our standard input and never writes to it. The system closes
it when that process ends, however: then the server and all that it started end, too.
"""

import os
import runpy
import signal
import sys
import threading
from time import sleep

from backend.unexpected import keep_values_out_of_logs

STOP_WITHIN_SECONDS = 8.0


def main() -> None:
    threading.Thread(target=_end_with_parent, name="leash", daemon=True).start()
    keep_values_out_of_logs()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    # A group of our own: see ChildProcess.
    os.killpg(0, signal.SIGTERM)
    sleep(STOP_WITHIN_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
