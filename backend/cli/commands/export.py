"""`workbench export`: recommendations as a file."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path

from backend import wiring
from backend.cli.arguments import add_recommendation_filter, recommendation_filter
from backend.cli.figures import counted
from backend.cli.terminal import Terminal
from backend.domain.errors import UnusableInputError, WorkbenchError
from backend.domain.recommendation import RecommendationFilter
from backend.services.export_recommendations import (
    recommendation_records,
    recommendations_csv,
    recommendations_jsonl,
)
from backend.services.ports import HistoryStore

SUMMARY = "write the recommendations to a file"
EXAMPLES = """\
examples:
  workbench export --output advice.csv
  workbench export --format parquet --output advice.parquet --state open
  workbench export --format jsonl | head

The CSV is safe to open in a spreadsheet: text that would be taken for a formula gets a single
quote in front.
"""
STDOUT = "-"
OTHER_FORMATS = frozenset({"xlsx", "xls", "ods", "json", "gz", "zip"})
WRONG_PLACE = (FileNotFoundError, IsADirectoryError, NotADirectoryError, PermissionError)
TEXT_FORMATS: dict[str, Callable[[HistoryStore, RecommendationFilter], Iterator[str]]] = {
    "csv": recommendations_csv,
    "jsonl": recommendations_jsonl,
}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=["csv", "jsonl", "parquet"],
        help="default: what the name of the file ends in, else csv",
    )
    parser.add_argument(
        "--output",
        default=STDOUT,
        metavar="FILE",
        help="the file to write, or - for the terminal (default)",
    )
    add_recommendation_filter(parser)


def execute(arguments: Namespace, terminal: Terminal) -> int:
    file_format = arguments.format or _format_of(arguments.output)
    if file_format == "parquet" and arguments.output == STDOUT:
        raise UnusableInputError("Parquet needs a file: name one with --output.")
    store = wiring.open_workbench(arguments.data_dir).store
    wanted = recommendation_filter(arguments, store)
    if arguments.output == STDOUT:
        _print(TEXT_FORMATS[file_format](store, wanted))
        return 0
    path = Path(arguments.output).resolve()
    try:
        _put(path, file_format, store, wanted)
    except OSError as error:
        kind = UnusableInputError if isinstance(error, WRONG_PLACE) else WorkbenchError
        raise kind(f"Cannot write {arguments.output}: {error.strerror}.") from error
    terminal.remark(
        f"Wrote {counted(store.recommendation_count(wanted), 'recommendation')} "
        f"to {arguments.output}."
    )
    return 0


def _put(path: Path, file_format: str, store: HistoryStore, wanted: RecommendationFilter) -> None:
    """Complete or not at all, unless it is a pipe or a device."""
    is_file = path.is_file() or not path.exists()
    target = path.with_name(f".{path.name}.unfinished") if is_file else path
    try:
        if file_format == "parquet":
            wiring.write_parquet(recommendation_records(store, wanted), target)
        else:
            _write(TEXT_FORMATS[file_format](store, wanted), target)
        if is_file:
            target.replace(path)
    finally:
        if is_file:
            target.unlink(missing_ok=True)


def _format_of(output: str) -> str:
    ending = Path(output).suffix.removeprefix(".").lower()
    if ending in OTHER_FORMATS:
        raise UnusableInputError(
            f"Cannot write {ending}; name the file .csv, .jsonl or .parquet, or give --format."
        )
    return ending if ending in {"jsonl", "parquet"} else "csv"


def _print(lines: Iterator[str]) -> None:
    """As it is: a terminal's own coding and line ends would change the file."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    sys.stdout.writelines(lines)


def _write(lines: Iterator[str], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="", errors="backslashreplace") as file:
        file.writelines(lines)
