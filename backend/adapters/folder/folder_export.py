"""View exports that lie as files in one folder."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from backend.adapters.folder import evidence_rows, table_event_rows
from backend.adapters.folder.export_files import ExportFile, find_export_files, unread_names
from backend.adapters.folder.history_parts import history_parts
from backend.adapters.folder.staged_texts import StagedTexts
from backend.adapters.folder.view_blocks import view_blocks
from backend.adapters.folder.view_columns import DETAIL, EXPLAIN, HISTORY, VIEWS
from backend.domain.errors import BadExportError
from backend.domain.evidence import AdvisorRow, Table
from backend.domain.runs import IntColumn
from backend.domain.table_history import TableEvent
from backend.services.view_export import (
    AlertRow,
    DetailRow,
    EvidenceView,
    HistoryPart,
    OnProblem,
)
from backend.sql.plan_rows import PlanRow


def open_export_folder(path: Path) -> "FolderExport":
    """Raises UnusableInputError if it is no folder or cannot be read."""
    return FolderExport(find_export_files(path), unread=unread_names(path, HISTORY.name))


class FolderExport:
    """A view is one file or several parts, each `.csv`, `.csv.gz`, `.parquet`, `.jsonl` or
    `.jsonl.gz`. Fulfils ViewExport."""

    def __init__(
        self, files: Mapping[str, Sequence[ExportFile]], *, unread: Sequence[str] = ()
    ) -> None:
        self._files = files
        self._unread = unread

    @property
    def files_read(self) -> tuple[str, ...]:
        return tuple(file.name for view in VIEWS for file in self._of(view.name))

    @property
    def files_missing(self) -> tuple[str, ...]:
        return tuple(view.name for view in VIEWS if not self._of(view.name))

    def history(self, on_problem: OnProblem) -> Iterator[HistoryPart]:
        files, text_files = self._of("sys_query_history"), self._of("sys_query_text")
        if not files:
            problem = "the folder holds no such file (.csv, .csv.gz, .parquet or .jsonl)"
            hint = f"; it does not read {self._unread[0]}" if self._unread else ""
            raise BadExportError(problem + hint, file_name="sys_query_history")
        view = HISTORY if text_files else HISTORY.requiring("query_text")
        with StagedTexts(text_files, on_problem) as texts:
            texts.stage_long_texts()
            yield from history_parts(files, view, texts, on_problem)

    def recorded_query_ids(
        self, view: EvidenceView, on_problem: OnProblem
    ) -> Iterator[tuple[str, int, IntColumn]]:
        columns = {"sys_query_detail": DETAIL, "sys_query_explain": EXPLAIN}[view]
        for block in view_blocks(self._of(view), columns, on_problem):
            yield block.file_name, block.rows_read, block.good_rows(on_problem)["query_id"]

    def detail_rows(self, query_ids: Collection[int]) -> Iterator[DetailRow]:
        return evidence_rows.detail_rows(self._of("sys_query_detail"), query_ids)

    def plan_rows(self, query_ids: Collection[int]) -> Iterator[tuple[int, PlanRow]]:
        return evidence_rows.plan_rows(self._of("sys_query_explain"), query_ids)

    def alert_rows(self, on_problem: OnProblem) -> Iterator[AlertRow]:
        return evidence_rows.alert_rows(self._of("stl_alert_event_log"), on_problem)

    def tables(self, on_problem: OnProblem) -> Iterator[Table]:
        return evidence_rows.tables(
            self._of("svv_table_info"), self._of("svv_redshift_columns"), on_problem
        )

    def advisor_rows(self, on_problem: OnProblem) -> Iterator[AdvisorRow]:
        return evidence_rows.advisor_rows(
            self._of("svv_alter_table_recommendations"), self._of("svv_table_info"), on_problem
        )

    def table_events(self, on_problem: OnProblem) -> Iterator[TableEvent]:
        return table_event_rows.table_events(
            self._of("sys_analyze_history"),
            self._of("sys_vacuum_history"),
            self._of("sys_auto_table_optimization"),
            self._of("svv_table_info"),
            on_problem,
        )

    def _of(self, view: str) -> Sequence[ExportFile]:
        return self._files.get(view, ())
