"""The page of an attacked query draws everything as text."""

import re

import pytest

from backend import wiring
from backend.panel.model_reviewer import model_panel
from backend.services.ports import HistoryStore
from backend.services.review_pattern import review_pattern
from tests.app.conftest import data_dir, open_page, store  # noqa: F401 - fixtures
from tests.builders import A_MOMENT
from tests.injection.corpus import payloads
from tests.injection.obeying_model import ObeyingModel
from tests.injection.warehouse import ATTACKED, keep_warehouse
from tests.model_fakes import TickingClock

LIVE_MARKDOWN = re.compile(
    r"(?<!\\)!\[|(?<!\\)\]\(|(?<!\\)<[a-z!/]|\w:\/\/\w|(?<![\\\w]):red\[", re.IGNORECASE
)
SOME = [
    payload
    for payload in payloads()
    if payload.id
    in {
        "image-01", "image-05", "link-02", "html-01", "html-08", "streamlit-01", "ansi-01",
        "fence-02", "slack-03", "tags-01", "field-01", "sql-15", "long-02", "dismiss-04",
    }
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("payload", SOME, ids=lambda payload: payload.id)
@pytest.mark.parametrize("section", ["Advice", "What the model saw", "Facts"])
def test_no_markdown_of_an_attacker_is_drawn(
    store: HistoryStore,  # noqa: F811 - the fixture
    data_dir,  # noqa: F811 - the fixture
    payload,
    section,
):
    key = wiring.open_workbench(data_dir).marks_key
    keep_warehouse(store, payload, key)
    model = ObeyingModel(payload, is_compromised=True)
    panel = model_panel(model, receipts=store, clock=TickingClock(), marks_key=key)
    review_pattern(ATTACKED, store=store, panel=panel, analysis_timestamp=A_MOMENT)

    app = open_page("query", query=ATTACKED, section=section)

    assert not app.exception
    read_as_markdown = [
        element.value
        for kind in ("markdown", "caption", "title", "header", "subheader", "warning", "info")
        for element in app.get(kind)
    ]
    read_as_markdown += [expander.label for expander in app.expander]
    read_as_markdown += [metric.label for metric in app.metric]
    assert not [text for text in read_as_markdown if LIVE_MARKDOWN.search(str(text))]
