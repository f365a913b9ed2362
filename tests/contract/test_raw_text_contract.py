"""Raw texts that are kept for a time, over every store of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.raw_text import SqliteRawTexts
from backend.services.raw_text import RawText, RawTextsKept, RawTextStore
from tests.builders import A_MOMENT, a_hash

ADAPTERS: dict[str, Callable[[Path], RawTextStore]] = {
    "sqlite": lambda folder: SqliteRawTexts(folder / "raw_text.sqlite3"),
}
ONE, TWO = a_hash(1), a_hash(2)
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture(params=ADAPTERS.values(), ids=ADAPTERS.keys())
def raw_texts(request: pytest.FixtureRequest, tmp_path: Path) -> RawTextStore:
    store: RawTextStore = request.param(tmp_path)
    return store


def a_text(query_hash: str = ONE, text: str = "select 'zoe'", at: datetime = A_MOMENT) -> RawText:
    return RawText(query_hash=query_hash, text=text, seen_at=at, expires_at=at + A_WEEK)


@pytest.mark.parametrize("text", ["select 'zoë'\n-- ☂", "select '\ud800'", "select '\x00'"])
def test_gives_a_text_back_as_it_was(raw_texts: RawTextStore, text: str):
    raw_texts.keep([a_text(text=text), a_text(TWO, "select 2")])

    assert raw_texts.get(ONE, now=A_MOMENT) == text
    assert raw_texts.get(TWO, now=A_MOMENT) == "select 2"
    assert raw_texts.get("f1-unknown", now=A_MOMENT) is None


def test_a_text_that_has_expired_is_not_given_out_even_before_it_is_deleted(
    raw_texts: RawTextStore,
):
    raw_texts.keep([a_text()])

    assert raw_texts.get(ONE, now=A_MOMENT + A_WEEK - timedelta(seconds=1)) is not None
    assert raw_texts.get(ONE, now=A_MOMENT + A_WEEK) is None
    assert raw_texts.kept(now=A_MOMENT + A_WEEK) == RawTextsKept()


def test_another_text_of_the_pattern_takes_the_place_of_the_first(raw_texts: RawTextStore):
    raw_texts.keep([a_text()])

    raw_texts.keep([a_text(text="select 'ana'", at=A_MOMENT + A_DAY)])

    assert raw_texts.get(ONE, now=A_MOMENT + A_WEEK) == "select 'ana'"
    assert raw_texts.kept(now=A_MOMENT).count == 1


def test_the_same_text_again_lives_no_longer_by_it(raw_texts: RawTextStore):
    raw_texts.keep([a_text()])

    raw_texts.keep([a_text(at=A_MOMENT + A_DAY)])

    assert raw_texts.get(ONE, now=A_MOMENT + A_WEEK) is None


def test_tells_how_many_are_kept_and_until_when(raw_texts: RawTextStore):
    raw_texts.keep([a_text(), a_text(TWO, at=A_MOMENT + A_DAY)])

    assert raw_texts.kept(now=A_MOMENT) == RawTextsKept(
        count=2, last_expires_at=A_MOMENT + A_DAY + A_WEEK
    )


def test_forgetting_the_expired_leaves_the_others(raw_texts: RawTextStore):
    raw_texts.keep([a_text(), a_text(TWO, at=A_MOMENT + A_DAY)])

    raw_texts.forget_expired(A_MOMENT + A_WEEK)

    assert raw_texts.get(ONE, now=A_MOMENT) is None
    assert raw_texts.get(TWO, now=A_MOMENT) is not None


def test_forgets_everything_when_told_to(raw_texts: RawTextStore):
    raw_texts.keep([a_text(), a_text(TWO)])

    raw_texts.forget_all()

    assert raw_texts.kept(now=A_MOMENT) == RawTextsKept()
