"""Names that hold personal data are told from those that only look a little like it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.sql.masked_names import masked_words
from backend.sql.personal_data import (
    has_account_number,
    has_personal_data,
    has_personal_data_in_code,
    has_personal_data_in_word,
    mask_personal_data,
)
from tests.unit.sql.personal_values import cards, ibans, recognised


@given(recognised, st.sampled_from(["{}", "for {} only", "'{}'", "({})", "mail={}", "{}."]))
def test_a_value_is_seen_whatever_stands_around_it(value: str, around: str) -> None:
    assume(not (value.endswith("/") or ("?" in value and around == "{}.")))

    assert has_personal_data(around.format(value))


@pytest.mark.parametrize(
    "name",
    [
        "zoe@mail.example",
        "zoe.quill+x@mail.co.example",
        "ｚｏｅ＠mail.example",
        "zo\u200be@mail.example",
        "10.1.2.3",
        "from 10.1.2.3/24.",
        "10.1.2.3.4",
        "10.001.002.003:8080",
        "IPv6:2001:db8::1",
        "::1",
        "local ::",
        "::/128",
        "fe80::1%eth0",
        "[2001:db8::1]:8080",
        "2001:db8::/32",
        "64:ff9b::192.0.2.0/96",
        "1:2:3:4:5:6:7:8",
        "00:1a:2b:3c:4d:5e",
        "00-1A-2B-3C-4D-5E",
        "4929-1234-1234-1232",
        "4929 1234 1234 1232 4929123412341232",
        "card 3782 822463 10005",
        "GB29 NWBK 6016 1331 9268 19 is hers",
        "gb29nwbk60161331926819",
        "DE89-3704-0044-0532-0130-00",
        "078-05-1123",
        "078.05.1123",
        "078 05 1123",
        "078-051123",
        "07805-1123",
        "078051123",
        "０７８-05-1123",
        "+41 44 668 18 00",
        "+55 11 98456 5666",
        "(415)555-0132",
        "is415-555-0132",
        "91-415-555-0132",
        "1 415 555 0132",
        "044 668 18 00",
        "020 7946 0958",
        "030 / 1234567",
        "09-7625400",
        "13912345678",
        "4155550132",
        "14155550132",
        "+44 (20) 7123 4567",
        "(02) 9876 5432",
        "0412 345 678",
        "(11) 98456-5666",
        "1987-03-14",
        "14.03.1987",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "AKIAQZJVXKQZJVXKQZJV",
        "qZ7XUtnFEMI/K7MDENG/bPxRfiCYQQQQQQQQ7KEY",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJxdWlsbCJ9.x",
        "arn:aws:iam::123456789012:role/q",
        "arn:aws-cn:s3:::bucket",
        "s3://bucket/key",
        "https://zoe:quill@host/x?y",
    ],
)
def test_a_name_with_personal_data_is_seen(name: str) -> None:
    assert has_personal_data(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "net price",
        "units @ price",
        "Q1 2024",
        "2023/2024",
        "week 12-13",
        "12:30:45",
        "ratio 1:2:3",
        "std::string",
        "x::y",
        "12345:db8::1",
        "gggg:hhhh::1234",
        "text2001:db8::1",
        "9123456789",
        "10.1.2",
        "10.1.2.256",
        "v10.1.2.3beta",
        "4929-1234-1234-1231",
        "GB28 NWBK 6016 1331 9268 19",
        "XX29 NWBK 6016 1331 9268 19",
        "666-12-3456",
        "912-12-3456",
        "123-00-4567",
        "123-45-0000",
        "123-45.6789",
        "773000000",
        "824 753 557",
        "046 454 286",
        "52 824 753 556",
        "1234 5678 9012",
        "12345678901",
        "1700000000",
        "1700000000000",
        "917 123 4567",
        "104-86-56658",
        "first_name, last_name",
        "ASIAPACIFICREGION",
        "akia",
        "price (USD) 100-200",
        "> 1,000,000",
        "100%",
        "eyjafjord_events.id",
    ],
)
def test_an_ordinary_name_is_none(name: str) -> None:
    assert not has_personal_data(name)


@pytest.mark.parametrize(
    "word", ["t_20210301", "t_20210301123456", "job_823749823", "x1700000000", "a1b2c3d4e5f60718"]
)
def test_dates_and_numbers_of_tables_are_none(word: str) -> None:
    assert not has_personal_data_in_word(word)
    assert masked_words(f"{word}.a, 1") == f"{word}.a, 1"


@given(cards)
def test_the_number_of_a_card_is_seen_and_no_other_last_digit(card: str) -> None:
    other = card[:-1] + str((int(card[-1]) + 1) % 10)

    assert has_account_number(card)
    assert not has_account_number(other)


@given(ibans, st.integers(min_value=1, max_value=8))
def test_the_number_of_an_account_is_seen_and_no_other_checksum(iban: str, more: int) -> None:
    other = f"{iban[:2]}{(int(iban[2:4]) + more) % 100:02}{iban[4:]}"

    assume(not has_account_number(other[2:]))  # the digits may be those of a card

    assert has_account_number(iban)
    assert not has_account_number(other) or int(other[2:4]) % 97 == int(iban[2:4]) % 97


@given(ibans, st.text("_$", min_size=1, max_size=3))
def test_an_account_in_a_name_without_quotes_is_masked(iban: str, mark: str) -> None:
    word = f"t{mark}{iban.replace(' ', '').replace('-', '')}"

    assert iban.replace(" ", "")[6:] not in masked_words(f"select a as {word}")


@pytest.mark.parametrize(
    ("code", "is_doubtful"),
    [
        ("select zoe@mail.example", True),
        ("select zoe@mail", True),
        ("select zoe@", True),
        ("select a @ b", False),
        ("copy t from s3://b/k", True),
        ("select eyJhbGciOiJIUzI1NiJ9.x", True),
        ("select eyjafjord_events.id", False),
        ("select asiapacificregion.a", False),
        ("select ASIAPACIFICREGION.a", False),
        ("select AKIAQZJVXKQZJVXKQZJV", True),
        ("select AKIAQZ7V", True),
        ("select a from ASIAPACIFIC", False),
    ],
)
def test_code_with_an_address_or_a_key_is_doubtful(code: str, is_doubtful: bool) -> None:
    assert has_personal_data_in_code(code) is is_doubtful


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("a::text and b::date", "a::text and b::date"),
        ("from 2001:db8::1 to fe80::1", "from ? to ?"),
        ("x :: y", "x :: y"),
        ("'arn:aws:iam::1:role/x' csv", "'?' csv"),
        ("key qZ7XUtnFEMI/K7MDENG/bPxRfiCYQQQQQQQQ7KEY!", "key ?!"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJxdWlsbCJ9.x!", "token ?!"),
        ("digest 0123456789abcdef0123456789abcdef", "digest ?"),
    ],
)
def test_messages_lose_personal_data_and_keep_their_words(message: str, masked: str) -> None:
    assert mask_personal_data(message) == masked
