"""One written sample for all tests of this folder."""

import csv
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from backend.sample import SampleSummary, write_sample_export
from backend.sample.history import SampleHistory, sample_history

LAST_DAY = date(2026, 11, 21)
Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def history() -> SampleHistory:
    return sample_history(LAST_DAY)


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    return write_sample_export(tmp_path_factory.mktemp("sample"), last_day=LAST_DAY)


@pytest.fixture(scope="session")
def rows_of(written: SampleSummary) -> Callable[[str], Rows]:
    by_name = {path.name.partition(".")[0]: path for path in written.files}
    known: dict[str, Rows] = {}

    def read(view: str) -> Rows:
        if view not in known:
            known[view] = _read(by_name[view])
        return known[view]

    return read


def _read(path: Path) -> Rows:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return list(csv.DictReader(text.decode().splitlines(keepends=True)))
