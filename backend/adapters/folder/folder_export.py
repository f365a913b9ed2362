"""View exports that lie as files in one folder."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from backend.adapters.folder import cluster_rows, evidence_rows, lake_rows
from backend.adapters.folder.export_files import ExportFile, find_export_files, unread_names
from backend.adapters.folder.history_parts import history_parts
from backend.adapters.folder.staged_texts import StagedTexts
from backend.adapters.folder.view_blocks import view_blocks
from backend.adapters.folder.view_columns import (
    DETAIL,
    EXPLAIN,
    EXTERNAL_DETAIL,
    HISTORY,
    LOADS,
    VIEWS,
)
from backend.domain.cluster_use import Queue, ServerlessHour
from backend.domain.errors import BadExportError
from backend.domain.evidence import AdvisorRow, Table
from backend.domain.lake import LakeTable
from backend.domain.materialized_view import MaterializedView
from backend.domain.runs import IntColumn
from backend.services.view_export import (
    AlertRow,
    DetailPart,
    DetailRow,
    EvidenceView,
    HistoryPart,
    LakeRow,
    LoadRow,
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
        columns = {
            "sys_query_detail": DETAIL,
            "sys_query_explain": EXPLAIN,
            "sys_external_query_detail": EXTERNAL_DETAIL,
            "sys_load_history": LOADS,
        }[view]
        for block in view_blocks(self._of(view), columns, on_problem):
            yield block.file_name, block.rows_read, block.good_rows(on_problem)["query_id"]

    def detail_parts(self, on_problem: OnProblem) -> Iterator[DetailPart]:
        return evidence_rows.detail_parts(self._of("sys_query_detail"), on_problem)

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

    def lake_rows(self) -> Iterator[LakeRow]:
        return lake_rows.lake_rows(self._of("sys_external_query_detail"))

    def lake_errors(self, on_problem: OnProblem) -> Iterator[int]:
        return lake_rows.lake_errors(self._of("sys_external_query_error"), on_problem)

    def load_rows(self) -> Iterator[LoadRow]:
        return lake_rows.load_rows(self._of("sys_load_history"))

    def lake_tables(self, on_problem: OnProblem) -> Iterator[LakeTable]:
        return lake_rows.lake_tables(
            self._of("svv_external_tables"), self._of("svv_external_columns"), on_problem
        )

    def materialized_views(self, on_problem: OnProblem) -> Iterator[MaterializedView]:
        return cluster_rows.materialized_views(
            self._of("svv_mv_info"), self._of("sys_mv_refresh_history"), on_problem
        )

    def queues(self, on_problem: OnProblem) -> Iterator[Queue]:
        return cluster_rows.queues(
            self._of("stv_wlm_service_class_config"), self._of("stv_wlm_qmr_config"), on_problem
        )

    def slice_count(self, on_problem: OnProblem) -> int | None:
        return cluster_rows.slice_count(self._of("stv_slices"), on_problem)

    def serverless_hours(self, on_problem: OnProblem) -> Iterator[ServerlessHour]:
        return cluster_rows.serverless_hours(self._of("sys_serverless_usage"), on_problem)

    def _of(self, view: str) -> Sequence[ExportFile]:
        return self._files.get(view, ())
