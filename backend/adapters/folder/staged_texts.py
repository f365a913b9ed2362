"""Statement texts of SYS_QUERY_TEXT that do not stand in the history, kept on disk meanwhile."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.typed_columns import names_at
from backend.adapters.folder.view_blocks import TypedBlock, view_blocks
from backend.adapters.folder.view_columns import TEXT
from backend.domain.errors import BadExportError
from backend.domain.runs import IntColumn, Mask
from backend.domain.statement_text import fills_its_column, join_chunks, octets_of
from backend.services.view_export import OnProblem


class StagedTexts:
    """Texts of more than one chunk, and on demand all others too.

    Memory holds eight bytes a text of several chunks; the chunks lie in a scratch database.
    """

    def __init__(self, files: Sequence[ExportFile], on_problem: OnProblem) -> None:
        self._files = files
        self._on_problem = on_problem
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-import-")
        self._database = sqlite3.connect(Path(self._folder.name) / "chunks.sqlite3")
        self._database.executescript(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            CREATE TABLE chunk (
                query_id INTEGER NOT NULL, sequence INTEGER NOT NULL, text BLOB NOT NULL,
                PRIMARY KEY (query_id, sequence)
            ) WITHOUT ROWID;
            CREATE TABLE wanted (query_id INTEGER PRIMARY KEY);
            """
        )
        self._ids_of_several: IntColumn = np.empty(0, dtype=np.int64)
        self._holds_all = False

    def __enter__(self) -> "StagedTexts":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()
        self._folder.cleanup()

    def stage_long_texts(self) -> None:
        """Two readings: which texts have several chunks, then those chunks."""
        several = [
            block["query_id"][block["sequence"] > 0]
            for block in self._good_blocks(self._on_problem)
        ]
        self._ids_of_several = np.unique(np.concatenate([self._ids_of_several, *several]))
        if len(self._ids_of_several):
            self._stage(only=self._ids_of_several)

    def has_several_chunks(self, query_ids: IntColumn) -> Mask:
        return _is_among(query_ids, self._ids_of_several)

    def texts(self, query_ids: IntColumn) -> dict[int, tuple[str, bool]]:
        """Still escaped, by id; and whether the text is known to be incomplete. Asked for a text
        of one chunk for the first time, it stages them all."""
        if not (self._holds_all or self.has_several_chunks(query_ids).all()):
            self._stage(only=None)
            self._holds_all = True
        self._database.execute("DELETE FROM wanted")
        self._database.executemany(
            "INSERT INTO wanted VALUES (?)", ((each,) for each in np.unique(query_ids).tolist())
        )
        chunks: dict[int, list[tuple[int, bytes]]] = {}
        for query_id, sequence, text in self._database.execute(
            """
            SELECT query_id, sequence, text FROM wanted JOIN chunk USING (query_id)
            ORDER BY query_id, sequence
            """
        ):
            chunks.setdefault(query_id, []).append((sequence, text))
        return {query_id: _joined(found) for query_id, found in chunks.items()}

    def _good_blocks(self, on_problem: OnProblem) -> Iterator[TypedBlock]:
        for block in view_blocks(self._files, TEXT, on_problem):
            yield block.good_rows(on_problem)

    def _stage(self, *, only: IntColumn | None) -> None:
        for block in self._good_blocks(_ignore):
            rows = block if only is None else block.take(_is_among(block["query_id"], only))
            self._database.executemany(
                "INSERT OR IGNORE INTO chunk VALUES (?, ?, ?)",
                zip(
                    rows["query_id"].tolist(),
                    rows["sequence"].tolist(),
                    (octets_of(text) for text in names_at(rows.columns["text"])),
                    strict=True,
                ),
            )
        self._database.commit()


def _is_among(ids: IntColumn, wanted: IntColumn) -> Mask:
    """`wanted` is sorted; np.isin would sort it again for every block."""
    if not len(wanted):
        return np.zeros(len(ids), dtype=np.bool_)
    at = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
    found: Mask = wanted[at] == ids
    return found


def _joined(chunks: Sequence[tuple[int, bytes]]) -> tuple[str, bool]:
    """Up to the first gap: behind a lost chunk the words would not belong together."""
    whole = [
        text.decode("utf-8", "surrogateescape")
        for position, (sequence, text) in enumerate(chunks)
        if sequence == position
    ]
    is_cut = len(whole) < len(chunks) or bool(whole and fills_its_column(whole[-1]))
    return join_chunks(whole), is_cut


def _ignore(problem: BadExportError) -> None:
    """For a second reading: the first one has told."""
