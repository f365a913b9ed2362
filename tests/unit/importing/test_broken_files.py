import gzip
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.importing.exports import (
    ENDINGS,
    a_history_row,
    as_csv,
    as_jsonl,
    places,
    read_history,
    texts_by_id,
    write_rows,
)

CSV_NAME = "sys_query_history.csv"
GZIP_NAME = "sys_query_history.csv.gz"


def three_rows(**changes_of_second: str) -> list[dict[str, str]]:
    return [a_history_row(1), a_history_row(2) | changes_of_second, a_history_row(3)]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("query_id", "12x"),
        ("query_id", ""),
        ("query_id", "99999999999999999999"),
        ("start_time", "yesterday"),
        ("start_time", "0001-01-01 00:00:00"),
        ("elapsed_time", "1.5"),
        ("elapsed_time", "-3"),
        ("elapsed_time", "8640000000001"),
        ("queue_time", "9223372036854775807"),
        ("returned_rows", "9223372036854775807"),
        ("result_cache_hit", "perhaps"),
        ("queue_time", "none"),
        ("status", ""),
        ("query_text", ""),
    ],
)
def test_a_wrong_value_costs_its_row_and_is_named(
    tmp_path: Path, ending: str, column: str, value: str
) -> None:
    name = f"sys_query_history.{ending}"
    write_rows(tmp_path / name, three_rows(**{column: value}))

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 3]
    assert places(problems) == [(name, 2, column)]
    assert sum(part.skipped.bad for part in parts) == 1


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "column", ["query_id", "start_time", "elapsed_time", "status", "query_text"]
)
def test_a_missing_column_is_named(tmp_path: Path, ending: str, column: str) -> None:
    name = f"sys_query_history.{ending}"
    rows = [{k: v for k, v in row.items() if k != column} for row in three_rows()]
    write_rows(tmp_path / name, rows)

    parts, problems = read_history(tmp_path)

    assert parts == []
    assert places(problems) == [(name, None, column)]
    assert "missing" in problems[0].message


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_empty_file_is_named(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"sys_query_history.{ending}").touch()

    _, problems = read_history(tmp_path)

    assert [problem.message for problem in problems] == [
        f"sys_query_history.{ending}: the file is empty"
    ]


def test_an_empty_gzip_file_is_named(tmp_path: Path) -> None:
    (tmp_path / GZIP_NAME).write_bytes(gzip.compress(b""))

    _, problems = read_history(tmp_path)

    assert [problem.message for problem in problems] == [f"{GZIP_NAME}: the file is empty"]


def test_a_file_with_nothing_but_its_header_holds_no_rows(tmp_path: Path) -> None:
    (tmp_path / CSV_NAME).write_bytes(as_csv([a_history_row(1)]).splitlines()[0])

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {}


@pytest.mark.parametrize(
    ("broken_line", "problem"),
    [
        (b"1,2,3", "has 3 columns where the header has 15"),
        (b'100,2,"default,shop,SELECT', "a quote is opened or closed in the wrong place"),
        (b'100,2,"def"ault,shop,SELECT', "a quote is opened or closed in the wrong place"),
        (b"," * 20, "has 21 columns where the header has 15"),
    ],
)
def test_a_broken_line_costs_itself_only(tmp_path: Path, broken_line: bytes, problem: str) -> None:
    lines = as_csv(three_rows()).splitlines()
    lines.insert(2, broken_line)
    (tmp_path / CSV_NAME).write_bytes(b"\n".join(lines))

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 2, 3]
    assert [each.message for each in problems] == [f"{CSV_NAME}, row 2: {problem}"]


def test_two_open_quotes_do_not_swallow_what_stands_between_them(tmp_path: Path) -> None:
    rows = [a_history_row(number, query_text=f"select {number}") for number in range(1, 7)]
    octets = as_csv(rows).replace(b"select 2", b'"select 2').replace(b"select 5", b'"select 5')
    (tmp_path / CSV_NAME).write_bytes(octets)

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 3, 4, 6]
    assert [problem.row_number for problem in problems] == [2, 5]


def test_bytes_that_are_no_utf_8_cost_their_row(tmp_path: Path) -> None:
    octets = as_csv(three_rows(query_text="select 'caf\N{LATIN SMALL LETTER E WITH ACUTE}'"))
    latin = octets.decode().encode("latin-1")
    (tmp_path / CSV_NAME).write_bytes(latin)

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 3]
    assert [problem.message for problem in problems] == [
        f"{CSV_NAME}, row 2, column query_text: is not UTF-8 text"
    ]


