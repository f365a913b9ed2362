"""Scrubbed SQL laid out for reading."""

import pytest
from hypothesis import given

from backend.sql.fingerprint import fingerprint_of
from backend.sql.format_sql import format_sql
from backend.sql.scrub import scrub
from tests.unit.sql.texts import any_texts, corpus_texts


def test_a_statement_is_laid_out_with_its_placeholders() -> None:
    formatted = format_sql("select a, b from t where c >= date ? and d in (?, ?) limit ?")

    assert formatted.splitlines() == [
        "SELECT",
        "  a,",
        "  b",
        "FROM t",
        "WHERE",
        "  c >= CAST(? AS DATE) AND d IN (?, ?)",
        "LIMIT ?",
    ]


def test_the_shape_of_a_pattern_stays() -> None:
    assert format_sql("select a from t where b like '%?%'").splitlines()[-1] == "  b LIKE '%?%'"


def test_the_query_of_an_unload_is_laid_out() -> None:
    formatted = format_sql("unload ('select a from t') to ? header")

    assert formatted == "unload ('\nSELECT\n  a\nFROM t\n') to ? header"


@pytest.mark.parametrize("text", ["vacuum t to ? percent", "select ( from", "", "?"])
def test_what_does_not_parse_stays_as_it_came(text: str) -> None:
    assert format_sql(text) == text


@given(corpus_texts)
def test_layout_never_changes_the_pattern_nor_brings_a_literal(text: str) -> None:
    scrubbed = scrub(text).text or ""

    formatted = format_sql(scrubbed)

    assert fingerprint_of(formatted) == fingerprint_of(scrubbed)
    assert formatted.count("?") >= min(1, scrubbed.count("?"))
    assert scrub(formatted).text is not None


@given(any_texts)
def test_any_text_comes_back(text: str) -> None:
    assert isinstance(format_sql(text), str)
