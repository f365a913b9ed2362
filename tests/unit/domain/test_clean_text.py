"""Nothing that cannot be seen is left in foreign text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.clean_text import clean_line, clean_text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;http://host\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x9b31mred", "red"),
        ("cut \x1b[3", "cut "),
        ("abc\u202egnp.exe\u2066x\u2069", "abcgnp.exex"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("soft\u00adhyphen", "softhyphen"),
        ("nul\x00bell\x07back\x08", "nulbellback"),
        ("private\ue000use \ud800", "privateuse "),
        ("one\r\ntwo\rthree\u2028four\ttab", "one\ntwo\nthree\nfour\ttab"),
        ("naïve 世界 – “quoted” 🌊", "naïve 世界 – “quoted” 🌊"),
    ],
)
def test_what_cannot_be_seen_goes_and_the_rest_stays(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_a_line_is_one_line() -> None:
    assert clean_line("  one\r\n\ttwo\u00a0three\x1b[2J ") == "one two three"


@given(st.text())
def test_any_text_becomes_one_that_stays_as_it_is(text: str) -> None:
    once = clean_text(text)

    assert clean_text(once) == once
    kinds = {unicodedata.category(letter) for letter in once if letter not in "\n\t"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co"})
