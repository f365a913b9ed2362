"""Every page when the store cannot be read: a sentence and what to do, no path, no traceback."""

from pathlib import Path

import pytest

from backend.settings import read_settings
from tests.app.conftest import open_page, said

PAGES = ("queries", "query", "recommendations", "trends")


@pytest.mark.parametrize("page", PAGES)
def test_an_unreadable_store_is_told_in_plain_words(page: str, data_dir: Path):
    read_settings(data_dir).storage.history_file.write_bytes(b"not a database" * 400)

    app = open_page(page, query="f1-1")

    assert not app.exception
    assert "The history store cannot be read" in said(app)
    assert "workbench doctor" in said(app)
    assert str(data_dir) not in said(app)
    assert "Traceback" not in said(app)
