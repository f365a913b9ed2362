"""JSON Lines in blocks: one object a line, values as JSON numbers, booleans or texts."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as arrow_json

from backend.adapters.folder.byte_blocks import BLOCK_BYTES, Damage, byte_blocks
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.raw_block import RawBlock, find_columns
from backend.adapters.folder.view_columns import Kind, View
from backend.domain.errors import BadExportError
from backend.services.view_export import OnProblem

_LINE_BYTES_AT_MOST = 4 * 1024 * 1024
_UTF8_MARK = b"\xef\xbb\xbf"


def jsonl_blocks(
    file: ExportFile, view: View, on_problem: OnProblem, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[RawBlock]:
    """The first object names the columns. Raises BadExportError where the rest of the file
    cannot be read, after all before it."""
    reader = _JsonlReader(file, view, on_problem)
    pending = b""
    damage = ""
    for block in byte_blocks(file.path, block_bytes=block_bytes):
        if isinstance(block, Damage):
            damage = block.problem
            break
        pending += block
        end = pending.rfind(b"\n") + 1
        if not end and len(pending) > _LINE_BYTES_AT_MOST:
            damage = "holds a line of several megabytes; write one JSON object a line"
            break
        yield reader.read(pending[:end])
        pending = pending[end:]
    if damage:
        # What is left is the beginning of a line.
        row_number = reader.rows_read + 1
        raise BadExportError(damage, file_name=file.name, row_number=row_number)
    yield reader.read(pending)
    if not reader.rows_read:
        raise BadExportError("the file is empty", file_name=file.name)


class _JsonlReader:
    def __init__(self, file: ExportFile, view: View, on_problem: OnProblem) -> None:
        self.rows_read = 0
        self._file = file
        self._view = view
        self._on_problem = on_problem
        self._columns_are_known = False

    def read(self, octets: bytes) -> RawBlock:
        if not self.rows_read:
            octets = octets.removeprefix(_UTF8_MARK)
            if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                problem = "is written in UTF-16; save it as UTF-8"
                raise BadExportError(problem, file_name=self._file.name)
        parsed = self._parse(octets) if octets.strip() else None
        return parsed or self._read_lines(octets)

    def _name_of(self, names: Sequence[str]) -> dict[str, str]:
        """The key of each column in these rows. Writers may leave out what is null, so a
        required column is asked for over all rows of the first block, not over one row."""
        view = self._view if not self._columns_are_known else self._view.optional()
        found = find_columns(view, names, file_name=self._file.name)
        self._columns_are_known = True
        return {f.column.name: names[f.position] for f in found}

    def _parse(self, octets: bytes) -> RawBlock | None:
        """None where a line is no object or a column changes its type."""
        try:
            table = arrow_json.read_json(
                pa.BufferReader(octets),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(octets) + 1),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        if len(table) != octets.count(b"\n") + (not octets.endswith(b"\n")):
            return None
        name_of = self._name_of(table.column_names)
        columns = {name: table.column(key) for name, key in name_of.items()}
        if any(
            _was_guessed(columns[c.name].type, c.kind)
            for c in self._view.columns
            if c.name in columns
        ):
            return None
        numbers = np.arange(self.rows_read + 1, self.rows_read + 1 + len(table), dtype=np.int64)
        self.rows_read += len(table)
        return RawBlock(columns=columns, row_numbers=numbers, rows_read=self.rows_read)

    def _read_lines(self, octets: bytes) -> RawBlock:
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        for line in octets.split(b"\n"):
            if not line.strip():
                continue
            self.rows_read += 1
            row = self._object(line)
            if row is not None:
                rows.append(row)
                numbers.append(self.rows_read)
        keys = list(dict.fromkeys(key for row in rows for key in row))
        name_of = self._name_of(keys) if rows else {}
        return RawBlock(
            columns={
                name: pa.array([_octets(row.get(key)) for row in rows], type=pa.binary())
                for name, key in name_of.items()
            },
            row_numbers=np.array(numbers, dtype=np.int64),
            rows_read=self.rows_read,
        )

    def _object(self, line: bytes) -> dict[str, Any] | None:
        try:
            row = json.loads(line)
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        except (ValueError, RecursionError):
            problem = "is not JSON"
        else:
            if isinstance(row, dict):
                return row
            problem = "is not a JSON object"
        self._on_problem(
            BadExportError(problem, file_name=self._file.name, row_number=self.rows_read)
        )
        return None


def _was_guessed(arrow_type: pa.DataType, kind: Kind) -> bool:
    """Arrow takes a large or broken number as a float, and a text that looks like it as a time."""
    if kind is Kind.INTEGER:
        return bool(pa.types.is_floating(arrow_type))
    return kind is not Kind.MOMENT and bool(pa.types.is_timestamp(arrow_type))


def _octets(value: object) -> bytes | None:
    """As CSV would write it; an object or list becomes what no column accepts."""
    if value is None:
        return None
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, dict | list):
        return b"\xff"
    return str(value).encode("utf-8", "surrogatepass")
