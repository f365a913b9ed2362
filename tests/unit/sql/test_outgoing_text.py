"""The last look before a text leaves: what is surely personal goes, figures and dates stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sql import outgoing_text as module
from backend.sql.outgoing_text import FAILED, outgoing_text, outgoing_value


@pytest.mark.parametrize(
    "secret",
    [
        "Zoe.Quill@mail.example",
        "4012-8888-8888-1881",
        "4111111111111111",
        "DE89 3704 0044 0532 0130 00",
        "NO9386011117947",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "arn:aws:iam::123456789012:role/loader",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "10.20.30.40",
        "078-05-1120",
        "+41 44 668 18 00",
    ],
)
def test_what_is_surely_personal_or_secret_is_taken_out(secret: str) -> None:
    left = outgoing_text(f"Filter on {secret}, which costs 12.4 s")

    assert secret[:8] not in left
    assert left.startswith("Filter on [removed]")
    assert "12.4 s" in left


@pytest.mark.parametrize(
    "text",
    [
        "48.1 s of 51.0 s stand on the scan of sales.orders (F12), 8,798 rows of 155 million.",
        "Since 2026-11-24 08:00 UTC the plan is another one; 2,310 runs took 5.2 h in all.",
        "ALTER TABLE sales.orders ALTER SORTKEY (order_date);",
        "Version 1.0.113477 came between 17–18 Nov; query 1234567890123 was the slowest.",
        "f1-0123456789abcdef01234567 costs $3,120 a month, −5 % since.",
    ],
)
def test_figures_dates_names_and_hashes_stay(text: str) -> None:
    assert outgoing_text(text) == text


def test_a_line_is_cut_with_an_ellipsis_and_hidden_characters_go() -> None:
    assert outgoing_text("one\x1b[31m\u202e two\nthree four", longest=12) == "one two thr…"


def test_an_address_with_hidden_characters_in_it_is_one_all_the_same() -> None:
    assert outgoing_text("to zoe\u200b.quill@ma\u2060il.example") == "to [removed]"


def test_a_value_keeps_all_other_characters() -> None:
    assert outgoing_value("=one\n\ttwo\x00 zoe@mail.example") == "=one\n\ttwo\x00 [removed]"


def test_a_failure_withholds_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(module, "mask_sure", fail)

    assert (outgoing_text("Quill"), outgoing_value("Quill")) == (FAILED, FAILED)


@given(st.text())
def test_any_text_can_go_out_and_stays_as_it_is_the_second_time(text: str) -> None:
    once = outgoing_text(text)

    assert outgoing_text(once) == once
