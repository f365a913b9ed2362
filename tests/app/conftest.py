"""Pages over a real store in a folder of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from backend import wiring
from backend.domain.pattern import Pattern
from backend.domain.runs import Runs
from backend.services.ports import HistoryStore, PatternRuns
from workbench.presenters.wording import WORD_JOINER


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The pages' caches outlive a test, so they are emptied around each."""
    monkeypatch.setenv("WORKBENCH_DATA_DIR", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield tmp_path
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def store(data_dir: Path) -> HistoryStore:
    return wiring.open_workbench(data_dir).store


def keep(store: HistoryStore, pattern: Pattern, runs: Runs) -> None:
    store.add_runs([PatternRuns(pattern=pattern, runs=runs)], source="test")


def open_page(name: str, **query_params: str | list[str]) -> AppTest:
    """The page at the root address, as a browser with this link would see it."""

    def script(first: str) -> None:
        from workbench import navigation  # noqa: PLC0415

        navigation.run(first)

    app = AppTest.from_function(script, args=(name,), default_timeout=30)
    for key, value in query_params.items():
        app.query_params[key] = value
    return app.run()


def said(app: AppTest) -> str:
    """All text of the page, a line each."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "text",
        "code",
        "info",
        "warning",
    )
    told = [element.value for kind in kinds for element in app.get(kind)]
    told += [element.value for element in (*app.error, *app.success)]
    told += [f"{metric.label}: {metric.value}" for metric in app.metric]
    return as_read("\n".join(str(line) for line in told))


def as_read(markdown: str) -> str:
    """The letters that a reader sees of text that was made safe for a place of Markdown."""
    return re.sub(r"\\([^\w\s])", r"\1", markdown).replace(WORD_JOINER, "")


def figures_of(app: AppTest) -> dict[str, str]:
    return {as_read(metric.label): as_read(metric.value) for metric in app.metric}
