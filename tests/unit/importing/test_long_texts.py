from pathlib import Path

import pytest

from backend.domain.statement_text import join_chunks
from tests.unit.importing.exports import (
    ENDINGS,
    a_history_row,
    places,
    read_history,
    texts_by_id,
    write_rows,
)

LONG = ", ".join(["select 0", *(f"column_{number:03d}" for number in range(900))])


def chunks_of(text: str) -> list[str]:
    """As the view cuts it: into 4,000 bytes, whatever stands there."""
    octets = text.encode()
    return [octets[start : start + 4000].decode() for start in range(0, len(octets), 4000)]


def text_rows(query_id: int, chunks: list[str]) -> list[dict[str, str]]:
    return [
        {"query_id": str(query_id), "sequence": str(sequence), "text": chunk}
        for sequence, chunk in enumerate(chunks)
    ]


@pytest.mark.parametrize("blanks", [1, 5])
def test_words_on_both_sides_of_a_cut_stay_apart_when_the_driver_trimmed(blanks: int) -> None:
    start = ("select a" + "a" * 4000)[: 4000 - blanks]

    text = join_chunks([start, "from t   "])

    assert text == start + " " * blanks + "from t"


def test_a_word_that_was_cut_in_two_becomes_one_again() -> None:
    assert join_chunks(["x" * 4000, "yz"]) == "x" * 4000 + "yz"


def test_chunks_are_measured_in_bytes() -> None:
    chunk = "\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 2000

    assert join_chunks([chunk, "y"]) == chunk + "y"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_long_text_is_put_together_from_its_chunks(tmp_path: Path, ending: str) -> None:
    chunks = [chunk.rstrip() for chunk in chunks_of(LONG)]
    rows = [a_history_row(1, query_text=chunks[0]), a_history_row(2)]
    write_rows(tmp_path / f"sys_query_history.{ending}", rows)
    write_rows(tmp_path / f"sys_query_text.{ending}", [*text_rows(1, chunks)[::-1]])

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: LONG, 2: "select 1"}
    assert sum(part.cut_texts for part in parts) == 0


def test_an_escape_that_was_cut_in_two_is_still_one(tmp_path: Path) -> None:
    start = "select '" + "x" * 3991 + "\\"
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text=start)])
    write_rows(tmp_path / "sys_query_text.csv", text_rows(1, [start, "n' from t"]))

    parts, _ = read_history(tmp_path)

    assert texts_by_id(parts) == {1: start[:-1] + "\n' from t"}


def test_chunks_behind_a_lost_one_are_not_glued_on(tmp_path: Path) -> None:
    chunks = ["a" * 4000, "b" * 4000, "c"]
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text=chunks[0])])
    rows = text_rows(1, chunks)
    write_rows(tmp_path / "sys_query_text.csv", [rows[0], rows[2]])

    parts, _ = read_history(tmp_path)

    assert texts_by_id(parts) == {1: chunks[0]}
    assert sum(part.cut_texts for part in parts) == 1


def test_a_lost_first_chunk_is_taken_from_the_history(tmp_path: Path) -> None:
    chunks = ["a" * 4000, "b"]
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text=chunks[0])])
    write_rows(tmp_path / "sys_query_text.csv", text_rows(1, chunks)[1:])

    parts, _ = read_history(tmp_path)

    assert texts_by_id(parts) == {1: chunks[0]}
    assert sum(part.cut_texts for part in parts) == 1


def test_a_full_text_without_chunks_counts_as_cut(tmp_path: Path) -> None:
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text="x" * 4000)])

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert sum(part.cut_texts for part in parts) == 1


def test_the_history_may_hold_no_texts_where_the_other_view_does(tmp_path: Path) -> None:
    rows = [a_history_row(number) for number in (1, 2)]
    for row in rows:
        del row["query_text"]
    write_rows(tmp_path / "sys_query_history.csv", rows)
    write_rows(tmp_path / "sys_query_text.csv", [*text_rows(2, ["b"]), *text_rows(1, ["a"])])

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: "a", 2: "b"}