def test_an_unused_column_may_hold_any_bytes(tmp_path: Path) -> None:
    rows = [row | {"error_message": "caf?"} for row in three_rows()]
    (tmp_path / CSV_NAME).write_bytes(as_csv(rows).replace(b"caf?", b"caf\xe9"))

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 2, 3]
    assert problems == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str, ending: str) -> None:
    octets = as_csv(three_rows()) if ending == "csv" else as_jsonl(three_rows())
    path = tmp_path / f"sys_query_history.{ending}"
    path.write_bytes(octets.decode().encode(encoding))

    parts, problems = read_history(tmp_path)

    assert texts_by_id(parts) == {}
    assert problems
    assert problems[0].file_name == path.name


def test_a_mark_of_utf_8_in_front_is_no_part_of_the_header(tmp_path: Path) -> None:
    (tmp_path / CSV_NAME).write_bytes(b"\xef\xbb\xbf" + as_csv(three_rows()))

    assert sorted(texts_by_id(read_history(tmp_path)[0])) == [1, 2, 3]


def many_rows(count: int) -> list[dict[str, str]]:
    number = random.Random(7)  # noqa: S311 - no secret
    return [
        a_history_row(query_id, query_text=f"select {number.random()}")
        for query_id in range(1, count + 1)
    ]


def test_a_cut_gzip_keeps_the_rows_in_front_of_the_cut(tmp_path: Path) -> None:
    packed = gzip.compress(as_csv(many_rows(2000)))
    (tmp_path / GZIP_NAME).write_bytes(packed[: len(packed) // 2])

    parts, [problem] = read_history(tmp_path)

    kept = sorted(texts_by_id(parts))
    assert len(kept) > 500
    assert kept == list(range(1, len(kept) + 1))
    assert (problem.file_name, problem.row_number) == (GZIP_NAME, len(kept) + 1)
    assert "cut off" in problem.message


def test_a_damaged_gzip_keeps_the_rows_in_front_of_the_damage(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(as_csv(many_rows(2000))))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    (tmp_path / GZIP_NAME).write_bytes(packed)

    parts, problems = read_history(tmp_path)

    assert set(range(1, 800)) <= set(texts_by_id(parts))
    assert "damaged" in problems[-1].message


def test_a_cut_json_file_keeps_the_rows_in_front_of_the_cut(tmp_path: Path) -> None:
    octets = as_jsonl(three_rows())
    (tmp_path / "sys_query_history.jsonl").write_bytes(octets[:-20])

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 2]
    assert [problem.message for problem in problems] == [
        "sys_query_history.jsonl, row 3: is not JSON"
    ]


@pytest.mark.parametrize("line", [b"[1, 2]", b"{", b'{"query_id": 2} x', b"\xff", b"nothing"])
def test_a_line_that_is_no_json_object_costs_itself_only(tmp_path: Path, line: bytes) -> None:
    lines = as_jsonl(three_rows()).splitlines()
    lines.insert(1, line)
    (tmp_path / "sys_query_history.jsonl").write_bytes(b"\n".join(lines))

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 2, 3]
    assert [problem.row_number for problem in problems] == [2]


def test_json_values_may_be_numbers_and_booleans(tmp_path: Path) -> None:
    typed = {"query_id": 9_007_199_254_740_993, "elapsed_time": 5, "result_cache_hit": True}
    rows = [a_history_row(1), a_history_row() | typed, a_history_row(3, queue_time=None)]
    write_rows(tmp_path / "sys_query_history.jsonl", rows)

    [part], problems = read_history(tmp_path)

    assert problems == []
    assert part.runs.query_id.tolist() == [1, 9_007_199_254_740_993, 3]
    assert part.runs.is_cache_hit.tolist() == [False, True, False]


def test_a_required_key_that_the_first_line_leaves_out_costs_that_line_only(tmp_path: Path) -> None:
    rows = three_rows()
    del rows[0]["elapsed_time"]
    (tmp_path / "sys_query_history.jsonl").write_bytes(as_jsonl(rows))

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [2, 3]
    assert places(problems) == [("sys_query_history.jsonl", 1, "elapsed_time")]


def test_a_cut_parquet_file_is_named(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "sys_query_history.parquet", three_rows())
    path.write_bytes(path.read_bytes()[:-30])

    parts, [problem] = read_history(tmp_path)

    assert parts == []
    assert problem.file_name == path.name
    assert "cut off" in problem.message


