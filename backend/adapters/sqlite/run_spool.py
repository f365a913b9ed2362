"""Runs on their way in, put aside on disk until the writer has the store to itself.

An import reads its files for a minute; meanwhile the store stays free for others and memory flat,
and each day's block is then packed once, in whatever order the runs came.
"""

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import StoreUnavailableError
from backend.domain.runs import NAME_COLUMNS, NUMBER_COLUMNS, Names, Runs

MICROSECONDS_A_DAY = 86_400_000_000

ROW = np.dtype(
    [
        *((name, "<i8") for name in NUMBER_COLUMNS),
        *((name, "<i4") for name in NAME_COLUMNS),
        ("status", "u1"),
        ("is_cache_hit", "?"),
    ]
)


class SpooledNames:
    """One text column's names over all parts: parts number theirs each in its own way."""

    def __init__(self) -> None:
        self._code_of: dict[str, int] = {}
        self._last: tuple[Sequence[str], NDArray[np.int32]] = ((), np.empty(0, dtype=np.int32))

    def codes(self, column: Names) -> NDArray[np.int32]:
        if not len(column):
            return column.codes
        # The parts of one batch share their names: translate them once.
        if self._last[0] is not column.names:
            known = self._code_of
            codes = [known.setdefault(name, len(known)) for name in column.names]
            self._last = (column.names, np.array(codes, dtype=np.int32))
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
        self._names = {name: SpooledNames() for name in NAME_COLUMNS}
        self._frozen_names: dict[str, tuple[str, ...]] | None = None
        self._places: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(
            lambda: defaultdict(list)
        )

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
        rows = self._rows(runs)
        if (rows["started_us"][1:] < rows["started_us"][:-1]).any():
            rows = rows[np.argsort(rows["started_us"], kind="stable")]
        days = rows["started_us"] // MICROSECONDS_A_DAY
        starts = np.flatnonzero(np.concatenate([[True], days[1:] != days[:-1]])).tolist()
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            place = (self._written_rows + start, end - start)
            self._places[int(days[start])][query_hash].append(place)
        with _disk_errors():
            self._file.write(rows.tobytes())
        self._written_rows += len(rows)

    def days(self) -> list[int]:
        return sorted(self._places)

    def hashes_of(self, day: int) -> list[str]:
        return list(self._places[day])

    def runs(self, query_hash: str, day: int) -> Runs:
        """Oldest first, each once."""
        if self._frozen_names is None:
            with _disk_errors():
                self._file.flush()
            self._frozen_names = {name: book.names() for name, book in self._names.items()}
        size = ROW.itemsize
        stored = b"".join(
            os.pread(self._file.fileno(), count * size, first_row * size)
            for first_row, count in self._places[day][query_hash]
        )
        rows = np.frombuffer(stored, dtype=ROW)
        columns: dict[str, Any] = {name: rows[name] for name in (*NUMBER_COLUMNS, "status")}
        for name in NAME_COLUMNS:
            columns[name] = Names(codes=rows[name], names=self._frozen_names[name])
        return Runs(**columns, is_cache_hit=rows["is_cache_hit"]).in_order()

    def _rows(self, runs: Runs) -> NDArray[Any]:
        rows = np.empty(len(runs), dtype=ROW)
        for name in (*NUMBER_COLUMNS, "status", "is_cache_hit"):
            rows[name] = getattr(runs, name)
        for name in NAME_COLUMNS:
            rows[name] = self._names[name].codes(getattr(runs, name))
        return rows


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            "The runs of the import could not be put aside beside the history store "
            f"({error.strerror}). Make room there, or choose another data directory."
        ) from error
