"""Whatever stands beside them, good rows come through, and bad ones are counted."""

import gzip
import json
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.folder.csv_blocks import csv_blocks
from backend.adapters.folder.export_files import ExportFile, Format
from backend.adapters.folder.view_columns import TEXT
from backend.domain.errors import BadExportError
from backend.sql.scanner import unescape
from tests.unit.importing.exports import a_history_row, as_csv, read_history, texts_by_id

GOOD_TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), min_size=1, max_size=40
).filter(lambda text: text.strip() not in {"", "NULL", "null", "\\N"})
BAD_VALUE = st.sampled_from(
    [
        {"query_id": ""},
        {"query_id": "x"},
        {"start_time": "soon"},
        {"elapsed_time": ""},
        {"elapsed_time": "1e"},
        {"queue_time": "many"},
        {"status": ""},
        {"query_text": ""},
    ]
)
BAD_CSV = st.sampled_from(
    [
        b"1,2",
        b'"',
        b'100,"2',
        b'100,"2"3,4',
        b"\xff\xfe,2,3",
        b"x," * 15 + b"y",
        b'"a\nb"",c',
        b'100,2,"default,shop,"SELECT"',
    ]
)
BAD_JSON = st.sampled_from(
    [b"{", b"[]", b"7", b"null", b'{"query_id": {}}', b"\xff", b'{"query_id": 1} {}', b'"x']
)


def lines_of(rows: list[str | dict[str, str] | bytes], *, is_json: bool) -> bytes:
    """Good texts, good rows with one bad value, and lines that are no rows at all."""
    lines = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, bytes):
            lines.append(row)
            continue
        whole = a_history_row(number) | ({"query_text": row} if isinstance(row, str) else row)
        as_json = json.dumps(whole).encode()
        lines.append(as_json if is_json else as_csv([whole]).split(b"\n", 1)[1].rstrip(b"\n"))
    header = b"" if is_json else as_csv([a_history_row()]).split(b"\n", 1)[0] + b"\n"
    return header + b"\n".join(lines)


def good_texts(rows: list[str | dict[str, str] | bytes]) -> dict[int, str]:
    return {
        number: unescape(row.rstrip())
        for number, row in enumerate(rows, start=1)
        if isinstance(row, str)
    }


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
@given(rows=st.lists(GOOD_TEXT | BAD_VALUE | BAD_CSV, min_size=1, max_size=12))
def test_in_csv(ending: str, rows: list[str | dict[str, str] | bytes]) -> None:
    octets = lines_of(rows, is_json=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sys_query_history.{ending}"
        path.write_bytes(gzip.compress(octets) if ending.endswith("gz") else octets)
        parts, problems = read_history(Path(folder))

    assert texts_by_id(parts) == good_texts(rows)
    assert bool(problems) == (len(good_texts(rows)) < len(rows))


@given(rows=st.lists(GOOD_TEXT | BAD_VALUE | BAD_JSON, min_size=1, max_size=12))
def test_in_json_lines(rows: list[str | dict[str, str] | bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sys_query_history.jsonl"
        path.write_bytes(lines_of(rows, is_json=True))
        parts, problems = read_history(Path(folder))

    assert texts_by_id(parts) == good_texts(rows)
    assert bool(problems) == (len(good_texts(rows)) < len(rows))


@given(rows=st.lists(GOOD_TEXT | BAD_VALUE, min_size=1, max_size=12))
def test_in_parquet(rows: list[str | dict[str, str]]) -> None:
    whole = [
        a_history_row(number) | ({"query_text": row} if isinstance(row, str) else row)
        for number, row in enumerate(rows, start=1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        table = pa.table({name: [row[name] for row in whole] for name in whole[0]})
        pq.write_table(table, Path(folder) / "sys_query_history.parquet", row_group_size=5)
        parts, problems = read_history(Path(folder))

    assert texts_by_id(parts) == good_texts(rows)
    assert len(problems) == len(rows) - len(good_texts(rows))


# Behind the quote that a broken line leaves open, a text that begins with a comma reads as a whole
# record of other columns: nobody could tell.
@given(
    texts=st.lists(
        GOOD_TEXT.filter(lambda text: not text.startswith(",")) | st.just(b'1,"x'),
        min_size=1,
        max_size=12,
    ),
    block_bytes=st.integers(1, 200),
)
def test_wherever_the_blocks_of_a_csv_file_end(texts: list[str | bytes], block_bytes: int) -> None:
    lines = [
        text
        if isinstance(text, bytes)
        else as_csv([{"query_id": number, "sequence": 0, "text": text}]).split(b"\n", 1)[1][:-1]
        for number, text in enumerate(texts)
    ]
    problems: list[BadExportError] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sys_query_text.csv"
        path.write_bytes(b"\n".join([b"query_id,sequence,text", *lines]))
        file = ExportFile(path=path, name=path.name, format=Format.CSV)
        blocks = list(csv_blocks(file, TEXT, problems.append, block_bytes=block_bytes))

    found = {
        int(query_id): text.decode()
        for block in blocks
        for query_id, text in zip(
            block.columns["query_id"].to_pylist(), block.columns["text"].to_pylist(), strict=True
        )
    }
    numbers = [number for block in blocks for number in block.row_numbers.tolist()]
    assert found == {n: text for n, text in enumerate(texts) if isinstance(text, str)}
    assert len(problems) == len(texts) - len(found)
    assert numbers == [n for n, text in enumerate(texts, start=1) if isinstance(text, str)]
