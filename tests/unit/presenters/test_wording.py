import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.pattern import KnownNames
from backend.domain.visible_text import visible
from tests.builders import A_DAY
from workbench.presenters.time_range import range_days
from workbench.presenters.wording import (
    WORD_JOINER,
    days_text,
    dollars,
    duration,
    gain_in_dollars,
    megabytes,
    number_of,
    per_cent,
    plain,
    ratio,
    shortened,
    table_per_cent,
)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (0.0004, "<1 ms"),
        (0.42, "420 ms"),
        (0.9996, "1.0 s"),
        (12.44, "12.4 s"),
        (99.9, "99.9 s"),
        (100, "1.7 min"),
        (3600, "60.0 min"),
        (6 * 3600, "6.0 h"),
        (44_640, "12.4 h"),
        (1_000 * 3600, "1,000 h"),
    ],
)
def test_a_duration_carries_the_unit_that_fits(seconds: float, written: str):
    assert duration(seconds) == written


@given(st.floats(min_value=0, max_value=1e9))
def test_a_duration_never_shows_a_thousand_of_a_small_unit(seconds: float):
    number, unit = duration(seconds).lstrip("<").split(" ")

    assert unit in {"ms", "s", "min", "h"}
    assert unit == "h" or float(number) < 1000


@pytest.mark.parametrize(
    ("share", "written"),
    [(0, "0 %"), (0.0004, "<0.1 %"), (0.0452, "4.5 %"), (0.314, "31 %"), (1, "100 %")],
)
def test_a_small_share_is_never_nothing(share: float, written: str):
    assert per_cent(share) == written


def test_a_column_of_shares_lines_up():
    assert [table_per_cent(share) for share in (0.335, 0.01, 0.0004, 0)] == [
        "33.5 %",
        "1.0 %",
        "<0.1 %",
        "0.0 %",
    ]


@pytest.mark.parametrize(
    ("amount", "written", "as_gain"),
    [
        (0.004, "under $0.01", "under $0.01"),
        (12.4, "$12.40", "+$12.40"),
        (3120.0, "$3,120", "+$3,120"),
        (-0.6, "−$0.60", "−$0.60"),
        (-0.001, "under $0.01", "under $0.01"),
    ],
)
def test_a_real_amount_is_never_nothing(amount, written, as_gain):
    assert (dollars(amount), gain_in_dollars(amount)) == (written, as_gain)


@pytest.mark.parametrize("amount", [None, 0.0])
def test_without_prices_there_is_no_gain_in_dollars(amount):
    assert gain_in_dollars(amount) == "–"


def test_counts_and_sizes_read_well():
    assert number_of(1, "run") == "1 run"
    assert number_of(2310, "run") == "2,310 runs"
    assert megabytes(640) == "640 MB"
    assert megabytes(4200) == "4.2 GB"
    assert ratio(3.14) == "3.1×"
    assert ratio(31.4) == "31×"


def test_a_range_of_days_names_the_year_once():
    assert days_text(A_DAY.replace(day=1), A_DAY) == "1 Mar – 2 Mar 2026"
    assert days_text(A_DAY, A_DAY) == "2 Mar 2026"
    assert days_text(None, None) == "no days yet"


def test_a_time_range_counts_back_from_the_newest_day():
    known = KnownNames(first_day=A_DAY.replace(month=1), last_day=A_DAY)

    assert range_days("7d", known) == (A_DAY.replace(month=2, day=24), A_DAY)
    assert range_days("1d", known) == (A_DAY, A_DAY)
    assert range_days("all", known) == (None, None)
    assert range_days("28d", KnownNames()) == (None, None)


def test_a_long_text_is_cut_on_one_line():
    assert shortened("a\n  b", 10) == "a b"
    assert shortened("abcdefghij", 5) == "abcd…"


@pytest.mark.parametrize(
    "text",
    [
        "![i](http://evil.test/i.png)",
        "[y](http://evil.test)",
        "<img src=x onerror=alert(1)>",
        ":red[oops] :material/delete: :smile:",
        "$x^2$ **bold** _it_ ~~no~~ `code`",
        "www.evil.test http://evil.test a@evil.test",
        "# head",
        "1. list",
    ],
)
def test_foreign_text_has_nothing_left_that_markdown_would_act_on(text: str):
    escaped = plain(text)

    assert re.sub(r"\\(.)", r"\1", escaped).replace(WORD_JOINER, "") == text
    assert not re.search(r"(?<!\\)[`*_\[\]()<>#$~!|]", escaped)
    seen = escaped.replace("\\", "")
    assert not re.search(r":[\w+-]+[:\[{]|:material/|://|\w@\w|www\.", seen)


@pytest.mark.parametrize(
    "text", [":100:", ":8ball:", ":+1:", ":-1:", "::x", ":x[y]", ":1st_place_medal:"]
)
def test_a_name_between_colons_is_no_picture(text: str):
    assert plain(text).startswith(":" + WORD_JOINER)


@pytest.mark.parametrize("text", ["a -> b", "<-", "<->", "a -- b", "n >= 1", "n <= 1", "~="])
def test_arrows_and_comparisons_keep_their_letters(text: str):
    seen = plain(text).replace("\\", "")

    assert seen.replace(WORD_JOINER, "") == text
    assert not re.search(r"->|<-|--|>=|<=|~=", seen)


@pytest.mark.parametrize("text", ["Raised at 09:00 UTC", "Query: orders", "x-y = 3", "09:00:12"])
def test_what_wakes_nothing_is_found_and_copied_as_it_was(text: str):
    assert plain(text).replace("\\", "") == text


@given(st.text())
def test_plain_keeps_every_visible_letter(text: str):
    unescaped = re.sub(r"\\(.)", r"\1", plain(text)).replace(WORD_JOINER, "")

    assert unescaped.split() == visible(text).split()
