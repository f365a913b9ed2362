"""What holds for every test."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")  # noqa: TID251


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    """No setting of the machine reaches a test, and no test reaches the machine's own store."""
    for name in list(os.environ):  # noqa: TID251
        if name.startswith("WORKBENCH_"):
            monkeypatch.delenv(name)
    data_home: Path = tmp_path_factory.getbasetemp() / "data-home"
    monkeypatch.setenv("XDG_DATA_HOME", str(data_home))


@pytest.fixture(autouse=True)
def _main_module_stays():
    """Streamlit puts each page in the place of `__main__`, which new processes start from."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
