"""Runs on their way in, put aside on disk until the writer has the store to itself.

An import reads its files for a minute; meanwhile the store stays free for others and memory flat,
and each day's block is then packed once, in whatever order the runs came.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from backend.adapters.sqlite.names import NameKind
from backend.adapters.sqlite.run_rows import KIND_OF, ROW, Rows, rows_of
from backend.domain.errors import StoreUnavailableError
from backend.domain.runs import IntColumn, Names, Runs

MICROSECONDS_A_DAY = 86_400_000_000
Piece = tuple[int, int]
"""First row and number of rows in the file."""


class SpooledNames:
    """One kind's names over all parts: parts number theirs each in its own way."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._last: tuple[Sequence[str], IntColumn] = ((), np.empty(0, dtype=np.int64))

    def codes(self, column: Names) -> IntColumn:
        if not len(column):
            return column.codes.astype(np.int64)
        # The parts of one batch share their names: translate them once.
        if self._last[0] is not column.names:
            known = self._code_of
            codes = [known.setdefault(name, len(known)) for name in column.names]
            self._last = (column.names, np.array(codes, dtype=np.int64))
        return self._last[1][column.codes]

    def names(self) -> tuple[str, ...]:
        return tuple(self._code_of)


class RunSpool:
    """Write all first, then read: `with RunSpool(folder) as spool`."""

    def __init__(self, folder: Path) -> None:
        # Without a name in the folder, so that nothing is left behind by kill -9.
        with _disk_errors():
            self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed in __exit__
        self._written_rows = 0
        self._names = {kind: SpooledNames() for kind in KIND_OF.values()}
        self._pieces: dict[int, dict[str, list[Piece]]] = defaultdict(lambda: defaultdict(list))

    def __enter__(self) -> "RunSpool":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._written_rows

    def add(self, query_hash: str, runs: Runs) -> None:
        if not len(runs):
            return
        rows = rows_of(runs, lambda kind, column: self._names[kind].codes(column))
        if (rows["started_us"][1:] < rows["started_us"][:-1]).any():
            rows = rows[np.argsort(rows["started_us"], kind="stable")]
        days = rows["started_us"] // MICROSECONDS_A_DAY
        starts = np.flatnonzero(np.concatenate([[True], days[1:] != days[:-1]])).tolist()
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            piece = (self._written_rows + start, end - start)
            self._pieces[int(days[start])][query_hash].append(piece)
        with _disk_errors():
            self._file.write(rows.tobytes())
        self._written_rows += len(rows)

    def finish(self) -> None:
        """Nothing is added from here on."""
        with _disk_errors():
            self._file.flush()

    def names(self) -> Mapping[NameKind, tuple[str, ...]]:
        """Of each kind, in order of the codes that the rows have."""
        return {kind: book.names() for kind, book in self._names.items()}

    def days(self) -> list[int]:
        return sorted(self._pieces)

    def run_counts(self, day: int) -> Mapping[str, int]:
        """Runs of each pattern on that day, those given twice counted twice."""
        return {
            query_hash: sum(count for _, count in pieces)
            for query_hash, pieces in self._pieces[day].items()
        }

    def rows(self, day: int, query_hash: str, first_us: int, last_us: int) -> Iterator[Rows]:
        """The runs that start in this time (both ends included), each piece in order of start;
        names are codes."""
        for first_row, count in self._pieces[day][query_hash]:
            rows = self._read(first_row, count)
            started_us = rows["started_us"]
            if started_us[0] < first_us or started_us[-1] > last_us:
                low = np.searchsorted(started_us, first_us, side="left")
                high = np.searchsorted(started_us, last_us, side="right")
                rows = rows[low:high]
            if len(rows):
                yield rows

    def started_us(self, day: int, query_hash: str) -> IntColumn:
        """Of all runs, in no order."""
        return np.concatenate(
            [self._read(*piece)["started_us"].copy() for piece in self._pieces[day][query_hash]]
        )

    def _read(self, first_row: int, count: int) -> NDArray[np.void]:
        size = ROW.itemsize
        stored = os.pread(self._file.fileno(), count * size, first_row * size)
        return np.frombuffer(stored, dtype=ROW)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            "The runs of the import could not be put aside beside the history store "
            f"({error.strerror}). Make room there, or choose another data directory."
        ) from error
