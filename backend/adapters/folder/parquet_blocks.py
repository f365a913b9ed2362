"""Parquet in blocks, one stretch of a row group at a time."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.raw_block import RawBlock, find_columns
from backend.adapters.folder.view_columns import TEXTUAL, View
from backend.domain.errors import BadExportError
from backend.services.view_export import OnProblem

BLOCK_ROWS = 32_768


def parquet_blocks(
    file: ExportFile, view: View, on_problem: OnProblem, *, block_rows: int = BLOCK_ROWS
) -> Iterator[RawBlock]:
    """A row group that cannot be read is reported and passed by."""
    if file.path.stat().st_size == 0:
        raise BadExportError("the file is empty", file_name=file.name)
    try:
        # Without pre_buffer a row group is read piece by piece, however large it is.
        parquet = pq.ParquetFile(file.path, pre_buffer=False, buffer_size=1 << 20)
    except (pa.ArrowException, OSError) as error:
        problem = "is no Parquet file, or is cut off; export or copy it again"
        raise BadExportError(problem, file_name=file.name) from error
    with parquet:
        names = parquet.schema_arrow.names
        found = find_columns(view, names, file_name=file.name)
        texts = [names[f.position] for f in found if f.column.kind in TEXTUAL]
    rows_read = 0
    with pq.ParquetFile(
        file.path, pre_buffer=False, buffer_size=1 << 20, read_dictionary=texts
    ) as parquet:
        for group in range(parquet.num_row_groups):
            end = rows_read + parquet.metadata.row_group(group).num_rows
            try:
                for batch in parquet.iter_batches(
                    block_rows,
                    row_groups=[group],
                    columns=[names[f.position] for f in found],
                    use_threads=False,
                ):
                    numbers = np.arange(rows_read + 1, rows_read + 1 + len(batch), dtype=np.int64)
                    rows_read += len(batch)
                    yield RawBlock(
                        columns={f.column.name: batch.column(names[f.position]) for f in found},
                        row_numbers=numbers,
                        rows_read=rows_read,
                    )
            except (pa.ArrowException, OSError):
                problem = f"is damaged from here to row {end:,}"
                on_problem(BadExportError(problem, file_name=file.name, row_number=rows_read + 1))
            rows_read = end
