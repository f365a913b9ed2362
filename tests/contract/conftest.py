"""The adapters that the port's tests run over."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.adapters.sqlite import open_sqlite_history
from backend.services.ports import HistoryStore

ADAPTERS: dict[str, Callable[[Path], HistoryStore]] = {
    "sqlite": lambda folder: open_sqlite_history(folder / "history.sqlite"),
}


@pytest.fixture(params=ADAPTERS.values(), ids=ADAPTERS.keys())
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[HistoryStore]:
    store: HistoryStore = request.param(tmp_path)
    yield store
    store.close()
