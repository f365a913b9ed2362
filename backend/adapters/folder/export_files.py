"""Which files of a folder hold which view."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from backend.adapters.folder.view_columns import VIEWS
from backend.domain.errors import UnusableInputError


class Format(Enum):
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportFile:
    """`name` is relative to the folder: what messages call the file."""

    path: Path
    name: str
    format: Format


# UNLOAD adds slice and part numbers: `sys_query_text0001_part_00.csv.gz`, `sys_query_text_000.gz`.
_NAME = re.compile(
    rf"(?P<view>{'|'.join(view.name for view in VIEWS)})"
    r"(?:[-_. ]?(?:part)?[-_. ]?\d+(?:[-_.]?(?:part)?[-_.]?\d+)*)?"
    r"\.(?P<ending>csv|csv\.gz|gz|parquet|jsonl|jsonl\.gz)",
    re.IGNORECASE,
)
_FORMAT_OF = {
    "csv": Format.CSV,
    "csv.gz": Format.CSV,
    "gz": Format.CSV,
    "jsonl": Format.JSONL,
    "jsonl.gz": Format.JSONL,
    "parquet": Format.PARQUET,
}


def find_export_files(folder: Path) -> Mapping[str, tuple[ExportFile, ...]]:
    """By view, parts in the order of their names. Raises UnusableInputError if it is no folder."""
    if not folder.is_dir():
        raise UnusableInputError(f"{folder} is not a folder. Name the folder of the view exports.")
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise UnusableInputError(f"{folder} cannot be read: {error.strerror}.") from error
    found: dict[str, list[ExportFile]] = {}
    for path in paths:
        if match := _NAME.fullmatch(path.name):
            file = ExportFile(path=path, name=path.name, format=_FORMAT_OF[match["ending"].lower()])
            found.setdefault(match["view"].lower(), []).append(file)
    return {view: tuple(files) for view, files in found.items()}
