"""A literal can be found again in a text that is to be sent, and read from nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.model_form import LiteralMark
from backend.sql import literal_marks
from backend.sql.literal_marks import MOST_MARKS, find_marked, mark_of, marks_of

KEY = b"a key of this machine"


def found(text: str, *literals: str) -> list[str]:
    marks = [mark_of(literal, KEY) for literal in literals]
    return [text[start:end] for start, end in find_marked(text, marks, KEY)]


def marked(statement: str) -> frozenset[LiteralMark]:
    marks = marks_of(statement, KEY)
    assert marks is not None
    return marks


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("the value Quill stands here", ["Quill"]),
        ("QUILL, 'quill'; x=quill", ["QUILL", "quill", "quill"]),
        ("Quillfeather and tranquill", []),
        ("", []),
    ],
)
def test_a_marked_literal_is_found_as_a_whole_word_in_any_case(text: str, hits: list[str]) -> None:
    assert found(text, "Quill") == hits


def test_literals_with_blanks_and_signs_are_found() -> None:
    text = "send to <Zoe.Quill@mail.example> or +41 44 668 18 00."

    assert found(text, "zoe.quill@mail.example", "+41 44 668 18 00") == [
        "Zoe.Quill@mail.example",
        "+41 44 668 18 00",
    ]


@given(st.text(), st.text(), st.text(min_size=4, max_size=60))
def test_a_literal_between_blanks_is_always_found(before: str, after: str, literal: str) -> None:
    marks = [mark_of(literal, KEY)]

    starts = [start for start, _ in find_marked(f"{before} {literal} {after}", marks, KEY)]

    assert len(before) + 1 in starts


def test_another_key_finds_nothing() -> None:
    assert not list(find_marked("Quill", [mark_of("Quill", KEY)], b"another key"))


def test_a_mark_tells_nothing_but_the_length() -> None:
    mark = mark_of("Quillfeather", KEY)

    assert (mark.length, len(mark.digest)) == (12, 10)
    assert mark.digest != mark_of("Quillfeather", b"another key").digest


def test_strings_and_numbers_of_four_characters_and_more_are_marked() -> None:
    marks = marked("select a from t where b = 'Quill' and c = 'abc' and d = 4711 and e = 12")

    assert marks == {mark_of("Quill", KEY), mark_of("4711", KEY, is_number=True)}


def test_dates_count_as_numbers_which_figures_may_equal_by_chance() -> None:
    assert marked("select a from t where b >= '2026-01-01'") == {
        mark_of("2026-01-01", KEY, is_number=True)
    }


def test_words_that_the_statement_has_as_names_are_not_marked() -> None:
    assert marked("select status from orders where kind = 'status' or kind = 'orders'") == set()


def test_date_parts_and_other_structure_are_not_marked() -> None:
    assert marked("select date_trunc('month', a) from t") == set()


def test_literals_of_a_query_inside_an_unload_are_marked() -> None:
    text = "unload ('select a from t where b = ''Quill''') to 's3://bucket/key'"

    assert marked(text) == {mark_of("Quill", KEY), mark_of("s3://bucket/key", KEY)}


def test_a_cut_string_is_marked_as_far_as_it_goes() -> None:
    assert marked("select a from t where b = 'Quillfea") == {mark_of("Quillfea", KEY)}


def test_of_pasted_data_only_so_much_is_marked() -> None:
    values = ", ".join(f"'value {number}'" for number in range(MOST_MARKS + 100))

    assert len(marked(f"select a from t where b in ({values})")) == MOST_MARKS  # noqa: S608


def test_a_failure_gives_no_marks_at_all_rather_than_none_to_look_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: str) -> None:
        raise RecursionError

    monkeypatch.setattr(literal_marks, "literals_in", fail)

    assert marks_of("select a from t where b = 'Quill'", KEY) is None
