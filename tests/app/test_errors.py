"""Every page when the store cannot be read: a sentence and what to do, no path, no traceback."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend import wiring
from backend.domain.errors import NotFoundError, StoreUnavailableError, WorkbenchError
from backend.settings import read_settings
from tests.app.conftest import open_page, said
from tests.secrets_in_errors import MESSAGE, secrets_in

PAGES = ("queries", "query", "tables", "table", "workload", "recommendations", "trends")
UNEXPECTED = (RuntimeError, KeyError, ValueError, OSError, UnicodeError, RecursionError)
EXPECTED = (WorkbenchError, StoreUnavailableError, NotFoundError)


@pytest.mark.parametrize("page", PAGES)
def test_an_unreadable_store_is_told_in_plain_words(page: str, data_dir: Path):
    read_settings(data_dir).storage.history_file.write_bytes(b"not a database" * 400)

    app = open_page(page, query="f1-1", table="shop.sales.orders")

    assert not app.exception
    assert "The history store cannot be read" in said(app)
    assert "workbench doctor" in said(app)
    assert str(data_dir) not in said(app)
    assert "Traceback" not in said(app)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", UNEXPECTED)
def test_an_error_that_nobody_foresaw_is_told_by_a_reference(
    page: str,
    kind: type[Exception],
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    app = a_page_over_a_failing_store(page, kind, data_dir, monkeypatch)

    assert not app.exception
    assert secrets_in(everything(app) + caplog.text) == []
    reference = re.search(r"log of the pages: ([0-9a-f]{8})", said(app))
    assert reference
    assert f"unexpected {kind.__name__} in workbench.session:" in caplog.text
    assert f"reference {reference[1]}" in caplog.text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", EXPECTED)
def test_what_the_store_says_of_itself_stays_off_the_page(
    page: str,
    kind: type[Exception],
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    app = a_page_over_a_failing_store(page, kind, data_dir, monkeypatch)

    assert not app.exception
    assert secrets_in(everything(app) + caplog.text) == []
    assert "cannot be read" in said(app) or "not stored" in said(app)


class FailingStore:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> object:
        def fail(*_: object, **__: object) -> None:
            raise self._error

        return fail


def a_page_over_a_failing_store(
    page: str, kind: type[Exception], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AppTest:
    real = wiring.open_workbench(data_dir)
    failing = replace(real, store=FailingStore(kind(MESSAGE)))
    monkeypatch.setattr(wiring, "open_workbench", lambda *_: failing)
    return open_page(page, query="f1-1", table="shop.sales.orders")


def everything(app: AppTest) -> str:
    return "\n".join(str(getattr(element, "value", element)) for element in app.main) + said(app)
