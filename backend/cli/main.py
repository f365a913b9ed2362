"""The console command `workbench`."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

from backend.cli.terminal import Terminal
from backend.domain.errors import NotFoundError, UnusableInputError, WorkbenchError
from backend.unexpected import mask_every_record, stack_of

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
    mask_every_record()
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
    """One line; where it came from goes to a file that may be sent on: its text may hold a value,
    so that is in neither."""
    with NamedTemporaryFile(
        "w", prefix="workbench-", suffix=".log", encoding="utf-8", delete=False
    ) as details:
        details.writelines(f"{line}\n" for line in stack_of(error))
    place = Path(details.name)
    return (
        f"workbench {verb}: something unexpected went wrong ({type(error).__name__}). "
        f"Where it happened is in {place}; please send it to the maintainers. "
        "It holds no values and no SQL."
    )


if __name__ == "__main__":
    sys.exit(main())
