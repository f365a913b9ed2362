import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cli.plain_text import one_line, plain


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("SELECT 1", "SELECT 1"),
        ("red \x1b[31malert\x1b[0m", "red alert"),
        ("\x9b31malert", "alert"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;an unfinished one", "52;c;an unfinished one"),
        ("over\rwritten\x08\x00", "overwritten"),
        ("user\u202etxt.exe", "usertxt.exe"),
        ("Größe – 5 × 3\n\tzwei", "Größe – 5 × 3\n\tzwei"),
    ],
)
def test_nothing_that_steers_a_terminal_is_left(given_text: str, shown: str):
    assert plain(given_text) == shown


@given(st.text())
def test_plain_text_holds_no_control_character_whatever_comes(text: str):
    shown = plain(text)

    assert not any(
        ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0
        for letter in shown.translate({9: "", 10: ""})
    )


def test_one_line_folds_white_space_and_marks_a_cut():
    assert one_line("SELECT *\n  FROM\torders", width=12) == "SELECT * FR…"
