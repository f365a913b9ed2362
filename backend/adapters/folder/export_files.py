"""Which files of a folder hold which view."""

import re
import zlib
from collections.abc import Collection, Mapping
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


# UNLOAD adds slice and part numbers, and an ending only if asked or packed: all of
# `sys_query_text0001_part_00`, `sys_query_text_000.gz` and `sys_query_text.csv000` occur.
_WORD = re.compile(r"csv|gz|parquet|jsonl|json|part|\d[\dtz]*", re.IGNORECASE)
_NAME = re.compile(
    rf"(?P<view>{'|'.join(view.name for view in VIEWS)})(?P<rest>(?:[-_.: ]*(?:{_WORD.pattern}))+)",
    re.IGNORECASE,
)
_FORMAT_OF = {
    "parquet": Format.PARQUET,
    "jsonl": Format.JSONL,
    "json": Format.JSONL,
    "csv": Format.CSV,
}
_PARQUET_MAGIC = b"PAR1"
_GZIP_MAGIC = b"\x1f\x8b"


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
            words = {word.lower() for word in _WORD.findall(match["rest"])}
            file = ExportFile(path=path, name=path.name, format=_format(path, words))
            found.setdefault(match["view"].lower(), []).append(file)
    return {view: tuple(files) for view, files in found.items()}


def unread_names(folder: Path, view: str) -> tuple[str, ...]:
    """What looks like a file of the view and is none, such as `<view>.csv.zst` or a folder."""
    names = sorted(path.name for path in folder.iterdir() if path.name.lower().startswith(view))
    return tuple(
        name for name in names if not (_NAME.fullmatch(name) and (folder / name).is_file())
    )


def _format(path: Path, words: Collection[str]) -> Format:
    """As the name says, but a Parquet file is known by how it begins, and so is a file whose name
    says nothing."""
    named = next((form for word, form in _FORMAT_OF.items() if word in words), None)
    try:
        with path.open("rb") as file:
            start = file.read(len(_PARQUET_MAGIC))
            if start[:2] == _GZIP_MAGIC and named is None:
                file.seek(0)
                start = zlib.decompressobj(wbits=31).decompress(file.read(512), 4)
    except (OSError, zlib.error):
        # Who reads the file will say what is wrong with it.
        start = b""
    if start == _PARQUET_MAGIC:
        return Format.PARQUET
    return named or (Format.JSONL if start[:1] == b"{" else Format.CSV)
