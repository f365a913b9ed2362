"""What the COPY statements of a pattern loaded (SYS_LOAD_HISTORY). No path of a file is kept."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class LoadDay:
    """All COPY runs of a pattern into one table from one format on one UTC day.

    `file_counts` says how many copies read how many files each: (files, copies), the most
    frequent ones.
    """

    day: date
    table_name: str
    file_format: str
    copies: int
    files: int
    file_bytes: int
    loaded_rows: int = 0
    seconds: float = 0.0
    errors: int = 0
    file_counts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Load:
    """The same over all recorded days of a window."""

    table_name: str
    file_format: str
    days: int
    copies: int
    files: int
    file_bytes: int
    loaded_rows: int = 0
    seconds: float = 0.0
    errors: int = 0
    file_counts: tuple[tuple[int, int], ...] = ()

    @property
    def bytes_a_file(self) -> float:
        return self.file_bytes / self.files if self.files else 0.0

    @property
    def bytes_a_copy(self) -> float:
        return self.file_bytes / self.copies if self.copies else 0.0

    @property
    def files_a_copy(self) -> float:
        return self.files / self.copies if self.copies else 0.0


def idle_slice_share(file_counts: tuple[tuple[int, int], ...], slices: int) -> float:
    """0..1 of the slices' time in which they have no file to load.

    Files that cannot be split are loaded one a slice, in rounds: 17 files on 16 slices take two
    rounds, of which 15/32 is idle. Files are taken to be of one size.
    """
    copies = sum(count for _, count in file_counts)
    if copies <= 0 or slices <= 0:
        return 0.0
    idle = sum(
        count * (1 - files / (slices * -(-files // slices)))
        for files, count in file_counts
        if files > 0
    )
    return idle / copies


def loads_of(days: tuple[LoadDay, ...], first_day: date, last_day: date) -> tuple[Load, ...]:
    """By table and format, the longest first."""
    grouped: dict[tuple[str, str], list[LoadDay]] = {}
    for one in days:
        if first_day <= one.day <= last_day:
            grouped.setdefault((one.table_name, one.file_format), []).append(one)
    loads = [_summed(same) for same in grouped.values()]
    return tuple(sorted(loads, key=lambda load: (-load.seconds, load.table_name)))


def _summed(days: list[LoadDay]) -> Load:
    counts: dict[int, int] = {}
    for files, copies in (pair for one in days for pair in one.file_counts):
        counts[files] = counts.get(files, 0) + copies
    return Load(
        table_name=days[0].table_name,
        file_format=days[0].file_format,
        days=len(days),
        copies=sum(one.copies for one in days),
        files=sum(one.files for one in days),
        file_bytes=sum(one.file_bytes for one in days),
        loaded_rows=sum(one.loaded_rows for one in days),
        seconds=sum(one.seconds for one in days),
        errors=sum(one.errors for one in days),
        file_counts=tuple(sorted(counts.items())),
    )
