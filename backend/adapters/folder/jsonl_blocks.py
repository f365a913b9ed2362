"""JSON Lines in blocks: one object a line, values as JSON numbers, booleans or texts.

Python's own parser reads them: Arrow's is faster, but ends the process on some broken lines.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from backend.adapters.folder.byte_blocks import Damage, byte_blocks
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.raw_block import ArrowColumn, RawBlock, find_columns
from backend.adapters.folder.view_columns import Kind, View
from backend.domain.errors import BadExportError
from backend.services.view_export import OnProblem

_LINE_BYTES_AT_MOST = 4 * 1024 * 1024
# Parsed objects take several times the memory of their text.
JSON_BLOCK_BYTES = 2 * 1024 * 1024
LINES_BEFORE_AN_OBJECT = 1_000
_UTF8_MARK = b"\xef\xbb\xbf"


def jsonl_blocks(
    file: ExportFile, view: View, on_problem: OnProblem, *, block_bytes: int = JSON_BLOCK_BYTES
) -> Iterator[RawBlock]:
    """The first object names the columns. Raises BadExportError where the rest of the file
    cannot be read, after all before it."""
    reader = _JsonlReader(file, view, on_problem)
    ready, pending = b"", b""
    damage = ""
    for block in byte_blocks(file.path, block_bytes=block_bytes):
        if isinstance(block, Damage):
            damage = block.problem
            break
        # Held back by one block, so that a last line without a line break is read with the others.
        if ready:
            yield reader.read(ready)
        pending += block
        end = pending.rfind(b"\n") + 1
        ready, pending = pending[:end], pending[end:]
        if len(pending) > _LINE_BYTES_AT_MOST:
            damage = "holds a line of several megabytes; write one JSON object a line"
            break
    if damage:
        # What is pending is the beginning of a line.
        yield reader.read(ready)
        reader.tell_all()
        row_number = reader.rows_read + 1
        raise BadExportError(damage, file_name=file.name, row_number=row_number)
    yield reader.read(ready + pending)
    reader.end()


class _JsonlReader:
    def __init__(self, file: ExportFile, view: View, on_problem: OnProblem) -> None:
        self.rows_read = 0
        self._file = file
        self._view = view
        self._on_problem = on_problem
        self._columns_are_known = False
        self._without_object: list[BadExportError] = []
        """Not told yet: if all lines are so, it is one problem of the file."""

    def end(self) -> None:
        """Raises BadExportError if there was no row at all."""
        if not self.rows_read:
            raise BadExportError("the file is empty", file_name=self._file.name)
        if len(self._without_object) == self.rows_read > 1:
            problem = "no line of it is a JSON object; write one object a line, in UTF-8"
            raise BadExportError(problem, file_name=self._file.name)
        self.tell_all()

    def tell_all(self) -> None:
        for problem in self._without_object:
            self._on_problem(problem)
        self._without_object.clear()

    def read(self, octets: bytes) -> RawBlock:
        if not self.rows_read:
            octets = octets.removeprefix(_UTF8_MARK)
            if octets[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                problem = "is written in UTF-16; save it as UTF-8"
                raise BadExportError(problem, file_name=self._file.name)
        return self._read_lines(octets)

    def _name_of(self, names: Sequence[str]) -> dict[str, str]:
        """The key of each column in these rows. Writers may leave out what is null, so a
        required column is asked for over all rows of the first block, not over one row."""
        view = self._view if not self._columns_are_known else self._view.optional()
        found = find_columns(view, names, file_name=self._file.name)
        self._columns_are_known = True
        return {f.column.name: names[f.position] for f in found}

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
        if rows or len(self._without_object) > LINES_BEFORE_AN_OBJECT:
            self.tell_all()
        # Rows have few different sets of keys; each set is looked at once.
        shapes = dict.fromkeys(map(tuple, rows))
        keys = list(dict.fromkeys(key for shape in shapes for key in shape))
        name_of = self._name_of(keys) if rows else {}
        values_of = _values_by_name(rows, shapes, tuple(name_of.values()))
        return RawBlock(
            columns={
                column.name: _column(values_of[name_of[column.name]], column.kind)
                for column in self._view.columns
                if column.name in name_of
            },
            row_numbers=np.array(numbers, dtype=np.int64),
            rows_read=self.rows_read,
        )

    def _object(self, line: bytes) -> dict[str, Any] | None:
        try:
            # Decoded here: json would take bytes with zeros among them for UTF-16.
            row = json.loads(line.decode())
        except UnicodeDecodeError:
            problem = "is not UTF-8"
        except (ValueError, RecursionError):
            problem = "is not JSON"
        else:
            if isinstance(row, dict):
                return row
            problem = "is not a JSON object"
        self._without_object.append(
            BadExportError(problem, file_name=self._file.name, row_number=self.rows_read)
        )
        return None


def _values_by_name(
    rows: Sequence[dict[str, Any]], shapes: Collection[Sequence[str]], names: Sequence[str]
) -> dict[str, Sequence[Any]]:
    """None where a row lacks the name."""
    if len(names) > 1 and all(set(names) <= set(shape) for shape in shapes):
        return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))
    return {name: [row.get(name) for row in rows] for name in names}


def _column(values: Sequence[Any], kind: Kind) -> ArrowColumn:
    """Of one type where all values have it, else as the octets that CSV would have."""
    try:
        column = pa.array(values)
    except (pa.ArrowException, ValueError, OverflowError):
        # Mixed types, numbers beyond 64 bits, halves of a surrogate pair.
        return _as_octets(values)
    is_whole = pa.types.is_integer(column.type) and kind is not Kind.FLAG
    is_plain = pa.types.is_string(column.type) or pa.types.is_boolean(column.type)
    return column if is_whole or is_plain or pa.types.is_null(column.type) else _as_octets(values)


def _as_octets(values: Sequence[Any]) -> ArrowColumn:
    return pa.array([_octets(value) for value in values], type=pa.binary())


def _octets(value: object) -> bytes | None:
    """As CSV would write it; an object or list becomes what no column accepts."""
    if value is None:
        return None
    if isinstance(value, bool):
        return b"true" if value else b"false"
    if isinstance(value, dict | list):
        return b"\xff"
    return str(value).encode("utf-8", "surrogatepass")
