"""Rows of a view in typed blocks, from files of any format; bad rows are named and left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backend.adapters.folder.csv_blocks import csv_blocks
from backend.adapters.folder.export_files import ExportFile, Format
from backend.adapters.folder.jsonl_blocks import jsonl_blocks
from backend.adapters.folder.parquet_blocks import parquet_blocks
from backend.adapters.folder.raw_block import RawBlock
from backend.adapters.folder.read_ahead import read_ahead
from backend.adapters.folder.typed_columns import TypedColumn, empty_column, typed_column
from backend.adapters.folder.view_columns import DAYS_AT_MOST, Kind, View, ViewColumn
from backend.domain.errors import BadExportError
from backend.domain.runs import Mask, Names
from backend.services.view_export import OnProblem

_Reader = Callable[[ExportFile, View, OnProblem], Iterator[RawBlock]]
_READERS: Mapping[Format, _Reader] = {
    Format.CSV: csv_blocks,
    Format.JSONL: jsonl_blocks,
    Format.PARQUET: parquet_blocks,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedBlock:
    """Every column of the view, defaults where the file has none. `rows_read` of the file."""

    file_name: str
    view: View
    columns: Mapping[str, TypedColumn]
    row_numbers: NDArray[np.int64]
    rows_read: int

    def __len__(self) -> int:
        return len(self.row_numbers)

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        return self.columns[name].values

    def names(self, name: str) -> Names:
        column = self.columns[name]
        return Names(codes=column.values, names=column.names)

    def take(self, rows: Mask) -> "TypedBlock":
        if rows.all():
            return self
        return TypedBlock(
            file_name=self.file_name,
            view=self.view,
            columns={name: column.take(rows) for name, column in self.columns.items()},
            row_numbers=self.row_numbers[rows],
            rows_read=self.rows_read,
        )

    def good_rows(self, on_problem: OnProblem) -> "TypedBlock":
        """Without rows that lack or garble a column; each of them is reported once."""
        is_good = np.ones(len(self), dtype=np.bool_)
        for column in self.view.columns:
            typed = self.columns[column.name]
            faults = [(typed.is_bad, f"is not {column.kind.value}")]
            # The chunk between two others may be all blanks.
            if column.is_required and column.kind is not Kind.CHUNK:
                faults.append((typed.is_missing, "is empty"))
            if column.kind is Kind.INTEGER and not column.may_be_negative:
                faults.append((typed.values < 0, "is negative"))
            if column.at_most is not None:
                faults.append((typed.values > column.at_most, _too_much(column)))
            for is_faulty, problem in faults:
                if is_faulty.any():
                    self._report(is_faulty & is_good, column.name, problem, on_problem)
                    is_good &= ~is_faulty
        return self.take(is_good)

    def _report(self, rows: Mask, column: str, problem: str, on_problem: OnProblem) -> None:
        for row_number in self.row_numbers[rows].tolist():
            on_problem(
                BadExportError(
                    problem, file_name=self.file_name, row_number=row_number, column_name=column
                )
            )


def _too_much(column: ViewColumn) -> str:
    if column.name.endswith("_time"):
        return f"is more than {DAYS_AT_MOST} days; times are microseconds"
    return f"is more than {column.at_most:,}"


def view_blocks(
    files: Sequence[ExportFile], view: View, on_problem: OnProblem
) -> Iterator[TypedBlock]:
    """Bad rows are still in the blocks: leave out unwanted rows first, then ask `good_rows`."""
    for file in files:
        try:
            blocks = partial(_READERS[file.format], file, view)
            for raw in read_ahead(blocks, on_problem):
                yield _typed(raw, file, view)
        except BadExportError as error:
            on_problem(error)


def _typed(raw: RawBlock, file: ExportFile, view: View) -> TypedBlock:
    return TypedBlock(
        file_name=file.name,
        view=view,
        columns={
            column.name: typed_column(raw.columns[column.name], column.kind)
            if column.name in raw.columns
            else empty_column(len(raw.row_numbers), column.kind)
            for column in view.columns
        },
        row_numbers=raw.row_numbers,
        rows_read=raw.rows_read,
    )
