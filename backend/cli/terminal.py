"""What the command line says, and where: answers on stdout, everything else on stderr."""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from textwrap import indent
from typing import TextIO

from backend.cli.plain_text import one_line, plain

SCREEN_WIDTH = 79
NARROWEST_COLUMN = 20


@dataclass(frozen=True, kw_only=True)
class Column:
    heading: str
    is_number: bool = False
    width: int | None = None
    """Longer texts are cut to it; None keeps them whole."""


@dataclass(kw_only=True)
class Terminal:
    """Progress is one line that is written over on a terminal, and plain lines elsewhere."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    _progress_width: int = 0
    _step: str | None = None
    _json_entries: int = 0

    def say(self, text: str = "") -> None:
        print(plain(text), file=self.out)

    def json(self, value: object) -> None:
        print(json.dumps(value, indent=2), file=self.out)

    def json_entry(self, value: object) -> None:
        """The next object of a list that is printed as it comes; `end_json_list` ends it."""
        print("[" if not self._json_entries else ",", file=self.out)
        print(indent(json.dumps(value, indent=2), "  "), end="", file=self.out)
        self._json_entries += 1

    def end_json_list(self) -> None:
        print("\n]" if self._json_entries else "[]", file=self.out)
        self._json_entries = 0

    def remark(self, text: str) -> None:
        self._clear_progress()
        print(plain(text), file=self.err)

    def progress(self, text: str, *, step: str | None = None) -> None:
        """A passing state: on a terminal the next one takes its place. Elsewhere only the first
        of those with the same `step` is told."""
        flat = one_line(text, width=SCREEN_WIDTH)
        if not self.err.isatty():
            if step is None or step != self._step:
                print(flat, file=self.err, flush=True)
            self._step = step
            return
        print(f"\r{flat.ljust(self._progress_width)}", end="", file=self.err, flush=True)
        self._progress_width = len(flat)

    def end_progress(self) -> None:
        self._clear_progress()

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Aligned plain text; a heading line, then the rows."""
        texts = [
            [one_line(cell, width=column.width) for column, cell in zip(columns, row, strict=True)]
            for row in rows
        ]
        lines = [[column.heading for column in columns], *texts]
        widths = [max(len(line[position]) for line in lines) for position in range(len(columns))]
        if self.out.isatty() and columns[-1].width:
            # What does not fit is cut from the last column; the others would mean nothing cut.
            room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
            widths[-1] = min(widths[-1], max(room, NARROWEST_COLUMN))
            lines = [[*line[:-1], one_line(line[-1], width=widths[-1])] for line in lines]
        for line in lines:
            cells = [
                cell.rjust(width) if column.is_number else cell.ljust(width)
                for column, cell, width in zip(columns, line, widths, strict=True)
            ]
            print("  ".join(cells).rstrip(), file=self.out)

    def _clear_progress(self) -> None:
        if self._progress_width:
            print(f"\r{' ' * self._progress_width}\r", end="", file=self.err, flush=True)
            self._progress_width = 0
