"""Nothing that cannot be seen is left in foreign text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.visible_text import visible


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]8;;http://host\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("\x9b31mred", "red"),
        ("cut \x1b[3", "cut 3"),
        ("abc\u202egnp.exe\u2066x\u2069", "abcgnp.exex"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("tag\U000e0041\U000e0042", "tag"),
        ("soft\u00adhyphen", "softhyphen"),
        ("nul\x00bell\x07back\x08", "nulbellback"),
        ("half\ud800", "half"),
        ("one\r\ntwo\ttab", "one\ntwo\ttab"),
        ("naïve 世界 – “quoted” 🌊", "naïve 世界 – “quoted” 🌊"),
    ],
)
def test_what_cannot_be_seen_goes_and_the_rest_stays(text: str, clean: str) -> None:
    assert visible(text) == clean


@given(st.text())
def test_any_text_becomes_one_that_stays_as_it_is(text: str) -> None:
    once = visible(text)

    assert visible(once) == once
    kinds = {unicodedata.category(letter) for letter in once if letter not in "\n\t"}
    assert kinds.isdisjoint({"Cc", "Cs"})
