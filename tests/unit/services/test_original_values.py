"""Original values back in a rewrite: every one of them certain, or none at all."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from backend.services.original_values import OriginalValues, original_values, with_originals
from backend.services.raw_text import NoRawTexts, RawText
from backend.sql.format_sql import format_sql
from backend.sql.scrub import scrub
from tests.builders import A_MOMENT, a_hash


class OneText(NoRawTexts):
    """Remembers a single text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def keep(self, texts: Sequence[RawText]) -> None:
        self._text = texts[-1].text

    def get(self, query_hash: str, *, now: datetime) -> str | None:  # noqa: ARG002 - the port's
        return self._text


def scrubbed(text: str) -> str:
    found = scrub(text).text
    assert found is not None
    return format_sql(found)


def values_of(text: str, of_statement: str | None = None) -> OriginalValues | None:
    return original_values(
        a_hash(), scrubbed(of_statement or text), raw_texts=OneText(text), now=A_MOMENT
    )


def put_back(rewritten: str, text: str) -> str | None:
    values = values_of(text)
    assert values is not None
    return with_originals(rewritten, values)


def test_puts_each_value_where_its_number_stands() -> None:
    text = "select a from t where b = 'zoe''s' and c > -4.5 and d = date '2026-01-01'"

    rewritten = put_back("SELECT a FROM t WHERE d = :p3 AND c > -:p2 AND b IN (:p1, :p1)", text)

    assert rewritten == (
        "SELECT a FROM t WHERE d = '2026-01-01' AND c > -4.5 AND b IN ('zoe''s', 'zoe''s')"
    )


def test_a_long_list_comes_back_whole() -> None:
    text = "select a from t where b in (1, 2, 3, -4, 5) and c = 'zoe'"

    assert (
        put_back("b IN (:p1, :p2, :p3) AND c = :p4", text) == "b IN (1, 2, 3, -4, 5) AND c = 'zoe'"
    )


def test_the_end_of_a_long_list_stands_for_no_single_value() -> None:
    text = "select a from t where b in (1, 2, 3, 4)"

    assert put_back("b = :p1 OR b = :p2 OR b = :p3", text) is None
    assert put_back("b = :p1", text) == "b = 1"


def test_the_only_like_pattern_of_its_shape_comes_back() -> None:
    text = "select a from t where b like '%zoe%' and c like 'x%' and d like 'y%'"

    assert put_back("b LIKE '%?%'", text) == "b LIKE '%zoe%'"
    assert put_back("c LIKE '?%'", text) is None


def test_two_signs_in_a_row_do_not_become_a_comment() -> None:
    text = "select a from t where b in (-1, -2, -3, -4)"

    assert put_back("b - :p1 and b -:p1", text) == "b - -1 and b - -1"


@pytest.mark.parametrize("rewritten", ["a = :p9", "a = ?", "a = $1", "a = :name"])
def test_a_place_that_is_not_known_leaves_the_whole_rewrite_as_it_is(rewritten: str) -> None:
    assert put_back(rewritten, "select a from t where b = 'zoe'") is None


def test_what_looks_like_a_place_within_a_value_stays() -> None:
    assert put_back("b = :p1", "select a from t where b = ':p2' and c = 5") == "b = ':p2'"


def test_a_text_with_other_places_than_the_statement_is_not_used() -> None:
    of_statement = "select a from t where b in (1, 2) and c = 3"

    assert values_of("select a from t where b in (1, 2, 3) and c = 3", of_statement) is None
    assert values_of("select a from t where b in (8, 9) and c = 7", of_statement) is not None


@pytest.mark.parametrize("text", ["select 'never closed", ""])
def test_a_text_that_is_not_sure_gives_nothing(text: str) -> None:
    assert values_of(text, "select a from t where b = 'zoe'") is None


def test_half_a_literal_is_no_value() -> None:
    assert values_of("select a from t where b = 'never closed") is None


def test_without_a_text_or_a_statement_there_is_nothing() -> None:
    assert original_values(a_hash(), "SELECT ?", raw_texts=NoRawTexts(), now=A_MOMENT) is None
    assert original_values(a_hash(), None, raw_texts=OneText("select 1"), now=A_MOMENT) is None


def test_nothing_of_them_is_in_what_python_prints() -> None:
    values = values_of("select a from t where b = 'zoe' and c like '%ana%'")

    assert "zoe" not in repr(values)
    assert "ana" not in repr(values)
