"""What the page says of what was sent."""

from dataclasses import replace

import pytest

from backend.domain.receipt import (
    NOTHING_CHECKED,
    OutboundCheck,
    OutboundOutcome,
    OutboundReceipt,
    OutboundText,
    TokenUsage,
)
from backend.domain.recommendation import ReviewerName
from backend.services.outbound_view import OutboundPreview
from tests.builders import A_MOMENT, a_hash
from workbench.presenters.model_view import (
    NO_MODEL,
    NO_RECEIPTS,
    check_sentence,
    model_screen,
    preview_card,
)

TEXT = OutboundText(system="S", prefix="P", instructions="I", schema="{}")
RECEIPT = OutboundReceipt(
    receipt_id="o1",
    query_hash=a_hash(),
    analysis_timestamp=A_MOMENT,
    reviewer=ReviewerName.SCHEMA_REVIEW,
    model_id="a-model",
    sent_at=A_MOMENT,
    outcome=OutboundOutcome.SENT,
    text=TEXT,
    sha256=TEXT.sha256,
    check=OutboundCheck(literals=14),
)


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (
            OutboundCheck(literals=14),
            "Checked against 14 literals of the statement: none was in it.",
        ),
        (OutboundCheck(literals=1), "Checked against 1 literal of the statement: none was in it."),
        (
            OutboundCheck(literals=3, common_words=1, taken_out=2, personal_data=1),
            "Checked against 3 literals of the statement: none was in it, apart from 1 that is also"
            " a word of SQL or of the workbench's own text. Taken out before: one at 2 places."
            " Masked as personal data or a secret: something in 1 text.",
        ),
        (
            OutboundCheck(is_aliased=True),
            "No literals of this statement are marked, so it was checked for personal data and"
            " secrets only. Names were replaced.",
        ),
    ],
)
def test_says_what_was_checked(check, sentence):
    assert check_sentence(check) == sentence


def test_a_card_has_what_was_sent_to_the_letter():
    usage = TokenUsage(input_tokens=900, output_tokens=1_200, cache_read_tokens=8_000)

    [card] = model_screen([replace(RECEIPT, usage=usage, answered_by="a-model:2")], ["x"]).cards

    assert card.reviewer == "Schema review"
    assert card.lines[1:] == (
        "a-model:2 · 2 Mar 2026, 09:00 UTC · 8,900 tokens in (8,000 from cache), 1,200 out",
        f"sha256 {TEXT.sha256}",
    )
    assert [part.text for part in card.parts] == ["P", "I", "S", "{}"]


def test_a_call_without_an_answer_says_so():
    [card] = model_screen([RECEIPT], ["x"]).cards

    assert card.lines[1] == "a-model · 2 Mar 2026, 09:00 UTC · no answer"


def test_what_was_withheld_says_why_and_shows_no_text():
    withheld = replace(
        RECEIPT, outcome=OutboundOutcome.WITHHELD, text=OutboundText(), reason="It was in it."
    )

    [card] = model_screen([withheld], ["x"]).cards

    assert card.is_withheld
    assert card.lines[0] == "Nothing was sent: It was in it."
    assert card.parts == ()


def test_without_receipts_the_engines_say_whether_a_model_saw_it():
    assert model_screen([], ["rules", "rules"]).sentence == NO_MODEL
    assert model_screen([], ["rules", "a-model"]).sentence == NO_RECEIPTS


def test_a_preview_says_what_would_be_sent_or_why_nothing_would():
    sent = OutboundPreview(
        reviewer=ReviewerName.OPTIMIZE,
        text=replace(TEXT, prefix="x" * 12_345),
        check=OutboundCheck(literals=2),
    )
    withheld = OutboundPreview(
        reviewer=ReviewerName.OPTIMIZE,
        text=OutboundText(),
        check=NOTHING_CHECKED,
        withheld="The key is missing.",
    )

    assert preview_card(sent).lines[0].endswith("none was in it. 12 KB of text.")
    assert preview_card(withheld).lines == ("Nothing would be sent: The key is missing.",)
    assert preview_card(withheld).is_withheld
