import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.adapters.folder import open_export_folder
from backend.domain.errors import BadExportError, UnusableInputError
from backend.domain.runs import RunStatus
from backend.services.view_export import SkippedRows
from tests.builders import microseconds
from tests.unit.importing.exports import (
    ENDINGS,
    a_history_row,
    as_csv,
    places,
    read_history,
    texts_by_id,
    write_rows,
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_gives_the_same_runs(tmp_path: Path, ending: str) -> None:
    rows = [a_history_row(1), a_history_row(2, status="failed", result_cache_hit="t")]
    write_rows(tmp_path / f"sys_query_history.{ending}", rows)

    [part], problems = read_history(tmp_path)

    assert problems == []
    assert part.runs.query_id.tolist() == [1, 2]
    assert part.runs.elapsed_us.tolist() == [1_000_000, 1_000_000]
    assert part.runs.status.tolist() == [RunStatus.SUCCESS, RunStatus.FAILED]
    assert part.runs.is_cache_hit.tolist() == [False, True]
    assert part.runs.user_name.tolist() == ["ana", "ana"]
    assert part.native_hash.tolist() == ["native-1", "native-1"]
    assert part.texts == ("select 1",)


@pytest.mark.parametrize(
    "name",
    [
        "sys_query_history000.csv",
        "sys_query_history_0001_part_00.csv",
        "sys_query_history0003_part_07.csv",
        "SYS_QUERY_HISTORY.CSV",
        "sys_query_history_1.csv",
        "sys_query_history.000.csv",
        "sys_query_history.csv000",
        "sys_query_history0001_part_00",
        "sys_query_history_20261108T101112Z.csv",
    ],
)
def test_parts_are_known_by_the_names_that_unload_gives(tmp_path: Path, name: str) -> None:
    write_rows(tmp_path / name.lower(), [a_history_row(1)]).rename(tmp_path / name)

    export = open_export_folder(tmp_path)

    assert export.files_read == (name,)
    assert "sys_query_history" not in export.files_missing


@pytest.mark.parametrize("ending", ["csv", "jsonl", "jsonl.gz", "parquet"])
def test_a_part_whose_name_has_no_ending_is_known_by_its_content(
    tmp_path: Path, ending: str
) -> None:
    path = write_rows(tmp_path / f"sys_query_history.{ending}", [a_history_row(1)])
    packed = ".gz" if ending.endswith("gz") else ""
    path.rename(tmp_path / f"sys_query_history0001_part_00{packed}")

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: "select 1"}


def test_a_parquet_file_is_read_whatever_its_name_says(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "sys_query_history.parquet", [a_history_row(1)])
    path.rename(tmp_path / "sys_query_history.csv")

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: "select 1"}


def test_a_file_that_is_no_export_but_looks_like_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "sys_query_history.csv.zst").write_bytes(b"x")

    with pytest.raises(BadExportError, match=r"does not read sys_query_history\.csv\.zst"):
        read_history(tmp_path)


@pytest.mark.parametrize("word", ["NULL", "null", "\\N"])
def test_a_word_for_null_is_no_name(tmp_path: Path, word: str) -> None:
    named = dict.fromkeys(["username", "database_name", "generic_query_hash"], word)
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1) | named])

    [part], _ = read_history(tmp_path)

    assert part.runs.user_name.tolist() == ["user 100"]
    assert part.runs.database_name.tolist() == [""]
    assert part.native_hash.tolist() == [""]


def test_several_parts_are_one_history(tmp_path: Path) -> None:
    write_rows(tmp_path / "sys_query_history000.csv.gz", [a_history_row(1)])
    write_rows(tmp_path / "sys_query_history001.jsonl", [a_history_row(2)])
    write_rows(tmp_path / "sys_query_history002.parquet", [a_history_row(3)])

    parts, _ = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 2, 3]


def test_a_file_of_another_name_is_left_alone(tmp_path: Path) -> None:
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1)])
    write_rows(tmp_path / "sys_query_history_backup.csv", [a_history_row(2)])
    (tmp_path / "notes.txt").write_text("hello")

    assert open_export_folder(tmp_path).files_read == ("sys_query_history.csv",)


def test_header_names_may_be_upper_case_and_columns_in_any_order(tmp_path: Path) -> None:
    row = a_history_row(1, error_message="no use for it")
    upper = {name.upper(): row[name] for name in reversed(row)}
    write_rows(tmp_path / "sys_query_history.csv", [upper])

    [part], problems = read_history(tmp_path)

    assert problems == []
    assert part.runs.user_name.tolist() == ["ana"]


