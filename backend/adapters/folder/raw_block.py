"""Rows as they stand in a file: which columns there are, not yet what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.adapters.folder.view_columns import View, ViewColumn
from backend.domain.errors import BadExportError

ArrowColumn = Any
"""A pyarrow Array or ChunkedArray; pyarrow has no types of its own to name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RawBlock:
    """Columns by the view's name for them; a column that the file lacks is not there.

    `row_numbers` count data rows from 1: a CSV header is not counted, a record of several lines
    is one row.
    """

    columns: Mapping[str, ArrowColumn]
    row_numbers: NDArray[np.int64]
    rows_read: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundColumn:
    column: ViewColumn
    position: int


def find_columns(
    view: View, names: Sequence[str], *, file_name: str, hint: str = ""
) -> tuple[FoundColumn, ...]:
    """Where the view's columns stand in the file. Raises BadExportError for a missing one."""
    position_of: dict[str, int] = {}
    for position, name in enumerate(names):
        position_of.setdefault(name.strip().lower(), position)
    found = []
    for column in view.columns:
        known_as = (column.name, *column.other_names)
        positions = [position_of[name] for name in known_as if name in position_of]
        if positions:
            found.append(FoundColumn(column=column, position=positions[0]))
        elif column.is_required:
            raise BadExportError(
                f"the column is missing{hint}", file_name=file_name, column_name=column.name
            )
    return tuple(found)