def test_a_damaged_row_group_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "sys_query_history.parquet"
    columns = {name: [row[name] for row in many_rows(30)] for name in a_history_row()}
    pq.write_table(pa.table(columns), path, row_group_size=10)
    octets = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(1).dictionary_page_offset
    octets[start : start + 40] = b"\xff" * 40
    path.write_bytes(octets)

    parts, [problem] = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [*range(1, 11), *range(21, 31)]
    assert (problem.row_number, problem.problem) == (11, "is damaged from here to row 20")


def test_parquet_types_are_taken_as_they_are(tmp_path: Path) -> None:
    table = pa.table(
        {
            "query_id": pa.array([1, 2], pa.int32()),
            "start_time": pa.array([1_772_442_000_250_000_000] * 2, pa.timestamp("ns")),
            "elapsed_time": pa.array([5.0, 2.5]),
            "status": pa.array(["success", "success"]).dictionary_encode(),
            "query_text": ["select 1", "select 2"],
            "queue_time": pa.array([None, None], pa.float64()),
            "result_cache_hit": [True, None],
            "user_id": pa.array([7, 8], pa.decimal128(10, 0)),
        }
    )
    pq.write_table(table, tmp_path / "sys_query_history.parquet")

    [part], problems = read_history(tmp_path)

    assert part.runs.query_id.tolist() == [1]
    assert part.runs.started_us.tolist() == [1_772_442_000_250_000]
    assert part.runs.is_cache_hit.tolist() == [True]
    assert part.runs.user_name.tolist() == ["user 7"]
    assert places(problems) == [("sys_query_history.parquet", 2, "elapsed_time")]


def test_a_bad_part_does_not_cost_the_good_ones(tmp_path: Path) -> None:
    write_rows(tmp_path / "sys_query_history000.csv", [a_history_row(1)])
    (tmp_path / "sys_query_history001.csv").write_bytes(b"\x00\x01\x02 not a table")
    write_rows(tmp_path / "sys_query_history002.csv", [a_history_row(3)])

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [1, 3]
    assert {problem.file_name for problem in problems} == {"sys_query_history001.csv"}


def test_a_gzip_file_that_is_cut_in_its_first_bytes_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / GZIP_NAME).write_bytes(gzip.compress(as_csv(three_rows()))[:8])

    parts, problems = read_history(tmp_path)

    assert parts == []
    assert "cut off" in problems[0].message


def test_lines_that_end_in_carriage_returns_alone_are_named(tmp_path: Path) -> None:
    (tmp_path / CSV_NAME).write_bytes(as_csv(three_rows()).replace(b"\n", b"\r"))

    parts, problems = read_history(tmp_path)

    assert parts == []
    assert "carriage returns" in problems[0].message


def test_a_first_line_that_is_no_csv_is_named(tmp_path: Path) -> None:
    (tmp_path / CSV_NAME).write_bytes(b"x" * 3_000_000 + b"\n1\n")

    parts, problems = read_history(tmp_path)

    assert parts == []
    assert problems[0].message == "sys_query_history.csv: its first line is no CSV header"


@pytest.mark.parametrize(
    "octets",
    [
        b'[\n  {\n    "query_id": 1\n  }\n]\n',
        as_jsonl(three_rows()).decode().encode("utf-16-le"),
    ],
    ids=["indented", "two bytes a letter"],
)
def test_a_file_without_one_json_line_is_one_problem(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "sys_query_history.jsonl").write_bytes(octets)

    _, problems = read_history(tmp_path)

    assert [problem.message for problem in problems] == [
        "sys_query_history.jsonl: no line of it is a JSON object; write one object a line, in UTF-8"
    ]


def test_a_last_line_without_a_line_break_is_read_with_those_before_it(tmp_path: Path) -> None:
    octets = b"{\n{}\n" + as_jsonl([a_history_row(3)]).rstrip()
    (tmp_path / "sys_query_history.jsonl").write_bytes(octets)

    parts, problems = read_history(tmp_path)

    assert sorted(texts_by_id(parts)) == [3]
    assert [problem.row_number for problem in problems] == [1, 2]


def test_an_open_quote_that_another_one_seems_to_close_costs_its_row_only(tmp_path: Path) -> None:
    rows = b'1,2026-03-02 09:00:00,5,success,"x\n2,2026-03-02 09:00:00,5,success,",0"\n'
    header = b"query_id,start_time,elapsed_time,status,query_text\n"
    (tmp_path / CSV_NAME).write_bytes(header + rows)

    parts, problems = read_history(tmp_path)

    assert texts_by_id(parts) == {2: ",0"}
    assert [problem.row_number for problem in problems] == [1]
