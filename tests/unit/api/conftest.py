from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.adapters.sqlite import open_sqlite_history
from backend.api.app import create_app
from backend.panel.rules import rules_panel
from backend.services.ports import HistoryStore
from backend.settings import read_settings
from backend.wiring import Workbench
from tests.builders import A_MOMENT


@pytest.fixture
def store(tmp_path: Path) -> Iterator[HistoryStore]:
    store = open_sqlite_history(tmp_path / "history.sqlite3")
    yield store
    store.close()


@pytest.fixture
def client(store: HistoryStore, tmp_path: Path) -> Iterator[TestClient]:
    workbench = Workbench(
        settings=read_settings(tmp_path),
        store=store,
        panel=rules_panel(),
        clock=lambda: A_MOMENT,
        marks_key=bytes(32),
    )
    with TestClient(create_app(workbench)) as client:
        yield client
