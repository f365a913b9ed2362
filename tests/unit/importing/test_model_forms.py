"""What an import keeps for a model, and that it keeps no literal for it."""

from pathlib import Path

import pytest

from backend.adapters.folder import open_export_folder
from backend.adapters.local_key import read_or_make_key
from backend.adapters.sqlite import SqliteHistory, open_sqlite_history
from backend.domain.errors import StoreUnavailableError
from backend.domain.pattern import Pattern, PatternFilter
from backend.services import import_patterns
from backend.services.import_view_export import import_view_export
from backend.sql.literal_marks import find_marked
from tests.builders import A_MOMENT
from tests.unit.importing.exports import a_history_row, write_rows

KEY = b"k" * 32
TEXT = "select a from t where b = '{}' and c > 4711"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "export"
    path.mkdir()
    return path


def imported(folder: Path, texts: list[str], key: bytes | None = KEY) -> Pattern:
    rows = [a_history_row(number, query_text=text) for number, text in enumerate(texts, start=1)]
    write_rows(folder / "sys_query_history.csv", rows)
    store: SqliteHistory = open_sqlite_history(folder / "history.sqlite3")
    import_view_export(open_export_folder(folder), store=store, now=A_MOMENT, marks_key=key)
    (row,) = store.rank_patterns(PatternFilter(), limit=2).rows
    pattern = store.pattern(row.pattern.query_hash)
    store.close()
    return pattern


def test_a_pattern_has_a_model_form_and_the_marks_of_its_texts(folder: Path) -> None:
    pattern = imported(folder, [TEXT.format("Quillfeather"), TEXT.format("Marigold")])

    assert pattern.model_form is not None
    assert "b = :text_1 AND c > :integer_1" in pattern.model_form.sql
    sent = "Quillfeather met Marigold, 4711 times"
    found = {sent[start:end] for start, end in find_marked(sent, pattern.literal_marks, KEY)}
    assert found == {"Quillfeather", "Marigold", "4711"}


def test_of_a_pattern_with_many_texts_the_first_few_are_marked(folder: Path) -> None:
    texts = [TEXT.format(f"value{number:03}") for number in range(100)]

    marks = imported(folder, texts).literal_marks

    assert 2 <= len(marks) <= import_patterns.TEXTS_MARKED + 2


def test_without_a_key_there_is_no_model_form(folder: Path) -> None:
    pattern = imported(folder, [TEXT.format("Quillfeather")], key=None)

    assert (pattern.model_form, pattern.literal_marks) == (None, frozenset())


@pytest.mark.parametrize("step", ["marks_of", "read_literals"])
def test_where_a_step_fails_there_is_no_model_form(
    step: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_patterns, step, lambda *_, **__: None)

    assert imported(folder, [TEXT.format("Quillfeather")]).model_form is None


def test_no_literal_is_in_the_store(folder: Path) -> None:
    imported(folder, [TEXT.format("Quillfeather")])

    assert b"Quill" not in (folder / "history.sqlite3").read_bytes()


def test_the_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "marks.key"

    key = read_or_make_key(file, 32)

    assert (len(key), file.stat().st_mode & 0o777) == (32, 0o600)
    assert read_or_make_key(file, 32) == key
    assert [path.name for path in file.parent.iterdir()] == ["marks.key"]


def test_a_damaged_key_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "marks.key"
    file.write_bytes(b"short")

    with pytest.raises(StoreUnavailableError, match="Delete it"):
        read_or_make_key(file, 32)