@pytest.mark.parametrize("delimiter", ["|", ";", "\t"])
def test_other_delimiters_are_seen_from_the_header(tmp_path: Path, delimiter: str) -> None:
    octets = as_csv([a_history_row(1)], delimiter=delimiter)
    (tmp_path / "sys_query_history.csv").write_bytes(octets)

    assert texts_by_id(read_history(tmp_path)[0]) == {1: "select 1"}


def test_only_five_columns_are_needed(tmp_path: Path) -> None:
    needed = ("query_id", "start_time", "elapsed_time", "status", "query_text")
    row = {name: a_history_row(1)[name] for name in needed}
    write_rows(tmp_path / "sys_query_history.csv", [row])

    [part], problems = read_history(tmp_path)

    assert problems == []
    assert part.runs.queue_us.tolist() == [0]
    assert part.runs.user_name.tolist() == ["unknown"]
    assert part.runs.is_cache_hit.tolist() == [False]


def test_who_has_no_name_is_known_by_number(tmp_path: Path) -> None:
    rows = [a_history_row(1, username="", user_id="104"), a_history_row(2, username="ana   ")]
    write_rows(tmp_path / "sys_query_history.csv", rows)

    [part], _ = read_history(tmp_path)

    assert part.runs.user_name.tolist() == ["user 104", "ana"]


def test_unfinished_system_and_own_runs_are_counted_not_imported(tmp_path: Path) -> None:
    rows = [
        a_history_row(1, status="running", elapsed_time=""),
        a_history_row(2, status="queued", elapsed_time=""),
        a_history_row(3, user_id="1"),
        a_history_row(4, query_label="slowq-reviewer "),
        a_history_row(5, status="canceled  "),
    ]
    write_rows(tmp_path / "sys_query_history.csv", rows)

    [part], problems = read_history(tmp_path)

    assert problems == []
    assert part.runs.query_id.tolist() == [5]
    assert part.skipped == SkippedRows(unfinished=2, system=1, own=1)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-02 09:00:00.25",
        "2026-03-02T09:00:00.250000",
        "2026-03-02T09:00:00.250Z",
        "2026-03-02 10:00:00.250000+01",
        "2026-03-02 11:30:00.25+02:30",
        " 2026-03-02 09:00:00.2500001 ",
        "2026-03-02 10:00:00.25 +0100",
        "2026-03-02 09:00:00.25 UTC",
    ],
)
def test_times_are_utc_unless_they_say_otherwise(tmp_path: Path, written: str) -> None:
    rows = [a_history_row(1), a_history_row(2, start_time=written)]
    write_rows(tmp_path / "sys_query_history.csv", rows)

    [part], problems = read_history(tmp_path)

    moment = microseconds(datetime(2026, 3, 2, 9, 0, 0, 250_000, tzinfo=UTC))
    assert problems == []
    assert part.runs.started_us.tolist() == [moment, moment]


def test_line_breaks_of_the_view_become_line_breaks(tmp_path: Path) -> None:
    row = a_history_row(1, query_text=r"select 1 -- one\n, '\\d' from t   ")
    write_rows(tmp_path / "sys_query_history.csv", [row])

    assert texts_by_id(read_history(tmp_path)[0]) == {1: "select 1 -- one\n, '\\d' from t"}


def test_a_quoted_text_may_hold_real_line_breaks(tmp_path: Path) -> None:
    text = "select \"a, b\",\n'x' from t\nwhere c = '\"'"
    rows = [a_history_row(1, query_text=text), a_history_row(2, elapsed_time="x")]
    write_rows(tmp_path / "sys_query_history.csv", rows)

    parts, problems = read_history(tmp_path)

    assert texts_by_id(parts) == {1: text}
    assert places(problems) == [("sys_query_history.csv", 2, "elapsed_time")]


def test_a_folder_without_history_is_refused(tmp_path: Path) -> None:
    write_rows(tmp_path / "svv_table_info.csv", [{"schema": "s", "table": "t"}])

    with pytest.raises(BadExportError, match="sys_query_history"):
        read_history(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="not a folder"):
        open_export_folder(tmp_path / "nowhere")


def test_gzip_is_known_by_its_content_and_may_be_of_several_streams(tmp_path: Path) -> None:
    octets = as_csv([a_history_row(1), a_history_row(2)])
    packed = gzip.compress(octets[:40]) + gzip.compress(octets[40:]) + b"\0" * 8
    (tmp_path / "sys_query_history.csv").write_bytes(packed)

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert sorted(texts_by_id(parts)) == [1, 2]
