"""The console command `workbench`."""

import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

from backend.cli.terminal import Terminal
from backend.domain.errors import NotFoundError, UnusableInputError, WorkbenchError

DONE, FAILED, BAD_INPUT = 0, 1, 2
INTERRUPTED = 130
NOBODY_READS = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and gives its exit code; errors are sentences on stderr."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        # Half a second of loading, in which a Ctrl-C is to be as quiet as later.
        from backend.cli.parser import make_parser  # noqa: PLC0415
    except KeyboardInterrupt:
        return INTERRUPTED
    return _execute(make_parser().parse_args(argv), Terminal())


def _execute(arguments: Namespace, terminal: Terminal) -> int:
    try:
        exit_code: int = arguments.execute(arguments, terminal)
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_writing()
        return NOBODY_READS
    except KeyboardInterrupt:
        terminal.end_progress()
        return INTERRUPTED
    except WorkbenchError as error:
        terminal.remark(f"workbench {arguments.verb}: {error.message}")
        return BAD_INPUT if isinstance(error, UnusableInputError | NotFoundError) else FAILED
    except OSError as error:
        _stop_writing()
        place = f"{error.filename}: " if error.filename else ""
        terminal.remark(f"workbench {arguments.verb}: {place}{error.strerror or error}.")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the outermost edge: nobody wants a traceback
        terminal.remark(_unexpected(arguments.verb, error))
        return FAILED
    return exit_code


def _open_closed_streams() -> None:
    """Under `>&-` there is no stream at all: what is said goes nowhere."""
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _stop_writing() -> None:
    """The reader has gone (`| head`), or the disk is full; what is still buffered must not raise
    at exit."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(verb: str, error: Exception) -> str:
    """One line; the details go to a file, for they may hold text of a query."""
    with NamedTemporaryFile(
        "w", prefix="workbench-", suffix=".log", encoding="utf-8", delete=False
    ) as details:
        traceback.print_exception(error, file=details)
    place = Path(details.name)
    return (
        f"workbench {verb}: something unexpected went wrong ({type(error).__name__}). "
        f"The details are in {place}; please send them to the maintainers."
    )


if __name__ == "__main__":
    sys.exit(main())
