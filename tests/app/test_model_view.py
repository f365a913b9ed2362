"""The section of a query's page that shows what a model saw."""

from dataclasses import replace

import pytest

from backend import wiring
from backend.domain.receipt import OutboundCheck, OutboundOutcome, OutboundReceipt, OutboundText
from backend.domain.recommendation import ReviewerName
from backend.services.ports import HistoryStore
from backend.sql.literal_marks import mark_of
from tests.app.conftest import keep, open_page, said
from tests.builders import A_MOMENT, a_hash, a_pattern, a_review, some_runs
from tests.model_fakes import A_FORM, a_told_case, its_findings
from workbench.presenters.model_view import NO_MODEL, PREVIEW_LABEL

SECTION = "What the model saw"


@pytest.fixture
def reviewed(store: HistoryStore, data_dir) -> HistoryStore:
    key = wiring.open_workbench(data_dir).marks_key
    pattern = a_pattern(model_form=A_FORM, literal_marks=frozenset({mark_of("nightly", key)}))
    keep(store, pattern, some_runs(3))
    case = a_told_case()
    store.put_review(a_review(a_hash(), findings=tuple(its_findings(case)), case_file=case))
    return store


def a_page():
    return open_page("query", query=a_hash(), section=SECTION)


def test_with_rules_no_model_saw_it_and_the_preview_is_closed(reviewed):
    app = a_page()

    assert not app.exception
    assert NO_MODEL in said(app)
    assert PREVIEW_LABEL in [each.label for each in app.expander]
    assert "<case_file>" not in said(app)


def test_the_opened_preview_shows_the_checked_text_and_keeps_nothing(reviewed):
    app = open_page("query", query=a_hash(), section=SECTION)
    app.session_state["model.preview"] = True
    app.run()

    assert not app.exception
    told = said(app)
    assert "Checked against 1 literal of the statement: none was in it." in told
    codes = [each.value for each in app.code]
    case_file = next(code for code in codes if code.startswith("<case_file>"))
    assert ":date_1" in case_file
    assert "nightly" not in case_file
    assert reviewed.receipts_of(a_hash(), A_MOMENT) == []


def test_with_receipts_it_shows_what_was_sent_as_text(reviewed):
    text = OutboundText(system="S", prefix="![x](http://evil.example/)", instructions="I")
    receipt = OutboundReceipt(
        receipt_id="o1",
        query_hash=a_hash(),
        analysis_timestamp=A_MOMENT,
        reviewer=ReviewerName.OPTIMIZE,
        model_id="a-model",
        sent_at=A_MOMENT,
        outcome=OutboundOutcome.SENT,
        text=text,
        sha256=text.sha256,
        check=OutboundCheck(literals=2),
    )
    reviewed.put_receipt(receipt)
    withheld = replace(
        receipt, receipt_id="o2", outcome=OutboundOutcome.WITHHELD, reason="A literal was in it."
    )
    reviewed.put_receipt(withheld)

    app = a_page()

    assert not app.exception
    assert text.prefix in [each.value for each in app.code]
    assert text.prefix not in [each.value for each in app.markdown]
    assert "Nothing was sent: A literal was in it." in said(app)
    assert text.sha256 in said(app)
