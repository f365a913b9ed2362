"""The masked one-line form."""

import pytest
from hypothesis import given

from backend.sql.shape import shape_of, shape_of_tokens
from backend.sql.wrapped import read_wrapped
from tests.unit.sql.texts import any_texts


@given(any_texts.filter(lambda text: read_wrapped(text) is None))
def test_the_quick_way_gives_the_same_shape_as_the_tokens(text: str) -> None:
    assert shape_of(text) == shape_of_tokens(text)


def test_literals_comments_case_and_white_space_are_gone() -> None:
    shape = shape_of("SELECT a, 'x' -- note\nFROM  t /* b */ WHERE c >= 1.5e3 LIMIT 5;")

    assert shape == "select a,'' from t where c >= '' limit ''"


@pytest.mark.parametrize("entries", ["1", "1, 2, 3", "-1,+2", "'a', $1, ?", "  'a'\n,'b'"])
def test_a_list_of_literals_keeps_one_entry(entries: str) -> None:
    assert shape_of(f"a in ({entries}) and") == "a in('')and"


def test_rows_of_literals_keep_one_row() -> None:
    assert (
        shape_of("insert into t values (1, null), ('a', default)") == "insert into t values('','')"
    )


def test_names_in_quotes_keep_what_they_hold() -> None:
    assert shape_of("select \"Net 5 'a' (1)\" from t") == "select \"net 5 'a' (1)\" from t"


@pytest.mark.parametrize(
    "name",
    ["t_20210301_x", "t_1618990001_x", "t_8f14e45fceea167a5a36dedd4bea2543_x"],
)
def test_dates_and_digests_in_names_do_not_count(name: str) -> None:
    assert shape_of(f"select * from {name}") == "select * from t_0_x"  # noqa: S608


def test_short_numbers_in_names_count() -> None:
    assert shape_of("select * from t_2021") == "select * from t_2021"


def test_the_query_of_an_unload_is_no_literal() -> None:
    shape = shape_of("UNLOAD ('select a from t where b = ''x''') TO 's3://a/b' HEADER")

    assert shape == "unload(\nselect a from t where b = ''\n)to '' header"
