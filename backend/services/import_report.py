"""What an import tells: while it runs, and at its end."""

from collections import Counter
from dataclasses import dataclass, field

from backend.domain.errors import BadExportError
from backend.services.view_export import SkippedRows

NAMED_ROWS = 20
"""So many bad rows of one column of one file are named; the others are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportProgress:
    """`rows_done` counts rows of `file_name`, or patterns where no file is read."""

    stage: str
    rows_done: int = 0
    rows_total: int | None = None
    file_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """Every row of the history is in `new_runs`, `known_runs` or `skipped_rows`.

    `problems` names the first NAMED_ROWS bad rows of each column of a file and counts the rest in
    one last problem; `problem_count` counts them all. `alerts_kept_apart` are rows of
    STL_ALERT_EVENT_LOG that nothing ties to a pattern: STL numbers its queries otherwise than SYS.
    """

    new_runs: int
    known_runs: int
    skipped_rows: int
    pattern_count: int
    withheld_texts: int
    problems: tuple[BadExportError, ...]
    files_read: tuple[str, ...]
    files_missing: tuple[str, ...]
    skipped: SkippedRows = field(default_factory=SkippedRows)
    problem_count: int = 0
    cut_texts: int = 0
    alerts_kept_apart: int = 0


class ProblemLog:
    """Keeps the first problems of each kind and counts the others: a file may hold millions."""

    def __init__(self) -> None:
        self.count = 0
        self._named: list[BadExportError] = []
        self._count_of: Counter[tuple[str, str, str]] = Counter()

    def add(self, problem: BadExportError) -> None:
        self.count += 1
        kind = (problem.file_name, problem.column_name or "", problem.problem)
        self._count_of[kind] += 1
        if self._count_of[kind] <= NAMED_ROWS:
            self._named.append(problem)

    def problems(self) -> tuple[BadExportError, ...]:
        more = [
            BadExportError(
                f"{problem}, in {count - NAMED_ROWS:,} more rows",
                file_name=file_name,
                column_name=column_name or None,
            )
            for (file_name, column_name, problem), count in self._count_of.items()
            if count > NAMED_ROWS
        ]
        order = list(dict.fromkeys(file_name for file_name, _, _ in self._count_of))
        named = sorted(
            self._named, key=lambda each: (order.index(each.file_name), each.row_number or 0)
        )
        return (*named, *more)

    def refuse_any(self) -> None:
        """Raises the first problem, if there is one, and says how many there are."""
        if not self._named:
            return
        first = self.problems()[0]
        word = "problem" if self.count == 2 else "problems"
        others = f" ({self.count - 1:,} more {word})" if self.count > 1 else ""
        raise BadExportError(
            first.problem + others,
            file_name=first.file_name,
            row_number=first.row_number,
            column_name=first.column_name,
        )
