"""The switch that puts the original values into a rewrite: only where they are kept and certain."""

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from backend import wiring
from backend.domain.rewrite import ChangedClause
from backend.services.raw_text import RawText
from tests.app.conftest import keep, open_page, said
from tests.builders import (
    a_case_file,
    a_hash,
    a_pattern,
    a_recommendation,
    a_review,
    a_rewrite,
    some_runs,
)

SCRUBBED = "SELECT\n  a\nFROM t\nWHERE\n  b = ? OR b = ?"
RAW = "select a from t where b = 'zoe.canary' or b = 'ana'"
LABEL = "With the original values"


@pytest.fixture
def workbench(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> wiring.Workbench:
    monkeypatch.setenv("WORKBENCH_RAW_TEXT_DAYS", "7")
    return wiring.open_workbench(data_dir)


def a_page(workbench: wiring.Workbench, raw_text: str | None = RAW) -> AppTest:
    query_hash = a_hash()
    keep(workbench.store, a_pattern(query_hash, scrubbed_sql=SCRUBBED), some_runs(3))
    rewrite = a_rewrite(clauses=(ChangedClause(before="b = :p1 OR b = :p2", after="b IN (:p1)"),))
    advice = a_recommendation(query_hash, rewrite=rewrite)
    case = a_case_file(query_hash, scrubbed_sql=SCRUBBED)
    workbench.store.put_review(a_review(query_hash, recommendations=[advice], case_file=case))
    if raw_text is not None:
        now = workbench.clock()
        text = RawText(
            query_hash=query_hash,
            text=raw_text,
            seen_at=now,
            expires_at=now + timedelta(days=7),
        )
        workbench.raw_texts.keep([text])
    return open_page("query", query=query_hash)


def switches(app: AppTest) -> list[str]:
    return [toggle.label for toggle in app.toggle]


def test_the_values_are_shown_only_when_asked_for(workbench: wiring.Workbench):
    app = a_page(workbench)
    assert not app.exception
    assert switches(app) == [LABEL]
    assert "zoe" not in said(app)

    app = app.toggle[0].set_value(True).run()

    assert not app.exception
    code = [block.value for block in app.code]
    assert "b = 'zoe.canary' OR b = 'ana'" in code
    assert "SELECT a\nFROM t\nWHERE\n  b IN ('zoe.canary', 'ana')" in code
    assert "stay on this machine" in said(app)
    assert "zoe" not in str(dict(app.query_params))


@pytest.mark.parametrize(
    "raw_text",
    [None, "select a from t where b = 'zoe' or b = 'ana' or b = 'x'", "select 'cut"],
    ids=["none kept", "other places", "cut"],
)
def test_without_certain_values_there_is_no_switch(
    workbench: wiring.Workbench, raw_text: str | None
):
    app = a_page(workbench, raw_text)

    assert not app.exception
    assert switches(app) == []
    assert "b = :p1 OR b = :p2" in [block.value for block in app.code]


def test_a_damaged_file_of_raw_texts_leaves_the_page_as_it_is(workbench: wiring.Workbench):
    workbench.settings.storage.raw_text_file.write_bytes(b"no database" * 400)

    app = a_page(workbench, None)

    assert not app.exception
    assert switches(app) == []
    assert "b = :p1 OR b = :p2" in [block.value for block in app.code]


def test_with_the_setting_off_there_is_no_switch(data_dir: Path):
    workbench = wiring.open_workbench(data_dir)

    app = a_page(workbench)

    assert switches(app) == []
    assert not workbench.settings.storage.raw_text_file.exists()
