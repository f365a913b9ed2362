"""CSV in blocks of whole records: parsed at full speed where sound, picked over where not."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from backend.adapters.folder.byte_blocks import BLOCK_BYTES, byte_blocks
from backend.adapters.folder.csv_recovery import (
    RECORD_BYTES_AT_MOST,
    quotes_are_sound,
    recover_records,
)
from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.raw_block import ArrowColumn, FoundColumn, RawBlock, find_columns
from backend.adapters.folder.view_columns import TEXTUAL, Kind, View
from backend.domain.errors import BadExportError
from backend.services.view_export import OnProblem

_DELIMITERS = ",|;\t"
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_ENCODINGS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"\0\0\xfe\xff": "UTF-32",
}


def csv_blocks(
    file: ExportFile, view: View, on_problem: OnProblem, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[RawBlock]:
    """Raises BadExportError where the rest of the file cannot be read, after all before it."""
    table: _CsvTable | None = None
    pending = b""
    damage = ""
    blocks = byte_blocks(file.path, block_bytes=block_bytes)
    while True:
        block = next(blocks, None)
        is_last = not isinstance(block, bytes)
        if isinstance(block, bytes):
            pending += block
        elif block:
            damage = block.problem
        if table is None:
            table, pending = _open_table(file, view, pending, damage)
        end = len(pending) if is_last and not damage else _last_record_end(pending)
        if end == 0 and not is_last and len(pending) < RECORD_BYTES_AT_MOST:
            continue
        ready = pending[: end or len(pending)]
        if ready and not (damage and end == 0):
            raw, used = table.read(ready, is_whole=end > 0, is_last=is_last, on_problem=on_problem)
            pending = pending[used:]
            yield raw
        if is_last:
            break
    if damage:
        raise BadExportError(damage, file_name=file.name, row_number=table.rows_read + 1)


def _open_table(
    file: ExportFile, view: View, start: bytes, damage: str
) -> "tuple[_CsvTable, bytes]":
    if not start.strip():
        raise BadExportError(damage or "the file is empty", file_name=file.name)
    for mark, encoding in _OTHER_ENCODINGS.items():
        if start.startswith(mark):
            raise BadExportError(f"is written in {encoding}; save it as UTF-8", file_name=file.name)
    start = start.removeprefix(_UTF8_MARK)
    end = _first_record_end(start)
    header, rest = start[:end], start[end:]
    if damage and not rest:
        raise BadExportError(damage, file_name=file.name)
    try:
        text = header.decode()
    except UnicodeDecodeError as error:
        raise BadExportError("is not UTF-8", file_name=file.name, row_number=None) from error
    if "\0" in text:
        raise BadExportError("is not UTF-8 text", file_name=file.name)
    if "\r" in text.rstrip("\r\n"):
        problem = "its lines end in carriage returns alone; save it with Unix or Windows line ends"
        raise BadExportError(problem, file_name=file.name)
    delimiter = max(_DELIMITERS, key=text.count)
    try:
        names = next(csv.reader([text.strip("\r\n")], delimiter=delimiter), [])
    except csv.Error as error:
        raise BadExportError("its first line is no CSV header", file_name=file.name) from error
    hint = "; the first line must hold the column names (UNLOAD … CSV HEADER)"
    found = find_columns(view, names, file_name=file.name, hint=hint)
    return _CsvTable(file=file, width=len(names), delimiter=delimiter, found=found), rest


@dataclass(kw_only=True, slots=True)
class _CsvTable:
    file: ExportFile
    width: int
    delimiter: str
    found: Sequence[FoundColumn]
    rows_read: int = 0
    _types: Mapping[str, pa.DataType] = field(init=False)

    def __post_init__(self) -> None:
        self._types = {
            f"c{found.position}": pa.dictionary(pa.int32(), pa.binary())
            if found.column.kind in {*TEXTUAL, Kind.FLAG}
            else pa.binary()
            for found in self.found
        }

    def read(
        self, octets: bytes, *, is_whole: bool, is_last: bool, on_problem: OnProblem
    ) -> tuple[RawBlock, int]:
        """The records of these bytes, and how many bytes they took."""
        parsed = self._parse(octets) if is_whole else None
        if parsed is None:
            return self._recover(octets, is_last=is_last, on_problem=on_problem)
        count = len(parsed)
        numbers = np.arange(self.rows_read + 1, self.rows_read + 1 + count, dtype=np.int64)
        self.rows_read += count
        columns = {f.column.name: parsed.column(f"c{f.position}") for f in self.found}
        return self._block(columns, numbers), len(octets)

    def _block(self, columns: Mapping[str, ArrowColumn], numbers: NDArray[np.int64]) -> RawBlock:
        return RawBlock(columns=columns, row_numbers=numbers, rows_read=self.rows_read)

    def _parse(self, octets: bytes) -> pa.Table | None:
        """None where a record is not sound CSV of the right width."""
        if not quotes_are_sound(octets, self.delimiter):
            return None
        try:
            return arrow_csv.read_csv(
                pa.BufferReader(octets),
                read_options=arrow_csv.ReadOptions(
                    column_names=[f"c{position}" for position in range(self.width)],
                    block_size=len(octets) + 1,
                    use_threads=False,
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.delimiter, newlines_in_values=True
                ),
                convert_options=arrow_csv.ConvertOptions(
                    include_columns=list(self._types),
                    column_types=self._types,
                    null_values=[""],
                    strings_can_be_null=True,
                    check_utf8=False,
                ),
            )
        except pa.ArrowInvalid:
            return None

    def _recover(
        self, octets: bytes, *, is_last: bool, on_problem: OnProblem
    ) -> tuple[RawBlock, int]:
        recovered = recover_records(
            octets, delimiter=self.delimiter, width=self.width, is_last=is_last
        )
        for bad_row, problem in recovered.bad_rows:
            on_problem(
                BadExportError(
                    problem, file_name=self.file.name, row_number=self.rows_read + bad_row
                )
            )
        numbers = self.rows_read + np.array(recovered.row_numbers, dtype=np.int64)
        self.rows_read += recovered.rows_seen
        columns = {
            f.column.name: pa.array(
                [record[f.position] or None for record in recovered.records], type=pa.binary()
            )
            for f in self.found
        }
        return self._block(columns, numbers), recovered.used_bytes


def _first_record_end(octets: bytes) -> int:
    """Behind the line break that ends the first record; the end if there is none."""
    end = octets.find(b"\n") + 1
    while end and octets.count(b'"', 0, end) % 2:
        end = octets.find(b"\n", end) + 1
    return end or len(octets)


def _last_record_end(octets: bytes) -> int:
    """Behind the last line break that stands outside of quotes; 0 if there is none."""
    quotes = octets.count(b'"')
    end = len(octets)
    while (line_break := octets.rfind(b"\n", 0, end)) >= 0:
        quotes -= octets.count(b'"', line_break, end)
        if quotes % 2 == 0:
            return line_break + 1
        end = line_break
    return 0
