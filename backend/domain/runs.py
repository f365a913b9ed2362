"""Many runs side by side: one numpy column for each figure of SYS_QUERY_HISTORY."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntColumn = NDArray[np.int64]
Mask = NDArray[np.bool_]

NUMBER_COLUMNS = (
    "query_id",
    "started_us",
    "elapsed_us",
    "queue_us",
    "planning_us",
    "compile_us",
    "lock_wait_us",
    "execution_us",
    "returned_rows",
    "returned_bytes",
)
NAME_COLUMNS = ("user_name", "database_name", "query_label", "redshift_version")


class RunStatus(IntEnum):
    """How a run ended (SYS_QUERY_HISTORY.status); runs still under way are never kept."""

    SUCCESS = 0
    FAILED = 1
    CANCELED = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """A text column with few distinct values: `codes[i]` points into `names`."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> "Names":
        names = tuple(dict.fromkeys(values))
        code_of = {name: code for code, name in enumerate(names)}
        codes = np.fromiter((code_of[v] for v in values), dtype=np.int32, count=len(values))
        return cls(codes=codes, names=names)

    def take(self, rows: NDArray[np.intp] | Mask) -> "Names":
        return Names(codes=self.codes[rows], names=self.names)

    def compact(self) -> "Names":
        """The same values without names that no row uses, in order of name."""
        used = np.unique(self.codes)
        kept = sorted((self.names[code], int(code)) for code in used)
        new_code = np.zeros(len(self.names), dtype=np.int32)
        for position, (_, code) in enumerate(kept):
            new_code[code] = position
        return Names(codes=new_code[self.codes], names=tuple(name for name, _ in kept))

    def __len__(self) -> int:
        return len(self.codes)

    def tolist(self) -> list[str]:
        return [self.names[code] for code in self.codes.tolist()]

    @staticmethod
    def concat(parts: Sequence["Names"]) -> "Names":
        names = tuple(dict.fromkeys(name for part in parts for name in part.names))
        code_of = {name: code for code, name in enumerate(names)}
        codes = [
            np.array([code_of[name] for name in part.names], dtype=np.int32)[part.codes]
            if len(part.codes)
            else part.codes
            for part in parts
        ]
        return Names(codes=np.concatenate(codes), names=names)


@dataclass(frozen=True, kw_only=True, slots=True)
class Runs:
    """Runs as columns of equal length; times in microseconds as the SYS views give them.

    `started_us` counts from 1970-01-01 UTC. A run is known by (`query_id`, `started_us`).
    `is_scaled` where it ran on a concurrency-scaling cluster (`compute_type`).
    """

    query_id: IntColumn
    started_us: IntColumn
    elapsed_us: IntColumn
    queue_us: IntColumn
    planning_us: IntColumn
    compile_us: IntColumn
    lock_wait_us: IntColumn
    execution_us: IntColumn
    returned_rows: IntColumn
    returned_bytes: IntColumn
    status: NDArray[np.uint8]
    is_cache_hit: Mask
    is_scaled: Mask
    user_name: Names
    database_name: Names
    query_label: Names
    redshift_version: Names

    def __len__(self) -> int:
        return len(self.query_id)

    @property
    def is_timed(self) -> Mask:
        """Runs to learn from: ended well, and not answered from the result cache."""
        ended_well: Mask = self.status == RunStatus.SUCCESS
        return ended_well & ~self.is_cache_hit

    def take(self, rows: NDArray[np.intp] | Mask) -> "Runs":
        columns: dict[str, Any] = {}
        for field in fields(self):
            column = getattr(self, field.name)
            columns[field.name] = column.take(rows) if isinstance(column, Names) else column[rows]
        return Runs(**columns)

    def in_order(self) -> "Runs":
        """Oldest first, each run once (the first of equal ones is kept)."""
        order = np.lexsort((self.query_id, self.started_us))
        ids, starts = self.query_id[order], self.started_us[order]
        is_first = np.ones(len(order), dtype=np.bool_)
        is_first[1:] = (ids[1:] != ids[:-1]) | (starts[1:] != starts[:-1])
        return self.take(order[is_first])

    @staticmethod
    def concat(parts: Sequence["Runs"]) -> "Runs":
        columns: dict[str, Any] = {}
        for field in fields(Runs):
            pieces = [getattr(part, field.name) for part in parts]
            columns[field.name] = (
                Names.concat(pieces) if isinstance(pieces[0], Names) else np.concatenate(pieces)
            )
        return Runs(**columns)

    @staticmethod
    def empty() -> "Runs":
        numbers: dict[str, Any] = {name: np.empty(0, dtype=np.int64) for name in NUMBER_COLUMNS}
        nobody: Any = Names(codes=np.empty(0, dtype=np.int32), names=())
        return Runs(
            **numbers,
            **dict.fromkeys(NAME_COLUMNS, nobody),
            status=np.empty(0, dtype=np.uint8),
            is_cache_hit=np.empty(0, dtype=np.bool_),
            is_scaled=np.empty(0, dtype=np.bool_),
        )


TIME_COLUMNS = ("started_us", "elapsed_us", "queue_us", "lock_wait_us")


@dataclass(frozen=True, kw_only=True, slots=True)
class RunTimes:
    """When runs of many patterns started and how long they waited; `pattern` is a number."""

    pattern: IntColumn
    started_us: IntColumn
    elapsed_us: IntColumn
    queue_us: IntColumn
    lock_wait_us: IntColumn
