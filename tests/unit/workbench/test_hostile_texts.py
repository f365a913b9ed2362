"""What the doors to the screen, the terminal and a file make of texts that try to be more."""

import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from backend.cli.plain_text import one_line
from backend.domain.visible_text import visible
from tests.hostile import payloads
from workbench.components.frames import cleaned
from workbench.presenters.wording import WORD_JOINER, plain

EVERY = tuple(payloads())
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\xad"
    "\U000e0000-\U000e0fff\u061c\u115f\u3164\uffa0\u2800]"
)
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False, "html": True})
ONLY_TEXT = {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}
WAKES_STREAMLIT = re.compile(r":[\w-]+[:\[{]|:[\w-]+/|https?:/|www\.|\w@\w")


@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text)[:40])
def test_nothing_unseen_is_left(text: str):
    assert not UNSEEN.search(visible(text))
    assert not UNSEEN.search(one_line(text))
    assert not UNSEEN.search(plain(text).replace(WORD_JOINER, ""))


@pytest.mark.parametrize("text", EVERY, ids=lambda text: ascii(text)[:40])
def test_a_parser_of_markdown_finds_only_text(text: str):
    kinds = {token.type for block in MARKDOWN.parse(plain(text)) for token in tokens(block)}

    assert kinds <= ONLY_TEXT
    assert not WAKES_STREAMLIT.search(plain(text).replace("\\", ""))
    assert not re.search(r"(?<!\\)(\\\\)*\$", plain(text))


def test_the_parser_would_find_more_in_the_raw_texts():
    kinds = {
        token.type for text in EVERY for block in MARKDOWN.parse(text) for token in tokens(block)
    }

    assert {"image", "link_open", "html_block", "html_inline", "heading_open"} <= kinds


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("![]()<>:$`*_#|~@/\\\n&;-=.1")))
def test_whatever_comes_a_parser_of_markdown_finds_only_text(text: str):
    kinds = {token.type for block in MARKDOWN.parse(plain(text)) for token in tokens(block)}

    assert kinds <= ONLY_TEXT
    shown = "".join(
        token.content
        for block in MARKDOWN.parse(plain(text))
        for token in tokens(block)
        if token.type in {"text", "text_special"}
    )
    assert shown.replace(WORD_JOINER, "").split() == visible(text).split()


@given(st.text())
def test_nothing_is_left_that_is_not_drawn(text: str):
    assert all(
        letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"}
        for letter in visible(text)
    )
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("text", ["SELECT 1", "Größe – 5 × 3\n\tzwei", "日本語 العربية 🙂", ""])
def test_what_can_be_seen_stays(text: str):
    assert visible(text) == text


def test_a_sequence_that_never_ends_hides_nothing():
    assert visible("\x1b]0;" + "SELECT 1; " * 100).endswith("SELECT 1; ")
    assert "DROP" in visible("\x9d" + "x" * 600 + "DROP\x07")


def test_a_table_is_cleaned_cell_by_cell_and_its_figures_stay():
    frame = pd.DataFrame(
        {
            "name": ["a\u202eb", None],
            "marks": [["x\x1b[1m", "y"], []],
            "seconds": [1.5, 2.0],
            "is_new": [True, False],
            "at": pd.to_datetime(["2026-03-01", "2026-03-02"]),
        }
    )

    shown = cleaned(frame)

    assert shown["name"].tolist()[0] == "ab"
    assert pd.isna(shown["name"].tolist()[1])
    assert shown["marks"].tolist() == [["x", "y"], []]
    assert list(shown.columns) == list(frame.columns)
    for name in ("seconds", "is_new", "at"):
        assert shown[name].equals(frame[name])


def tokens(block):
    yield block
    yield from block.children or ()
