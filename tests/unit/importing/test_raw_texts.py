"""Which raw texts an import keeps, where the setting keeps any."""

from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.sqlite import open_sqlite_history
from backend.adapters.sqlite.raw_text import SqliteRawTexts
from backend.domain.pattern import PatternFilter
from backend.services.import_view_export import import_view_export
from backend.services.original_values import original_values
from backend.services.raw_text import TEXTS_A_WRITING, RawTextKeeper
from tests.builders import A_MOMENT
from tests.unit.importing.exports import a_history_row, write_rows

KEY = b"k" * 32


class Kept:
    """An import into the folder, and what it kept."""

    def __init__(self, folder: Path, texts: list[str], *, days: int | None = 7) -> None:
        rows = [
            a_history_row(number, query_text=text, generic_query_hash="")
            for number, text in enumerate(texts, start=1)
        ]
        write_rows(folder / "sys_query_history.csv", rows)
        self.raw_texts = SqliteRawTexts(folder / "raw_text.sqlite3")
        self._store = open_sqlite_history(folder / "history.sqlite3")
        keeper = RawTextKeeper(self.raw_texts, now=A_MOMENT, days=days) if days else None
        import_view_export(
            open_export_folder(folder),
            store=self._store,
            now=A_MOMENT,
            marks_key=KEY,
            raw_texts=keeper,
        )
        self.patterns = [
            row.pattern for row in self._store.rank_patterns(PatternFilter(), limit=500).rows
        ]
        self._store.close()

    def texts(self) -> list[str]:
        found = (self.raw_texts.get(each.query_hash, now=A_MOMENT) for each in self.patterns)
        return [text for text in found if text is not None]


def test_keeps_the_text_that_the_scrubbed_statement_came_from(tmp_path: Path) -> None:
    texts = ["select a from t where b in (1, 2) and c = 'zoe'"]
    texts.append("select a from t where b in (7, 8, 9) and c = 'ana'")

    kept = Kept(tmp_path, texts)

    (pattern,) = kept.patterns
    values = original_values(
        pattern.query_hash, pattern.scrubbed_sql, raw_texts=kept.raw_texts, now=A_MOMENT
    )
    assert len(kept.texts()) == 1
    assert values is not None
    assert sorted(values.by_position.values()) in (
        ["'zoe'", "1", "2"],
        ["'ana'", "7", "8", "9"],
    )


def test_keeps_them_for_as_many_days_as_the_setting_says(tmp_path: Path) -> None:
    kept = Kept(tmp_path, ["select 'zoe'"], days=3)

    assert kept.raw_texts.kept(now=A_MOMENT).last_expires_at == A_MOMENT + timedelta(days=3)


@pytest.mark.parametrize(
    "text",
    [
        "create user zoe password 'Sesame4711'",
        "copy t from 's3://b/k' credentials 'aws_access_key_id=AKIAIOSFODNN7EXAMPLE;x=y'",
        "select count(*) from t",
        "insert into t values (1, 'zoe'), (2, 'ana'), (3, 'ben')",
        "select 'never closed",
    ],
    ids=["a password", "keys", "nothing to put back", "rows that are shortened", "cut"],
)
def test_does_not_keep_what_is_secret_or_cannot_be_put_back(tmp_path: Path, text: str) -> None:
    kept = Kept(tmp_path, [text])

    assert len(kept.patterns) == 1
    assert kept.texts() == []


def test_without_the_setting_there_is_no_file(tmp_path: Path) -> None:
    Kept(tmp_path, ["select 'zoe'"], days=None)

    assert not (tmp_path / "raw_text.sqlite3").exists()


def test_many_patterns_are_written_a_few_hundred_at_a_time_and_none_is_lost(
    tmp_path: Path,
) -> None:
    count = TEXTS_A_WRITING + 3

    kept = Kept(tmp_path, ["select 'zoe' from t" + "x" * number for number in range(1, count + 1)])  # noqa: S608

    assert len(kept.texts()) == count


def test_an_import_deletes_what_has_expired(tmp_path: Path) -> None:
    kept = Kept(tmp_path, ["select 'zoe'"])

    RawTextKeeper(kept.raw_texts, now=A_MOMENT + timedelta(days=7), days=7)

    assert b"zoe" not in (tmp_path / "raw_text.sqlite3").read_bytes()
