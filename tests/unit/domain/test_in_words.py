import pytest

from backend.domain.in_words import (
    counted,
    dollars_in_words,
    duration_in_words,
    listed,
    megabytes_in_words,
    percent,
    rows_in_words,
)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 steps"), (1, "1 step"), (3, "3 steps"), (2310, "2,310 steps")]
)
def test_one_thing_is_singular_and_any_other_count_plural(count, text):
    assert counted(count, "step") == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (1, "1 row"),
        (8_798, "8,798 rows"),
        (999_400, "999,400 rows"),
        (999_999, "999,999 rows"),
        (5_000_000, "5 million rows"),
        (46_230_000, "46.2 million rows"),
        (155_306_579, "155 million rows"),
        (999_600_000, "1 billion rows"),
        (3_120_000_000, "3.1 billion rows"),
        (2.5e12, "2.5 trillion rows"),
    ],
)
def test_rows_have_three_figures_at_most(rows, text):
    assert rows_in_words(rows) == text


@pytest.mark.parametrize(
    ("megabytes", "text"),
    [(0, "0 MB"), (900, "900 MB"), (1_000, "1 GB"), (47_400, "47.4 GB"), (1_060_000, "1.1 TB")],
)
def test_sizes_go_in_steps_of_a_thousand(megabytes, text):
    assert megabytes_in_words(megabytes) == text


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(0.004, "under $0.01"), (12.4, "$12.40"), (3_120, "$3,120"), (-12.4, "-$12.40"),
     (-0.004, "under $0.01")],
)  # fmt: skip
def test_a_real_amount_of_dollars_is_never_nothing(dollars, text):
    assert dollars_in_words(dollars) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.001, "under 0.01 s"),
        (0.42, "0.42 s"),
        (95, "95 s"),
        (354, "5.9 min"),
        (2040, "34 min"),
        (18_720, "5.2 h"),
    ],
)
def test_times_are_told_in_the_unit_that_fits(seconds, text):
    assert duration_in_words(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0004, "under 0.1 %"),
        (0.046, "4.6 %"),
        (0.05, "5 %"),
        (0.0996, "10 %"),
        (0.67, "67 %"),
        (0.998, "over 99 %"),
        (1, "100 %"),
    ],
)
def test_a_part_is_neither_nothing_nor_everything(share, text):
    assert percent(share) == text


def test_long_lists_end_in_how_many_more():
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a", "b", "c", "d", "e"], most=3) == "a, b and 3 more"