def test_a_run_whose_text_is_nowhere_is_named(tmp_path: Path) -> None:
    rows = [a_history_row(1), a_history_row(2, query_text=""), a_history_row(3, query_text=" ")]
    write_rows(tmp_path / "sys_query_history.csv", rows)
    write_rows(tmp_path / "sys_query_text.csv", text_rows(3, ["select 3"]))

    parts, problems = read_history(tmp_path)

    assert texts_by_id(parts) == {1: "select 1", 3: "select 3"}
    assert places(problems) == [("sys_query_history.csv", 2, "query_text")]
    assert sum(part.skipped.bad for part in parts) == 1


def test_a_bad_chunk_is_named_once(tmp_path: Path) -> None:
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1)])
    rows = text_rows(1, ["a" * 4000, "b", "c"])
    rows[2]["sequence"] = "last"
    write_rows(tmp_path / "sys_query_text.csv", rows)

    parts, problems = read_history(tmp_path)

    assert texts_by_id(parts) == {1: "a" * 4000 + "b"}
    assert places(problems) == [("sys_query_text.csv", 3, "sequence")]


BANG = "\N{COLLISION SYMBOL}"


def test_a_character_that_had_no_room_in_its_chunk_is_not_parted_from_its_word() -> None:
    chunk = "x" * 3998

    assert join_chunks([chunk, BANG + "y"]) == chunk + BANG + "y"


@pytest.mark.parametrize("octets_in_front", [1, 2, 3])
def test_a_character_that_the_view_cut_in_two_becomes_one_again(
    tmp_path: Path, octets_in_front: int
) -> None:
    text = "select '" + "x" * (3992 - octets_in_front) + BANG + "' from t"
    octets = text.encode()
    first, second = octets[:4000], octets[4000:]
    history = b"query_id,start_time,elapsed_time,status,query_text\n"
    row = b"1,2026-03-02 09:00:00,5,success,"
    (tmp_path / "sys_query_history.csv").write_bytes(history + row + first + b"\n")
    chunks = b"query_id,sequence,text\n1,0," + first + b"\n1,1," + second + b"\n"
    (tmp_path / "sys_query_text.csv").write_bytes(chunks)

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: text}


def test_half_a_character_at_the_end_of_a_full_column_does_not_cost_the_run(tmp_path: Path) -> None:
    full = b"select '" + b"x" * 3990 + BANG.encode()[:2]
    history = b"query_id,start_time,elapsed_time,status,query_text\n"
    row = b"1,2026-03-02 09:00:00,5,success," + full
    (tmp_path / "sys_query_history.csv").write_bytes(history + row + b"\n")

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: full[:-2].decode()}


def test_a_chunk_of_blanks_stays_between_its_neighbours(tmp_path: Path) -> None:
    chunks = ["select '" + "a" * 3992, "", "b' from t"]
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text=chunks[0])])
    write_rows(tmp_path / "sys_query_text.csv", text_rows(1, chunks))

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {1: chunks[0] + " " * 4000 + chunks[2]}


def test_a_tab_at_the_end_of_a_chunk_is_kept(tmp_path: Path) -> None:
    chunks = ["select '" + "a" * 3991 + "\t", "b' from t"]
    write_rows(tmp_path / "sys_query_history.csv", [a_history_row(1, query_text=chunks[0])])
    write_rows(tmp_path / "sys_query_text.csv", text_rows(1, chunks))

    parts, _ = read_history(tmp_path)

    assert texts_by_id(parts) == {1: "".join(chunks)}


def test_many_looked_up_texts_come_in_parts_and_none_is_lost(tmp_path: Path) -> None:
    count = 4_100
    rows = [a_history_row(number, query_text="") for number in range(count)]
    write_rows(tmp_path / "sys_query_history.csv", rows)
    texts = [row for number in range(count) for row in text_rows(number, [f"select {number}"])]
    write_rows(tmp_path / "sys_query_text.csv", texts)

    parts, problems = read_history(tmp_path)

    assert problems == []
    assert texts_by_id(parts) == {number: f"select {number}" for number in range(count)}
    assert max(len(part.texts) for part in parts) <= 2_000
