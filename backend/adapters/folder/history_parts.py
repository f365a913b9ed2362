"""Runs with their statements, from blocks of SYS_QUERY_HISTORY."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from backend.adapters.folder.export_files import ExportFile
from backend.adapters.folder.staged_texts import StagedTexts
from backend.adapters.folder.view_blocks import TypedBlock, view_blocks
from backend.adapters.folder.view_columns import View
from backend.domain.errors import BadExportError
from backend.domain.runs import IntColumn, Mask, Names, Runs, RunStatus
from backend.domain.statement_text import fills_its_column
from backend.services.view_export import (
    OWN_LABEL,
    UNKNOWN_CLASS,
    HistoryPart,
    OnProblem,
    QueueColumns,
    SkippedRows,
)
from backend.sql.scanner import unescape

_STATUS = {
    "success": RunStatus.SUCCESS,
    "failed": RunStatus.FAILED,
    "canceled": RunStatus.CANCELED,
    "cancelled": RunStatus.CANCELED,
}
_UNFINISHED = 255
_STAGED_TEXTS_AT_A_TIME = 2_000  # of up to 64 KB or so each
_SERVICE_CLASS = re.compile(r"-?\d{1,4}", re.ASCII)
_FIRST_USER_ID = 2  # 0 and 1 are the system's own.


def history_parts(
    files: Sequence[ExportFile], view: View, texts: StagedTexts, on_problem: OnProblem
) -> Iterator[HistoryPart]:
    for block in view_blocks(files, view, on_problem):
        finished, skipped = _finished(block)
        good = finished.good_rows(on_problem)
        skipped = replace(skipped, bad=len(finished) - len(good))
        for stretch in _stretches(good, texts):
            yield _part(stretch, skipped, texts, on_problem)
            skipped = SkippedRows()


def _finished(block: TypedBlock) -> tuple[TypedBlock, SkippedRows]:
    """The rows that should give runs, and how many others there are."""
    status = _status(block)
    is_unfinished = (status == _UNFINISHED) & ~_lacks(block, "status")
    user = block.columns["user_id"]
    is_system = ~is_unfinished & ~user.is_missing & ~user.is_bad & (user.values < _FIRST_USER_ID)
    labels = block.names("query_label")
    own_codes = [code for code, name in enumerate(labels.names) if name == OWN_LABEL]
    is_own = ~is_unfinished & ~is_system & np.isin(labels.codes, own_codes)
    skipped = SkippedRows(
        unfinished=int(is_unfinished.sum()),
        system=int(is_system.sum()),
        own=int(is_own.sum()),
    )
    return block.take(~(is_unfinished | is_system | is_own)), skipped


def _stretches(block: TypedBlock, texts: StagedTexts) -> Iterator[TypedBlock]:
    """Of so many rows that their long texts fit into memory; at least one."""
    texts_before = np.cumsum(_is_elsewhere(block, texts))
    stretch_of_row = texts_before // _STAGED_TEXTS_AT_A_TIME
    if not len(block) or stretch_of_row[0] == stretch_of_row[-1]:
        yield block
        return
    for stretch in range(int(stretch_of_row[-1]) + 1):
        yield block.take(stretch_of_row == stretch)


def _part(
    rows: TypedBlock, skipped: SkippedRows, texts: StagedTexts, on_problem: OnProblem
) -> HistoryPart:
    statements = _statements(rows, texts, on_problem)
    has_text = statements.text_of_row >= 0
    runs = rows.take(has_text)
    return HistoryPart(
        file_name=rows.file_name,
        rows_read=rows.rows_read,
        skipped=replace(skipped, bad=skipped.bad + len(rows) - len(runs)),
        runs=_runs(runs),
        texts=statements.texts,
        text_of_run=statements.text_of_row[has_text],
        native_hash=runs.names("generic_query_hash"),
        query_type=runs.names("query_type"),
        queues=_queues(runs),
        cut_texts=statements.cut_texts,
    )


def _is_elsewhere(block: TypedBlock, texts: StagedTexts) -> Mask:
    """Whose text has to be looked up in SYS_QUERY_TEXT."""
    found: Mask = block.columns["query_text"].is_missing | texts.has_several_chunks(
        block["query_id"]
    )
    return found


def _lacks(block: TypedBlock, name: str) -> Mask:
    column = block.columns[name]
    return column.is_missing | column.is_bad


def _status(block: TypedBlock) -> NDArray[np.uint8]:
    names = block.names("status")
    number = [_STATUS.get(name.lower(), _UNFINISHED) for name in names.names]
    return np.array(number, dtype=np.uint8)[names.codes]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Statements:
    """`text_of_row` is -1 where no view has the text."""

    texts: tuple[str, ...]
    text_of_row: NDArray[np.int32]
    cut_texts: int


def _statements(block: TypedBlock, staged: StagedTexts, on_problem: OnProblem) -> _Statements:
    """Each distinct text is looked at once, whichever view it comes from."""
    column = block.columns["query_text"]
    query_ids = block["query_id"]
    stands_here = ~_is_elsewhere(block, staged)
    position_of: dict[str, int] = {}
    cut_texts = 0
    of_code = np.full(len(column.names), -1, dtype=np.int32)
    for code in np.unique(column.values[stands_here]).tolist():
        escaped = column.names[code]
        cut_texts += fills_its_column(escaped)
        of_code[code] = position_of.setdefault(unescape(escaped), len(position_of))
    text_of_row = np.where(stands_here, of_code[column.values], -1).astype(np.int32)
    rows_elsewhere = np.flatnonzero(~stands_here)
    found = staged.texts(query_ids[rows_elsewhere]) if len(rows_elsewhere) else {}
    for row in rows_elsewhere.tolist():
        escaped, is_cut = found.get(int(query_ids[row]), ("", True))
        escaped = escaped or column.names[column.values[row]]
        if escaped:
            cut_texts += is_cut
            text_of_row[row] = position_of.setdefault(unescape(escaped), len(position_of))
        else:
            on_problem(
                BadExportError(
                    "is empty, and sys_query_text has no text of this query either",
                    file_name=block.file_name,
                    row_number=int(block.row_numbers[row]),
                    column_name="query_text",
                )
            )
    return _Statements(texts=tuple(position_of), text_of_row=text_of_row, cut_texts=cut_texts)


def _runs(block: TypedBlock) -> Runs:
    return Runs(
        query_id=block["query_id"],
        started_us=block["start_time"],
        elapsed_us=block["elapsed_time"],
        queue_us=_never_negative(block, "queue_time"),
        planning_us=_never_negative(block, "planning_time"),
        compile_us=_never_negative(block, "compile_time"),
        lock_wait_us=_never_negative(block, "lock_wait_time"),
        execution_us=_never_negative(block, "execution_time"),
        returned_rows=_never_negative(block, "returned_rows"),
        returned_bytes=_never_negative(block, "returned_bytes"),
        status=_status(block),
        is_cache_hit=block["result_cache_hit"].astype(np.bool_),
        # Empty on Serverless, `primary` on the main cluster.
        is_scaled=~_is_one_of(block.names("compute_type"), "", "primary"),
        user_name=_user_names(block),
        database_name=block.names("database_name"),
        query_label=block.names("query_label"),
        redshift_version=block.names("redshift_version"),
    )


def _queues(block: TypedBlock) -> QueueColumns:
    return QueueColumns(
        service_class=_service_classes(block.names("service_class_id")),
        queue_name=block.names("service_class_name"),
        priority=block.names("query_priority"),
        is_short_accelerated=_is_one_of(block.names("short_query_accelerated"), "true", "t"),
    )


def _service_classes(names: Names) -> IntColumn:
    numbers = [
        int(name) if _SERVICE_CLASS.fullmatch(name) else UNKNOWN_CLASS for name in names.names
    ]
    return np.array(numbers or [UNKNOWN_CLASS], dtype=np.int64)[names.codes]


def _is_one_of(names: Names, *wanted: str) -> Mask:
    is_wanted = np.array([name.lower() in wanted for name in names.names], dtype=np.bool_)
    found: Mask = is_wanted[names.codes]
    return found


def _never_negative(block: TypedBlock, name: str) -> IntColumn:
    """Views write -1 for what they did not measure."""
    return np.maximum(block[name], 0)


def _user_names(block: TypedBlock) -> Names:
    """Older patches have no `username`: then the id says who it was."""
    given = block.names("username")
    is_nameless = block.columns["username"].is_missing
    if not is_nameless.any():
        return given
    users = block.columns["user_id"]
    ids, position = np.unique(np.where(users.is_missing, -1, users.values), return_inverse=True)
    stand_ins = tuple("unknown" if user_id < 0 else f"user {user_id}" for user_id in ids.tolist())
    codes = np.where(is_nameless, len(given.names) + position, given.codes)
    return Names(codes=codes.astype(np.int32), names=(*given.names, *stand_ins))
