"""Receipts of model calls, over every history store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.domain.receipt import (
    OutboundCheck,
    OutboundOutcome,
    OutboundReceipt,
    OutboundText,
    TokenUsage,
    receipt_id,
)
from backend.domain.recommendation import ReviewerName
from backend.services.keep_receipts import LimitedReceipts
from tests.builders import A_MOMENT, a_hash

ONE, TWO = a_hash(1), a_hash(2)
A_DAY = timedelta(days=1)
USAGE = TokenUsage(input_tokens=10, output_tokens=20, cache_read_tokens=30, cache_write_tokens=40)


def a_receipt(query_hash: str = ONE, seconds: int = 0, **changes: Any) -> OutboundReceipt:
    sent_at = A_MOMENT + timedelta(seconds=seconds)
    text = OutboundText(system="Study.", prefix="<case_file>\nö", instructions="You.", schema="{}")
    known: dict[str, Any] = {
        "receipt_id": receipt_id(query_hash, A_MOMENT, ReviewerName.OPTIMIZE, sent_at, text.sha256),
        "analysis_timestamp": A_MOMENT,
        "reviewer": ReviewerName.OPTIMIZE,
        "model_id": "a-model",
        "sent_at": sent_at,
        "outcome": OutboundOutcome.SENT,
        "text": text,
        "sha256": text.sha256,
        "check": OutboundCheck(literals=3, taken_out=2, common_words=1, personal_data=1),
    }
    return OutboundReceipt(query_hash=query_hash, **(known | changes))


def test_gives_back_what_was_sent_to_the_letter(history):
    history.put_receipt(a_receipt())

    assert history.receipts_of(ONE, A_MOMENT) == [a_receipt()]
    assert history.receipts_of(ONE, A_MOMENT)[0].text.sha256 == a_receipt().sha256


def test_receipts_of_a_review_come_in_the_order_of_sending(history):
    second, first = a_receipt(seconds=9), a_receipt(seconds=3)
    other_time = a_receipt(seconds=4, analysis_timestamp=A_MOMENT + A_DAY)
    for receipt in (second, first, a_receipt(TWO), other_time):
        history.put_receipt(receipt)

    assert history.receipts_of(ONE, A_MOMENT) == [first, second]
    assert history.receipts_of(a_hash(9), A_MOMENT) == []


def test_an_answer_completes_its_receipt(history):
    history.put_receipt(a_receipt())
    history.put_receipt(a_receipt(seconds=5))

    history.complete_receipt(
        a_receipt().receipt_id, usage=USAGE, answered_by="a-model:1", stop_reason="complete"
    )

    answered = replace(a_receipt(), usage=USAGE, answered_by="a-model:1", stop_reason="complete")
    assert history.receipts_of(ONE, A_MOMENT) == [answered, a_receipt(seconds=5)]


def test_putting_a_receipt_again_changes_nothing(history):
    history.put_receipt(a_receipt())
    history.complete_receipt(
        a_receipt().receipt_id, usage=USAGE, answered_by="a-model", stop_reason="complete"
    )

    history.put_receipt(replace(a_receipt(), text=OutboundText(prefix="forged")))

    [kept] = history.receipts_of(ONE, A_MOMENT)
    assert kept.text == a_receipt().text
    assert kept.usage == USAGE


def test_an_answer_without_a_receipt_leaves_nothing(history):
    history.complete_receipt("missing", usage=USAGE, answered_by="m", stop_reason="complete")

    assert history.receipts_of(ONE, A_MOMENT) == []


def test_what_was_withheld_is_kept_with_its_reason(history):
    withheld = a_receipt(
        outcome=OutboundOutcome.WITHHELD, text=OutboundText(), reason="A literal was in it."
    )

    history.put_receipt(withheld)

    assert history.receipts_of(ONE, A_MOMENT) == [withheld]


def test_old_receipts_are_forgotten(history):
    for seconds in (0, 10, 20):
        history.put_receipt(a_receipt(seconds=seconds))

    forgotten = history.forget_receipts(before=A_MOMENT + timedelta(seconds=15))

    assert forgotten == 2
    assert history.receipts_of(ONE, A_MOMENT) == [a_receipt(seconds=20)]
    assert history.forget_receipts(before=A_MOMENT) == 0


def test_a_new_receipt_ends_those_whose_time_is_over(history):
    receipts = LimitedReceipts(book=history, days=90)
    receipts.put_receipt(a_receipt())

    newer = a_receipt(TWO, seconds=91 * 86_400)
    receipts.put_receipt(newer)
    receipts.complete_receipt(
        newer.receipt_id, usage=USAGE, answered_by="m", stop_reason="complete"
    )

    assert history.receipts_of(ONE, A_MOMENT) == []
    [kept] = history.receipts_of(TWO, A_MOMENT)
    assert kept.usage == USAGE


def test_forgetting_everything_forgets_receipts(history):
    history.put_receipt(a_receipt())

    history.clear()

    assert history.receipts_of(ONE, A_MOMENT) == []
