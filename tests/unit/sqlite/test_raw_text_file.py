"""The file of the raw texts: who may read it, and that what is deleted is gone from it."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.sqlite.raw_text import SqliteRawTexts, open_raw_texts
from backend.domain.errors import StoreUnavailableError
from backend.services.raw_text import NoRawTexts, RawText
from tests.builders import A_MOMENT, a_hash

LITERAL = "zoe.canary@example.com"
A_WEEK = timedelta(days=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "raw_text.sqlite3"


def keep(path: Path, count: int = 40) -> None:
    open_raw_texts(path, days=7, now=A_MOMENT).keep(
        [
            RawText(
                query_hash=a_hash(number),
                # Longer than a page, so that deleting one leaves whole pages free.
                text=f"select '{LITERAL}' /* {number} {LITERAL * 300} */",
                seen_at=A_MOMENT,
                expires_at=A_MOMENT + A_WEEK,
            )
            for number in range(count)
        ]
    )


def octets_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def test_only_its_owner_may_read_the_file_and_the_folder_made_for_it(path: Path):
    keep(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_that_others_could_read_is_closed_to_them(path: Path):
    keep(path)
    path.chmod(0o644)

    SqliteRawTexts(path).get(a_hash(1), now=A_MOMENT)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_opening_deletes_what_has_expired_down_to_the_last_octet(path: Path):
    keep(path)
    assert LITERAL.encode() in octets_in(path.parent)

    open_raw_texts(path, days=7, now=A_MOMENT + A_WEEK)

    assert LITERAL.encode() not in octets_in(path.parent)


def test_forgetting_everything_overwrites_it(path: Path):
    keep(path)

    SqliteRawTexts(path).forget_all()

    assert LITERAL.encode() not in octets_in(path.parent)


def test_a_text_that_is_replaced_is_overwritten(path: Path):
    keep(path, 1)

    SqliteRawTexts(path).keep(
        [
            RawText(
                query_hash=a_hash(0),
                text="select 'ana'",
                seen_at=A_MOMENT,
                expires_at=A_MOMENT + A_WEEK,
            )
        ]
    )

    assert LITERAL.encode() not in octets_in(path.parent)


def test_a_shorter_time_also_holds_for_what_is_there(path: Path):
    keep(path)

    store = open_raw_texts(path, days=2, now=A_MOMENT)

    assert store.kept(now=A_MOMENT).last_expires_at == A_MOMENT + timedelta(days=2)


def test_switched_off_the_file_is_deleted_at_the_next_start(path: Path):
    keep(path)

    store = open_raw_texts(path, days=0, now=A_MOMENT)

    assert isinstance(store, NoRawTexts)
    assert list(path.parent.iterdir()) == []


def test_switched_off_nothing_is_made_and_nothing_kept(path: Path):
    keep_nothing = open_raw_texts(path, days=0, now=A_MOMENT)

    keep_nothing.keep(
        [RawText(query_hash="f1-1", text="x", seen_at=A_MOMENT, expires_at=A_MOMENT + A_WEEK)]
    )

    assert keep_nothing.get("f1-1", now=A_MOMENT) is None
    assert not path.parent.exists()


@pytest.mark.parametrize("days", [0, 7])
def test_a_damaged_file_is_deleted_and_stops_nothing(path: Path, days: int):
    path.parent.mkdir()
    path.write_bytes(b"no database, but " + LITERAL.encode() * 400)

    store = open_raw_texts(path, days=days, now=A_MOMENT)

    assert store.kept(now=A_MOMENT).count == 0
    assert LITERAL.encode() not in octets_in(path.parent)


def test_a_link_in_its_place_is_not_followed(path: Path, tmp_path: Path):
    path.parent.mkdir()
    elsewhere = tmp_path / "elsewhere"
    path.symlink_to(elsewhere)

    with pytest.raises(StoreUnavailableError):
        open_raw_texts(path, days=7, now=A_MOMENT)
    assert not elsewhere.exists()
