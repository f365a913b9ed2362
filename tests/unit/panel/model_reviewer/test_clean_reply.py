"""What a model writes does nothing, wherever it is drawn."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.panel.model_reviewer.clean_reply import clean_reply


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("![x](http://evil.example/?d=1) Sort it", "x Sort it"),
        ("[click here](https://evil.example)", "click here"),
        ("[a]: https://evil.example", "a"),
        ("![a][b] see", "a see"),
        ("See https://evil.example/a?b=c now", "See (removed) now"),
        ("<https://evil.example>", "(removed)"),
        ("//evil.example/x", "(removed)"),
        ("www.evil.example/x", "(removed)"),
        ("javascript:alert(1)", "(removed))"),
        ("data:text/html;base64,AAAA", "(removed)"),
        ("<script>x</script>y", "(removed)x(removed)y"),
        ("<img src=x onerror=y", "< img src=x onerror=y"),
        ("<!channel> <@U123> look", "(removed) (removed) look"),
        ("a <b and c", "a < b and c"),
        ("&#106;&lt;b", "b"),
        ("\x1b[31mred\x1b[0m\x07", "red"),
        ("\u202eevil\u202c \u200bz\U000e0041", "evil z"),
        ("=HYPERLINK(1)", "HYPERLINK(1)"),
        ("-2+3+cmd|x", "2+3+cmd|x"),
        (":red[x] :material/x:", "red[x] material/x:"),
        ("```sql\nx\n```", "sql x"),
    ],
)
def test_nothing_live_is_left(text, cleaned):
    assert clean_reply(text) == (cleaned, True)


@pytest.mark.parametrize(
    "text",
    [
        "Sort sales.orders by day: a < b, x >= :date_1 and y::date.",
        "Größe 3 × 2 – 漢字, é.",
        "Use (a, b) [sic] and 50 % of it; e.g. here.",
    ],
)
def test_plain_text_stays_as_it_is(text):
    assert clean_reply(text) == (text, False)


def test_the_dash_of_a_list_is_left_out():
    assert clean_reply("- Sort it") == ("Sort it", False)


def test_a_decomposed_letter_hides_nothing():
    assert clean_reply("e\u0301") == ("é", False)


def test_what_becomes_live_by_cleaning_is_cleaned_again():
    cleaned, _ = clean_reply("<<b>script>x ![![a](b)](c) hhttp://xttp://y")

    assert not _LIVE.search(cleaned)


_LIVE = re.compile(r"<[a-z!/@#?]|!\[[^\]]*\]\(|\]\(\S|\w://\w|www\.\w", re.IGNORECASE)
_PIECES = st.sampled_from(
    ["<", ">", "!", "[", "]", "(", ")", "http://", "//", "www.", "a", "b.c", " ", "&lt;", "\x1b[",
     "\u200b", "`", "script", "javascript:", "@", "#", "/", "\n", ":"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_nothing_live_is_left_of_any_mixture(text):
    cleaned, _ = clean_reply(text)

    assert not _LIVE.search(cleaned)
    assert clean_reply(cleaned)[0] == cleaned
